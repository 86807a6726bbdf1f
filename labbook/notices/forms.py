"""Forms about letters: shape and types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import Form, SelectField

from ..web.fields import choices, lazy, line


class LettersForm(Form):
    """Which letters are wanted; sent by GET, so that it can be linked to."""

    fate = SelectField(lazy("What became of it"))
    q = line(lazy("Name or address"), longest=100)

    def __init__(self, args: Any, *, fates: Sequence[tuple[str, str]]) -> None:
        super().__init__(args)
        self.fate.choices = choices([("", lazy("All")), *fates])
        self.fate.data = self.fate.data or ""
