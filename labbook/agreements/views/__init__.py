"""The pages about agreements and conditions of use."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

Answer = ResponseReturnValue

bp = Blueprint("agreements", __name__)

from . import conditions, contracts  # noqa: E402, F401 - they enter their pages in the blueprint
