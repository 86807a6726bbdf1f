"""The page of one's feeds, and the door at which calendars knock."""

from flask import Blueprint

from ..drawing import file_name

bp = Blueprint("feeds", __name__)

from . import door, free_busy, page  # noqa: E402 - they need the blueprint
from .polls import Polls  # noqa: E402

__all__ = ["Polls", "bp", "door", "file_name", "free_busy", "page"]
