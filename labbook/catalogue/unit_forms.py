"""The form of a resource's units: shape and types."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, IntegerField, StringField
from wtforms.form import Form
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from ..core.language import tidied
from ..web.fields import NoControls, PageForm, lazy, required, text

NAME_LENGTH, MOST_NEW = 40, 100


class UnitRow(Form):
    """One unit that there is."""

    key = HiddenField(validators=[InputRequired(), Length(max=24)])
    name = StringField(
        lazy("Name"),
        filters=[lambda value: tidied(value) if value else value],
        validators=[required(lazy("Give the unit a name.")), Length(max=NAME_LENGTH), NoControls()],
    )
    is_active = BooleanField(lazy("In use"))


class UnitsForm(PageForm):
    """All units of a resource, and names of new ones."""

    units: Any = FieldList(FormField(UnitRow), max_entries=500)
    new = text(lazy("New units"), longest=NAME_LENGTH * MOST_NEW)
    version = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31)])

    @property
    def new_names(self) -> list[str]:
        """The names of new units, one a line."""
        return [name for line in (self.new.data or "").splitlines() if (name := tidied(line))]

    def validate_new(self, field: Any) -> None:
        """Each name is short enough, and there are not too many."""
        if any(len(name) > NAME_LENGTH for name in self.new_names) or len(self.new_names) > MOST_NEW:
            raise ValidationError(lazy("One name a line, each of at most 40 characters, and at most 100 of them."))

    def tell(self, reasons: dict[str, str]) -> None:
        """Say beside the unit or the field why it cannot be."""
        rows = {row.form.key.data: row.form.name for row in self.units}
        for name, sentence in reasons.items():
            field = rows.get(name) or self.new
            field.errors = [*field.errors, sentence]
