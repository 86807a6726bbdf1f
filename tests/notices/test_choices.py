"""People choose how they hear of things; what others end is told at once, whatever they choose."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.bookings.flags import future_bookings, raise_flags
from labbook.core.letters import CHOOSABLE, KINDS, TOPICS, Topic, Way, way_of
from labbook.db import db, transactional
from labbook.models import Booking, Event, EventDetail, Letter, LetterChoice, Person, Request
from labbook.notices.service import Office, compose, digest, remind, send_due
from labbook.worker import once
from tests.browsing import Visitor, form_of, on_sqlite, times
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.notices.server import Mailbox

SOON = NOW + timedelta(minutes=2)  # after which no decision can be taken back
MORNING = NOW + timedelta(hours=22, minutes=1)  # 7:01 in Tsukuba
TIMES = "2026-11-25T10:00", "2026-11-25T11:00"


def choose(app: Flask, name: str, **fields: str) -> Visitor:
    visitor = Visitor(app, name)
    answer = visitor.submit(visitor.get("/account/letters"), "/account/letters", **fields)
    assert answer.status_code == 303, answer.text
    return visitor


def approved(app: Flask, office: Office) -> str:
    """alan's request is approved, and everything written and sent that is due then; returns its page."""
    path: str = Visitor(app, "alan").book("tsukuba-asked", *TIMES).headers["Location"]
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(path), "/approve").status_code == 303
    compose(now=SOON)
    send_due(office, now=SOON)
    return path


def to(mailbox: Mailbox, name: str) -> list[str]:
    return [str(one["Subject"]) for one in mailbox.arrived if one["To"] == f"{name}@lab.example"]


def letters_of(lab: Cast, name: str) -> list[Letter]:
    db.session.remove()
    return list(db.session.scalars(select(Letter).where(Letter.person_id == lab.people[name]).order_by(Letter.id)))


def test_what_is_chosen_is_kept_and_recorded(app: Flask, lab: Cast) -> None:
    alan = choose(app, "alan", answers="daily", invitations="no", reminder="1440")
    page = alan.get("/account/letters")
    fields = form_of(page, "/account/letters").fields
    assert (fields["answers"], fields["invitations"], fields["reminder"]) == ("daily", "no", "1440")
    body = db.session.scalars(select(EventDetail.body).join(Event).where(Event.code == "letters-chosen")).one()
    assert body is not None and body["ways"]["answers"] == "daily"


@on_sqlite
def test_one_is_asked_about_what_may_concern_one(app: Flask, lab: Cast) -> None:
    asked = {
        name: form_of(Visitor(app, name).get("/account/letters"), "/account/letters").fields
        for name in ("alan", "cora", "sora")
    }
    topics = {name: {topic for topic in CHOOSABLE if topic in fields} for name, fields in asked.items()}
    assert topics["alan"] == {"answers", "messages", "trainings"}
    assert topics["cora"] == topics["alan"] | {"people", "agreements"}
    assert topics["sora"] == {"desk", "trainings", "people", "agreements"}


@on_sqlite
@pytest.mark.parametrize(("field", "value"), [("answers", "never"), ("invitations", "x"), ("reminder", "7")])
def test_what_nobody_can_choose_is_refused(app: Flask, lab: Cast, field: str, value: str) -> None:
    alan = Visitor(app, "alan")
    answer = alan.submit(alan.get("/account/letters"), "/account/letters", **{field: value})
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(LetterChoice)) == 0


