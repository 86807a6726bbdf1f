"""Pages about resources and sites."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

Answer = ResponseReturnValue

bp = Blueprint("catalogue", __name__)

from . import groups, links, resources, settings, terms, units  # noqa: E402, F401 - they enter their routes in `bp`
