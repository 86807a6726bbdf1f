"""Forms that tie resources to each other: shape and types."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange

from ..core.links import LinkKind
from ..web.fields import PageForm, choices, lazy

SLUG_LENGTH, MOST_PIECES = 60, 500


class LinkForm(PageForm):
    """A link to another resource; the choices are those of its site."""

    kind = RadioField(
        lazy("How they belong together"),
        choices=choices(
            [
                (LinkKind.CONTAINS, lazy("It contains the other one: whoever books it takes all of that as well")),
                (LinkKind.REQUIRES, lazy("It requires the other one: nothing is booked without it")),
                (LinkKind.OFFERS, lazy("It offers the other one: whoever books may take it as well")),
            ]
        ),
        validators=[InputRequired(lazy("Choose one of them."))],
    )
    other = SelectField(lazy("The other resource"), choices=[])
    pieces = IntegerField(
        lazy("How many of its units"),
        default=1,
        validators=[
            InputRequired(lazy("Type a number.")),
            NumberRange(1, MOST_PIECES, lazy("Type a number from 1 to 500.")),
        ],
    )
    version = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31)])

    def tell(self, reasons: dict[str, str]) -> None:
        """Say beside the fields why it cannot be."""
        for name, sentence in reasons.items():
            self[name].errors = [*self[name].errors, sentence]


class UnlinkForm(PageForm):
    """Which link to take away."""

    other = HiddenField(validators=[InputRequired(), Length(max=SLUG_LENGTH)])
    version = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31)])
