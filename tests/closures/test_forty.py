"""Closing an area in which forty bookings lie: ten are moved, twenty kept, ten cancelled, thirty people told once."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.core.language import Words
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Booking, Event, Hold, Notice, Person, RoleGrant
from labbook.people.queries import actor_of
from labbook.worker import once
from tests.browsing import Visitor, form_of
from tests.cast import NOW, Cast, add_resource, fresh_key
from tests.closures.closing import at, choices, close, closing_letters, decide, listed, look, states

PEOPLE, TWICE = 30, 10
START, END = "2026-11-24T09:00", "2026-11-24T15:00"


@transactional
def _people(lab: Cast) -> list[int]:
    """Thirty scientists, of two rivals by turns; and forty cabinets in the area."""
    add_resource(lab.sites["tsukuba"], "tsukuba-cabinet", name=Words("Cabinet", "安全キャビネット"), pieces=40)
    found = []
    for number in range(PEOPLE):
        person = Person(
            email=f"p{number}@lab.example",
            family_name=f"Family{number}",
            given_name="Pat",
            language="ja" if number % 2 else "en",
            home_site_id=lab.sites["tsukuba"],
            created_at=NOW - timedelta(days=300),
        )
        db.session.add(person)
        db.session.flush()
        partner = lab.partners["birch" if number % 2 else "aoba"]
        db.session.add(
            RoleGrant(person_id=person.id, role=Role.SCIENTIST, partner_id=partner, starts_on=date(2026, 1, 1))
        )
        found.append(person.id)
    return found


@pytest.fixture
def forty(app: Flask, lab: Cast) -> list[str]:
    """The keys of forty bookings, ten people having two each."""
    people = _people(lab)
    db.session.remove()
    for number in range(PEOPLE + TWICE):
        actor = actor_of(people[number % PEOPLE], NOW)
        assert actor is not None
        partner = lab.partners["birch" if (number % PEOPLE) % 2 else "aoba"]
        start = at("2026-11-24T10:00") + timedelta(hours=2 if number >= PEOPLE else 0)
        ask = Ask("tsukuba-cabinet", start, start + timedelta(hours=1), partner, f"Cells {number}")
        service.request(actor, ask, key=fresh_key(), now=NOW)
    db.session.remove()
    return list(db.session.scalars(select(Booking.key).order_by(Booking.id)))


def test_ten_are_moved_twenty_kept_ten_cancelled_and_thirty_told_once(app: Flask, lab: Cast, forty: list[str]) -> None:
    sora = Visitor(app, "sora")
    page = look(sora, "area:imaging", START, END)
    assert sorted(listed(page.text)) == sorted(forty)  # they are listed before anything is closed
    assert "40" in page.text and states() == ["approved"] * 40 and choices() == []
    fates = ["move"] * 10 + ["keep"] * 20 + ["cancel"] * 10
    chosen = {f"fate-{key}": fate for key, fate in zip(forty, fates, strict=True)}
    form = form_of(page, "/closures/new")
    sent = {**form.fields, "stage": "save", "booking": forty, **chosen}
    answer = sora.open(form.action, method="POST", data=sent)
    assert answer.status_code == 303, answer.text

    assert Counter(choices()) == {"moved": 10, "kept": 20, "cancelled": 10}
    assert states() == ["approved"] * 30 + ["cancelled"] * 10
    shut = (at(START), at(END))
    rows = db.session.execute(select(Booking.starts_at, Booking.ends_at).order_by(Booking.id)).all()
    assert all(row.ends_at <= shut[0] or row.starts_at >= shut[1] for row in rows[:10])
    assert db.session.scalar(select(func.count(Hold.id))) == 30  # what is cancelled holds nothing

    letters = closing_letters()
    assert len(letters) == 30 and len({one.person_id for one in letters}) == 30
    assert sum(sum(one.values["counts"].values()) for one in letters) == 40
    heard = select(Notice.person_id).join(Event, Event.id == Notice.event_id).where(Event.at == NOW)
    told = Counter(db.session.scalars(heard.where(Event.code != "booking-ask", Notice.channel == "mail")))
    assert len(told) == 30 and set(told.values()) == {1}

    page = sora.get(answer.headers["Location"])
    assert listed(page.text) == [], page.text
    assert all(
        f"<strong>{count}</strong> {word}" in page.text for count, word in ((20, "継続"), (10, "変更"), (10, "取消"))
    )
    once(NOW)
    assert len(closing_letters()) == 30


def test_what_nobody_has_decided_on_stays_listed_and_does_not_begin(app: Flask, lab: Cast, forty: list[str]) -> None:
    sora = Visitor(app, "sora")
    path = close(sora, "area:imaging", START, END)
    assert choices() == [None] * 40 and len(closing_letters()) == 30
    page = sora.get(path)
    assert sorted(listed(page.text)) == sorted(forty)
    assert decide(sora, page, path, forty[:5], "keep").status_code == 303
    assert len(closing_letters()) == 35  # those five are told, nobody else
    once(at("2026-11-24T10:01"))
    assert Counter(states()) == {"running": 5, "expired": 25, "approved": 10}
