"""Taking one's own data along: complete against what was planted, and nothing of others."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.core.tokens import token_hash
from labbook.db import db, transactional
from labbook.models import (
    Acceptance,
    Attachment,
    AttachmentContent,
    Booking,
    Conditions,
    Event,
    EventDetail,
    Favourite,
    Identity,
    Invitation,
    Invited,
    JoinRequest,
    LetterChoice,
    Message,
    Partner,
    Person,
    RecoveryCode,
    Remark,
    Request,
    Resource,
    ResourceApprover,
    SignIn,
    StandIn,
    Thread,
    Training,
    TrainingWish,
    Try,
    Unit,
    Wait,
)
from labbook.models.audit import happened
from labbook.models.letter import letter
from labbook.people.service import own_work, roles
from labbook.people.service.own_data import SECTIONS
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, fresh_key
from tests.conftest import Clock
from tests.reports.tampering import book

OWN = {  # what is planted for Hana, by the section in which it is to be found again
    "requests": "OwnTitle",
    "profile": "OwnReading",
    "sessions": "203.0.113.7",
    "identities": "own-subject",
    "letters": "OwnLetter",
    "letter_choices": "OwnTopic",
    "told_to_calendar": "OwnUid",
    "messages": "OwnMessage",
    "training_wishes": "OwnNote",
    "join_requests": "OwnJoining",
    "remarks": "OwnAnswer",
    "files": "OwnFile",
    "questions": "OwnQuestion",
    "feeds": "OwnFeed",
    "waits": "OwnWait",
    "tries": "198.51.100.7",
    "events_about": "OwnReason",
    "acceptances": "2026-04",
}
ADDRESS = "hana@lab.example"
OTHERS = (
    "RivalTitle",
    "TheirMessage",
    "TheirLetter",
    "TheirQuestion",
    "TheirAnswer",
    "TheirFile",
    "Birk",
    "Stone",
    "ben@lab.example",
    "invited@elsewhere.example",
)


def plant(lab: Cast, app: Flask) -> None:
    """Something of Hana's in every place, and something of somebody else's beside it."""
    book(lab, title="OwnTitle")
    book(lab, hours=3, who="ben", title="RivalTitle")
    hana = Visitor(app, "hana")
    hana.submit(hana.get("/feeds"), "/feeds", name="OwnFeed")
    _plant(lab)


@transactional
def _plant(lab: Cast) -> None:
    hana, ben, site = lab.people["hana"], lab.people["ben"], lab.sites["tsukuba"]
    person = db.session.get_one(Person, hana)
    person.reading = "OwnReading"
    conditions = Conditions(site_id=site, edition="2026-04", text=person_words(), published_on=date(2026, 4, 1))
    db.session.add(conditions)
    db.session.flush()
    booking = db.session.scalars(select(Booking).where(Booking.person_id == hana)).one()
    request = db.session.get_one(Request, booking.request_id)
    unit = db.session.scalars(select(Unit.id)).first() or 0
    thread = Thread(
        unit_id=unit,
        at=NOW,
        booking_id=booking.id,
        asker_id=ben,
        asker_partner_id=lab.partners["birch"],
        holder_id=hana,
        made_at=NOW,
    )
    db.session.add(thread)
    db.session.flush()
    _plant_questions(lab, request)
    training = db.session.scalars(select(Training.id)).first() or 0
    resource = db.session.scalars(select(Resource.id)).first() or 0
    db.session.add_all(
        [
            Acceptance(conditions_id=conditions.id, person_id=hana, accepted_at=NOW),
            Wait(
                site_id=site,
                resource_id=resource,
                person_id=hana,
                partner_id=lab.partners["aoba"],
                title="OwnWait",
                minutes=60,
                starts_at=NOW,
                ends_at=NOW + timedelta(hours=1),
                created_at=NOW,
            ),
            SignIn(token_hash=token_hash("x"), person_id=hana, started_at=NOW, seen_at=NOW, address="203.0.113.7"),
            Identity(issuer="https://login.example", subject="own-subject", person_id=hana, linked_at=NOW),
            RecoveryCode(person_id=hana, code_hash="SecretHash"),
            letter("reset", "hana@lab.example", "ja", now=NOW, person_id=hana, name="OwnLetter"),
            LetterChoice(person_id=hana, topic="OwnTopic", way="daily"),
            Favourite(person_id=hana, resource_id=resource),
            Invited(person_id=hana, uid="OwnUid", request_id=request.id, sequence=1, told={}, at=NOW),
            letter("reset", "ben@lab.example", "en", now=NOW, person_id=ben, name="TheirLetter"),
            Message(thread_id=thread.id, is_from_asker=False, body="OwnMessage", at=NOW),
            Message(thread_id=thread.id, is_from_asker=True, body="TheirMessage", at=NOW),
            TrainingWish(
                person_id=hana,
                training_id=training,
                site_id=site,
                partner_id=lab.partners["aoba"],
                note="OwnNote",
                asked_at=NOW,
            ),
            JoinRequest(
                email="hana@lab.example",
                family_name="佐藤",
                given_name="花",
                organisation="OwnJoining",
                language="ja",
                asked_at=NOW,
            ),
            Invitation(
                email="hana@lab.example",
                role="scientist",
                partner_id=lab.partners["aoba"],
                language="ja",
                invited_by_id=ben,
                made_at=NOW,
                expires_at=NOW + timedelta(days=7),
            ),
            Try(
                door="sign-in",
                account_hash=token_hash("hana@lab.example"),
                address="198.51.100.7",
                at=NOW,
                is_good=True,
            ),
            StandIn(
                site_id=site,
                absent_id=lab.people["sora"],
                person_id=hana,
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 1, 2),
            ),
            ResourceApprover(resource_id=resource, person_id=hana),
            happened(
                "invitation-sent",
                at=NOW,
                actor_id=hana,
                subject="invitation",
                body={"email": "invited@elsewhere.example", "name": "Ben Birk"},
            ),
            happened(
                "booking-decline",
                at=NOW,
                actor_id=lab.people["sam"],
                subject="booking",
                body={"reason": "OwnReason"},
                request_id=request.id,
                partner_id=lab.partners["aoba"],
            ),
        ]
    )


def _plant_questions(lab: Cast, own: Request) -> None:
    """Staff asked Hana and Ben about their requests, and both answered with a file."""
    theirs = db.session.scalars(select(Request).where(Request.person_id == lab.people["ben"])).one()
    for request, name in ((own, "Own"), (theirs, "Their")):
        about = {"request_id": request.id, "at": NOW}
        db.session.add(Remark(**about, person_id=lab.people["sora"], is_question=True, body=f"{name}Question"))
        answer = Remark(**about, person_id=request.person_id, is_question=False, body=f"{name}Answer")
        db.session.add(answer)
        db.session.flush()
        file = Attachment(
            remark_id=answer.id, name=f"{name}File.csv", media_type="text/csv", size=9, sha256=f"{name}Digest"
        )
        db.session.add(file)
        db.session.flush()
        db.session.add(AttachmentContent(attachment_id=file.id, content=f"{name}Bytes".encode()))


def person_words() -> object:
    """The text of some conditions."""
    from labbook.core.language import Words

    return Words("Conditions", "利用規約")


def test_everything_planted_is_there_and_nothing_of_others(app: Flask, lab: Cast) -> None:
    plant(lab, app)
    answer = Visitor(app, "hana").get("/account/data/labbook.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="labbook-my-data.json"'
    told = json.loads(answer.data)
    missing = [section for section, word in OWN.items() if word not in json.dumps(told[section], ensure_ascii=False)]
    assert missing == []
    assert [word for word in OTHERS if word in answer.text] == []
    assert "SecretHash" not in answer.text
    assert "$argon2" not in answer.text
    hashes = db.session.scalars(select(SignIn.token_hash)).all()
    assert [one for one in hashes if one in answer.text] == []


def test_every_section_has_something_to_tell(app: Flask, lab: Cast) -> None:
    plant(lab, app)
    told = json.loads(Visitor(app, "hana").get("/account/data/labbook.json").data)
    empty = {section for section in {*SECTIONS, *own_work.SECTIONS} if not told[section]}
    assert empty <= {"flags", "notices", "offers", "training_places", "trainings_taught"}
    assert told["requests"][0]["site"] == {"en": "Tsukuba", "ja": "つくば"}


def test_of_a_partner_whom_one_has_left_it_tells_only_what_was_there_then(app: Flask, lab: Cast, clock: Clock) -> None:
    """Two works for Aoba and for Cedar, and is taken out of Aoba; what happens there afterwards is not theirs."""
    early, late, cedars = (
        ask_as_two(lab, partner, hours, title)
        for partner, hours, title in (("aoba", 0, "Early"), ("aoba", 2, "Late"), ("cedar", 4, "Cedars"))
    )
    db.session.remove()
    two, aoba = db.session.get_one(Person, lab.people["two"]).key, db.session.get_one(Partner, lab.partners["aoba"]).key
    roles.remove_from_partner(lab.actor("cora"), two, aoba, now=NOW)
    clock.now = NOW + timedelta(hours=1)
    cancelled_afterwards(lab, late, "AfterTheyLeft")
    cancelled_afterwards(lab, cedars, "StillTheirs")
    visitor = Visitor(app, "two")
    answer = visitor.get("/account/data/labbook.json")
    told = json.loads(answer.data)
    assert {one["partner"]["en"] for one in told["agreements"]} == {"Cedar Bio"}
    assert {one["title"] for one in told["requests"]} == {"Early", "Late", "Cedars"}
    assert "AfterTheyLeft" not in answer.text
    assert "StillTheirs" in answer.text
    states = {one["request"]: (one["state"], bool(one["starts_at"])) for one in told["bookings"]}
    assert states == {early: ("approved", True), late: (None, False), cedars: ("cancelled", True)}
    calendar = visitor.get("/account/data/labbook.ics").text
    assert [title in calendar for title in ("Early", "Late", "Cedars")] == [True, False, True]


def ask_as_two(lab: Cast, partner: str, hours: int, title: str) -> str:
    """A booking by Two for one of their partners; the key of the request."""
    start = NOW + timedelta(days=1, hours=hours)
    ask = Ask("tsukuba-plain", start, start + timedelta(hours=1), lab.partners[partner], title)
    return service.request(lab.actor("two"), ask, key=fresh_key(), now=NOW)


@transactional
def cancelled_afterwards(lab: Cast, key: str, reason: str) -> None:
    """Staff cancel a request's booking an hour later and say why."""
    request = db.session.scalars(select(Request).where(Request.key == key)).one()
    at = NOW + timedelta(hours=1)
    change = {"state": "cancelled", "changed_at": at}
    db.session.execute(update(Booking).where(Booking.request_id == request.id).values(change))
    about: dict[str, Any] = {"request_id": request.id, "partner_id": request.partner_id, "body": {"reason": reason}}
    db.session.add(happened("booking-cancel", at=at, actor_id=lab.people["sora"], subject="booking", **about))


