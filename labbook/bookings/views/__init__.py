"""The pages about bookings: load, form, service, answer."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("bookings", __name__)

Answer = ResponseReturnValue

from . import (  # noqa: E402, F401 - they enter their routes in `bp`
    allowances,
    answering,
    arriving,
    asking,
    calendar_entry,
    clearing,
    closing_anew,
    closures,
    deciding_changes,
    ends,
    finding,
    flags,
    handing,
    holidays,
    importing,
    lists,
    live,
    moving,
    proposing,
    renewing,
    requests,
    residencies,
    room,
    schedule,
    series,
)
