"""Forms of the list of reasons for declining."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired

from ..core.language import Words
from ..web.fields import PageForm, lazy, text

REASON_LENGTH = 400
_BOTH = lazy("Say it in both languages: the requester reads it in theirs.")


class ReasonForm(PageForm):
    """A reason, in both languages."""

    words_en = text(lazy("Reason in English"), longest=REASON_LENGTH, missing=_BOTH)
    words_ja = text(lazy("Reason in Japanese"), longest=REASON_LENGTH, missing=_BOTH)

    @property
    def words(self) -> Words:
        """It in both languages."""
        return Words(self.words_en.data or "", self.words_ja.data or "")


class ChangeReasonForm(ReasonForm):
    """The same for one that is on the list."""

    version = IntegerField(validators=[InputRequired()])


class ReasonVersionForm(PageForm):
    """A step with a reason as it was seen."""

    version = IntegerField(validators=[InputRequired()])
