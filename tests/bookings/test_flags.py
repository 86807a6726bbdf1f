"""Suspended bookings: they keep their time, do not begin, and staff choose what becomes of them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook.bookings.flags import future_bookings, raise_flags
from labbook.db import db, transactional
from labbook.models import Booking, Event, Hold, Notice, RoleGrant, TrainingRecord
from labbook.worker import once
from tests.agreements.making import events, flags, letters, request_state_of
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

TIMES = ("2026-11-24T10:00", "2026-11-24T11:00")
BEGINS = NOW + timedelta(hours=25, minutes=1)


@transactional
def flag(lab: Cast, name: str = "hana", code: str = "person-left") -> int:
    """Flag everything that somebody has ahead."""
    return raise_flags(future_bookings(now=NOW, person_id=lab.people[name]), code, now=NOW)


@pytest.fixture
def booked(app: Flask, lab: Cast) -> str:
    """The address of hana's request for tomorrow."""
    path: str = Visitor(app, "hana").book("tsukuba-confocal-1", *TIMES).headers["Location"]
    return path


def keys_on(visitor: Visitor) -> list[str]:
    return re.findall(r'name="flags" value="([0-9a-f]+)"', visitor.get("/flags").text)


def holds() -> int:
    db.session.remove()
    return db.session.scalar(select(func.count(Hold.id))) or 0


# --- raising ----------------------------------------------------------------------------------------------------------


def test_a_flag_is_raised_once_per_code_and_told(app: Flask, lab: Cast, booked: str) -> None:
    assert [flag(lab), flag(lab), flag(lab, code="training-lapsed")] == [1, 0, 1]
    assert flags() == [("person-left", None), ("training-lapsed", None)]
    flagged = events("booking-flagged")
    assert [(one.state, one.actor_id, one.request_id is not None) for one in flagged] == [("approved", None, True)] * 2
    hear = db.session.scalars(select(Notice.person_id).where(Notice.event_id == flagged[0].id))
    assert set(hear) == {lab.people[name] for name in ("hana", "sora", "mio")}


@on_sqlite
def test_only_what_is_yet_to_begin_is_flagged(app: Flask, lab: Cast, booked: str) -> None:
    once(BEGINS)
    assert request_state_of(booked) == "running"
    assert flag(lab) == 0
    ids = list(db.session.scalars(select(Booking.id)))
    assert transactional(raise_flags)(ids, "person-left", now=BEGINS) == 0


# --- what a flag does -------------------------------------------------------------------------------------------------


def test_it_keeps_its_time_does_not_begin_and_expires(app: Flask, lab: Cast, booked: str) -> None:
    _end(TrainingRecord, lab, "revoked_at", NOW)
    flag(lab, code="training-lapsed")
    assert Visitor(app, "ben").book("tsukuba-confocal-1", *TIMES).status_code == 409
    assert holds() == 1
    once(BEGINS)
    assert request_state_of(booked) == "expired"
    assert holds() == 0
    page = Visitor(app, "hana").get(booked).text
    assert "期限切れ：開始時刻になっても保留のままでした" in page
    heard = select(Notice.person_id).join(Event, Event.id == Notice.event_id).where(Event.code == "booking-expire")
    assert list(db.session.scalars(heard)) == [lab.people["hana"]]


def test_the_request_says_why_and_what_to_do(app: Flask, lab: Cast, booked: str) -> None:
    hana = Visitor(app, "hana")
    assert "保留中" not in hana.get(booked).text
    flag(lab, code="training-lapsed")
    page = hana.get(booked).text
    assert "保留中：この設備に必要な講習の有効期限が切れました。" in page
    assert "開始までに講習を更新してください。" in page
    assert 'href="/flags"' not in page
    assert 'href="/flags"' in Visitor(app, "sora").get(booked).text


# --- settling ---------------------------------------------------------------------------------------------------------


def test_staff_keep_it_and_it_begins(app: Flask, lab: Cast, booked: str) -> None:
    flag(lab)
    sora = Visitor(app, "sora")
    inbox = sora.get("/inbox").text
    assert "確認が必要な予約" in inbox and 'href="/flags"' in inbox
    home = sora.get("/").text
    assert "確認が必要な予約が1件あります" in home and "最初の予約の開始は1日後です。" in home
    page = sora.get("/flags")
    assert "佐藤" in page.text and "利用者の離任" in page.text
    assert sora.submit(page, "/flags", flags=keys_on(sora)[0], choice="kept").status_code == 303
    assert flags() == [("person-left", "kept")]
    assert "確認が必要な予約" not in sora.get("/inbox").text
    assert "スタッフが継続を選択" in Visitor(app, "hana").get(booked).text
    assert [(one.address, one.values["choice"]) for one in letters("flag-settled")] == [("hana@lab.example", "kept")]
    assert flag(lab) == 0  # settled is settled
    once(BEGINS)
    assert request_state_of(booked) == "running"


def test_at_home_what_begins_within_a_day_comes_before_what_can_wait(
    app: Flask, lab: Cast, booked: str, clock: Clock
) -> None:
    Visitor(app, "alan").book("tsukuba-asked", *TIMES)
    flag(lab)
    for at, is_urgent in ((NOW, False), (NOW + timedelta(hours=2), True)):
        clock.now = at
        home = Visitor(app, "sora").get("/").text
        assert (home.index("確認が必要な予約が") < home.index("判断待ちの申請が")) is is_urgent


