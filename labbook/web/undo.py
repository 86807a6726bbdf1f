"""Messages with which a step can be taken back, where there is a true way back, or taken anew, where there is none."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext


def flash_undoable(said: str, url: str, **fields: str) -> None:
    """Say what was done, beside a button that takes it back: a POST of `fields` to `url`, with all its own checks.

    For steps after which that leads to where one was, not to something alike: else say it with `flash_anew`.
    """
    flash({"text": said, "undo": url, "fields": fields}, "message")  # type: ignore[arg-type]  # kept as JSON


def flash_anew(said: str, url: str) -> None:
    """Say what was done, beside a link to the filled form with which it can be asked for again."""
    flash({"text": said, "url": url, "label": gettext("Book it again")}, "message")  # type: ignore[arg-type]
