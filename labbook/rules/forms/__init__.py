"""Forms about rule sets and their limits: shape and types. The form of a limit follows from its class."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, cast

from flask_babel import gettext
from wtforms import BooleanField, DateField, IntegerField, SelectField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional

from ...core.language import Words
from ...core.limits.limit import Asked, Limit, Put, read
from ...core.weekly import When
from ...web.fields import ManyField, PageForm, Sensible, choices, lazy, line
from .hours import WhenField
from .lengths import MinutesField, NumberField

NAME_LENGTH = 120


class SetForm(PageForm):
    """What a rule set is called, about, and when it counts."""

    name_en = line(lazy("Name in English"), longest=NAME_LENGTH)
    name_ja = line(lazy("Name in Japanese"), longest=NAME_LENGTH)
    resource = SelectField(lazy("Resource"), choices=[], default="")
    area = SelectField(lazy("Area"), choices=[], default="")
    kind = SelectField(lazy("Kind"), choices=[], default="")
    level = SelectField(lazy("Training that it takes"), choices=[], default="")
    group = SelectField(lazy("Group of resources"), choices=[], default="")
    agreement = SelectField(lazy("Agreement"), choices=[], default="")
    starts_on = DateField(lazy("First day"), validators=[Optional(), Sensible()])
    ends_on = DateField(lazy("Last day"), validators=[Optional(), Sensible()])
    version = IntegerField(validators=[Optional(), NumberRange(1, 2**31)])

    def validate_name_en(self, field: Any) -> None:
        """Raise ValidationError when there is no name in either language."""
        if not (field.data or self.name_ja.data):
            raise ValidationError(gettext("Give it a name in at least one language."))

    def validate_ends_on(self, field: Any) -> None:
        """Raise ValidationError when the last day lies before the first."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(gettext("The last day must not come before the first."))


class VersionForm(PageForm):
    """A change made from a page of a certain version."""

    version = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31)])


class SwitchForm(VersionForm):
    """Switching a rule set on or off."""

    on = BooleanField()


class LimitForm(VersionForm):
    """The fields of one kind of limit; made by `form_of`."""

    kind: type[Limit]

    @property
    def asked(self) -> list[tuple[Asked, Any]]:
        """How each field is asked for, and the field."""
        return [(one.metadata["asked"], self[one.name]) for one in dataclasses.fields(self.kind)]

    def offer(self, modes: dict[str, Words], partners: dict[str, Words], language: str) -> None:
        """What there is to choose from."""
        known = {Put.MODES: modes, Put.PARTNERS: partners}
        for asked, field in self.asked:
            if asked.put in known:
                field.choices = choices((key, name.text(language)) for key, name in known[asked.put].items())
            elif asked.put is Put.CHOICE:
                field.choices = choices((str(value), gettext(label)) for value, label in asked.labels.items())

    def fill(self, limit: Limit) -> None:
        """Show what a limit says."""
        for one in dataclasses.fields(limit):
            value = getattr(limit, one.name)
            self[one.name].data = sorted(value) if isinstance(value, frozenset) else value

    def limit(self) -> Limit:
        """The limit that was typed; for a form that is valid."""
        typed = {one.name: self[one.name].data for one in dataclasses.fields(self.kind)}
        return read(self.kind, {name: one.spelled() if isinstance(one, When) else one for name, one in typed.items()})

    def tell(self, name: str, sentence: str) -> None:
        """Say beside a field what is wrong with it."""
        field = self[name] if name in self else self["version"]
        field.errors = [*field.errors, sentence]


_FIELDS: dict[Put, Callable[[Asked], Any]] = {
    Put.MINUTES: lambda asked: MinutesField(lazy(asked.label)),
    Put.NUMBER: lambda asked: NumberField(lazy(asked.label)),
    Put.MONEY: lambda asked: NumberField(lazy(asked.label)),
    Put.FLAG: lambda asked: BooleanField(lazy(asked.label)),
    Put.CHOICE: lambda asked: SelectField(lazy(asked.label), choices=[]),
    Put.WHEN: lambda asked: WhenField(lazy(asked.label)),
    Put.MODES: lambda asked: ManyField(lazy(asked.label), choices=[]),
    Put.PARTNERS: lambda asked: ManyField(lazy(asked.label), choices=[]),
    Put.CURRENCY: lambda asked: line(lazy(asked.label), longest=3),
}


def form_of(kind: type[Limit]) -> LimitForm:
    """An empty form for a kind of limit, or what was sent of it."""
    return _class_of(cast(Hashable, kind))()


@cache
def _class_of(kind: Any) -> type[LimitForm]:
    fields = {one.name: _FIELDS[one.metadata["asked"].put](one.metadata["asked"]) for one in dataclasses.fields(kind)}
    return type("LimitForm", (LimitForm,), {"kind": kind, **fields})
