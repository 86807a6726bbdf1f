"""How people use the demo lab: how often what is asked for, how far ahead, when and for how long."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from ..core.amount import Measure
from ..core.hours import Cover, instant
from ..core.interval import Interval
from .closures import is_holiday
from .content import Row, said
from .lab import Thing

Hours = tuple[float, float]

ASKS = {"tsukuba": 20.5, "cambridge": 18.5}  # a day, when it is busy

DEMAND = {  # by number in the catalogue: a few instruments are what everybody wants, most are used now and then
    **{2: 1.6, 5: 9.0, 6: 1.2, 7: 2.2, 8: 4.5, 11: 1.6, 13: 1.0, 14: 3.4, 16: 5.0, 17: 3.4, 18: 1.0, 19: 1.6},
    **{20: 6.5, 21: 6.5, 22: 3.6, 23: 1.2, 24: 1.6, 31: 1.8, 33: 1.4, 34: 0.9, 46: 1.6, 52: 1.4, 60: 2.6, 62: 1.4},
    **{42: 0.7, 43: 0.7, 44: 0.7, 51: 0.3, 57: 1.6, 61: 0.25},
}
SELDOM = 0.45
PARTNERS = {
    **{"kazemori": 2.4, "quillfern": 2.2, "hodoku": 1.4, "tallowmere": 1.6, "kitanohara": 1.5},
    **{"juniper": 0.3, "orrinfield": 5},
}
VISITOR = 0.05  # how much rarer somebody books at a site that is not home

WEEKDAYS = (0.75, 1.0, 1.0, 0.95, 0.65, 0.12, 0.08)  # Monday first
HOLIDAY = 0.15
LEADS = {0: 0.01, 1: 0.04, 2: 0.08, 3: 0.11, 5: 0.17, 7: 0.21, 9: 0.18, 12: 0.11, 16: 0.05, 21: 0.02, 26: 0.02}

_STARTS = {8: 1, 9: 5, 10: 6, 11: 3, 12: 1, 13: 5, 14: 4, 15: 3, 16: 2, 17: 1, 18: 0.6, 19: 0.3}
_OVERNIGHT = 0.28

_LENGTHS: dict[str, Hours] = {
    **{"cabinet": (1, 3), "reader": (0.5, 2), "pcr": (1.5, 3), "cycler": (1.5, 4), "gel": (0.5, 1), "sorter": (2, 4)},
    **{"cytometer": (1, 3), "microscope": (1, 3), "imager": (2, 6), "scanner": (1, 4), "histology": (1, 3.5)},
    **{"centrifuge": (1, 4), "column": (2, 8), "mass": (3, 10), "nmr": (0.5, 2), "interaction": (2, 8)},
    **{"sequencer": (2, 30), "robot": (2, 5), "counter": (0.2, 0.5), "flask": (1, 3), "autoclave": (1.5, 2.5)},
    **{"hood": (2, 7), "meeting": (0.5, 1.5), "hall": (2, 6), "people": (0.5, 2)},
}
_OTHER_LENGTHS: dict[int, Hours] = {13: (0.2, 0.5), 45: (1, 3), 48: (4, 6), 43: (14, 40), 42: (16, 40), 55: (3, 12)}
_DAYS: dict[int, tuple[int, int]] = {6: (4, 24), 23: (3, 12), 44: (1, 3), 51: (5, 14)}


def busyness(site: str, on: date) -> float:
    """From 0 to 1: how busy the site is on a day."""
    return HOLIDAY if is_holiday(site, on) else WEEKDAYS[on.weekday()]


def is_overnight(dice: Random, thing: Thing) -> bool:
    """Some runs go through the night, where that is allowed and usual."""
    return (
        thing.cover is not Cover.ALL
        and thing.longest.measure is Measure.MINUTE
        and thing.longest.count >= 12 * 60
        and thing.shortest.count <= 6 * 60
        and any(fits(row, thing) and row.get("overnight") for row in said("phrases")["phrase"])
        and dice.random() < _OVERNIGHT
    )


def fits(phrase: Row, thing: Thing) -> bool:
    """Whether somebody would write this when asking for that."""
    return thing.icon in phrase["icons"] and thing.number in phrase.get("numbers", [thing.number])


def time_on(dice: Random, thing: Thing, on: date, *, overnight: bool) -> Interval:
    """A time that starts on a day. Raises ValueError when the clock skips it."""
    if thing.slot.measure is Measure.DAY:
        days = dice.randint(*_DAYS[thing.number])
        return _span(thing, datetime.combine(on, time()), datetime.combine(on + timedelta(days=days), time()))
    if thing.slot.measure is Measure.HALF_DAY:
        start = datetime.combine(on, time(dice.choice((0, 12, 12))))
        return _span(thing, start, start + timedelta(hours=12 * dice.choice((1, 1, 1, 2, 2, 4))))
    if overnight:
        return _night(dice, thing, on)
    grid = thing.slot.count
    hour = dice.choices(list(_STARTS), list(_STARTS.values()))[0]
    minute = dice.choice([one for one in (0, 0, 0, 30, 30, 15, 45, 10, 40) if one % grid == 0])
    start = instant(datetime.combine(on, time(hour, minute)), thing.zone)
    return Interval(start, start + timedelta(minutes=_minutes(dice, thing)))


def _span(thing: Thing, first: datetime, last: datetime) -> Interval:
    return Interval(instant(first, thing.zone), instant(last, thing.zone))


def _night(dice: Random, thing: Thing, on: date) -> Interval:
    start = instant(datetime.combine(on, time(dice.choice((17, 18, 18, 19)))), thing.zone)
    hours = min(dice.choice((12, 13, 14, 14, 15)), thing.longest.count // 60)
    return Interval(start, start + timedelta(hours=hours))


def _minutes(dice: Random, thing: Thing) -> int:
    low, high = _OTHER_LENGTHS.get(thing.number, _LENGTHS.get(thing.icon, (1, 2.5)))
    wished = dice.triangular(low, high, low + (high - low) * 0.35) * 60
    grid = thing.slot.count
    bounded = min(max(wished, thing.shortest.count), thing.longest.count)
    return max(round(bounded / grid) * grid, thing.shortest.count)
