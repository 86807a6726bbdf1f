"""Dates, times and lengths as a reader of one language expects them. Site time, and its zone beside it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from flask_babel import gettext, ngettext

from ..core.amount import Amount, Measure
from ..core.hours import WallTime, wall_time
from ..core.interval import Interval, local_day

_LONG = {"en": "EEEE, d MMMM y", "ja": "y年M月d日(E)"}
_SHORT = {"en": "EEE d MMM", "ja": "M月d日(E)"}
_A_MONDAY = date(2001, 1, 1)
_MONTH = {"en": "MMMM y", "ja": "y年M月"}
_MONTH_ALONE = {"en": "LLL", "ja": "M月"}
_WITH_YEAR = {"en": "EEE d MMM y", "ja": "y年M月d日(E)"}


@lru_cache(maxsize=4096)
def _formatted(on: date, pattern: str, language: str) -> str:
    return format_date(on, pattern, locale=language)


def long_date(on: date, language: str) -> str:
    """Monday, 23 November 2026 · 2026年11月23日(月)."""
    return _formatted(on, _LONG[language], language)


def short_date(on: date, language: str) -> str:
    """Mon 23 Nov · 11月23日(月)."""
    return _formatted(on, _SHORT[language], language)


def dated(on: date, language: str) -> str:
    """Mon 23 Nov 2026 · 2026年11月23日(月)."""
    return _formatted(on, _WITH_YEAR[language], language)


def month_label(on: date, language: str) -> str:
    """November 2026 · 2026年11月."""
    return _formatted(on, _MONTH[language], language)


def month_name(on: date, language: str) -> str:
    """Nov · 11月."""
    return _formatted(on, _MONTH_ALONE[language], language)


def weekday_label(weekday: int, language: str) -> str:
    """Monday · 月曜日; Monday is 0."""
    return _formatted(_A_MONDAY + timedelta(days=weekday), "EEEE", language)


def weekday(number: int, language: str) -> str:
    """Mon · 月; Monday is 0."""
    return _formatted(_A_MONDAY + timedelta(days=number), "EEE", language)


def clock(local: datetime) -> str:
    """09:00."""
    return f"{local.hour:02}:{local.minute:02}"


def day_and_clock(at: datetime, zone: ZoneInfo, *, ends: bool) -> tuple[date, str]:
    """The date and the clock of an instant; in an hour that the clocks repeat with the zone's name, 01:00 EST.

    What `ends` at midnight does so at 24:00 of the day before.
    """
    local = at.astimezone(zone)
    if ends and at == local_day(local.date(), zone).start:
        return local.date() - timedelta(days=1), "24:00"
    is_twice = wall_time(local.replace(tzinfo=None, fold=0), zone) is WallTime.REPEATED
    return local.date(), f"{clock(local)} {local.tzname()}" if is_twice else clock(local)


@lru_cache(maxsize=2048)
def _offset(minutes: int) -> str:
    sign = "+" if minutes >= 0 else "\N{MINUS SIGN}"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def zone_label(zone: ZoneInfo, at: datetime) -> str:
    """JST, UTC+9: the site's zone as it is at an instant."""
    local = at.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    label, name = _offset(int(offset.total_seconds() // 60)), local.tzname() or ""
    return f"{name}, {label}" if name.isalpha() else label


def day_zone_label(zone: ZoneInfo, window: Interval) -> str:
    """The zone during a window; both names when the clocks change in it."""
    first = zone_label(zone, window.start)
    last = zone_label(zone, window.end - timedelta(seconds=1))
    return first if first == last else f"{first} → {last}"


# How a date is joined to a time, one time to another, and one date with its time to another.
_JOINTS = {"en": (", ", "–", " – "), "ja": (" ", "～", "～")}


def stretch(first: str, last: str, language: str) -> str:
    """Two times in words as one: 09:00–11:00 · 09:00～11:00."""
    return f"{first}{_JOINTS[language][1]}{last}"


def when(time: Interval, zone: ZoneInfo, language: str, *, by_day: bool) -> str:
    """When a booking is, in site time; by-day ones in dates, both included."""
    comma, to, until = _JOINTS[language]
    start, end = time.start.astimezone(zone), time.end.astimezone(zone)
    if by_day:
        last = (end - timedelta(microseconds=1)).date()
        first = dated(start.date(), language)
        return first if start.date() == last else f"{first}{until}{dated(last, language)}"
    if start.utcoffset() != end.utcoffset():  # the clocks change in between, so both ends name their zone
        return until.join(f"{dated(at.date(), language)}{comma}{clock(at)} {at.tzname()}" for at in (start, end))
    if start.date() == end.date() or (end.date() - start.date() == timedelta(days=1) and clock(end) == "00:00"):
        ends = "24:00" if clock(end) == "00:00" else clock(end)
        return f"{dated(start.date(), language)}{comma}{clock(start)}{to}{ends}"
    return until.join(f"{dated(at.date(), language)}{comma}{clock(at)}" for at in (start, end))


def months_label(first: date, last: date, language: str) -> str:
    """November 2026 – January 2027 · 2026年11月～2027年1月; one month alone where both days lie in it."""
    labels = dict.fromkeys(month_label(on, language) for on in (first, last))
    return _JOINTS[language][2].join(labels)


def amount_label(amount: Amount) -> str:
    """30 min, 1 h 30 min, half a day, 10 days, 12 months, in the reader's language."""
    if amount.measure is Measure.MINUTE:
        return minutes_label(amount.count)
    if amount.measure is Measure.HALF_DAY:
        return half_days_label(amount.count)
    if amount.measure is Measure.DAY:
        return ngettext("%(num)s day", "%(num)s days", amount.count)
    return ngettext("%(num)s month", "%(num)s months", amount.count)


def half_days_label(count: int) -> str:
    """Half a day, 2 half days."""
    return gettext("half a day") if count == 1 else ngettext("%(num)s half day", "%(num)s half days", count)


def minutes_label(minutes: int) -> str:
    """45 min, 2 h, 1 h 30 min."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("%(num)s min", num=rest)
    if not rest:
        return gettext("%(num)s h", num=hours)
    return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


def length_label(time: Interval) -> str:
    """How long it really lasts."""
    return minutes_label(int(time.length.total_seconds() // 60))


def ago(at: datetime, now: datetime, language: str) -> str:
    """3 hours ago · 3時間前; what has only just happened, or by another clock has not yet, is just now."""
    if now - at < timedelta(minutes=1):
        return gettext("just now")
    return _apart(at - now, language)


def ahead(at: datetime, now: datetime, language: str) -> str:
    """In 3 hours · 3時間後, or ago when it is over."""
    return _apart(at - now, language)


def _apart(delta: timedelta, language: str) -> str:
    said = format_timedelta(delta, add_direction=True, locale=language, granularity="minute")
    return said.replace(" ", "") if language == "ja" else said


def until(last: datetime, first: datetime, zone: ZoneInfo, language: str) -> str:
    """An instant that follows on another: without its date where that one has said it, and nothing lies between."""
    start, end = first.astimezone(zone), last.astimezone(zone)
    if (start.date(), start.utcoffset()) != (end.date(), end.utcoffset()):
        return moment(last, zone, language)
    return f"{clock(end)} {end.tzname() or ''}".strip()


def moment(at: datetime, zone: ZoneInfo, language: str) -> str:
    """An instant with its date, clock and zone."""
    local = at.astimezone(zone)
    return f"{dated(local.date(), language)}{_JOINTS[language][0]}{clock(local)} {local.tzname() or ''}".strip()
