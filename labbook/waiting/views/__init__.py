"""The pages of the waiting list: what one waits for, what is kept for one, and getting into the line."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("waiting", __name__)

Answer = ResponseReturnValue

from . import answering, joining, lists  # noqa: E402, F401 - they enter their routes in `bp`
