"""Notices become letters: of one moment and one request one letter, whoever and how many write them."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.db import db, transactional
from labbook.desk.service.deadlines import watch_deadlines
from labbook.models import Booking, Letter, Notice, Person
from labbook.models.audit import happened
from labbook.models.letter import letter
from labbook.notices.service import Office, compose, send_due
from labbook.notices.service.readying import said_of
from tests.agreements.making import change_agreement
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.notices.server import Mailbox

LATER = NOW + timedelta(minutes=2)


def asked(app: Flask, hours: range = range(9, 13)) -> list[str]:
    """alan asks for as many hours, each by a request of its own."""
    alan = Visitor(app, "alan")
    sent = [alan.book("tsukuba-asked", f"2026-11-24T{hour:02}:00", f"2026-11-24T{hour:02}:30") for hour in hours]
    return [one.headers["Location"] for one in sent]


def letters() -> list[Letter]:
    db.session.remove()
    return list(db.session.scalars(select(Letter).where(Letter.kind.in_(("booking", "desk"))).order_by(Letter.id)))


def left() -> list[Notice]:
    db.session.remove()
    return list(db.session.scalars(select(Notice).where(Notice.sent_at.is_(None))))


def test_each_hears_once_of_each_request(app: Flask, lab: Cast) -> None:
    asked(app)
    assert compose(now=NOW) == 8
    assert [one.address for one in letters()] == ["sora@lab.example", "mio@lab.example"] * 4
    assert len({one.thread for one in letters()}) == 8
    assert left() == []
    assert compose(now=NOW) == 0


def test_a_series_is_one_letter_that_names_its_dates(app: Flask, lab: Cast, office: Office, mailbox: Mailbox) -> None:
    when = ("2026-11-24T10:00", "2026-11-24T11:00")
    path = Visitor(app, "alan").book("tsukuba-asked", *when, every="week", count="3").headers["Location"]
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(path), "/approve").status_code == 303
    compose(now=LATER)
    send_due(office, now=LATER)
    (mail,) = [one for one in mailbox.arrived if one["To"] == "alan@lab.example" and "approved" in one["Subject"]]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert [day in text for day in ("Tue 24 Nov 2026", "Tue 1 Dec 2026", "Tue 8 Dec 2026")] == [True] * 3


def test_several_workers_at_once_write_each_letter_once(app: Flask, lab: Cast) -> None:
    asked(app)
    start = threading.Barrier(3)

    def work() -> None:
        with app.app_context():
            start.wait()
            compose(now=NOW)
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(one.address for one in letters()) == ["mio@lab.example"] * 4 + ["sora@lab.example"] * 4
    assert left() == []


@on_sqlite
def test_what_is_not_due_waits(app: Flask, lab: Cast) -> None:
    asked(app, range(9, 10))
    assert compose(now=NOW - timedelta(seconds=1)) == 0
    assert compose(now=NOW) == 2


@on_sqlite
def test_what_is_told_in_another_way_becomes_no_letter(app: Flask, lab: Cast) -> None:
    asked(app, range(9, 10))
    settled()
    assert compose(now=LATER) == 0
    assert letters() == []


@transactional
def settled() -> None:
    db.session.execute(update(Notice).values(due_at=None))


@on_sqlite
def test_an_event_that_is_not_in_the_table_is_told_to_nobody(app: Flask, lab: Cast) -> None:
    something(lab)
    assert compose(now=NOW) == 0
    assert left() == []


@transactional
def something(lab: Cast) -> None:
    event = happened("signed-in", at=NOW, actor_id=None, subject="person", subject_id=1)
    db.session.add(event)
    db.session.flush()
    db.session.add(Notice(event_id=event.id, person_id=lab.people["alan"], channel="mail", created_at=NOW, due_at=NOW))


def test_a_closed_account_and_an_ended_agreement_get_nothing(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    (path,) = asked(app, range(9, 10))
    close(lab, "mio")
    compose(now=NOW)
    assert [one.address for one in letters()] == ["sora@lab.example"]
    sora = Visitor(app, "sora")
    sora.submit(sora.get(path), "/approve")
    compose(now=LATER)
    assert [one.address for one in letters()][1:] == ["alan@lab.example"]
    change_agreement(lab, ends_on=date(2026, 11, 22))  # after the letter was written, and before it goes out
    send_due(office, now=LATER)
    assert [str(one["To"]) for one in mailbox.arrived] == ["sora@lab.example"]
    sora.submit(sora.get(path), "/cancel", reason="Gone.")
    assert compose(now=LATER) == 0  # nor is another written


@on_sqlite
def test_a_letter_of_another_kind_about_a_request_needs_the_right_too(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00")
    key = db.session.scalars(select(Booking.key)).one()
    hana = db.session.get_one(Person, lab.people["hana"]).key
    assert alan.submit(alan.get(f"/bookings/{key}/hand-over"), "/hand-over", to=hana).status_code == 303
    change_agreement(lab, ends_on=date(2026, 11, 22))
    assert send_due(office, now=NOW) == 0
    assert mailbox.arrived == []


@on_sqlite
@pytest.mark.parametrize(
    ("kind", "values"),
    [("offer", {"asks": False}), ("closing", {"action": "closed"}), ("training-session", {}), ("role-changed", {})],
)
def test_a_letter_about_a_site_goes_to_nobody_who_sees_no_more_of_it(
    app: Flask, lab: Cast, kind: str, values: dict[str, object]
) -> None:
    one = at_tsukuba(lab, kind, values)
    assert said_of(one, NOW) is not None
    change_agreement(lab, ends_on=date(2026, 11, 22))
    assert (said_of(one, NOW) is None) is (kind != "role-changed")  # which is about themselves


@transactional
def at_tsukuba(lab: Cast, kind: str, values: dict[str, object]) -> Letter:
    about = {"person_id": lab.people["alan"], "site_id": lab.sites["tsukuba"]}
    one = letter(kind, "alan@lab.example", "en", now=NOW, **about, **values)
    db.session.add(one)
    return one


@transactional
def close(lab: Cast, name: str) -> None:
    db.session.get_one(Person, lab.people[name]).is_active = False


@on_sqlite
def test_letters_of_one_request_hang_together_and_of_another_do_not(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    for path in asked(app, range(9, 11)):
        cora, sora = Visitor(app, "cora"), Visitor(app, "sora")
        sora.submit(sora.get(path), "/approve")
        compose(now=LATER)
        cora.submit(cora.get(path), "/cancel")
        compose(now=LATER)
    send_due(office, now=LATER)
    mine = [one for one in mailbox.arrived if one["To"] == "alan@lab.example"]
    roots = [str(one["Message-ID"]) for one in mine if one["References"] is None]
    assert len(roots) == 2
    assert sorted({str(one["References"]) for one in mine if one["References"] is not None}) == sorted(roots)


@on_sqlite
@pytest.mark.parametrize("word", ["Secret run", "Aoba", "Alan", "Abbott"])
def test_no_subject_says_what_a_booking_is_for_or_whose_it_is(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox, word: str
) -> None:
    when = ("2026-11-24T10:00", "2026-11-24T11:00")
    path = Visitor(app, "alan").book("tsukuba-asked", *when, title="Secret run").headers["Location"]
    sora = Visitor(app, "sora")
    sora.submit(sora.get(path), "/decline", reason="Secret run is not possible.")
    compose(now=LATER)
    send_due(office, now=LATER)
    assert len(mailbox.arrived) == 3
    assert not any(word in str(one["Subject"]) for one in mailbox.arrived)


def test_of_all_that_is_overdue_at_a_site_one_hears_in_one_letter(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    alan = Visitor(app, "alan")
    for day in ("09", "10", "11"):
        alan.book("tsukuba-asked", f"2026-12-{day}T10:00", f"2026-12-{day}T11:00")
    compose(now=NOW)
    send_due(office, now=NOW)
    mailbox.arrived.clear()
    overdue = NOW + timedelta(days=9)
    assert watch_deadlines(now=overdue) == 3
    assert compose(now=overdue) == 1
    send_due(office, now=overdue)
    (mail,) = mailbox.arrived
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mail["To"] == "mio@lab.example"
    assert [day in text for day in ("2026年12月9日", "2026年12月10日", "2026年12月11日")] == [True] * 3
    assert "/inbox\n" in text
