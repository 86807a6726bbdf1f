"""Closing an account: shape and types."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError

from ...web.fields import PageForm, lazy, text

_LONGEST_REASON = 500


class CloseForm(PageForm):
    """Why an account is closed."""

    reason = text(lazy("Reason"), longest=_LONGEST_REASON)

    def validate_reason(self, field: Any) -> None:
        """Raise ValidationError when there is none."""
        if not field.data:
            raise ValidationError(lazy("Say why, so that others understand it later."))
