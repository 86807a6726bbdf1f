"""A mail server that is down, refuses, is slow, or hangs up after the text: bookings go on as ever, letters follow.

In `make test` an outage lasts a second, and what is tried again is tried sooner (`SOON`). In `make soak` the server is
down for ten minutes, refuses, is slow and hangs up for one each, and the workers are in no haste but for the minute's
pause after a refusal, which is a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from labbook.core.terms import Asks
from tests.faults.arena import Arena, Place, ask, slot
from tests.faults.mailserver import Mood, Register, register
from tests.faults.postmen import Crew, Haste, crew

pytestmark = pytest.mark.race

SOON = Haste(rounds=0.2, first_pause=0.2)
IN_EARNEST = Haste(first_pause=1)
PATIENCE = 600.0  # seconds after the outage in which everything must have arrived
APART = 0.05  # seconds between two bookings


@dataclass(frozen=True)
class Outage:
    """What is wrong with the server, and for how many seconds; how many workers there are, and how hasty."""

    mood: Mood
    seconds: float
    haste: Haste = SOON
    bookings: int = 8  # before it, and at least as many during it


@dataclass
class Figures:
    """What an outage came to, for quoting."""

    outage: Outage
    before: list[float]
    during: list[float]
    letters: int
    arrivals: int
    seconds: float  # after the outage, until the last letter was there

    def __str__(self) -> str:
        def said(taken: list[float]) -> str:
            ordered = sorted(taken)
            p95 = ordered[len(ordered) * 95 // 100]
            return f"median {median(ordered) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms of {len(ordered)}"

        return (
            f"{self.outage.mood} for {self.outage.seconds:.0f} s: a booking took {said(self.before)} before, "
            f"{said(self.during)} meanwhile; {self.letters} letters, 0 lost, {self.arrivals - self.letters} doubled, "
            f"the last {self.seconds:.0f} s afterwards"
        )


MOODS = (Mood.DOWN, Mood.REFUSING, Mood.SLOW, Mood.CUTTING)
SHORT = [Outage(mood, 1) for mood in MOODS]  # one after the other
LONG = [Outage(Mood.DOWN, 600, Haste(), 60), *(Outage(mood, 60, IN_EARNEST, 60) for mood in MOODS[1:])]


@pytest.mark.parametrize(
    "outages",
    [
        pytest.param(SHORT, id="short"),
        *(pytest.param([one], id=f"{one.mood}-long", marks=pytest.mark.soak) for one in LONG),
    ],
)
def test_bookings_go_on_while_mail_does_not_and_every_letter_arrives(
    lab_at_risk: Arena, outages: list[Outage], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    arena = lab_at_risk
    post = Post(arena, arena.place(asks=Asks.ALWAYS), _nothing_waits(arena))
    _named(arena, post.place)
    with register() as server, crew(_url(arena), server.url, tmp_path / "log", outages[0].haste) as workers:
        workers.start(1 if arena.reader.is_sqlite else 2)
        post.booked(4)  # each server process reads its program at the first
        before = post.booked(outages[0].bookings)
        post.await_letters(server, workers)
        for outage in outages:
            figures = _suffered(post, server, workers, outage, before)
            record_property("figures", str(figures))
            print(figures)
            assert median(figures.during) < 2 * median(before) + 0.1, figures


def _suffered(post: Post, server: Register, workers: Crew, outage: Outage, before: list[float]) -> Figures:
    """One outage, and what came after it. Only what was cut off after its text may have come twice."""
    server.arrivals.clear()
    server.become(outage.mood)
    during = post.booked(outage.bookings, outage.seconds)
    assert post.left(), "nothing had to wait"
    server.become(Mood.WELL)
    began = time.monotonic()
    letters = post.await_letters(server, workers)
    figures = Figures(outage, before, during, letters, len(server.arrivals), time.monotonic() - began)
    assert outage.mood is Mood.CUTTING or figures.arrivals == letters, figures
    return figures


@dataclass
class Post:
    """The letters about what is asked for in one place."""

    arena: Arena
    place: Place
    last: int  # the number of the last letter that was looked at
    asked: int = 0

    def booked(self, number: int, seconds: float = 0.0) -> list[float]:
        """Ask for one free time after the other, so many at least and for so long; how many seconds each took."""
        taken: list[float] = []
        until = time.monotonic() + seconds
        while len(taken) < number or time.monotonic() < until:
            racer = self.arena.racers[self.asked % len(self.arena.racers)]
            answer = ask(racer, self.place, slot(self.asked))
            assert answer.said_yes, (answer.status, answer.refusals)
            taken.append(answer.seconds)
            self.asked += 1
            time.sleep(max(APART, seconds / 400))
        return taken

    def left(self) -> int:
        """How many notices are no letters yet, and how many letters wait."""
        notices = "SELECT count(*) FROM notice WHERE sent_at IS NULL AND due_at IS NOT NULL"
        letters = "SELECT count(*) FROM letter WHERE sent_at IS NULL AND given_up_at IS NULL AND way = 'now'"
        return int(self.arena.reader.rows(notices)[0][0] + self.arena.reader.rows(letters)[0][0])

    def await_letters(self, server: Register, workers: Crew) -> int:
        """Wait until nothing is left; each new letter has arrived. How many there are."""
        until = time.monotonic() + PATIENCE
        while left := self.left():
            assert time.monotonic() < until, f"{left} are left\n{workers.log.read_text()[-3000:]}"
            time.sleep(0.05)
        new = "SELECT id, key FROM letter WHERE sent_at IS NOT NULL AND way = 'now' AND id > ?"
        found = dict(self.arena.reader.rows(new, self.last))
        missing = set(found.values()) - {number.strip("<>").partition("@")[0] for number in server.by_number}
        assert not missing, f"marked as sent, but never taken: {missing}"
        assert len(found) >= 2
        self.last = max(found)
        return len(found)


def _url(arena: Arena) -> str:
    return str(arena.app.config["SQLALCHEMY_DATABASE_URI"])


def _nothing_waits(arena: Arena) -> int:
    """What other races left to be told is nobody's concern here; the last letter's number."""
    arena.reader.rows("UPDATE notice SET sent_at = created_at WHERE sent_at IS NULL")
    arena.reader.rows("UPDATE letter SET given_up_at = made_at WHERE sent_at IS NULL AND given_up_at IS NULL")
    return int(arena.reader.rows("SELECT coalesce(max(id), 0) FROM letter")[0][0])


def _named(arena: Arena, place: Place) -> None:
    """Two people decide on the place, so that each booking is told in two letters."""
    people = arena.reader.rows("SELECT id FROM person WHERE email LIKE ? ORDER BY id LIMIT 2", "decider-%")
    for (person_id,) in people:
        arena.reader.rows(
            "INSERT INTO resource_approver (resource_id, person_id) VALUES (?, ?)", place.resource_id, person_id
        )
