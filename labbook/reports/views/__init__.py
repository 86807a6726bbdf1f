"""The pages about evidence, by theme; one blueprint."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

Answer = ResponseReturnValue
bp = Blueprint("reports", __name__)

from . import partner_trail, policy, trail  # noqa: E402, F401 - they enter their routes in `bp`
