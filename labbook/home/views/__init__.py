"""The home page, and the stars."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

Answer = ResponseReturnValue

bp = Blueprint("home", __name__)

from . import page, stars  # noqa: E402, F401 - they enter their routes in `bp`
