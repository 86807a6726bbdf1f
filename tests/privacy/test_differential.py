"""What a rival can fetch does not depend on Aoba's words, nor on what becomes of a booking within its time."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.core.language import Words
from labbook.core.lifecycle import State
from labbook.db import db, transactional
from labbook.models import Booking, Partner, Person, Project, Request
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import NOW, Cast, fresh_key
from tests.privacy.planting import PEOPLE, Plants, at
from tests.privacy.reading import feeds_of, read_by, spelled

_COOKIE = re.compile(rb"^(?:Set-Cookie|Content-Length|Date): [^\n]*\n", re.MULTILINE)

OWN = "/account"  # a fresh secret and the record of each export: other bytes at each look, of oneself alone


class Rival:
    """Ben, who looks at all that he can reach, again and again."""

    def __init__(self, app: Flask, lab: Cast) -> None:
        self.ben = Visitor(app, "ben")
        self.links = feeds_of(lab, "ben")
        self.read()  # the first look sets cookies and notes the first fetch

    def read(self) -> dict[str, str]:
        """Pages, feeds with their validators, and the refusal of a time that is held."""
        found = {path: page for path, page in read_by(self.ben).items() if not path.startswith(OWN)}
        found |= {name: spelled(self.ben.get(path)) for name, path in self.links.items()}
        found["refusal"] = spelled(self.ben.book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T11:00"))
        return {path: steady(_COOKIE.sub(b"", answer).decode()) for path, answer in found.items()}

    def notices(self, change: Callable[[], object]) -> list[str]:
        """Where anything reads otherwise after a change."""
        before = self.read()
        change()
        after = self.read()
        return [path for path in before | after if before.get(path) != after.get(path)]


@pytest.fixture
def rival(app: Flask, lab: Cast, plants: Plants) -> Rival:
    """Ben, after his first look."""
    return Rival(app, lab)


def version_of(key: str) -> int:
    """The version of a request."""
    db.session.remove()
    return db.session.scalars(select(Request.version).where(Request.key == key)).one()


def test_other_words_keys_and_states_within_the_same_holds_change_no_byte(lab: Cast, rival: Rival) -> None:
    @transactional
    def change() -> None:
        db.session.execute(update(Partner).where(Partner.id == lab.partners["aoba"]).values(name=Words("Other", "他")))
        db.session.execute(update(Project).values(name=Words("Another", ""), slug="another"))
        others = Person.email.in_([f"{name}@lab.example" for name in PEOPLE])
        db.session.execute(update(Person).where(others).values(family_name="Xenops", given_name="Yak", language="en"))
        for asked in db.session.scalars(select(Request)):
            asked.title, asked.purpose, asked.key = "Longer than it was before", "", uuid4().hex[:24]
            asked.version += 3
        for booking in db.session.scalars(select(Booking)):
            booking.key, booking.uid, booking.sequence = uuid4().hex[:24], str(uuid4()), booking.sequence + 5
            booking.created_at = booking.changed_at = NOW.replace(hour=1)
            booking.state = State.APPROVED if booking.state is State.WAITING else booking.state

    assert rival.notices(change) == []


@on_sqlite
def test_approval_of_what_waits_changes_no_byte(lab: Cast, plants: Plants, rival: Rival) -> None:
    key = plants.requests["Waiting"]
    assert rival.notices(lambda: service.approve(lab.actor("sora"), key, version=version_of(key), now=NOW)) == []


@on_sqlite
@pytest.mark.parametrize("end", ["wished", "withdrawn", "declined"])
def test_a_wish_changes_no_byte_whatever_becomes_of_it(lab: Cast, rival: Rival, end: str) -> None:
    hana, sora = lab.actor("hana"), lab.actor("sora")

    def wish() -> None:
        start, until = at(26, "13:00", 2)
        ask = Ask("tsukuba-sorter", start, until, lab.partners["aoba"], "A wish")
        key = service.request(hana, ask, key=fresh_key(), now=NOW)
        if end == "withdrawn":
            service.withdraw(hana, key, version=version_of(key), now=NOW)
        elif end == "declined":
            service.decline(sora, key, reason="No", version=version_of(key), now=NOW)

    assert rival.notices(wish) == []


@on_sqlite
def test_two_neighbours_look_like_one_long_booking(lab: Cast, plants: Plants, rival: Rival) -> None:
    hana = lab.actor("hana")

    def merge() -> None:
        for name in ("Approved", "Neighbour"):
            key = plants.bookings[name]
            service.cancel(hana, key, reason="", version=version_of(plants.requests[name]), now=NOW)
        start, until = at(24, "10:00", 2.5)
        ask = Ask("tsukuba-plain", start, until, lab.partners["aoba"], "One")
        service.request(hana, ask, key=fresh_key(), now=NOW)

    # The validators of the feeds move, since blocks went and came; what the feeds and pages say does not.
    etag = re.compile(r"ETag: [^\n]*\n")
    before = {path: etag.sub("", answer) for path, answer in rival.read().items()}
    merge()
    after = {path: etag.sub("", answer) for path, answer in rival.read().items()}
    assert [path for path in before if before[path] != after[path]] == []
    assert "09:45–12:45" in before["/sites/tsukuba/day?on=2026-11-24"]


@on_sqlite
def test_the_rival_does_notice_another_time(lab: Cast, plants: Plants, rival: Rival) -> None:
    def cancel() -> None:
        version = version_of(plants.requests["Approved"])
        service.cancel(lab.actor("hana"), plants.bookings["Approved"], reason="", version=version, now=NOW)

    noticed = rival.notices(cancel)
    assert "/sites/tsukuba/day?on=2026-11-24" in noticed
    assert {"tsukuba-plain full", "tsukuba-plain busy"} <= set(noticed)
    assert "tsukuba-asked full" not in noticed
