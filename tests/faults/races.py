"""The races. Each runs some rounds, judges every round by the independent reader, and keeps the figures.

They raise AssertionError at the first thing that must not be: the positive control relies on it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random

from labbook.core.calendar import Span
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.apart import Apart
from labbook.core.limits.counting import Subject
from labbook.core.terms import Asks
from tests.cast import fresh_key
from tests.faults.arena import Arena, Place, ask, slot, times
from tests.faults.browser import Answer, Client, at_once

SHORT, LONG = 2, 50  # rounds in `make test` and in `make soak`
MOVERS = 8


@dataclass
class Figures:
    """What a campaign measured."""

    name: str
    rounds: int = 0
    sent: int = 0
    winners: Counter[int] = field(default_factory=Counter)  # how many rounds had so many winners
    refused: list[float] = field(default_factory=list)  # seconds until a refusal
    granted: list[float] = field(default_factory=list)

    def count(self, answers: list[Answer]) -> list[Answer]:
        """Take one round's answers in; its winners. Every answer is a yes or a refusal with reasons."""
        assert {one.status for one in answers} <= {303, 409}, Counter(one.status for one in answers)
        won = [one for one in answers if one.said_yes]
        self.rounds, self.sent = self.rounds + 1, self.sent + len(answers)
        self.winners[len(won)] += 1
        self.granted += [one.seconds for one in won]
        self.refused += [one.seconds for one in answers if not one.said_yes]
        return won

    @property
    def slowest_refusal(self) -> float:
        """In seconds; 0 when nothing was refused."""
        return max(self.refused, default=0.0)

    def __str__(self) -> str:
        ordered = sorted(self.refused) or [0.0]
        median, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
        winners = dict(sorted(self.winners.items()))
        return (
            f"{self.name}: {self.rounds} rounds, {self.sent} sent, winners per round {winners}"
            f", refusals median {median * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, slowest {ordered[-1] * 1000:.0f} ms"
            f", slowest yes {max(self.granted, default=0) * 1000:.0f} ms"
        )


def one_slot(arena: Arena, rounds: int, *, pieces: int = 1) -> Figures:
    """Everybody asks for the same unit and time; of several alike pieces, for any."""
    figures, place = Figures(f"one slot, {pieces} unit(s)"), arena.place(pieces=pieces)
    for number in range(rounds):
        sends = [partial(ask, one, place, slot(number), any_unit=pieces > 1) for one in arena.racers]
        answers = at_once(sends)
        won = figures.count(answers)
        nobody_twice(arena, place)
        assert len(won) == pieces, f"{len(won)} were told yes for {pieces} unit(s)"
        refused_because_taken(answers)
        assert len(arena.reader.states(place.units)) == (number + 1) * pieces
    return figures


WEEK_HOURS = 3  # for four members of each partner


def allowances(arena: Arena, rounds: int, *, seed: int = 4) -> Figures:
    """All members of each partner ask at once; each asks for more than a fair part of what their partner may have.

    Every round is a week of its own. There are units enough, and the members ask for different times of its first days.
    """
    figures, place, dice = Figures("a partner's allowance"), arena.place(pieces=len(arena.racers)), Random(seed)
    most = timedelta(hours=WEEK_HOURS)
    arena.limit(place, Allowance(most=WEEK_HOURS * 60, span=Span.WEEK, subject=Subject.PARTNER))
    for number in range(rounds):
        monday = slot(0) + timedelta(days=7 - slot(0).weekday(), weeks=number)
        starts = [monday + timedelta(hours=dice.randrange(72)) for _ in arena.racers]
        lengths = [dice.choice((1.0, 1.5, 2.0)) for _ in arena.racers]
        sends = [
            partial(ask, one, place, at, hours, any_unit=True)
            for one, at, hours in zip(arena.racers, starts, lengths, strict=True)
        ]
        answers = at_once(sends)
        figures.count(answers)
        had = arena.reader.hours_by_partner(place.resource_id, monday, monday + timedelta(days=7))
        assert all(hours <= most for hours in had.values()), f"an allowance was exceeded: {max(had.values())}"
        assert len(had) == len({one.partner for one in arena.racers})  # the first of each is always within it
        refusals = [one for one in answers if not one.said_yes]
        assert all("allowance" in one.text or "organisation has used" in one.text for one in refusals)
    return figures