@on_sqlite
def test_one_s_bookings_come_as_a_calendar(app: Flask, lab: Cast) -> None:
    plant(lab, app)
    answer = Visitor(app, "hana").get("/account/data/labbook.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    entries = Calendar.from_ical(answer.data).walk("VEVENT")
    assert ["OwnTitle" in str(one["SUMMARY"]) for one in entries] == [True]
    assert [word for word in OTHERS if word in answer.text] == []


@on_sqlite
def test_that_they_were_taken_is_recorded(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    for kind in ("json", "ics"):
        assert hana.get(f"/account/data/labbook.{kind}").status_code == 200
    db.session.remove()
    done = db.session.execute(
        select(Event.actor_id, Event.subject_id)
        .join(EventDetail, EventDetail.event_id == Event.id)
        .where(Event.code == "own-data-exported")
    )
    assert [tuple(row) for row in done] == [(lab.people["hana"], lab.people["hana"])] * 2


@on_sqlite
@pytest.mark.parametrize("path", ["/account/data", "/account/data/labbook.json", "/account/data/labbook.ics"])
def test_whoever_is_signed_out_signs_in_first(app: Flask, lab: Cast, path: str) -> None:
    assert Visitor(app).get(path).status_code == 303


@on_sqlite
def test_the_page_offers_both_in_japanese_too(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "hana").get("/account/data").text
    assert "/account/data/labbook.json" in page
    assert "/account/data/labbook.ics" in page


@on_sqlite
def test_the_command_prints_the_same(app: Flask, lab: Cast) -> None:
    plant(lab, app)
    runner = app.test_cli_runner()
    told = json.loads(runner.invoke(args=["people", "export", "Hana@lab.example"]).output)
    assert told["requests"][0]["title"] == "OwnTitle"
    assert runner.invoke(args=["people", "export", "nobody@lab.example"]).exit_code == 1
