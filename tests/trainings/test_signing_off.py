"""Signing off: many at once, one alone, never oneself; and taking a proof away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service as bookings
from labbook.core.permissions import ForbiddenError
from labbook.db import db
from labbook.models import Event, Flag
from labbook.trainings import service
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast, fresh_key
from tests.conftest import Clock
from tests.trainings.conftest import TOMORROW, School

STAFF = "/sites/tsukuba/trainings"


@pytest.fixture
def taught(lab: Cast, school: School, clock: Clock) -> str:
    """A session that has just ended, with Alan, Ben and Chika in it; its key."""
    school.laser(valid_days=365)
    key = school.session()
    service.ask(lab.actor("alan"), "tsukuba", "laser", partner_id=None, note="", now=NOW)
    for name in ("alan", "ben", "chika"):
        service.take(lab.actor(name), key, now=NOW)
    clock.now = TOMORROW.end
    return key


def test_many_are_signed_off_at_once(app: Flask, lab: Cast, school: School, taught: str) -> None:
    sora = Visitor(app, "sora")
    page = sora.get(f"/training-sessions/{taught}")
    answer = sora.submit(
        page,
        "sign-off",
        passed=[school.key("alan"), school.key("chika")],  # type: ignore[arg-type]  # a box each
        absent=school.key("ben"),
    )
    assert answer.status_code == 303
    assert school.records("alan") == [(date(2026, 11, 24), date(2027, 11, 24), False)]
    assert len(school.records("chika")) == 2
    assert len(school.records("ben")) == 1
    assert {name for name, _ in school.letters("training-passed")} == {"alan", "chika"}
    events = {
        (event.code, event.partner_id)
        for event in db.session.scalars(select(Event).where(Event.code.in_(["training-granted", "training-absent"])))
    }
    aoba, birch, cedar = (lab.partners[name] for name in ("aoba", "birch", "cedar"))
    assert events == {("training-granted", aoba), ("training-granted", cedar), ("training-absent", birch)}
    assert 'data-code="training"' in Visitor(app, "alan").get("/resources/tsukuba-confocal-1").text
    again = sora.post(f"/training-sessions/{taught}/sign-off", passed=school.key("alan"))
    assert again.status_code == 422  # nobody of that name is open any more
    assert len(school.records("alan")) == 1


@on_sqlite
def test_not_before_it_has_begun_nor_both_nor_nobody(
    app: Flask, lab: Cast, school: School, taught: str, clock: Clock
) -> None:
    sora, path, alan = Visitor(app, "sora"), f"/training-sessions/{taught}/sign-off", school.key("alan")
    assert sora.post(path).status_code == 422
    assert sora.post(path, passed=alan, absent=alan).status_code == 422
    assert sora.post(path, passed=school.key("cora")).status_code == 422
    clock.now = NOW
    assert sora.post(path, passed=alan).status_code == 409
    assert school.records("alan") == []


@on_sqlite
def test_nobody_signs_off_their_own_training(app: Flask, lab: Cast, school: School, clock: Clock) -> None:
    key = school.session()
    service.take(lab.actor("mio"), key, now=NOW)  # a manager of the site who also works for Aoba
    service.take(lab.actor("alan"), key, now=NOW)
    clock.now = TOMORROW.end
    mio, before = Visitor(app, "mio"), school.records("mio")
    both = [school.key("mio"), school.key("alan")]
    assert mio.post(f"/training-sessions/{key}/sign-off", passed=both).status_code == 403
    fields = {"training": "laser", "granted_on": "2026-11-24"}
    assert mio.post(f"{STAFF}/grant", person=school.key("mio"), **fields).status_code == 422
    with pytest.raises(ForbiddenError):
        service.grant(lab.actor("mio"), "tsukuba", school.key("mio"), "laser", granted_on=date(2026, 11, 1), now=NOW)
    with pytest.raises(ForbiddenError):
        service.revoke(lab.actor("mio"), "tsukuba", school.key("mio"), "laser", reason="x", now=NOW)
    assert (school.records("mio"), school.records("alan")) == (before, [])


def test_one_is_signed_off_without_a_session(app: Flask, lab: Cast, school: School) -> None:
    service.ask(lab.actor("alan"), "tsukuba", "laser", partner_id=None, note="", now=NOW)
    sora = Visitor(app, "sora")
    page = sora.get(f"{STAFF}?q=abbott")
    assert "alan@lab.example" in page.text
    answer = sora.submit(page, "grant#grant", person=school.key("alan"), training="laser", granted_on="2026-11-20")
    assert answer.status_code == 303
    assert school.records("alan") == [(date(2026, 11, 20), None, False)]
    assert school.wishes("alan") == [False]
    nobody = sora.submit(page, "grant#grant", granted_on="2026-11-20")
    assert nobody.status_code == 422
    assert "利用者を選んでください。" in nobody.text and "講習を選んでください。" in nobody.text
    late = sora.submit(page, "grant#grant", person=school.key("alan"), training="laser", granted_on="2026-11-25")
    assert late.status_code == 409


@on_sqlite
def test_from_a_card_one_signs_its_person_off(app: Flask, lab: Cast, school: School) -> None:
    key, sora = school.key("alan"), Visitor(app, "sora")
    path = f"{STAFF}?person={key}"
    assert f'href="{path}#grant"' in sora.get(f"/people/{key}/card?site=tsukuba").text
    assert form_of(sora.get(path), "grant#grant").fields["person"] == key
    assert form_of(sora.get(STAFF), "grant#grant").fields["person"] == ""
    assert "#grant" not in Visitor(app, "alan").get("/card?site=tsukuba").text


@on_sqlite
def test_a_wish_says_in_which_session_there_is_a_place_left(app: Flask, lab: Cast, school: School) -> None:
    service.ask(lab.actor("alan"), "tsukuba", "laser", partner_id=None, note="", now=NOW)
    sora, says = Visitor(app, "sora"), "空席のある講習会"
    assert says not in sora.get(STAFF).text
    key = school.session(places=1)
    assert says in sora.get(STAFF).text
    service.take(lab.actor("hana"), key, now=NOW)
    assert says not in sora.get(STAFF).text


@on_sqlite
def test_the_search_knows_only_the_sites_people(app: Flask, lab: Cast, school: School) -> None:
    sora, sam = Visitor(app, "sora"), Visitor(app, "sam")
    for query, found in (("abbott", True), ("ABBOTT", True), ("近藤", True), ("birch", True), ("stone", False)):
        assert ("@lab.example</p>" in sora.get(f"{STAFF}?q={query}").text) is found, query
    assert "chika@lab.example" not in sam.get("/sites/cambridge/trainings?q=chika").text
    fields = {"person": school.key("chika"), "training": "laser", "granted_on": "2026-11-20"}
    assert sam.post("/sites/cambridge/trainings/grant", **fields).status_code == 422


@on_sqlite
@pytest.mark.parametrize(
    ("viewer", "sees", "acts"), [("cora", 403, 403), ("sam", 403, 403), ("audrey", 200, 403), ("dora", 404, 404)]
)
def test_the_staff_page_is_for_staff(app: Flask, lab: Cast, school: School, viewer: str, sees: int, acts: int) -> None:
    visitor = Visitor(app, viewer)
    assert visitor.get(STAFF).status_code == sees
    for step in ("grant", "revoke"):
        fields = {"person": school.key("alan"), "training": "laser", "granted_on": "2026-11-20", "reason": "x"}
        assert visitor.post(f"{STAFF}/{step}", **fields).status_code == acts
    assert school.records("alan") == []


def test_a_revoked_proof_counts_no_more_and_suspends_what_rested_on_it(app: Flask, lab: Cast, school: School) -> None:
    at = NOW + timedelta(days=2, hours=1)
    for resource in ("tsukuba-confocal-1", "tsukuba-plain"):
        ask = bookings.Ask(resource, at, at + timedelta(hours=1), lab.partners["aoba"], "Cells")
        bookings.request(lab.actor("hana"), ask, key=fresh_key(), now=NOW)
    sora = Visitor(app, "sora")
    page = sora.get(STAFF)
    assert sora.submit(page, "revoke", person=school.key("hana"), training="laser", reason="").status_code == 422
    answer = sora.submit(page, "revoke", person=school.key("hana"), training="laser", reason="Door left open")
    assert answer.status_code == 303
    assert [revoked for _, _, revoked in school.records("hana")] == [True]
    assert [flag.code for flag in db.session.scalars(select(Flag))] == ["training-lapsed"]
    assert ("hana", "Door left open") in [(name, said["reason"]) for name, said in school.letters("training-lapses")]
    assert 'data-code="training-revoked"' in Visitor(app, "hana").get("/card").text
    again = sora.submit(page, "revoke", person=school.key("hana"), training="laser", reason="Again")
    assert again.status_code == 409
