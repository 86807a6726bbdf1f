"""What people of the demo lab will ask for, and what becomes of it: drawn from dice that fall the same way every time.

Each day has dice of its own, so a later run draws the same past and adds only what lies after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from ..core.hours import instant
from ..core.interval import Interval
from ..core.language import Words
from . import habits
from .content import said, words
from .lab import Lab, Scientist, Thing, is_at_work

_TRIES = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """One request: who asks for what and when, the times that would do (best first), and how it goes on."""

    key: str
    at: datetime
    who: Scientist
    thing: Thing
    times: tuple[Interval, ...]
    title: str
    purpose: str
    project: str = ""
    answer_at: datetime | None = None  # when staff decide, if there is something to decide
    is_favoured: bool = True  # approved then, if it can be
    leave_at: datetime | None = None  # when it is withdrawn, cancelled or given back


def wishes_on(lab: Lab, site: str, on: date) -> Iterator[Wish]:
    """The ordinary requests that are sent on a day."""
    dice = Random(f"{site}/{on}")
    things = [one for one in lab.things.values() if one.site == site and not one.by_month]
    weights = [habits.DEMAND.get(one.number, habits.SELDOM) for one in things]
    asked = 0.12 if on.weekday() > 4 else 1.0
    for number in range(round(habits.ASKS[site] * asked * dice.uniform(0.8, 1.2))):
        own = Random(f"{site}/{on}/{number}")
        thing = own.choices(things, weights)[0]
        if wish := _wish(own, lab, thing, on, f"demo-{site}-{on}-{number}"):
            yield wish


def _wish(dice: Random, lab: Lab, thing: Thing, on: date, key: str) -> Wish | None:
    at = asked_at(dice, thing.zone, on)
    overnight = habits.is_overnight(dice, thing)
    times = _times(dice, thing, at, overnight)
    return wish_for(dice, lab, thing, at, times, key=key, overnight=overnight) if times else None


def wish_for(
    dice: Random,
    lab: Lab,
    thing: Thing,
    at: datetime,
    times: tuple[Interval, ...],
    *,
    key: str,
    overnight: bool = False,
) -> Wish | None:
    """A request for a thing by one of the people who may, or None when nobody may."""
    able = lab.able(thing, at.astimezone(thing.zone).date(), times[0])
    if not able:
        return None
    who = dice.choices(able, [_weight(one, thing) for one in able])[0]
    title, purpose = phrase(dice, thing, who.language, overnight=overnight)
    answer_at, leave_at = _fate(dice, thing, at, times[0])
    return Wish(
        key=key,
        at=at,
        who=who,
        thing=thing,
        times=times,
        title=title,
        purpose=purpose,
        project=_project(dice, lab, who, thing),
        answer_at=answer_at,
        is_favoured=dice.random() < 0.91,
        leave_at=leave_at,
    )


def asked_at(dice: Random, zone: ZoneInfo, on: date) -> datetime:
    """An instant of a working day."""
    clock = time(dice.randint(8, 18), dice.randint(0, 59), dice.randint(0, 59))
    return instant(datetime.combine(on, clock), zone)


def phrase(dice: Random, thing: Thing, language: str, *, overnight: bool = False) -> tuple[str, str]:
    """A title and a purpose for it."""
    rows = [row for row in said("phrases")["phrase"] if habits.fits(row, thing)]
    row = dice.choice([row for row in rows if row.get("overnight", False) == overnight] or rows)
    return words(row["title"]).text(language), words(row["purpose"]).text(language)


# Reasons that hold for some things only, by a word in them.
_REASONS = {
    "room": {"meeting", "hall"},
    "meeting": {"meeting", "hall", "people"},
    "that month": {"bench", "freezer", "cryo"},
    "operator": {"sorter", "mass", "people"},
    "library": {"sequencer"},
    "insert": {"nmr", "centrifuge", "reader"},
    "risk group": {"cabinet", "cytometer", "sorter", "microscope", "imager", "mass", "sequencer", "bioreactor"},
    "cells": {"cabinet", "cytometer", "sorter", "microscope", "imager", "incubator"},
    "culture": {"cabinet", "cytometer", "sorter", "microscope", "imager", "incubator"},
}
_NOT_AN_INSTRUMENT = {"meeting", "hall", "people", "bench", "freezer", "cryo"}
_OF_ANYTHING = ("mistake", "Illness")


def reason(dice: Random, table: str, thing: Thing, language: str) -> str:
    """Why somebody declines or cancels, in a reader's language."""
    reasons = [words(row["reason"]) for row in said("phrases")[table]]
    return dice.choice([one for one in reasons if _applies(one, thing)] or reasons).text(language)


def _applies(said_: Words, thing: Thing) -> bool:
    for word, icons in _REASONS.items():
        if word in said_.en:
            return thing.icon in icons
    return thing.icon not in _NOT_AN_INSTRUMENT or any(word in said_.en for word in _OF_ANYTHING)


def _times(dice: Random, thing: Thing, at: datetime, overnight: bool) -> tuple[Interval, ...]:
    """The times that would do: on days that people like, within what may be asked for."""
    found: list[Interval] = []
    asked_on = at.astimezone(thing.zone).date()
    leads = [one for one in habits.LEADS if thing.first_lead <= one <= min(thing.horizon.count, 30)]
    for _ in range(_TRIES * 4):
        on = asked_on + timedelta(days=dice.choices(leads, [habits.LEADS[one] for one in leads])[0])
        on += timedelta(days=dice.choice((0, 0, 1))) if (on - asked_on).days + 1 <= thing.horizon.count else timedelta()
        if dice.random() > habits.busyness(thing.site, on):
            continue
        try:
            time_ = habits.time_on(dice, thing, on, overnight=overnight)
        except ValueError:  # the clock skips it
            continue
        if time_.start > thing.notice.after(at, thing.zone):
            found.append(time_)
        if len(found) == _TRIES:
            break
    return tuple(found)


def _weight(one: Scientist, thing: Thing) -> float:
    at_home = 1.0 if one.home == thing.site else habits.VISITOR
    return at_home * habits.PARTNERS.get(one.partner, 1.0)


def _project(dice: Random, lab: Lab, who: Scientist, thing: Thing) -> str:
    joint = lab.projects.get(who.partner, ())
    return dice.choice(joint) if joint and thing.icon not in _NOT_AN_INSTRUMENT and dice.random() < 0.22 else ""


def _fate(dice: Random, thing: Thing, at: datetime, time_: Interval) -> tuple[datetime | None, datetime | None]:
    """When staff decide, and when the person changes their mind."""
    ahead = time_.start - at
    waits = dice.uniform(0.1, 0.7) * ahead if ahead > timedelta(days=3) else timedelta(hours=dice.uniform(2, 40))
    answer_at = at + waits
    while not is_at_work(answer_at, thing.zone):
        answer_at += timedelta(hours=dice.uniform(1, 4))
    answer = answer_at if answer_at < time_.start else at + ahead * dice.uniform(0.2, 0.7)
    leave = None
    change = dice.random()
    if change < 0.07:
        leave = at + ahead * dice.uniform(0.1, 0.95)
    elif change < 0.09 and time_.length >= timedelta(hours=2):
        leave = time_.start + time_.length * dice.uniform(0.4, 0.8)
    return (None if dice.random() < 0.04 else _whole(answer)), _whole(leave) if leave else None


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
