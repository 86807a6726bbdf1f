"""Asking nevertheless where staff may waive the rule, and staff's "nevertheless" with a reason."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.core.facts import Waives
from labbook.core.language import Words
from labbook.core.lifecycle import State
from labbook.core.limits.length import Length
from labbook.core.limits.limit import spelled
from labbook.db import db, transactional
from labbook.models import Booking, Event, EventDetail, Hold, Project, RuleSet, Waiver
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast

WANTED = ("2026-11-24T10:00", "2026-11-24T14:00")


@transactional
def limit(lab: Cast, waives: Waives = Waives.STAFF) -> None:
    """Two hours at most at the whole site."""
    plain = {"id": "1", **spelled(Length(longest=120, waives=waives))}
    named = Words("Short bookings", "短時間の予約")
    db.session.add(RuleSet(site_id=lab.sites["tsukuba"], name=named, limits=[plain], made_at=NOW))


def ask_nevertheless(visitor: Visitor, purpose: str = "The cells cannot wait.", **more: str) -> TestResponse:
    """Send what is refused as a request."""
    return visitor.book("tsukuba-plain", *WANTED, purpose=purpose, as_request="1", **more)


def booking() -> Booking:
    """The only one."""
    db.session.expire_all()
    return db.session.scalars(select(Booking)).one()


def decide(app: Flask, name: str, **typed: str) -> TestResponse:
    """Somebody approves the only request there is."""
    found = booking().request
    key, version = found.key, found.version
    return Visitor(app, name).post(f"/requests/{key}/approve", version=version, **typed)


def test_what_staff_may_waive_is_offered_to_be_sent_as_a_request(app: Flask, lab: Cast) -> None:
    limit(lab)
    refused = Visitor(app, "alan").book("tsukuba-plain", *WANTED)
    assert refused.status_code == 409
    assert 'name="as_request"' in refused.text
    assert db.session.scalars(select(Booking)).all() == []


def test_it_waits_as_a_wish_and_holds_nothing(app: Flask, lab: Cast) -> None:
    limit(lab)
    assert ask_nevertheless(Visitor(app, "alan")).status_code == 303
    made = booking()
    assert made.state is State.WISHED
    assert [one["code"] for one in made.findings if one["effect"] == "refuse"] == ["length"]
    assert db.session.scalars(select(Hold)).all() == []


@on_sqlite
def test_it_takes_a_reason(app: Flask, lab: Cast) -> None:
    limit(lab)
    answer = ask_nevertheless(Visitor(app, "alan"), purpose="", title="Third batch")
    assert answer.status_code == 422
    assert "staff decide by your reason" in answer.text
    assert "Third batch" in answer.text


def test_what_nobody_waives_is_not_sent(app: Flask, lab: Cast) -> None:
    limit(lab, Waives.NOBODY)
    answer = ask_nevertheless(Visitor(app, "alan"))
    assert answer.status_code == 409
    assert 'name="as_request"' not in answer.text
    assert db.session.scalars(select(Booking)).all() == []


def test_a_taken_time_is_not_to_be_had_nevertheless(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00").status_code == 303
    limit(lab)
    assert ask_nevertheless(Visitor(app, "alan")).status_code == 409


@on_sqlite
def test_what_nothing_refuses_is_an_ordinary_booking(app: Flask, lab: Cast) -> None:
    assert ask_nevertheless(Visitor(app, "alan")).status_code == 303
    assert booking().state is State.APPROVED


def test_staff_approve_with_a_reason_that_stays_with_the_request(app: Flask, lab: Cast) -> None:
    limit(lab)
    alan = Visitor(app, "alan")
    ask_nevertheless(alan)
    without = decide(app, "sora")
    assert without.status_code == 422
    assert booking().state is State.WISHED
    assert decide(app, "sora", waiver="Once, for the revision.").status_code == 303
    made = booking()
    assert made.state is State.APPROVED
    waived = db.session.scalars(select(Waiver)).one()
    assert (waived.booking_id, waived.code, waived.person_id) == (made.id, "length", lab.people["sora"])
    event = db.session.scalars(select(Event).where(Event.code == "rule-waived")).one()
    detail = db.session.scalars(select(EventDetail).where(EventDetail.event_id == event.id)).one()
    assert (detail.body or {})["reason"] == "Once, for the revision."
    assert "Once, for the revision." in alan.get(f"/requests/{made.request.key}").text


@on_sqlite
def test_the_page_names_the_rule_whose_it_is_and_who_may_waive_it(app: Flask, lab: Cast) -> None:
    limit(lab)
    ask_nevertheless(Visitor(app, "alan"))
    key = booking().request.key
    japanese = Visitor(app, "sora").get(f"/requests/{key}").text
    assert "短時間の予約" in japanese
    assert 'name="waiver"' in japanese


def test_what_only_managers_waive_staff_do_not(app: Flask, lab: Cast) -> None:
    limit(lab, Waives.MANAGER)
    ask_nevertheless(Visitor(app, "ben"))
    assert decide(app, "sora", waiver="Please.").status_code == 409
    assert booking().state is State.WISHED
    assert decide(app, "mio", waiver="For this once.").status_code == 303
    assert booking().state is State.APPROVED


def test_nobody_waives_for_their_own_organisation(app: Flask, lab: Cast) -> None:
    limit(lab, Waives.MANAGER)
    ask_nevertheless(Visitor(app, "alan"))
    assert decide(app, "mio", waiver="For us.").status_code == 409
    assert booking().state is State.WISHED


@on_sqlite
@pytest.mark.parametrize(("name", "status"), [("alan", 403), ("ben", 404), ("sam", 404)])
def test_requester_rival_and_staff_elsewhere_waive_nothing(app: Flask, lab: Cast, name: str, status: int) -> None:
    limit(lab)
    ask_nevertheless(Visitor(app, "alan"))
    assert decide(app, name, waiver="Please.").status_code == status
    assert db.session.scalars(select(Waiver)).all() == []


def test_twice_waives_once(app: Flask, lab: Cast) -> None:
    limit(lab)
    ask_nevertheless(Visitor(app, "alan"))
    assert decide(app, "sora", waiver="Once.").status_code == 303
    assert decide(app, "sora", waiver="Twice.").status_code == 409
    assert len(db.session.scalars(select(Waiver)).all()) == 1


@on_sqlite
def test_a_joint_projects_other_partner_reads_neither_the_limit_nor_the_waiver(app: Flask, lab: Cast) -> None:
    limit(lab)
    project = db.session.scalars(select(Project.key)).one()
    ask_nevertheless(Visitor(app, "alan"), project=project)
    decide(app, "sora", waiver="Only for them to know.")
    page = Visitor(app, "chika").get(f"/requests/{booking().request.key}")
    assert page.status_code == 200
    assert "Only for them to know." not in page.text
    assert "短時間の予約" not in page.text
    assert "上限" not in page.text
