"""As time goes on: two letters before a proof ends, and flags when it has."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service as bookings
from labbook.core.lifecycle import State
from labbook.db import db, transactional
from labbook.models import Booking, Flag, Person
from labbook.notices.rendering import rendered
from labbook.trainings import service
from labbook.worker import office, once
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast, fresh_key
from tests.trainings.conftest import DAY, School, tsukuba

NOBODY = ("alan",)


def told(school: School) -> list[tuple[str, str]]:
    return [(name, said["day"]) for name, said in school.letters("training-lapses")]


def test_thirty_and_seven_days_before_there_is_one_letter_each(lab: Cast, school: School) -> None:
    school.expire("ben", date(2026, 12, 23))  # in thirty days
    for now in (NOW - DAY, NOW, NOW, NOW + 22 * DAY, NOW + 23 * DAY, NOW + 30 * DAY, NOW + 31 * DAY):
        service.watch_lapses(now=now)
    assert told(school) == [("ben", "Wed 23 Dec 2026")] * 2


@on_sqlite
@pytest.mark.parametrize(("days", "letters"), [(31, 0), (30, 1), (8, 1), (7, 1), (0, 1), (-1, 0)])
def test_the_days_on_which_it_warns(lab: Cast, school: School, days: int, letters: int) -> None:
    school.expire("ben", NOW.date() + timedelta(days=days))
    service.watch_lapses(now=NOW)
    assert len(told(school)) == letters


@on_sqlite
def test_whoever_renewed_in_time_and_whoever_left_hears_nothing(lab: Cast, school: School) -> None:
    school.expire("ben", date(2026, 12, 1))
    school.expire("hana", date(2026, 12, 1))
    service.grant(lab.actor("sora"), "tsukuba", school.key("ben"), "laser", granted_on=NOW.date(), now=NOW)

    @transactional
    def leave() -> None:
        db.session.get_one(Person, lab.people["hana"]).is_active = False

    leave()
    service.watch_lapses(now=NOW)
    assert told(school) == []


@on_sqlite
def test_disuse_is_warned_of_with_the_day_of_the_last_use(lab: Cast, school: School) -> None:
    school.laser(disuse_days=335)  # all proofs are of 1 January: until 2 December
    service.watch_lapses(now=NOW)
    letters = school.letters("training-lapses")
    assert {name for name, _ in letters} == set(lab.people) - {*NOBODY}
    assert {said["since"] for _, said in letters} == {"Thu 1 Jan 2026", "2026年1月1日(木)"}


def book(lab: Cast, resource: str, at: datetime) -> None:
    ask = bookings.Ask(resource, at, at + timedelta(hours=1), lab.partners["birch"], "Cells")
    bookings.request(lab.actor("ben"), ask, key=fresh_key(), now=NOW)


def flagged() -> list[tuple[str, str | None]]:
    db.session.remove()
    rows = db.session.execute(select(Flag.code, Flag.choice).order_by(Flag.id))
    return [(row.code, row.choice) for row in rows]


def test_when_it_has_lapsed_bookings_that_rest_on_it_are_flagged_and_none_is_gone(lab: Cast, school: School) -> None:
    at = NOW + 5 * DAY
    book(lab, "tsukuba-confocal-1", at)
    book(lab, "tsukuba-confocal-1", at + DAY)
    book(lab, "tsukuba-plain", at)
    school.expire("ben", date(2026, 11, 24))
    service.watch_lapses(now=NOW + DAY)  # its last day
    assert flagged() == []
    service.watch_lapses(now=NOW + 2 * DAY)
    service.watch_lapses(now=NOW + 2 * DAY)
    assert flagged() == [("training-lapsed", None)] * 2
    states = set(db.session.scalars(select(Booking.state)))
    assert states == {State.APPROVED}


@on_sqlite
def test_the_day_of_the_lapse_is_that_of_the_sites_calendar(lab: Cast, school: School) -> None:
    book(lab, "tsukuba-confocal-1", NOW + 5 * DAY)
    school.expire("ben", date(2026, 11, 24))
    service.watch_lapses(now=tsukuba("2026-11-24T23:59"))
    assert flagged() == []
    service.watch_lapses(now=tsukuba("2026-11-25T00:01"))  # still the 24th in UTC
    assert flagged() == [("training-lapsed", None)]


@on_sqlite
def test_the_worker_watches(lab: Cast, school: School) -> None:
    school.expire("ben", date(2026, 12, 1))
    once(NOW)
    assert told(school) == [("ben", "Tue 1 Dec 2026")]


@on_sqlite
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_letter_can_be_written_in_both_languages(app: Flask, lab: Cast, school: School, language: str) -> None:
    school.expire("ben", date(2026, 12, 1))
    service.watch_lapses(now=NOW)
    key = school.session()
    service.ask(lab.actor("alan"), "tsukuba", "laser", partner_id=None, note="Soon?", now=NOW)
    service.take(lab.actor("alan"), key, now=NOW)
    service.cancel(lab.actor("sora"), key, reason="Ill", now=NOW)
    school.session()
    service.grant(lab.actor("sora"), "tsukuba", school.key("alan"), "laser", granted_on=NOW.date(), now=NOW)
    service.revoke(lab.actor("sora"), "tsukuba", school.key("alan"), "laser", reason="No", now=NOW)
    db.session.remove()
    from labbook.models import Letter

    kinds = set()
    for letter in db.session.scalars(select(Letter).where(Letter.kind.startswith("training"))):
        values = {"base_url": "https://lab.example", **letter.values}
        subject, body = rendered(office().templates, letter.kind, language, values)
        kinds.add((letter.kind, letter.values.get("step")))
        assert subject.startswith({"en": "LabBook: ", "ja": "LabBook："}[language])
        assert "Abbott" not in subject
        assert "https://lab.example/" in body
        assert "\n\n\n" not in body
    assert len(kinds) == 7
