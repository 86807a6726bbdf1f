"""Roles, approvers and stand-ins: shape and types."""

from __future__ import annotations

from wtforms import BooleanField, DateField, HiddenField, SelectField, ValidationError
from wtforms.validators import InputRequired, Optional

from ...core.permissions import Role
from ...web.fields import PageForm, Sensible, lazy


class SpanForm(PageForm):
    """From one day to another, both included."""

    starts_on = DateField(lazy("From"), validators=[InputRequired(lazy("Choose a first day.")), Sensible()])
    ends_on = DateField(lazy("Until"), validators=[Optional(), Sensible()])

    def validate_ends_on(self, field: DateField) -> None:
        """Raise ValidationError when it ends before it begins."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(lazy("The last day is before the first."))


class GiveRoleForm(SpanForm):
    """A role at a place; one field names both, as in coordinator:place."""

    role = SelectField(lazy("Role"))

    @property
    def wanted(self) -> tuple[Role, str]:
        """The role, and the key or slug of its place."""
        role, _, place = (self.role.data or "").partition(":")
        return Role(role), place


class EndRoleForm(PageForm):
    """Which role is to end."""

    role = HiddenField(validators=[InputRequired()])
    place = HiddenField()


class RemoveForm(PageForm):
    """From which partner somebody is to be removed."""

    partner = HiddenField(validators=[InputRequired()])


class ApproverForm(PageForm):
    """Who decides for which area or resource."""

    place = SelectField(lazy("Area or resource"))
    person = SelectField(lazy("Approver"), id="approver")
    for_safety = BooleanField(lazy("Answers for safety"))


class RemoveApproverForm(PageForm):
    """Who no longer decides for which area or resource."""

    place = HiddenField(validators=[InputRequired()])
    person = HiddenField(validators=[InputRequired()])


class StandInForm(SpanForm):
    """Who stands in for whom, and when."""

    absent = SelectField(lazy("Away"))
    person = SelectField(lazy("Stands in"), id="stand-in")
    ends_on = DateField(lazy("Until"), validators=[InputRequired(lazy("Choose a last day.")), Sensible()])
