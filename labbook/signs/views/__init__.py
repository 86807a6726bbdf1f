"""Signs and their pages, day lists and labels."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("signs", __name__)

Answer = ResponseReturnValue

from . import keeping, labels, lists, sign  # noqa: E402, F401 - they enter their routes in `bp`
