"""Forms of the steps that people take with what was asked for: a version, a reason, a signature."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from wtforms import HiddenField, IntegerField, PasswordField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Length, ValidationError

from ..core.lifecycle import Action
from ..core.signatures import MEANING_WORDS, MEANINGS
from ..web.fields import PageForm, choices, lazy, text

REASON_LENGTH = 1000


class VersionForm(PageForm):
    """A step that was taken from a page of some version."""

    version = IntegerField(validators=[InputRequired()])


class ReasonForm(VersionForm):
    """A step that may be given a reason."""

    reason = text(lazy("Reason"), longest=REASON_LENGTH)


class CancelForm(ReasonForm):
    """Cancelling, with what the page said would follow."""

    seen = HiddenField(validators=[Length(max=200)])


class DecideForm(VersionForm):
    """A decision; on some dates of a series only, where their bookings are named."""

    only = SelectMultipleField(choices=[], validate_choice=False)


class DeclineForm(DecideForm):
    """Declining: the requester reads why; by a reason of the site's list, by one's own words, or by both."""

    canned = SelectField(lazy("Reason from the list"), choices=[], default="", validate_choice=False)
    reason = text(lazy("Reason"), longest=REASON_LENGTH)

    def offer_reasons(self, reasons: Iterable[tuple[str, str]]) -> None:
        """The site's list, by keys and words."""
        listed = list(reasons)
        self.canned.choices = choices([("", gettext("None: in my own words")), *listed] if listed else [])

    def validate_reason(self, field: Any) -> None:
        """A reason is required."""
        if not field.data and not self.canned.data:
            raise ValidationError(gettext("Say why, so that the requester can do better next time."))


class ApproveForm(DecideForm):
    """Approving; where rules are in the way, with the reason for waiving them."""

    waiver = text(lazy("Why it may be nevertheless"), longest=REASON_LENGTH)
    rivals = SelectMultipleField(choices=[], validate_choice=False)  # that are declined with it, by their bookings
    rivals_reason = text(lazy("What those who are declined read"), longest=REASON_LENGTH)

    def ask_for_reason(self) -> None:
        """Rules are in the way, and no reason was given."""
        self.waiver.errors = [gettext("Say why it may be nevertheless. The reason is kept with the request.")]


def meaning_field(action: Action) -> SelectField:
    pairs = [("", lazy("Choose"))] + [(str(one), lazy(MEANING_WORDS[one])) for one in MEANINGS[action]]
    missing = InputRequired(lazy("Say what your signature means."))
    return SelectField(lazy("My signature means"), choices=choices(pairs), validators=[missing], id=f"{action}-meaning")


def password_field(action: Action) -> PasswordField:
    missing = InputRequired(lazy("Give your password: it is your signature."))
    return PasswordField(lazy("Your password"), validators=[missing, Length(max=1024)], id=f"{action}-password")


class SignedApproveForm(ApproveForm):
    """Approving with a signature."""

    meaning, password = meaning_field(Action.APPROVE), password_field(Action.APPROVE)


class SignedClearForm(VersionForm):
    """Clearing for safety with a signature."""

    meaning, password = meaning_field(Action.CLEAR), password_field(Action.CLEAR)


class SignedDeclineForm(DeclineForm):
    """Declining with a signature."""

    meaning, password = meaning_field(Action.DECLINE), password_field(Action.DECLINE)
