"""Signed decisions: a partner's agreement may demand the password again, and a stated meaning."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.bookings.queries import request_by_key
from labbook.core.lifecycle import Action
from labbook.core.signatures import MEANINGS, Meaning
from labbook.db import db, transactional
from labbook.models import Agreement, Event, EventDetail, Person, Request
from labbook.reports.service import seal, verify
from tests.browsing import Visitor, form_of, forms_of, on_sqlite
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"
FITS = {"approve": "reviewed", "decline": "not-fit"}
GOOD = {"meaning": "reviewed", "password": PASSWORD}


@transactional
def sign_with(lab: Cast, partner: str, **values: object) -> None:
    """Change the agreement of a partner with Tsukuba; by default decisions are signed."""
    agreement = (Agreement.partner_id == lab.partners[partner]) & (Agreement.site_id == lab.sites["tsukuba"])
    db.session.execute(update(Agreement).where(agreement).values({"signs": True, **values}))


@pytest.fixture
def asked(app: Flask, lab: Cast) -> str:
    """The page of alan's request, which waits for a signed decision."""
    sign_with(lab, "aoba")
    location: str = Visitor(app, "alan").book("tsukuba-asked", *WANTED, title="Run 7").headers["Location"]
    return location


def state(page: str) -> str:
    """The state of a request's one booking."""
    db.session.remove()
    return str(db.session.scalars(select(Request).where(Request.key == page.rsplit("/", 1)[1])).one().bookings[0].state)


def signatures() -> list[tuple[int | None, str | None]]:
    """Who signed, and with which meaning."""
    db.session.remove()
    rows = db.session.execute(select(Event.actor_id, Event.state).where(Event.code == "request-signed"))
    return [(row.actor_id, row.state) for row in rows]


