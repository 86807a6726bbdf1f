"""kill -9 of workers while letters go out: none is lost, and one is doubled only where nobody could know better.

A worker that is killed between the server's "taken" and its own mark leaves a letter that goes out again, with the
same Message-ID. Which worker handed what over is known: each names itself to the server.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from labbook import create_app
from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.core.permissions import Role
from labbook.core.terms import Asks
from labbook.db import db, transactional
from labbook.models import Person, RoleGrant
from labbook.people.queries import actor_of
from tests.cast import Cast, add_resource, fresh_key, make_lab
from tests.conftest import let_go
from tests.faults.conftest import Copies
from tests.faults.mailserver import Arrival, Register, register
from tests.faults.postmen import Crew, Haste, crew, name_of
from tests.faults.reader import Reader
from tests.faults.server import KEY

pytestmark = pytest.mark.race

WORKERS = 3
DECIDERS = 20  # beside those of the cast
PATIENCE = 120.0  # seconds in which something must have gone out
HASTE = Haste(rounds=0.05)


@dataclass(frozen=True)
class Campaign:
    """How many notices, how many workers are killed, and how many of these before anything has gone out."""

    notices: int
    kills: int
    early: int


@dataclass
class Figures:
    """What a campaign measured, for quoting."""

    notices: int
    letters: int
    arrivals: int
    doubled: int
    kills: int
    claims_lost: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.kills} workers killed while {self.notices} notices went out as {self.letters} letters by {WORKERS} "
            f"workers in {self.seconds:.0f} s: 0 lost, {self.doubled} doubled with the same Message-ID, "
            f"{self.arrivals} arrivals, {self.claims_lost} claims ended with their workers"
        )


@pytest.mark.parametrize(
    "campaign",
    [Campaign(60, 9, 2), pytest.param(Campaign(2000, 200, 12), marks=pytest.mark.soak)],
    ids=["short", "long"],
)
def test_killed_workers_lose_nothing_and_double_only_what_they_could_not_mark(
    copies: Copies, campaign: Campaign, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with copies("postgresql") as url, _lab(url) as (app, cast), register() as server, _reader_of(url) as reader:
        notices = _ask_for_much(app, cast, campaign.notices, reader)
        began = time.monotonic()
        with crew(url, server.url, tmp_path / "log", HASTE) as workers:
            kills = _kill_at_random(workers, server, reader, campaign)
            _claims_run_out(reader)
            workers.start(WORKERS)
            _await(lambda: not _left(reader), workers, "letters are left")
            time.sleep(0.5)  # whatever would go out once more has the time for it
            workers.kill_all()
        figures = _judged(server, workers, reader, notices, kills, time.monotonic() - began)
    record_property("figures", str(figures))
    print(figures)


def _kill_at_random(workers: Crew, server: Register, reader: Reader, campaign: Campaign) -> int:
    """The early ones while letters are composed, the others when so many have gone out, and a moment; how many."""
    dice = Random(campaign.kills)
    workers.start(WORKERS)
    for _ in range(campaign.early):
        time.sleep(dice.uniform(0.05, 0.6))
        _kill_one(workers, server, dice)
    goals = sorted(
        dice.randrange(1, campaign.notices * 4 // 5) for _ in range(campaign.kills - campaign.early - WORKERS)
    )
    for goal in goals:
        _await(lambda goal=goal: len(server.arrivals) >= goal, workers, f"{goal} letters do not come")  # type: ignore[misc]
        time.sleep(dice.uniform(0, 0.04))
        _kill_one(workers, server, dice)
    assert _left(reader), "everything had gone out before the last worker was killed"
    workers.kill_all()
    assert len(workers.killed) == campaign.kills
    return len(workers.killed)


def _kill_one(workers: Crew, server: Register, dice: Random) -> None:
    """One of those that are sending, rather than one that has only just begun; another takes its place."""
    lately = {one.by for one in server.arrivals[-WORKERS:]}
    busy = [index for index, one in enumerate(workers.at_work) if name_of(one.pid or 0) in lately]
    workers.kill(dice.choice(busy or range(len(workers.at_work))))
    workers.start()


def _claims_run_out(reader: Reader) -> None:
    """Nobody is at work, so that no claim is anybody's: they end now instead of in eight minutes."""
    reader.rows("UPDATE letter SET due_at = made_at WHERE sent_at IS NULL")


