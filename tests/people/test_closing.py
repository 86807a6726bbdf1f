"""Closing an account and opening it again: it gives nothing while it is closed, and all that it had afterwards."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings.service.flagged import mend_flags
from labbook.core.permissions import NotFoundError, Role
from labbook.core.tokens import new_token, token_hash
from labbook.db import db, transactional
from labbook.models import (
    Agreement,
    Booking,
    Event,
    EventDetail,
    Flag,
    Invitation,
    Letter,
    OneTimeLink,
    Person,
    Resource,
    ResourceApprover,
    RoleGrant,
    SignIn,
    StandIn,
)
from labbook.models.access import Purpose
from labbook.models.letter import letter
from labbook.people.named import approvers_by_resource
from labbook.people.queries import actor_of
from labbook.people.service import closing, roles
from labbook.people.service.inviting import AnsweredError
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock, application, let_go
from tests.feeds.reading import feed
from tests.people.post import Postbox
from tests.people.test_roles import codes, live, partner, person

TIMES = ("2026-11-24T10:00", "2026-11-24T11:00")
WHY = "Moved to another company"


def is_open(lab: Cast, name: str) -> bool:
    db.session.remove()
    return db.session.get_one(Person, lab.people[name]).is_active


def close(visitor: Visitor, lab: Cast, name: str) -> int:
    path = f"/people/{person(lab, name)}"
    return visitor.submit(visitor.get(path), "/close", reason=WHY).status_code


@transactional
def give(lab: Cast, name: str, role: Role, **place: int) -> None:
    db.session.add(RoleGrant(person_id=lab.people[name], role=role, starts_on=date(2026, 1, 1), **place))


# --- closing ----------------------------------------------------------------------------------------------------------


def test_a_closed_account_gives_nothing_from_the_next_request_on_in_every_process(
    app: Flask, lab: Cast, database: str, clock: Clock, box: Postbox
) -> None:
    elsewhere = application(database, CLOCK=clock)  # another web process
    alan, calendar, ada = Visitor(elsewhere, "alan"), Visitor(elsewhere), Visitor(app, "ada")
    alan.book("tsukuba-plain", *TIMES)
    path = feed(lab, "alan")
    known = {"If-None-Match": calendar.get(path).headers["ETag"]}
    assert (alan.get("/bookings").status_code, calendar.get(path, headers=known).status_code) == (200, 304)

    page = ada.get(f"/people/{person(lab, 'alan')}")
    assert "/reopen" not in page.text
    answer = ada.submit(page, "/close", reason=WHY)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/people/{person(lab, 'alan')}")
    assert not is_open(lab, "alan")
    assert alan.get("/bookings").headers["Location"].startswith("/sign-in")
    assert alan.get("/resources/tsukuba-plain").status_code == 303
    assert calendar.get(path, headers=known).status_code == 410
    assert live(lab, "alan") == {(Role.SCIENTIST, lab.partners["aoba"], None)}  # noted, and worth nothing
    assert actor_of(lab.people["alan"], NOW) is None
    assert set(db.session.scalars(select(SignIn.ended_at).where(SignIn.person_id == lab.people["alan"]))) == {NOW}
    after = ada.get(answer.headers["Location"])
    assert "1 booking that lies ahead is suspended" in after.text
    assert "Account closed" in after.text
    assert [(one.code, one.settled_at) for one in db.session.scalars(select(Flag))] == [("person-left", None)]
    assert {str(one.state) for one in db.session.scalars(select(Booking))} == {"approved"}
    assert codes(lab, "alan") == ["account-closed"]
    told = box.only("alan@lab.example")
    assert (told.subject, WHY in told.text) == ("Your account in LabBook was closed", False)
    assert ada.submit(page, "/close", reason=WHY).status_code == 409
    assert codes(lab, "alan") == ["account-closed"]
    with elsewhere.app_context():
        let_go()


@on_sqlite
def test_the_reason_is_kept_where_it_can_be_erased(app: Flask, lab: Cast) -> None:
    assert close(Visitor(app, "ada"), lab, "alan") == 303
    event = db.session.scalars(select(Event).where(Event.code == "account-closed")).one()
    assert (event.actor_id, event.subject, event.subject_id) == (lab.people["ada"], "person", lab.people["alan"])
    assert db.session.get_one(EventDetail, event.id).body == {"reason": WHY}


@on_sqlite
def test_without_a_reason_nothing_is_closed_and_what_was_typed_is_kept(app: Flask, lab: Cast) -> None:
    ada, path = Visitor(app, "ada"), f"/people/{person(lab, 'alan')}"
    page = ada.get(path)
    for typed in ("", "  ", "x" * 501, "a\x00b"):
        answer = ada.submit(page, "/close", reason=typed)
        assert (answer.status_code, 'id="reason-errors"' in answer.text) == (422, True), typed
        assert "<details" in answer.text
        assert 'class="confirm inline" open' in answer.text
    assert "x" * 501 in ada.submit(page, "/close", reason="x" * 501).text
    assert is_open(lab, "alan")
    assert ada.post(f"{path}/close", csrf_token="no", reason=WHY).status_code == 400
    assert is_open(lab, "alan")


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [
        *((name, 404) for name in ("hana", "ben", "dora", "chika")),
        *((name, 403) for name in ("cora", "sora", "sam", "mio", "audrey")),
    ],
)
def test_others_close_and_open_nobody(app: Flask, lab: Cast, name: str, status: int) -> None:
    key, visitor = person(lab, "alan"), Visitor(app, name)
    assert visitor.post(f"/people/{key}/close", reason=WHY).status_code == status
    assert visitor.post(f"/people/{key}/close").status_code == status
    assert is_open(lab, "alan")
    if status == 403:
        assert f"{key}/close" not in visitor.get(f"/people/{key}").text
    assert close(Visitor(app, "ada"), lab, "alan") == 303
    assert visitor.post(f"/people/{key}/reopen").status_code == status
    assert not is_open(lab, "alan")


@on_sqlite
def test_whoever_is_not_there_cannot_be_closed(app: Flask, lab: Cast) -> None:
    ada = Visitor(app, "ada")
    assert ada.post("/people/nobody/close", reason=WHY).status_code == 404
    assert ada.post("/people/nobody/reopen").status_code == 404
    assert Visitor(app).post(f"/people/{person(lab, 'alan')}/close", reason=WHY).status_code == 303  # to sign in
    assert is_open(lab, "alan")
    with pytest.raises(NotFoundError):
        closing.close_account(lab.actor("ben"), person(lab, "alan"), reason=WHY, now=NOW)


@on_sqlite
def test_nobody_closes_their_own_account(app: Flask, lab: Cast) -> None:
    give(lab, "audrey", Role.ADMINISTRATOR)
    ada, path = Visitor(app, "ada"), f"/people/{person(lab, 'ada')}"
    assert "/close" not in ada.get(path).text
    assert ada.post(f"{path}/close", reason=WHY).status_code == 403
    assert ada.post(f"{path}/reopen").status_code == 403
    assert is_open(lab, "ada")


# --- the last administrator -------------------------------------------------------------------------------------------


def test_two_administrators_who_close_each_other_at_once_do_not_both_succeed(lab: Cast, app: Flask) -> None:
    give(lab, "audrey", Role.ADMINISTRATOR)
    at_once, told = threading.Barrier(2), []
    pairs = [(lab.actor(one), person(lab, other)) for one, other in (("ada", "audrey"), ("audrey", "ada"))]
    db.session.remove()

    def work(number: int) -> None:
        actor, key = pairs[number]
        with app.app_context():
            at_once.wait(timeout=5)
            try:
                closing.close_account(actor, key, reason=WHY, now=NOW)
                told.append("closed")
            except roles.LastAdministratorError:
                told.append("refused")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(told) == ["closed", "refused"]
    assert is_open(lab, "ada") is not is_open(lab, "audrey")


@on_sqlite
def test_the_command_does_not_close_the_last_administrator_either(app: Flask, lab: Cast) -> None:
    def run(*words: str) -> tuple[int, str]:
        db.session.remove()
        done = app.test_cli_runner().invoke(args=["people", *words])
        return done.exit_code, done.output

    code, said = run("close", "ada@lab.example", "--reason", WHY)
    assert (code, "only administrator" in said, is_open(lab, "ada")) == (1, True, True)
    assert run("close", "alan@lab.example", "--reason", WHY)[0] == 0
    assert not is_open(lab, "alan")
    assert run("close", "ALAN@lab.example", "--reason", WHY)[0] == 1
    assert run("reopen", "alan@lab.example") == (0, "opened again\n")
    assert is_open(lab, "alan")
    assert run("reopen", "alan@lab.example")[0] == 1
    assert run("close", "nobody@lab.example", "--reason", WHY)[0] == 1
    assert codes(lab, "alan") == ["account-closed", "account-reopened"]
    db.session.remove()
    assert set(db.session.scalars(select(Event.actor_id).where(Event.code.like("account-%")))) == {None}


@on_sqlite
def test_an_administrator_whose_account_is_closed_does_not_count(app: Flask, lab: Cast) -> None:
    give(lab, "audrey", Role.ADMINISTRATOR)
    ada = Visitor(app, "ada")
    assert close(ada, lab, "audrey") == 303
    with pytest.raises(roles.LastAdministratorError):
        closing.close_by_command(db.session.get_one(Person, lab.people["ada"]), reason=WHY, now=NOW)
    assert close(ada, lab, "alan") == 303  # who is no administrator


# --- the ways back in -------------------------------------------------------------------------------------------------


@transactional
def _links(lab: Cast, token: str) -> None:
    """A link for a new password, a letter that would bring another one, and an invitation."""
    alan = lab.people["alan"]
    db.session.add(
        OneTimeLink(
            purpose=Purpose.RESET,
            token_hash=token_hash(token),
            person_id=alan,
            made_at=NOW,
            expires_at=NOW + timedelta(days=1),
        )
    )
    db.session.add(letter(Purpose.RESET, "alan@lab.example", "en", now=NOW, person_id=alan))
    db.session.add(
        Invitation(
            email="alan@lab.example",
            role=Role.SCIENTIST,
            partner_id=lab.partners["birch"],
            language="en",
            invited_by_id=lab.people["mio"],
            made_at=NOW,
            expires_at=NOW + timedelta(days=7),
        )
    )


def test_neither_link_nor_invitation_leads_back_in_not_even_after_reopening(
    app: Flask, lab: Cast, box: Postbox
) -> None:
    token, ada, anybody = new_token(), Visitor(app, "ada"), Visitor(app)
    _links(lab, token)
    assert anybody.get(f"/reset/{token}").status_code == 200
    assert close(ada, lab, "alan") == 303
    assert anybody.get(f"/reset/{token}").status_code == 404
    assert anybody.post("/forgot", email="alan@lab.example").status_code == 200
    assert [one.subject for one in box.collect() if one.to == "alan@lab.example"] == [
        "Your account in LabBook was closed"
    ]
    db.session.remove()
    assert db.session.scalars(select(Invitation)).one().revoked_at == NOW
    path = f"/people/{person(lab, 'alan')}"
    assert ada.submit(ada.get(path), "/reopen").status_code == 303
    assert anybody.get(f"/reset/{token}").status_code == 404
    kinds = db.session.scalars(select(Letter.kind).where(Letter.given_up_at.is_not(None)))
    assert list(kinds) == [Purpose.RESET]


@on_sqlite
def test_whoever_is_closed_hears_what_a_stranger_hears(app: Flask, lab: Cast) -> None:
    assert close(Visitor(app, "ada"), lab, "alan") == 303

    def told(email: str) -> tuple[int, str]:
        answer = Visitor(app).post("/sign-in", email=email, password=PASSWORD, next="/")
        return answer.status_code, answer.text.partition("<main")[2].replace(email, "")

    closed, stranger = told("alan@lab.example"), told("nobody@lab.example")
    assert (closed[0], steady(closed[1])) == (stranger[0], steady(stranger[1]))
    assert closed[0] != 303
    assert "closed" not in closed[1]


# --- who decides ------------------------------------------------------------------------------------------------------


def test_a_closed_approver_decides_nothing_and_keeps_nobody_from_deciding(app: Flask, lab: Cast) -> None:
    give(lab, "hana", Role.STAFF, site_id=lab.sites["tsukuba"])
    give(lab, "chika", Role.STAFF, site_id=lab.sites["tsukuba"])
    resource = _named(lab, "hana")
    ben = Visitor(app, "ben")
    path = ben.book("tsukuba-asked", *TIMES).headers["Location"]
    sora = Visitor(app, "sora")
    assert sora.post(f"{path}/approve", version="1").status_code == 403
    assert close(Visitor(app, "ada"), lab, "hana") == 303
    assert approvers_by_resource([resource], NOW) == {}
    assert sora.submit(sora.get(path), "/approve").status_code == 303
    closing.reopen_account(lab.actor("ada"), person(lab, "hana"), now=NOW)
    assert approvers_by_resource([resource], NOW) == {resource: {lab.people["hana"]}}


@transactional
def _named(lab: Cast, name: str, stand_in: str = "") -> int:
    resource = db.session.scalars(select(Resource.id).where(Resource.slug == "tsukuba-asked")).one()
    db.session.add(ResourceApprover(resource_id=resource, person_id=lab.people[name]))
    if stand_in:
        db.session.add(
            StandIn(
                site_id=lab.sites["tsukuba"],
                absent_id=lab.people[name],
                person_id=lab.people[stand_in],
                starts_on=date(2026, 11, 1),
                ends_on=date(2026, 12, 1),
            )
        )
    return resource


@on_sqlite
def test_a_closed_stand_in_stands_in_for_nobody(app: Flask, lab: Cast) -> None:
    give(lab, "hana", Role.STAFF, site_id=lab.sites["tsukuba"])
    resource = _named(lab, "sora", "hana")
    assert approvers_by_resource([resource], NOW) == {resource: {lab.people["sora"], lab.people["hana"]}}
    closing.close_account(lab.actor("ada"), person(lab, "hana"), reason=WHY, now=NOW)
    assert approvers_by_resource([resource], NOW) == {resource: {lab.people["sora"]}}
    page = Visitor(app, "mio").get("/sites/tsukuba/approvers").text
    assert page.count("アカウント停止中") == 1  # beside the stand-in
    closing.close_account(lab.actor("ada"), person(lab, "sora"), reason=WHY, now=NOW)
    assert approvers_by_resource([resource], NOW) == {}
    assert Visitor(app, "mio").get("/sites/tsukuba/approvers").text.count("アカウント停止中") == 2


# --- opening again ----------------------------------------------------------------------------------------------------


def test_opened_again_everything_is_as_it_was_but_for_sessions_and_links(app: Flask, lab: Cast, box: Postbox) -> None:
    ada, alan, calendar = Visitor(app, "ada"), Visitor(app, "alan"), Visitor(app)
    alan.book("tsukuba-plain", *TIMES)
    path = feed(lab, "alan")
    assert close(ada, lab, "alan") == 303
    assert mend_flags(now=NOW) == 0  # the role alone mends nothing
    box.collect()
    page = ada.get(f"/people/{person(lab, 'alan')}")
    assert ada.submit(page, "/reopen").status_code == 303
    assert is_open(lab, "alan")
    assert alan.get("/bookings").status_code == 303  # the session has ended for good
    assert Visitor.by_the_form(app, "alan").get("/bookings").status_code == 200
    assert calendar.get(path).status_code == 200
    assert mend_flags(now=NOW) == 1
    assert "Your account in LabBook is open again" in [one.subject for one in box.collect()]
    assert codes(lab, "alan") == ["account-closed", "account-reopened"]
    assert ada.submit(page, "/reopen").status_code == 409
    assert codes(lab, "alan") == ["account-closed", "account-reopened"]


@on_sqlite
def test_whoever_was_erased_is_not_opened_again(app: Flask, lab: Cast) -> None:
    ada, path = Visitor(app, "ada"), f"/people/{person(lab, 'alan')}"
    assert ada.submit(ada.get(f"{path}/erase"), "/erase").status_code == 303
    assert "/reopen" not in ada.get(path).text
    assert ada.post(f"{path}/reopen").status_code == 409
    with pytest.raises(AnsweredError):
        closing.reopen_by_command(db.session.get_one(Person, lab.people["alan"]), now=NOW)
    assert not is_open(lab, "alan")


@transactional
def _places(lab: Cast, places: int) -> None:
    db.session.execute(update(Agreement).where(Agreement.partner_id == lab.partners["birch"]).values(places=places))


@on_sqlite
def test_a_closed_account_gives_its_place_back_and_needs_one_to_be_opened_again(app: Flask, lab: Cast) -> None:
    ada, birch = Visitor(app, "ada"), partner(lab, "birch")
    _places(lab, 1)
    fields = {"email": "new@birch.example", "role": "scientist", "language": "en"}
    assert ada.post(f"/people/partners/{birch}/invite", **fields).status_code == 409
    assert close(ada, lab, "ben") == 303
    assert ada.post(f"/people/partners/{birch}/invite", **fields).status_code == 303
    page = ada.get(f"/people/{person(lab, 'ben')}")
    answer = ada.submit(page, "/reopen")
    assert (answer.status_code, "All 1 places are taken" in answer.text, is_open(lab, "ben")) == (409, True, False)
    _places(lab, 2)
    assert ada.submit(page, "/reopen").status_code == 303
    assert is_open(lab, "ben")


@on_sqlite
def test_a_booking_made_in_the_moment_of_closing_is_found_by_the_worker(app: Flask, lab: Cast) -> None:
    Visitor(app, "alan").book("tsukuba-plain", *TIMES)
    assert roles.flag_the_departed(now=NOW) == 0
    _shut(lab)
    assert roles.flag_the_departed(now=NOW) == 1
    assert roles.flag_the_departed(now=NOW) == 0


@transactional
def _shut(lab: Cast) -> None:
    db.session.execute(update(Person).where(Person.id == lab.people["alan"]).values(is_active=False))