def test_staff_cancel_many_at_once_with_a_reason(app: Flask, lab: Cast, booked: str) -> None:
    waiting = Visitor(app, "hana").book("tsukuba-asked", *TIMES).headers["Location"]
    flag(lab)
    flag(lab, code="training-lapsed")
    sora = Visitor(app, "sora")
    page, keys = sora.get("/flags"), keys_on(sora)
    assert len(keys) == 4
    fields = {**form_of(page, "/flags").fields, "flags": keys, "choice": "cancelled"}
    refused = sora.open("/flags", method="POST", data={**fields, "reason": ""})
    assert refused.status_code == 422
    assert refused.text.count(" checked") == 4
    assert sora.open("/flags", method="POST", data={**fields, "reason": "She has left."}).status_code == 303
    assert [request_state_of(booked), request_state_of(waiting)] == ["cancelled", "declined"]
    assert {choice for _, choice in flags()} == {"cancelled"}
    assert holds() == 0
    assert "She has left." in Visitor(app, "hana").get(booked).text
    assert letters("flag-settled") == []  # they hear of what was cancelled and declined
    once(NOW + timedelta(minutes=2))  # until then they may still take the decision back
    assert [one.values["topics"] for one in letters("booking")] == [["others"]] * 3  # suspended, cancelled, declined


@on_sqlite
def test_enter_in_the_reason_keeps_nothing(app: Flask, lab: Cast, booked: str) -> None:
    """In a field of one line, Enter would send the form by its first button, which keeps the bookings."""
    flag(lab)
    page = Visitor(app, "sora").get("/flags").text
    form = page[page.index('action="/flags"') :].partition("</form>")[0]
    assert "<textarea" in form and 'name="reason"' in form
    assert 'type="text"' not in form


@on_sqlite
def test_two_who_decide_at_once_are_told_so(app: Flask, lab: Cast, booked: str) -> None:
    flag(lab)
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    page, (key,) = sora.get("/flags"), keys_on(sora)
    assert mio.submit(mio.get("/flags"), "/flags", flags=key, choice="kept").status_code == 303
    answer = sora.submit(page, "/flags", flags=key, choice="cancelled", reason="Gone")
    assert answer.status_code == 409
    assert request_state_of(booked) == "approved"


@on_sqlite
@pytest.mark.parametrize(
    ("name", "looks", "posts"),
    [("hana", 403, 403), ("cora", 403, 403), ("ben", 403, 403), ("audrey", 403, 403), ("sam", 200, 404)],
)
def test_nobody_else_settles_it(app: Flask, lab: Cast, booked: str, name: str, looks: int, posts: int) -> None:
    flag(lab)
    (key,) = keys_on(Visitor(app, "sora"))
    visitor = Visitor(app, name)
    page = visitor.get("/flags")
    assert page.status_code == looks
    assert "佐藤" not in page.text or name == "hana"
    assert visitor.post("/flags", flags=key, choice="kept").status_code == posts
    assert flags() == [("person-left", None)]


@on_sqlite
def test_nobody_settles_their_own(app: Flask, lab: Cast) -> None:
    mio, sora = Visitor(app, "mio"), Visitor(app, "sora")
    path = mio.book("tsukuba-plain", *TIMES).headers["Location"]
    flag(lab, "mio")
    (key,) = keys_on(sora)
    assert keys_on(mio) == []
    assert mio.post("/flags", flags=key, choice="kept").status_code == 403
    assert sora.submit(sora.get("/flags"), "/flags", flags=key, choice="kept").status_code == 303
    once(BEGINS)
    assert request_state_of(path) == "running"


@on_sqlite
@pytest.mark.parametrize(
    "fields",
    [
        {"choice": "kept"},
        {"flags": "x" * 24, "choice": "kept"},
        {"flags": "a" * 24, "choice": "mended"},
        {"flags": "a" * 24},
        {"flags": "a" * 24, "choice": "cancelled", "reason": "x" * 1001},
    ],
)
def test_what_does_not_fit_settles_nothing(app: Flask, lab: Cast, booked: str, fields: dict[str, str]) -> None:
    flag(lab)
    assert Visitor(app, "sora").post("/flags", **fields).status_code == 422
    assert flags() == [("person-left", None)]


# --- what mends by itself ---------------------------------------------------------------------------------------------


@transactional
def _end(table: type[RoleGrant | TrainingRecord], lab: Cast, column: str, value: object) -> None:
    whose = table.person_id == lab.people["hana"]
    db.session.execute(update(table).where(whose).values({column: value}))


def test_a_person_who_returns_has_the_booking_back(app: Flask, lab: Cast, booked: str, clock: Clock) -> None:
    _end(RoleGrant, lab, "ended_at", NOW)
    flag(lab)
    once(NOW)
    assert flags() == [("person-left", None)]
    _end(RoleGrant, lab, "ended_at", None)
    once(NOW)
    assert flags() == [("person-left", "mended")]
    clock.now = BEGINS
    once(BEGINS)
    assert request_state_of(booked) == "running"


def test_a_proof_that_is_back_mends_it(app: Flask, lab: Cast, booked: str) -> None:
    _end(TrainingRecord, lab, "expires_on", date(2026, 11, 23))  # good today, but not on the day of the booking
    flag(lab, code="training-lapsed")
    once(NOW)
    assert flags() == [("training-lapsed", None)]
    _end(TrainingRecord, lab, "expires_on", date(2026, 11, 24))
    once(NOW)
    assert flags() == [("training-lapsed", "mended")]
