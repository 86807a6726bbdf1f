"""The pages about trainings: load, form, service, answer."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("trainings", __name__)

Answer = ResponseReturnValue

from . import cards, importing, sessions, staff, training  # noqa: E402, F401 - they enter their routes in `bp`
