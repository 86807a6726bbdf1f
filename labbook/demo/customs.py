"""What returns in the demo lab: benches and shelves by the month, team meetings, and rivals for the sorters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from dateutil.relativedelta import relativedelta

from ..core.hours import instant
from ..core.interval import Interval
from .lab import Lab, Thing
from .wishes import Wish, asked_at, wish_for

_FILLED = {1: 0.46, 3: 0.5, 58: 0.4, 59: 0.32}  # share of the units that are taken when the demo begins, by number
_A_MONTH = {1: 2.0, 3: 0.25, 58: 2.0, 59: 0.8}  # requests a month later on
_LASTING = (3, 6, 6, 9, 12)
_LATER = (1, 1, 2, 2, 3, 6)

_RIVALS = {"cambridge-sorter-1": (3, 4), "tsukuba-hrms-1": (2, 8)}  # weekday (Monday is 0) and hours
_FIERCE = ("kazemori", "quillfern")


def residencies_in(lab: Lab, month: date, *, is_first: bool) -> Iterator[Wish]:
    """The requests for things by the month that begin on the first of `month`; many when the demo begins with it."""
    for thing in lab.things.values():
        if not thing.by_month:
            continue
        dice = Random(f"residencies/{thing.slug}/{month}")
        filled = max(1, round(thing.pieces * _FILLED[thing.number]))
        count = filled if is_first else _some(dice, thing)
        for number in range(count):
            own = Random(f"residencies/{thing.slug}/{month}/{number}")
            key = f"demo-{thing.slug}-{month}-{number}"
            if wish := _residency(own, lab, thing, month, _LASTING if is_first else _LATER, key):
                # Who has moved in stays; and nobody forgets to answer them.
                answer_at = wish.answer_at or wish.at + timedelta(days=1)
                yield replace(wish, leave_at=None, answer_at=answer_at) if is_first else wish


def _some(dice: Random, thing: Thing) -> int:
    expected = _A_MONTH[thing.number] if thing.pieces > 1 else 0.0
    return int(expected) + (dice.random() < expected % 1)


def _residency(dice: Random, lab: Lab, thing: Thing, month: date, lengths: tuple[int, ...], key: str) -> Wish | None:
    start = instant(datetime.combine(month, time()), thing.zone)
    ahead = max(thing.first_lead, 14) + dice.randint(1, 30)
    at = asked_at(dice, thing.zone, month - timedelta(days=ahead))
    months = dice.choice(lengths)
    end = instant(datetime.combine(month + relativedelta(months=months), time()), thing.zone)
    return wish_for(dice, lab, thing, at, (Interval(start, end),), key=key)


def meetings_in(lab: Lab, monday: date) -> Iterator[Wish]:
    """Team meetings, asked for in this week, five weeks ahead: each partner every second week at its own time."""
    ahead = monday + timedelta(weeks=5)
    for (partner, site), _ in sorted(lab.agreements.items()):
        dice = Random(f"meetings/{partner}/{site}")
        room = lab.things[f"{site}-meeting-{dice.choice((8, 8, 20))}"]
        parity, weekday = dice.randrange(2), dice.randrange(5)
        clock = time(dice.choice((9, 10, 11, 13, 14, 15, 16)), dice.choice((0, 30)))
        if monday.toordinal() // 7 % 2 != parity or partner == "juniper":
            continue
        start = instant(datetime.combine(ahead + timedelta(days=weekday), clock), room.zone)
        own = Random(f"meetings/{partner}/{site}/{monday}")
        at = asked_at(own, room.zone, monday + timedelta(days=weekday))
        times = tuple(Interval(start, start + timedelta(minutes=minutes)) for minutes in (60, 30))
        ours = replace(lab, scientists=tuple(one for one in lab.scientists if one.partner == partner))
        if wish := wish_for(own, ours, room, at, times, key=f"demo-meeting-{partner}-{site}-{monday}"):
            yield wish


def rivals_in(lab: Lab, monday: date) -> Iterator[Wish]:
    """Rivals who ask in this week for the same hours, two weeks ahead, of what staff run; staff choose a week later."""
    for slug, (weekday, hours) in _RIVALS.items():
        thing = lab.things[slug]
        dice = Random(f"rivals/{slug}/{monday}")
        start = instant(datetime.combine(monday + timedelta(weeks=2, days=weekday), time(10)), thing.zone)
        others = sorted({one.partner for one in lab.scientists} - {*_FIERCE, "juniper"})
        dice.shuffle(others)
        favoured = dice.randrange(2)
        for number, partner in enumerate((*_FIERCE, *others[: dice.randrange(3)])):
            own = Random(f"rivals/{slug}/{monday}/{number}")
            begins = start + timedelta(hours=own.choice((-1, 0, 0, 1)))
            at = asked_at(own, thing.zone, monday + timedelta(days=own.randint(1, 3)))
            ours = replace(lab, scientists=tuple(one for one in lab.scientists if one.partner == partner))
            time_ = Interval(begins, begins + timedelta(hours=hours))
            wish = wish_for(own, ours, thing, at, (time_,), key=f"demo-rivals-{slug}-{monday}-{number}")
            if wish is None:
                continue
            chosen = instant(datetime.combine(monday + timedelta(days=9), time(15, 10 * number)), thing.zone)
            yield replace(wish, answer_at=chosen, is_favoured=number == favoured, leave_at=None)
