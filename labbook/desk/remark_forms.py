"""Forms of what is asked and answered about a request."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, MultipleFileField, TextAreaField
from wtforms.validators import Length

from ..core.attaching import ENDINGS
from ..core.language import tidied
from ..web.fields import NoControls, PageForm, lazy, required

REMARK_LENGTH = 2000
ACCEPTED = ",".join(f".{one}" for one in sorted(ENDINGS))  # what a browser offers to choose


def _text(label: Any, missing: Any, name: str) -> TextAreaField:
    return TextAreaField(
        label,
        id=f"{name}-text",
        filters=[lambda value: tidied(value) if value else value],
        validators=[
            required(missing),
            Length(max=REMARK_LENGTH, message=lazy("At most %(max)d characters, please. Shorten it.")),
            NoControls(multiline=True),
        ],
    )


def _files(name: str) -> MultipleFileField:
    return MultipleFileField(lazy("Files"), id=f"{name}-files", render_kw={"accept": ACCEPTED})


class AskForm(PageForm):
    """A question of staff, or a note."""

    text = _text(lazy("Question"), lazy("Write what you would like to know."), "ask")
    files = _files("ask")
    asks = BooleanField(lazy("It must be answered before we decide: the deadline stands still until then"))


class AnswerForm(PageForm):
    """An answer to it, or something that is added."""

    text = _text(lazy("Your answer"), lazy("Write a few words."), "answer")
    files = _files("answer")