def _left(reader: Reader) -> bool:
    waits = "SELECT 1 FROM notice WHERE due_at IS NOT NULL AND sent_at IS NULL"
    return bool(reader.rows(f"{waits} UNION ALL SELECT 1 FROM letter WHERE sent_at IS NULL LIMIT 1"))


def _await(is_so: Callable[[], bool], workers: Crew, otherwise: str) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, f"{otherwise}\n{workers.log.read_text()[-3000:]}"
        time.sleep(0.002)


# --- what is judged ---------------------------------------------------------------------------------------------------


def _judged(server: Register, workers: Crew, reader: Reader, notices: int, kills: int, seconds: float) -> Figures:
    """Raise AssertionError for a letter that was lost, made twice, or doubled without need."""
    letters = {  # the day's seal for the auditor among them
        f"<{key}@labbook.lab.example>": (address, tries)
        for key, address, tries in reader.rows("SELECT key, address, tries FROM letter WHERE way = 'now'")
    }
    [(told, apart)] = reader.rows(
        "SELECT count(letter_id), count(DISTINCT letter_id) FROM notice WHERE due_at IS NOT NULL"
    )
    assert (told, apart) == (notices, notices)  # one letter for each: no two are about one request and person
    arrived = server.by_number
    assert set(arrived) == set(letters), "lost, or unknown"
    assert reader.rows("SELECT key FROM letter WHERE given_up_at IS NOT NULL") == []
    for number, several in arrived.items():
        address, tries = letters[number]
        assert {one.to for one in several} == {address}
        assert len(several) <= tries
        for one in several[:-1]:
            _had_no_time_to_mark(one, server, workers)
    doubled = sum(len(several) - 1 for several in arrived.values())
    lost_claims = sum(tries - 1 for _, tries in letters.values())
    assert doubled <= lost_claims <= kills
    return Figures(notices, len(letters), len(server.arrivals), doubled, kills, lost_claims, seconds)


def _had_no_time_to_mark(one: Arrival, server: Register, workers: Crew) -> None:
    """It was the last that its worker handed over, and then the worker was killed."""
    last = [other for other in server.arrivals if other.by == one.by][-1]
    assert last is one, f"{one.by} went on after {one.number}, and yet it was sent again"
    assert one.by in workers.killed, f"{one.by} was not killed, and yet {one.number} was sent again"


# --- what there is to tell --------------------------------------------------------------------------------------------


@contextmanager
def _reader_of(url: str) -> Iterator[Reader]:
    reader = Reader(url)
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def _lab(url: str) -> Iterator[tuple[Flask, Cast]]:
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": KEY})
    with app.app_context():
        cast = make_lab()
        _hire(cast)
        db.session.remove()
        yield app, cast
        let_go()


@transactional
def _hire(cast: Cast) -> None:
    site_id, since = cast.sites["tsukuba"], date(2026, 1, 1)
    add_resource(site_id, "wanted", asks=Asks.ALWAYS, horizon="720 d")
    for number in range(DECIDERS):
        person = Person(
            email=f"decider-{number}@lab.example",
            family_name=f"Decider{number}",
            given_name="One",
            language="ja" if number % 2 else "en",
            home_site_id=site_id,
            created_at=datetime.now(UTC),
        )
        db.session.add(person)
        db.session.flush()
        db.session.add(RoleGrant(person_id=person.id, role=Role.STAFF, site_id=site_id, starts_on=since))


def _ask_for_much(app: Flask, cast: Cast, wanted: int, reader: Reader) -> int:
    """Ask for one time after the other until so many notices wait; how many it came to be."""
    asker = cast.people["hana"]
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    [(before,)] = reader.rows("SELECT count(*) FROM notice")
    made = before
    while made < wanted:
        now = datetime.now(UTC)
        actor = actor_of(asker, now)
        assert actor is not None
        time_wanted = (start, start + timedelta(hours=1))
        what = Ask("wanted", *time_wanted, cast.partners["aoba"], "Cells", "", "", "")
        service.request(actor, what, key=fresh_key(), now=now)
        start += timedelta(hours=2)
        [(made,)] = reader.rows("SELECT count(*) FROM notice WHERE due_at IS NOT NULL")
    return int(made)
