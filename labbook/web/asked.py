"""What is asked for in an address, as pages of several slices read it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from flask import request

from . import now
from .fields import EARLIEST, LATEST


def date_asked(zone: ZoneInfo) -> date:
    """?on=, or today at the site; what is no date, or not of our time, is today."""
    today = now().astimezone(zone).date()
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today
    return on if EARLIEST < on < LATEST else today
