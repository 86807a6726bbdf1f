"""What the pages about series show: values whose labels are already in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from ..core.facts import Finding
from ..core.interval import Interval
from ..core.language import N_
from ..core.lifecycle import OVER
from ..core.place import Place
from ..core.recurrence import read, wall_of
from ..web import sentences, times
from . import findings
from .series import Day, is_to_come
from .service.fates import DayFate, Fate, Reshaped
from .service.series import Opened
from .service.series_ends import DayEnding

_FATES = {  # what it looks like, and what is said
    Fate.MOVES: ("kept", N_("Goes along")),
    Fate.ASKS: ("review", N_("Staff decide; until then it stays where it is")),
    Fate.STAYS: ("refuse", N_("Stays where it is")),
    Fate.OWN: ("note", N_("Was changed by itself, and stays so")),
    Fate.OVER: ("note", N_("Over: it is not touched")),
    Fate.SKIPPED: ("note", N_("Was skipped, and stays so")),
    Fate.SAME: ("note", N_("Stands there already")),
}


@dataclass(frozen=True, slots=True)
class DateLine:
    """One date of a series."""

    name: str
    label: str
    zone_label: str
    state: str = ""  # of its bookings; empty where it was skipped
    state_label: str = ""
    notes: list[str] = field(default_factory=list)
    is_to_come: bool = False
    booking_key: str = ""


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """A series with all that its reader may do with it."""

    key: str
    title: str
    request_url: str
    rule: str
    resources: list[str]
    when: str
    zone_label: str
    dates: list[DateLine]
    skipped: list[DateLine]
    may_change: bool
    may_end: bool
    may_retry: bool
    version: int
    before: str  # the key of the series that it continues
    after: list[str]  # of those that continue it


@dataclass(frozen=True, slots=True)
class FateLine:
    """What becomes of one date by a change."""

    effect: str
    label: str
    words: str
    said: list[str]


@dataclass(frozen=True, slots=True)
class ShiftPanel:
    """All dates by a change, and in one breath how many go along."""

    headline: str
    lines: list[FateLine]
    seen: str
    is_possible: bool


@dataclass(frozen=True, slots=True)
class EndLine:
    """A date that can end, and what follows of that."""

    name: str
    label: str
    zone_label: str
    state: str
    state_label: str
    said: str
    is_possible: bool


def rule_label(row: Any, language: str) -> str:
    """The rule in plain words."""
    return sentences.plain(read(row.rule).words, language)


def when_label(row: Any, language: str) -> str:
    """From when to when on the wall, as on its first date."""
    start, end = wall_of(row.wall_start), wall_of(row.wall_end)
    if start.time() == end.time() == datetime.min.time():
        return ngettext("%(num)s day", "%(num)s days", (end - start).days)
    return times.stretch(times.clock(start), times.clock(end), language)


def date_line(opened: Opened, day: Day, now: datetime, language: str, *, numbers: bool) -> DateLine:
    """One date: where it stands, and what is its own of that. What limits said has `numbers`, which are not for all."""
    number, zone = opened.number, opened.site.zoneinfo
    booking = day.bookings[number]
    ahead = is_to_come(day, number, zone, now)
    if booking is None:
        said = _why_skipped(findings.restored(day.skipped[0].findings), language, numbers=numbers)
        label, zone_label = name_label(day.names[number], language), zone_of(day.names[number], zone)
        return DateLine(day.names[number], label, zone_label, notes=said, is_to_come=ahead)
    return DateLine(
        day.names[number],
        times.when(booking.time, zone, language, by_day=booking.by_day),
        times.zone_label(zone, booking.starts_at),
        str(booking.state),
        sentences.state_label(booking.state),
        _own(booking, day.names[number], opened, language),
        ahead,
        booking.key,
    )


def _why_skipped(found: list[Finding], language: str, *, numbers: bool) -> list[str]:
    if not found:
        return [gettext("Nothing stands in its way any more.")]
    shown = [one for one in found if numbers or not one.limit_key]
    return reasons(shown, language) or [gettext("A rule stands in its way.")]


def _own(booking: Any, name: str, opened: Opened, language: str) -> list[str]:
    """That a date stands elsewhere than its rule says."""
    if booking.state in OVER or booking.wall_start == name:
        return []
    return [gettext("Moved by itself: the rule says %(when)s.", when=name_label(name, language))]


def zone_of(name: str, zone: ZoneInfo) -> str:
    """The site's zone on a date."""
    return times.zone_label(zone, wall_of(name).replace(tzinfo=zone))