def rivals_apart(arena: Arena, rounds: int) -> Figures:
    """People of two partners that are kept apart, and of others, ask for the same time on different units."""
    figures, place = Figures("partners kept apart"), arena.place(pieces=len(arena.racers))
    rivals = sorted({one.partner for one in arena.racers})[:2]
    arena.limit(place, Apart(partners=frozenset(rivals)))
    for number in range(rounds):
        sends = [
            partial(ask, one, place, slot(number), unit=key)
            for one, key in zip(arena.racers, place.unit_keys, strict=True)
        ]
        answers = at_once(sends)
        figures.count(answers)
        had = {one.partner for one, answer in zip(arena.racers, answers, strict=True) if answer.said_yes}
        assert not had.issuperset(rivals), "partners that are kept apart met"
        assert had & set(rivals), "neither of them came in"
        others = [a for one, a in zip(arena.racers, answers, strict=True) if one.partner not in rivals]
        assert all(one.said_yes for one in others)
    return figures


def random_spans(arena: Arena, rounds: int, *, seed: int = 1) -> Figures:
    """Everybody asks for a span of their own choice within half a day."""
    figures, place, dice = Figures("random overlapping spans"), arena.place(), Random(seed)
    for number in range(rounds):
        spans = [
            (slot(number, hours_apart=24) + timedelta(minutes=30 * dice.randrange(20)), dice.randint(1, 6) / 2)
            for _ in arena.racers
        ]
        asked = zip(arena.racers, spans, strict=True)
        answers = at_once([partial(ask, one, place, start, hours) for one, (start, hours) in asked])
        won = figures.count(answers)
        nobody_twice(arena, place)
        refused_because_taken(answers)
        kept = [_hold(*span) for span, answer in zip(spans, answers, strict=True) if answer.said_yes]
        assert len(kept) == len(won) > 0
        for span, answer in zip(spans, answers, strict=True):
            start, end = _hold(*span)
            stands_in_the_way = any(start < until and since < end for since, until in kept)
            assert answer.said_yes or stands_in_the_way, f"{span} was refused for nothing"
    return figures


def _hold(start: datetime, hours: float) -> tuple[datetime, datetime]:
    buffer = timedelta(minutes=15)
    return start - buffer, start + timedelta(hours=hours) + buffer


def touching(arena: Arena, rounds: int) -> Figures:
    """Everybody asks for a time whose hold begins where another's ends, buffers included."""
    figures, place = Figures("merely touching"), arena.place()
    for number in range(rounds):
        first = slot(number, hours_apart=72)
        starts = [first + timedelta(hours=1.5 * position) for position in range(len(arena.racers))]
        answers = at_once([partial(ask, one, place, at) for one, at in zip(arena.racers, starts, strict=True)])
        won = figures.count(answers)
        nobody_twice(arena, place)
        assert len(won) == len(arena.racers), f"{len(answers) - len(won)} refused although they only touch"
    return figures


def moves(arena: Arena, rounds: int, *, movers: int = MOVERS) -> Figures:
    """Several bookings are moved onto one free slot; whoever loses keeps the old time."""
    figures, place = Figures(f"{movers} moves onto one slot"), arena.place()
    for number in range(rounds):
        starts = [slot(number, hours_apart=48) + timedelta(hours=2 * position) for position in range(movers + 1)]
        target, people = starts[-1], arena.racers[:movers]
        keys = [booked(arena, one, place, at) for one, at in zip(people, starts, strict=False)]
        before = _times_of(arena, keys)
        sends = [partial(move, one, place, key, target) for one, key in zip(people, keys, strict=True)]
        answers = at_once(sends)
        won = figures.count(answers)
        nobody_twice(arena, place)
        assert len(won) == 1, f"{len(won)} were moved onto one slot"
        refused_because_taken(answers)
        after = _times_of(arena, keys)
        for key, answer in zip(keys, answers, strict=True):
            assert (after[key] == before[key]) is not answer.said_yes
    return figures


