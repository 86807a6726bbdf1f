"""Calendars poll while people book: neither gets an error, bookings hardly take longer, and each calendar has them all.

In `make test` a few do so for seconds; in `make soak` 200 subscribers poll 500 feeds, each twice a minute, while 20
people book (`SUBSCRIBERS`, `FEEDS`, `BOOKERS`, `POLL_SECONDS`, `PHASE_SECONDS`). Quiet phases and others take turns.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, cycle, islice
from statistics import median

import pytest

from labbook.core.feeds import Detail, Scope
from labbook.db import db
from labbook.feeds.service.making import Wanted, create
from labbook.people.queries import actor_of
from tests.faults.arena import PARTNERS, Arena, Place, ask, slot
from tests.faults.browser import Client
from tests.faults.subscribers import Polled, polling

pytestmark = pytest.mark.race

SLOWER_BY = 1.2


@dataclass(frozen=True)
class Size:
    """How many of all there are, how often a feed is polled, how long a phase lasts, and how often it comes."""

    subscribers: int
    feeds: int
    bookers: int
    every: float
    seconds: float
    turns: int
    pause: float  # of somebody who books

    @classmethod
    def told(cls) -> Size:
        """As `make soak` is told."""
        get = os.environ.get
        whole = (int(get("SUBSCRIBERS", "200")), int(get("FEEDS", "500")), int(get("BOOKERS", "20")))
        return cls(*whole, float(get("POLL_SECONDS", "30")), float(get("PHASE_SECONDS", "45")), turns=2, pause=2)


SHORT = Size(subscribers=12, feeds=30, bookers=4, every=1, seconds=1.5, turns=1, pause=0.2)


@dataclass
class Figures:
    """What it came to, for quoting."""

    size: Size
    quiet: list[float] = field(default_factory=list)
    polled: list[float] = field(default_factory=list)
    polls: list[Polled] = field(default_factory=list)

    @property
    def slower(self) -> float:
        """How many times as long a booking took."""
        return median(self.polled) / median(self.quiet)

    @property
    def wrong(self) -> list[dict[str, int]]:
        """What calendars were answered that they should not be."""
        return [one.wrong for one in self.polls if one.wrong]

    def __str__(self) -> str:
        def said(taken: list[float]) -> str:
            ordered = sorted(taken)
            p95 = ordered[len(ordered) * 95 // 100]
            return f"median {median(ordered) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms of {len(ordered)}"

        answers = {status: sum(one.answers[status] for one in self.polls) for status in ("200", "304")}
        return (
            f"{self.size.subscribers} subscribers polled {self.size.feeds} feeds every {self.size.every:.0f} s while "
            f"{self.size.bookers} people booked: {answers['200']} answers of 200, {answers['304']} of 304, 0 errors, "
            f"the slowest {max(one.slowest for one in self.polls):.1f} s; a booking took {said(self.quiet)} without "
            f"them, {said(self.polled)} with them"
        )


@pytest.mark.parametrize(
    "size", [pytest.param(SHORT, id="short"), pytest.param(None, id="long", marks=pytest.mark.soak)]
)
def test_calendars_poll_while_people_book(
    lab_at_risk: Arena, size: Size | None, record_property: Callable[[str, object], None]
) -> None:
    chosen = size or Size.told()
    places = [lab_at_risk.place() for _ in range(4)]
    book = Booking(lab_at_risk, places, lab_at_risk.racers[: chosen.bookers])
    links = _links(lab_at_risk, places, chosen.feeds)
    dealt = [links[number :: chosen.subscribers] for number in range(min(chosen.subscribers, len(links)))]
    figures = Figures(chosen)
    with polling(lab_at_risk.ports, dealt, 1) as first:  # what nobody has fetched yet
        book.for_some(max(1.0, chosen.seconds / 10), chosen.pause)
    for _ in range(chosen.turns):
        figures.quiet += book.for_some(chosen.seconds, chosen.pause)
        with polling(lab_at_risk.ports, dealt, chosen.every) as polled:
            figures.polled += book.for_some(chosen.seconds, chosen.pause)
        figures.polls.append(polled)
    record_property("figures", str(figures))
    print(figures)
    assert not figures.wrong and not first.wrong, (figures.wrong, first.wrong)
    assert all(one.answers["304"] for one in figures.polls)
    book.assert_told(links)
    assert size is not None or figures.slower <= SLOWER_BY, figures


@dataclass
class Booking:
    """People who book one free time after the other, each at a pace of their own."""

    arena: Arena
    places: list[Place]
    people: list[Client]
    made: dict[int, int] = field(default_factory=dict)  # by the number of who booked
    _free: count[int] = field(default_factory=count)

    @property
    def title(self) -> str:
        """Of what is booked here, not in other races of the same people."""
        return f"While {self.places[0].slug} is polled"

    def for_some(self, seconds: float, pause: float) -> list[float]:
        """How many seconds each booking took."""
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(len(self.people)) as pool:
            taken = pool.map(lambda number: self._one(number, until, pause), range(len(self.people)))
            return [one for several in taken for one in several]

    def _one(self, number: int, until: float, pause: float) -> list[float]:
        taken: list[float] = []
        time.sleep(pause * number / len(self.people))
        while time.monotonic() < until:
            at = next(self._free)
            place = self.places[at % len(self.places)]
            answer = ask(self.people[number], place, slot(at // len(self.places)), title=self.title)
            assert answer.said_yes, (answer.status, answer.refusals)
            self.made[number] = self.made.get(number, 0) + 1
            taken.append(answer.seconds)
            time.sleep(pause)
        return taken

    def assert_told(self, links: list[str]) -> None:
        """The first feed of each, which is about what they have booked, tells all of it."""
        for number, link in enumerate(links[: len(self.people)]):
            assert self.people[number].get(link).text.count(f"SUMMARY:{self.title} ") == self.made[number], number


def _links(arena: Arena, places: list[Place], number: int) -> list[str]:
    """That many feeds of those who race, in turns: first one of each about what is one's own."""
    now = datetime.now(UTC)
    rows = arena.reader.rows("SELECT id, family_name FROM person WHERE family_name LIKE ?", "racer-%")
    racers = [row[0] for row in sorted(rows, key=lambda row: int(row[1].rpartition("-")[2]))]
    kinds: list[tuple[Scope, Detail]] = [
        (Scope.MINE, Detail.FULL),
        (Scope.PARTNER, Detail.FULL),
        (Scope.RESOURCE, Detail.FULL),
        (Scope.MINE, Detail.BUSY),
        (Scope.RESOURCE, Detail.BUSY),
    ]
    keys = dict(arena.reader.rows("SELECT slug, key FROM partner WHERE slug LIKE ?", "racing-%"))
    wanted = ((kind, at) for kind in cycle(kinds) for at in range(len(racers)))
    links: list[str] = []
    with arena.app.app_context():
        for (scope, detail), at in islice(wanted, number):
            place = places[len(links) % len(places)]
            about = {Scope.PARTNER: keys[f"racing-{at % PARTNERS}"], Scope.RESOURCE: place.slug}
            actor = actor_of(racers[at], now)
            assert actor is not None
            token = create(actor, Wanted("A calendar", scope, detail, "en", about.get(scope, "")), now=now)
            links.append(f"/feeds/{token}/a.ics")
            db.session.remove()
    return links