def name_label(name: str, language: str) -> str:
    """A date by its name: its day and the time that its rule gives it."""
    wall = wall_of(name)
    return f"{times.dated(wall.date(), language)} {times.clock(wall)}"


def reasons(found: Iterable[Finding], language: str) -> list[str]:
    """Findings, said."""
    return list(dict.fromkeys(sentences.said(one.said.sentence, one.said.values, language) for one in found))


def shift_panel(plan: Reshaped, opened: Opened, language: str) -> ShiftPanel:
    """What becomes of each date that is to come."""
    moving, concerned = len(plan.moving), [one for one in plan.fates if one.fate is not Fate.OVER]
    staying = sum(one.fate is Fate.STAYS for one in plan.fates)
    said = ngettext("%(num)s date goes along", "%(num)s dates go along", moving)
    if staying:
        stays = ngettext("%(num)s stays where it is", "%(num)s stay where they are", staying)
        said = gettext("%(going)s, %(staying)s", going=said, staying=stays)
    if not moving:
        said = gettext("None of its dates can go there")
    return ShiftPanel(said, [_fate_line(one, opened, language) for one in concerned], plan.seen, bool(moving))


def _fate_line(one: DayFate, opened: Opened, language: str) -> FateLine:
    effect, words = _FATES[one.fate]
    said = [] if one.fate is Fate.MOVES else reasons(one.said, language)
    for going in one.going:
        told = going.told.says(opened.site.zoneinfo)
        if told is not None and not going.told.is_free:
            said.append(sentences.plain(told, language))
    return FateLine(effect, _fate_label(one, opened, language), gettext(words), list(dict.fromkeys(said)))


def _fate_label(one: DayFate, opened: Opened, language: str) -> str:
    """From where to where it goes; or where it stands."""
    zone, number = opened.site.zoneinfo, opened.number
    booking, time = one.day.bookings[number], one.times[number]
    if booking is None:
        return name_label(one.names[number], language)
    old = times.when(booking.time, zone, language, by_day=booking.by_day)
    if one.fate not in (Fate.MOVES, Fate.ASKS, Fate.STAYS) or time is None:
        return old
    return f"{old} → {_there(booking.time, time, zone, language, by_day=booking.by_day)}{_unit(one, booking)}"


def _there(old: Interval, new: Interval, zone: ZoneInfo, language: str, *, by_day: bool) -> str:
    """The new time, by the clock alone where the day is the same."""
    start, end = new.start.astimezone(zone), new.end.astimezone(zone)
    same_day = old.start.astimezone(zone).date() == start.date() == end.date()
    if by_day or not same_day:
        return times.when(new, zone, language, by_day=by_day)
    return times.stretch(times.clock(start), times.clock(end), language)


def _unit(one: DayFate, booking: Any) -> str:
    """The other unit that it goes to."""
    names = [going.unit.name for going in one.going if going.booking is booking and going.unit.id != booking.unit_id]
    return f" · {names[0]}" if names else ""


def end_lines(found: Sequence[DayEnding], opened: Opened, language: str) -> list[EndLine]:
    """Dates that can end, and what follows of each."""
    return [_end_line(one, opened, language) for one in found]


def _end_line(one: DayEnding, opened: Opened, language: str) -> EndLine:
    zone, first = opened.site.zoneinfo, one.endings[0]
    booking = one.day.bookings[opened.number] or first.booking
    told = [
        sentences.plain(said, language)
        for ending in one.endings
        if ending.binds and not ending.told.is_free and (said := ending.told.says(zone)) is not None
    ]
    return EndLine(
        one.day.names[opened.number],
        times.when(booking.time, zone, language, by_day=booking.by_day),
        times.zone_label(zone, booking.starts_at),
        str(booking.state),
        sentences.state_label(booking.state),
        " ".join(dict.fromkeys(told)),
        one.is_possible,
    )


def resource_labels(opened: Opened, place: Mapping[int, Place], language: str) -> list[str]:
    """What repeats together, each resource once."""
    named = [place[one.unit_id].resource.text(language) for one in opened.repeated.bookings]
    return list(dict.fromkeys(named))
