"""The pages about bookings: load, form, service, answer."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("bookings", __name__)

Answer = ResponseReturnValue

from . import allowances, arriving, asking, deciding_changes, finding, flags, lists, moving, requests, residencies, schedule  # noqa: E402, F401 - they enter their routes in `bp`
