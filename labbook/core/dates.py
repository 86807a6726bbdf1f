"""Dates and times as letters say them: in the reader's language, by the site's clock, with its zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .interval import Interval

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_YOUBI = "月火水木金土日"
_JOINTS = {"en": (", ", "–", " – "), "ja": (" ", "～", "～")}  # date to time, time to time, date to date


def day(on: date, language: str) -> str:
    """Mon 23 Nov 2026 · 2026年11月23日(月)."""
    if language == "ja":
        return f"{on.year}年{on.month}月{on.day}日({_YOUBI[on.weekday()]})"
    return f"{_WEEKDAYS[on.weekday()][:3]} {on.day} {_MONTHS[on.month - 1][:3]} {on.year}"


def long_day(on: date, language: str) -> str:
    """Monday, 23 November 2026 · 2026年11月23日(月)."""
    if language == "ja":
        return day(on, language)
    return f"{_WEEKDAYS[on.weekday()]}, {on.day} {_MONTHS[on.month - 1]} {on.year}"


def at(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """Mon 23 Nov 2026, 09:00 (JST)."""
    return _said(instant.astimezone(zone), language) + _zone(instant.astimezone(zone))


def when(time: Interval, zone: ZoneInfo, language: str, *, by_day: bool) -> str:
    """Mon 23 Nov 2026, 09:00–11:00 (JST); what is booked by the day in dates, both included.

    The zone is named once, and at both ends where the clocks change in between.
    """
    _, to, until = _JOINTS[language]
    start, end = time.start.astimezone(zone), time.end.astimezone(zone)
    if by_day:
        days = (start.date(), (time.end - timedelta(microseconds=1)).astimezone(zone).date())
        return until.join(dict.fromkeys(day(one, language) for one in days))
    if start.utcoffset() != end.utcoffset():
        return until.join(at(one, zone, language) for one in (start, end))
    if start.date() == end.date():
        return f"{_said(start, language)}{to}{end:%H:%M}{_zone(end)}"
    return f"{_said(start, language)}{until}{_said(end, language)}{_zone(end)}"


def _said(local: datetime, language: str) -> str:
    return f"{day(local.date(), language)}{_JOINTS[language][0]}{local:%H:%M}"


def _zone(local: datetime) -> str:
    return f" ({local.tzname()})"