@on_sqlite
def test_an_old_page_overwrites_nothing(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    old = alan.get("/account/letters")
    choose(app, "alan", answers="none")
    assert alan.submit(old, "/account/letters", answers="now").status_code == 409
    assert form_of(alan.get("/account/letters"), "/account/letters").fields["answers"] == "none"


@on_sqlite
def test_the_page_is_japanese_for_its_reader(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "hana").get("/account/letters").text
    assert "1日1回のまとめ" in page and "カレンダー招待" in page


def test_a_letter_that_nobody_chose_otherwise_comes_at_once(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    approved(app, office)
    assert to(mailbox, "alan") == ["LabBook: approved – Tsukuba, Wed 25 Nov 2026"]


def test_a_daily_letter_gathers_what_was_put_off(app: Flask, lab: Cast, office: Office, mailbox: Mailbox) -> None:
    choose(app, "alan", answers="daily", invitations="no")
    first, second = approved(app, office), approved_elsewhere(app, office)
    assert to(mailbox, "alan") == []
    assert digest(now=MORNING - timedelta(minutes=2)) == 0
    assert digest(now=MORNING) == 1
    assert digest(now=MORNING) == 0
    send_due(office, now=MORNING)
    mail = next(one for one in mailbox.arrived if one["To"] == "alan@lab.example")
    assert mail["Subject"] == "LabBook: your daily letter, Tue 24 Nov 2026"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"- approved – Tsukuba, Wed 25 Nov 2026: {office.base_url}{first}" in text
    assert f"{office.base_url}{second}" in text
    assert mail["List-Unsubscribe"] == f"<{office.base_url}/account/letters>"
    told = [one for one in letters_of(lab, "alan") if one.kind == "booking"]
    assert [(one.way, one.digest_id is not None, one.sent_at) for one in told] == [("daily", True, MORNING)] * 2


@on_sqlite
def test_a_daily_letter_says_nothing_of_what_its_reader_may_not_see_any_more(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    choose(app, "alan", answers="daily", invitations="no")
    first, second = approved(app, office), approved_elsewhere(app, office)
    passed_on(lab, second)
    digest(now=MORNING)
    send_due(office, now=MORNING)
    [mail] = [one for one in mailbox.arrived if one["To"] == "alan@lab.example"]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert first in text and second not in text


@transactional
def passed_on(lab: Cast, path: str) -> None:
    """The request is another partner's from now on."""
    found = db.session.scalars(select(Request).where(Request.key == path.rpartition("/")[2])).one()
    found.partner_id = lab.partners["birch"]
    for one in found.bookings:
        one.partner_id = found.partner_id


def approved_elsewhere(app: Flask, office: Office) -> str:
    path: str = Visitor(app, "alan").book("tsukuba-asked", "2026-11-25T14:00", "2026-11-25T15:00").headers["Location"]
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(path), "/approve").status_code == 303
    compose(now=SOON)
    send_due(office, now=SOON)
    return path


def test_none_is_none(app: Flask, lab: Cast, office: Office, mailbox: Mailbox) -> None:
    choose(app, "alan", answers="none", invitations="no")
    approved(app, office)
    assert to(mailbox, "alan") == []
    assert [(one.way, one.tries) for one in letters_of(lab, "alan") if one.kind == "booking"] == [("none", 0)]


def test_a_cancellation_by_others_comes_at_once_whatever_was_chosen(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    choose(app, "alan", answers="none", invitations="no")
    path = approved(app, office)
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(path), "/cancel", reason="Out of order.").status_code == 303
    compose(now=SOON)
    send_due(office, now=SOON)
    assert to(mailbox, "alan") == ["LabBook: cancelled – Tsukuba, Wed 25 Nov 2026"]


@on_sqlite
def test_a_letter_with_an_invitation_comes_at_once(app: Flask, lab: Cast, office: Office, mailbox: Mailbox) -> None:
    choose(app, "alan", answers="none", invitations="yes")
    approved(app, office)
    assert to(mailbox, "alan") == ["LabBook: approved – Tsukuba, Wed 25 Nov 2026"]


def test_whoever_lost_the_right_hears_nothing(app: Flask, lab: Cast, office: Office, mailbox: Mailbox) -> None:
    """Between what happened and its letter, and between the letter and its sending."""
    path = Visitor(app, "alan").book("tsukuba-asked", *TIMES).headers["Location"]
    sora = Visitor(app, "sora")
    sora.submit(sora.get(path), "/approve")
    compose(now=SOON)
    leave(lab, "alan")
    send_due(office, now=SOON)
    assert to(mailbox, "alan") == []
    sora.submit(sora.get(path), "/cancel", reason="Gone.")
    compose(now=SOON)
    assert len([one for one in letters_of(lab, "alan") if one.kind == "booking"]) == 1


@transactional
def leave(lab: Cast, name: str) -> None:
    db.session.get_one(Person, lab.people[name]).is_active = False


def test_a_reminder_comes_as_long_before_as_was_chosen(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox, clock: Clock
) -> None:
    choose(app, "alan", reminder="60", invitations="no")
    path = Visitor(app, "alan").book("tsukuba-plain", *TIMES).headers["Location"]
    begins = NOW + timedelta(hours=49)
    for minutes in (61, 60, 59, 30):
        once(begins - timedelta(minutes=minutes))
        send_due(office, now=begins - timedelta(minutes=minutes))
        assert len(to(mailbox, "alan")) == (0 if minutes == 61 else 1)
    assert to(mailbox, "alan") == ["LabBook: your booking begins soon – Tsukuba, Wed 25 Nov 2026"]
    assert "10:00–11:00 (JST)" in mailbox.arrived[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert path in mailbox.arrived[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


@on_sqlite
def test_nobody_is_reminded_of_what_they_have_just_booked(app: Flask, lab: Cast) -> None:
    choose(app, "alan", reminder="1440")
    Visitor(app, "alan").book("tsukuba-plain", "2026-11-23T12:00", "2026-11-23T13:00")
    assert remind(now=NOW + timedelta(minutes=1)) == 0


@on_sqlite
def test_nobody_is_reminded_of_what_is_suspended(app: Flask, lab: Cast) -> None:
    choose(app, "alan", reminder="60")
    Visitor(app, "alan").book("tsukuba-plain", *TIMES)
    begins = NOW + timedelta(hours=49)
    suspend(lab, "alan")
    assert remind(now=begins - timedelta(minutes=50)) == 0


@transactional
def suspend(lab: Cast, name: str) -> None:
    raise_flags(future_bookings(now=NOW, person_id=lab.people[name]), "training-lapsed", now=NOW)


@on_sqlite
def test_what_moves_is_reminded_of_anew(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = choose(app, "alan", reminder="60")
    alan.book("tsukuba-plain", *TIMES)
    begins = NOW + timedelta(hours=49)
    assert remind(now=begins - timedelta(minutes=50)) == 1
    assert remind(now=begins - timedelta(minutes=40)) == 0
    clock.now = begins - timedelta(minutes=30)
    key = db.session.scalars(select(Booking.key)).one()
    wanted = times("2026-11-25T13:00", "2026-11-25T14:00")
    alan = Visitor(app, "alan")
    assert alan.submit(alan.get(f"/bookings/{key}/move"), "/move", **wanted).status_code == 303
    assert remind(now=begins + timedelta(hours=2, minutes=10)) == 1


def test_a_fixed_topic_is_at_once_whatever_is_stored() -> None:
    fixed = [topic for topic, row in TOPICS.items() if not row.is_choosable]
    assert {way_of([topic], {topic: "none"}) for topic in fixed} == {Way.NOW}
    assert way_of([Topic.ANSWERS, Topic.OTHERS], {"answers": "none"}) is Way.NOW
    assert way_of([Topic.ANSWERS, Topic.DESK], {"answers": "none", "desk": "daily"}) is Way.DAILY


def test_endings_by_others_and_accounts_can_never_be_switched_off() -> None:
    assert {KINDS[kind][1] for kind in ("reset", "password-changed", "factor-changed", "account", "invitation")} == {
        Topic.ACCOUNT
    }
    assert not TOPICS[Topic.ACCOUNT].is_choosable and not TOPICS[Topic.OTHERS].is_choosable
