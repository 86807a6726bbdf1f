"""The form by which many requests are decided on at once."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext
from wtforms import HiddenField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from ..web.fields import PageForm, lazy, text

MOST = 50
REASON_LENGTH = 1000  # as where one decides on a single request
_PICK = re.compile(r"([rc]):([0-9A-Za-z_-]{1,40}):([0-9]{1,9})")


class TogetherForm(PageForm):
    """What was ticked, what is to become of it, and why."""

    pick = SelectMultipleField(choices=[], validate_choice=False)
    do = StringField()
    reason = text(lazy("Reason"), longest=REASON_LENGTH)
    next = HiddenField()

    def validate_pick(self, field: Any) -> None:
        """At least one, not too many, each as the page names it."""
        if not field.data:
            raise ValidationError(gettext("Tick at least one request."))
        if len(field.data) > MOST or any(_PICK.fullmatch(one) is None for one in field.data):
            raise ValidationError(gettext("Choose from the list, at most %(count)d at once.", count=MOST))

    def validate_do(self, field: Any) -> None:
        """One of the two."""
        if field.data not in ("approve", "decline"):
            raise ValidationError(gettext("Choose one from the list."))

    def validate_reason(self, field: Any) -> None:
        """Whoever is declined reads why."""
        if self.do.data == "decline" and not field.data:
            raise ValidationError(gettext("Say why, so that the requester can do better next time."))

    @property
    def picks(self) -> list[tuple[bool, str, int]]:
        """What was ticked: whether it is a change, its key, and the version on the page."""
        found = [match for one in self.pick.data or [] if (match := _PICK.fullmatch(one))]
        return [(match[1] == "c", match[2], int(match[3])) for match in found]
