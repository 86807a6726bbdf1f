"""The pages about letters, by theme; one blueprint."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

Answer = ResponseReturnValue
bp = Blueprint("notices", __name__)

from . import choices, letters  # noqa: E402, F401 - they enter their routes in `bp`
