"""Dates and times as letters say them: in the reader's language, by the site's clock, with its zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from ..core.interval import Interval

_DATED = {"en": "EEE d MMM y", "ja": "y年M月d日(E)"}
_JOINTS = {"en": (", ", "–", " – "), "ja": (" ", "～", "～")}  # date to time, time to time, date to date


def day(on: date, language: str) -> str:
    """Mon 23 Nov 2026 · 2026年11月23日(月)."""
    return format_date(on, _DATED[language], locale=language)


def at(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """Mon 23 Nov 2026, 09:00 (JST)."""
    local = instant.astimezone(zone)
    return f"{day(local.date(), language)}{_JOINTS[language][0]}{local:%H:%M} ({local.tzname()})"


def when(time: Interval, zone: ZoneInfo, language: str, *, by_day: bool) -> str:
    """Mon 23 Nov 2026, 09:00–11:00 (JST); what is booked by the day in dates, both included."""
    comma, to, until = _JOINTS[language]
    start, end = time.start.astimezone(zone), time.end.astimezone(zone)
    if by_day:
        first, last = start.date(), (end - timedelta(microseconds=1)).date()
        return day(first, language) if first == last else f"{day(first, language)}{until}{day(last, language)}"
    if start.date() == end.date() and start.utcoffset() == end.utcoffset():
        return f"{day(start.date(), language)}{comma}{start:%H:%M}{to}{end:%H:%M} ({start.tzname()})"
    return until.join(at(one, zone, language) for one in (time.start, time.end))
