"""The pages of the approval desk."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("desk", __name__)

Answer = ResponseReturnValue

from . import declined, inbox, reasons, remarks  # noqa: E402, F401 - they enter their routes in `bp`
