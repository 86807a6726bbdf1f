"""Forms about sites, resources and groups of them: shape and types."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    ValidationError,
)
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional

from ..core.deciding import MOST_HOURS, AtDeadline
from ..core.hours import Cover
from ..core.language import Words
from ..core.searching import MOST_TAGS, TAG_LENGTH, tags_in
from ..core.terms import Asks
from ..core.work import MOST_MODES, SLUG_LENGTH
from ..web.amounts import AmountField
from ..web.fields import ManyField, PageForm, choices, lazy, line

TOGETHER, APART = "together", "apart"
MEMBERS, EVERYBODY = "members", "everybody"
NAME_LENGTH = 80
TAGS_LENGTH = 400
LEVELS = ("1", "2", "3", "4")
WEEKDAYS = tuple(str(number) for number in range(7))


class SiteForm(PageForm):
    """How a site shows busy times to those who may not see whose they are, to whom it says at all when something is
    taken, and on which day its weeks begin.

    `was`, `was_weekday` and `was_free_busy` are what the page said before.
    """

    busy = RadioField(
        lazy("Busy times of other organisations"),
        choices=choices(
            [
                (TOGETHER, lazy("Neighbouring times as one block")),
                (APART, lazy("Each time as a block of its own")),
            ]
        ),
        validators=[InputRequired(lazy("Choose one of the two."))],
    )
    free_busy = RadioField(
        lazy("Free and busy times for other calendars"),
        choices=choices(
            [
                (MEMBERS, lazy("For people who have signed in")),
                (EVERYBODY, lazy("For everybody, without an account")),
            ]
        ),
        validators=[InputRequired(lazy("Choose one of the two."))],
    )
    first_weekday = SelectField(lazy("Weeks begin on"), choices=[])
    was = HiddenField(validators=[InputRequired(), AnyOf((TOGETHER, APART))])
    was_weekday = HiddenField(validators=[InputRequired(), AnyOf(WEEKDAYS)])
    was_free_busy = HiddenField(validators=[InputRequired(), AnyOf((MEMBERS, EVERYBODY))])


class ModeForm(Form):
    """A kind of work to choose from; both names empty: none."""

    slug = HiddenField(validators=[Optional(), Length(max=SLUG_LENGTH)])
    en = line(lazy("In English"), longest=NAME_LENGTH)
    ja = line(lazy("In Japanese"), longest=NAME_LENGTH)

    @property
    def name(self) -> Words:
        """Its name in both languages."""
        return Words(self.en.data or "", self.ja.data or "")


class TermsForm(PageForm):
    """The standing terms of a resource. Lengths are typed as text."""

    slot = AmountField(lazy("Grid"))
    shortest = AmountField(lazy("Shortest"))
    longest = AmountField(lazy("Longest"))
    before = AmountField(lazy("Buffer before"))
    after = AmountField(lazy("Buffer after"))
    shares_buffers = BooleanField(lazy("Shared when the same person books back to back"))
    notice = AmountField(lazy("Notice"))
    horizon = AmountField(lazy("Ahead"))
    cover = RadioField(
        lazy("Opening hours"),
        choices=choices(
            [
                (str(Cover.ALL), lazy("The whole booking lies within opening hours.")),
                (str(Cover.ENDS), lazy("It may run outside opening hours, but starts and ends within them.")),
                (str(Cover.NONE), lazy("It may be booked at any hour.")),
            ]
        ),
        validators=[InputRequired(lazy("Choose one of them."))],
    )
    asks = RadioField(
        lazy("Approval"),
        choices=choices(
            [
                (str(Asks.NEVER), lazy("Eligible scientists book it without asking.")),
                (str(Asks.FIRST), lazy("Staff look at a person's first booking.")),
                (str(Asks.ALWAYS), lazy("Staff decide on every booking.")),
                (str(Asks.FORM), lazy("Staff run it: ask for a time, and staff book it.")),
            ]
        ),
        validators=[InputRequired(lazy("Choose one of them."))],
    )
    holds_on_request = BooleanField(lazy("A request keeps its time until staff have decided"))
    decide_hours = IntegerField(
        lazy("Working hours in which staff decide"),
        validators=[
            InputRequired(lazy("Give a number of hours.")),
            NumberRange(1, MOST_HOURS, lazy("Give between 1 and 200 hours.")),
        ],
    )
    at_deadline = RadioField(
        lazy("If nobody has decided by then"),
        choices=choices(
            [
                (str(AtDeadline.STAY), lazy("The request goes on waiting.")),
                (str(AtDeadline.APPROVE), lazy("It is approved, as long as no rule is against it.")),
                (str(AtDeadline.DECLINE), lazy("It is declined.")),
            ]
        ),
        validators=[InputRequired(lazy("Choose one of them."))],
    )
    two_steps = BooleanField(lazy("Two people decide: safety first, then somebody else"))
    biosafety = SelectField(lazy("Samples up to biosafety level"), choices=[])
    tags_en = line(lazy("In English"), longest=TAGS_LENGTH)
    tags_ja = line(lazy("In Japanese"), longest=TAGS_LENGTH)
    modes = FieldList(FormField(ModeForm), min_entries=MOST_MODES, max_entries=MOST_MODES)
    version = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31)])

    @property
    def amounts(self) -> dict[str, AmountField]:
        """The lengths by their names."""
        return {name: field for name, field in self._fields.items() if isinstance(field, AmountField)}

    @property
    def tags(self) -> Words:
        """The tags of both languages, with commas between them."""
        return Words(*(", ".join(tags_in(one.data or "")) for one in (self.tags_en, self.tags_ja)))

    @property
    def named_modes(self) -> list[tuple[int, ModeForm]]:
        """The rows in which a kind of work is named, each with its number."""
        return [(number, row.form) for number, row in enumerate(self.modes) if row.form.name]

    def validate_tags_en(self, field: Field) -> None:
        """Few and short, so that people read them."""
        tags = tags_in(field.data or "")
        if len(tags) > MOST_TAGS or any(len(tag) > TAG_LENGTH for tag in tags):
            raise ValidationError(lazy("At most 20 tags of at most 40 characters each, please."))

    validate_tags_ja = validate_tags_en

    def tell(self, reasons: Mapping[str, str]) -> None:
        """Say beside the fields why it cannot be; the nth kind of work that is named is called `modes-n`.

        One whose names were emptied is called `gone-` and its slug.
        """
        emptied = {f"gone-{row.form.slug.data}": row.form.en for row in self.modes}
        named = {f"modes-{place}": row.en for place, (_, row) in enumerate(self.named_modes)}
        for name, sentence in reasons.items():
            field = {**emptied, **named}.get(name) or self[name]
            field.errors = [*field.errors, sentence]


class NewGroupForm(PageForm):
    """A group of resources; the choices are the resources of the sites that one manages."""

    name_en = line(lazy("Name in English"), longest=NAME_LENGTH)
    name_ja = line(lazy("Name in Japanese"), longest=NAME_LENGTH)
    members = ManyField(lazy("Resources"), choices=[])

    @property
    def name(self) -> Words:
        """Its name in both languages."""
        return Words(self.name_en.data or "", self.name_ja.data or "")

    def tell(self, reasons: Mapping[str, str]) -> None:
        """Say beside the fields why it cannot be."""
        for name, sentence in reasons.items():
            self[name].errors = [*self[name].errors, sentence]


class GroupForm(NewGroupForm):
    """The same for a group that is there."""

    version = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31)])
