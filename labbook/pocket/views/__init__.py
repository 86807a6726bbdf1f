"""Pages for a phone: what is free now, the page behind the code on an instrument, and what makes LabBook an app."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

Answer = ResponseReturnValue

bp = Blueprint("pocket", __name__)

from . import app, here, near  # noqa: E402, F401 - they enter their routes in `bp`
