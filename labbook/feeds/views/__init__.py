"""The page of one's feeds, and the door at which calendars knock."""

import re
import unicodedata

from flask import Blueprint

bp = Blueprint("feeds", __name__)


def file_name(name: str) -> str:
    """A short ASCII name for the last part of the link, from which some clients name the calendar."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return (re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:22].strip("-")) or "labbook"


from . import door, page  # noqa: E402 - they need the blueprint
from .polls import Polls  # noqa: E402

__all__ = ["Polls", "bp", "door", "page"]