def swaps(arena: Arena, rounds: int) -> Figures:
    """Two bookings are moved onto each other's time: neither is lost, whoever is told no keeps the old time."""
    figures, place = Figures("two moves onto each other"), arena.place()
    for number in range(rounds):
        starts = [slot(number, hours_apart=6), slot(number, hours_apart=6) + timedelta(hours=2)]
        people = arena.racers[:2]
        keys = [booked(arena, one, place, at) for one, at in zip(people, starts, strict=True)]
        before = _times_of(arena, keys)
        swapped = zip(people, keys, reversed(starts), strict=True)
        answers = at_once([partial(move, one, place, key, at) for one, key, at in swapped])
        figures.count(answers)
        nobody_twice(arena, place)
        after = _times_of(arena, keys)
        for key, answer in zip(keys, answers, strict=True):
            assert (after[key] == before[key]) is not answer.said_yes
    return figures


def approvals(arena: Arena, rounds: int, *, wishes: int = 2) -> Figures:
    """As many of the staff approve as many overlapping wishes at once."""
    figures = Figures(f"{wishes} approvals of overlapping wishes")
    place = arena.place(asks=Asks.FORM, holds_on_request=False)
    for number in range(rounds):
        starts = [slot(number, hours_apart=12) + timedelta(minutes=30 * (position % 2)) for position in range(wishes)]
        asked = [ask(one, place, at) for one, at in zip(arena.racers, starts, strict=False)]
        assert all(one.said_yes for one in asked), asked
        staff = zip(arena.deciders, asked, strict=False)
        answers = at_once([partial(one.post, f"{wish.location}/approve", version="1") for one, wish in staff])
        won = figures.count(answers)
        nobody_twice(arena, place)
        assert len(won) == 1, f"{len(won)} overlapping wishes were approved"
        states = Counter(arena.reader.states(place.units)[request_key(one)] for one in asked)
        assert states == {"approved": 1, "wished": wishes - 1}
    return figures


# --- what the races have in common ------------------------------------------------------------------------------------


def nobody_twice(arena: Arena, place: Place) -> None:
    """No two holds or bookings overlap on a unit, and holds stand for bookings one to one."""
    assert arena.reader.double_bookings(place.units) == [], "double booking"
    assert arena.reader.unkept(place.units) == [], "holds and bookings do not agree"


def refused_because_taken(answers: list[Answer]) -> None:
    """Every refusal names the one finding."""
    assert all(one.refusals == {"taken"} for one in answers if not one.said_yes)


def request_key(answer: Answer) -> str:
    """The key in the address of the request that was made."""
    return answer.location.rpartition("/")[2]


def booked(arena: Arena, client: Client, place: Place, at: datetime) -> str:
    """Book, and give the booking's key."""
    answer = ask(client, place, at)
    assert answer.said_yes, answer
    return booking_key(arena, request_key(answer))


def booking_key(arena: Arena, key: str) -> str:
    """The key of a request's only booking."""
    sql = "SELECT b.key FROM booking AS b JOIN request AS r ON r.id = b.request_id WHERE r.key = ?"
    return str(arena.reader.rows(sql, key)[0][0])


def move(client: Client, place: Place, key: str, at: datetime, version: int = 1) -> Answer:
    """Send the form that moves a booking."""
    unit = place.unit_keys[0]
    fields = {"unit": unit, "version": str(version), "idempotency_key": fresh_key(), **times(at)}
    return client.post(f"/bookings/{key}/move", **fields)


def _times_of(arena: Arena, keys: list[str]) -> dict[str, tuple[object, ...]]:
    marks = ", ".join("?" for _ in keys)
    sql = f"SELECT key, unit_id, starts_at, ends_at FROM booking WHERE key IN ({marks})"
    return {row[0]: tuple(row[1:]) for row in arena.reader.rows(sql, *keys)}
