"""Forms about evidence: shape and types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, Form, SelectField
from wtforms.validators import Optional

from ..web.fields import Sensible, choices, lazy

_DATE = lazy("Give a date, as in 2026-11-23.")
Choices = Sequence[tuple[str, str]]


class TrailForm(Form):
    """Which part of the trail is wanted; sent by GET, so that it can be linked to."""

    site = SelectField(lazy("Site"))
    partner = SelectField(lazy("Partner"))
    person = SelectField(lazy("Person"))
    kind = SelectField(lazy("Kind"))
    first = DateField(lazy("From day"), validators=[Optional(), Sensible()])
    last = DateField(lazy("To day"), validators=[Optional(), Sensible()])

    def __init__(self, args: Any, *, sites: Choices, partners: Choices, people: Choices, kinds: Choices) -> None:
        super().__init__(args)
        offered = {self.site: sites, self.partner: partners, self.person: people, self.kind: kinds}
        for field, pairs in offered.items():
            field.choices = choices([("", lazy("All")), *pairs])
            field.data = field.data or ""
