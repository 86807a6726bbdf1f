"""Forms about sites: shape and types."""

from __future__ import annotations

from wtforms import HiddenField, RadioField
from wtforms.validators import AnyOf, InputRequired

from ..web.fields import PageForm, choices, lazy

TOGETHER, APART = "together", "apart"


class SiteForm(PageForm):
    """How a site shows busy times to those who may not see whose they are; `was` is what the page said before."""

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
    was = HiddenField(validators=[InputRequired(), AnyOf((TOGETHER, APART))])
