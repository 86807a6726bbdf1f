"""The pages about rules: rule sets and their limits for staff, and for everybody what holds for a resource."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

Answer = ResponseReturnValue

bp = Blueprint("rules", __name__)

from . import keeping, limits, reading  # noqa: E402, F401 - they enter their pages in the blueprint