def test_an_approval_is_signed_and_everybody_reads_by_whom_and_what_it_means(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    page = sora.get(asked)
    assert set(form_of(page, "/approve").fields) >= {"meaning", "password"}
    assert sora.submit(page, "/approve", **GOOD).status_code == 303
    assert state(asked) == "approved"
    assert signatures() == [(lab.people["sora"], "reviewed")]
    alan = Visitor(app, "alan").get(asked).text
    assert "Signed" in alan
    assert "I reviewed the request and approve it." in alan
    body = db.session.scalars(select(EventDetail.body).join(Event).where(Event.code == "request-signed")).one()
    assert body is not None
    assert (body["name"], body["meaning"], body["decision"]) == ("鈴木 空", "reviewed", "approve")
    assert len(body["record"]) == 64
    seal(now=NOW)
    assert verify().faults == []


@on_sqlite
def test_a_refusal_is_signed_too(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    fields = {"reason": "The laser is away.", "meaning": "not-safe", "password": PASSWORD}
    assert sora.submit(sora.get(asked), "/decline", **fields).status_code == 303
    assert state(asked) == "declined"
    assert signatures() == [(lab.people["sora"], "not-safe")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "パスワード"),
        ({**GOOD, "password": ""}, "パスワードを入力"),
        ({**GOOD, "password": "not it"}, "パスワードが違います"),
        ({**GOOD, "meaning": ""}, "署名の意味"),
        ({**GOOD, "meaning": "not-safe"}, 'aria-invalid="true"'),
        ({**GOOD, "meaning": "whatever"}, 'aria-invalid="true"'),
    ],
)
@on_sqlite
def test_without_a_good_signature_nothing_is_decided(
    app: Flask, lab: Cast, asked: str, fields: dict[str, str], said: str
) -> None:
    sora = Visitor(app, "sora")
    answer = sora.post(f"{asked}/approve", version="1", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert PASSWORD not in answer.text
    assert (state(asked), signatures()) == ("waiting", [])


@on_sqlite
def test_a_refusal_without_its_password_keeps_the_reason_that_was_typed(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    fields = {"reason": "Kept words", "meaning": "not-fit", "password": "no"}
    answer = sora.submit(sora.get(asked), "/decline", **fields)
    assert (answer.status_code, "Kept words" in answer.text) == (422, True)
    assert (state(asked), signatures()) == ("waiting", [])


@on_sqlite
def test_the_inbox_leads_to_the_page_where_one_signs(app: Flask, lab: Cast, asked: str) -> None:
    inbox = Visitor(app, "sora").get("/inbox").text
    assert f'href="{asked}?next=' in inbox
    assert f"{asked}/approve" not in inbox
    sora = Visitor(app, "sora")
    assert sora.post(f"{asked}/approve", version="1", next="inbox").status_code == 422
    assert state(asked) == "waiting"


@on_sqlite
@pytest.mark.parametrize(
    "values",
    [
        {"signs": False},
        {"ended_at": NOW - timedelta(hours=1), "signs": True},
        {"ends_on": (NOW - timedelta(days=1)).date(), "signs": True},
    ],
)
def test_only_an_agreement_in_force_demands_it(app: Flask, lab: Cast, asked: str, values: dict[str, object]) -> None:
    sign_with(lab, "aoba", **values)
    sora = Visitor(app, "sora")
    assert "meaning" not in form_of(sora.get(asked), "/approve").fields
    assert sora.submit(sora.get(asked), "/approve").status_code == 303
    assert (state(asked), signatures()) == ("approved", [])


@on_sqlite
def test_other_partners_requests_are_not_signed(app: Flask, lab: Cast) -> None:
    sign_with(lab, "aoba")
    location = Visitor(app, "ben").book("tsukuba-asked", *WANTED).headers["Location"]
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get("/inbox"), "/approve").status_code == 303
    assert (state(location), signatures()) == ("approved", [])


@on_sqlite
@pytest.mark.parametrize(("name", "status"), [("alan", 403), ("cora", 403), ("ben", 404), ("sam", 404), ("ada", 403)])
def test_nobody_elses_password_decides(app: Flask, lab: Cast, asked: str, name: str, status: int) -> None:
    assert Visitor(app, name).post(f"{asked}/approve", version="1", **GOOD).status_code == status
    assert (state(asked), signatures()) == ("waiting", [])


@on_sqlite
def test_a_password_is_not_guessed_at_somebody_else_s_desk(app: Flask, lab: Cast, asked: str, clock: Clock) -> None:
    sora = Visitor(app, "sora")
    wrong = {**GOOD, "password": "guess"}
    answers = [sora.post(f"{asked}/approve", version="1", **wrong).status_code for _ in range(11)]
    assert (set(answers[:10]), answers[10]) == ({422}, 429)
    shut = sora.post(f"{asked}/approve", version="1", **GOOD)
    assert (shut.status_code, int(shut.headers["Retry-After"]) > 0) == (429, True)
    assert (state(asked), signatures()) == ("waiting", [])
    clock.now += timedelta(minutes=20)
    assert sora.post(f"{asked}/approve", version="1", **GOOD).status_code == 303
    assert signatures() == [(lab.people["sora"], "reviewed")]


@on_sqlite
def test_whoever_has_no_password_is_told_how_to_come_by_one(app: Flask, lab: Cast, asked: str) -> None:
    _without_password(lab)
    sora = Visitor(app, "sora")
    page = sora.get(asked)
    assert (page.status_code, "パスワードがまだなく" in page.text, 'href="/forgot"' in page.text) == (200, True, True)
    decides = [one.action for one in forms_of(page.text) if one.action.endswith(("/approve", "/decline"))]
    assert decides == []  # nothing that must fail
    assert "approve-changed" not in sora.get(f"{asked}/propose").text
    for verb in ("approve", "decline"):
        answer = sora.post(f"{asked}/{verb}", version="1", reason="No", **{**GOOD, "meaning": FITS[verb]})
        assert (answer.status_code, 'href="/forgot"' in answer.text) == (422, True), verb
    assert (state(asked), signatures()) == ("waiting", [])


@transactional
def _without_password(lab: Cast) -> None:
    db.session.execute(update(Person).where(Person.id == lab.people["sora"]).values(password_hash=""))


@on_sqlite
def test_a_signature_on_an_old_page_counts_for_nothing(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    assert sora.post(f"{asked}/approve", version="9", **GOOD).status_code == 409
    assert (state(asked), signatures()) == ("waiting", [])


def test_the_service_itself_refuses_an_unsigned_decision(app: Flask, lab: Cast, asked: str) -> None:
    key, sora = asked.rsplit("/", 1)[1], lab.actor("sora")
    with pytest.raises(service.UnsignedError):
        service.approve(sora, key, version=1, now=NOW)
    with pytest.raises(service.UnsignedError):
        service.decline(sora, key, reason="no", version=1, now=NOW, signature=service.Signature(Meaning.REVIEWED))
    assert (state(asked), signatures()) == ("waiting", [])
    assert request_by_key(sora, key).version == 1


def test_every_meaning_belongs_to_one_decision() -> None:
    assert sorted((*MEANINGS[Action.APPROVE], *MEANINGS[Action.DECLINE])) == sorted(Meaning)
    assert MEANINGS[Action.GRANT_CHANGE] == MEANINGS[Action.APPROVE]
    assert MEANINGS[Action.DECLINE_CHANGE] == MEANINGS[Action.DECLINE]
