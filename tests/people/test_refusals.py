"""Whatever is refused at the doors is said in a clear sentence, and the trail tells of it: a few times in an hour."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.core.permissions import Role
from labbook.db import db
from labbook.models import Event, Partner, Person, Try
from labbook.people.service import inviting, refusing
from labbook.people.service.founding import ForeignLettersError, add_administrator
from labbook.people.service.origin import Origin
from labbook.people.service.refusing import Refused
from labbook.people.views.refusals import _GO_ON, leads_away
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock, let_go
from tests.people.post import Postbox
from tests.people.test_factors import code, give, half_in, set_up
from tests.people.test_reset import choose, link

NEW = "nina@new.example"
LOOK_ALIKE = "\u0430lan@lab.example"  # the first letter is Cyrillic
BROKEN = "alan@lab.example\r\nBcc: all@lab.example"
PLAIN, UNSEEN = "in plain letters without accents", "invisible control characters"
NOT_ONES_OWN = "There is no such page, or it is not for you"


def trail(refused: str) -> list[tuple[str | None, dict[str, Any]]]:
    """What the trail tells of refusals of a kind: who it was, and the detail that can be erased."""
    db.session.remove()
    names = {one.id: one.email.partition("@")[0] for one in db.session.scalars(select(Person))}
    found = db.session.scalars(select(Event).where(Event.code == refused).order_by(Event.id))
    return [(names[one.actor_id] if one.actor_id else None, one.detail.body or {}) for one in found]


def reasons(refused: str) -> list[tuple[str | None, str]]:
    return [(who, said["reason"]) for who, said in trail(refused)]


def key_of(table: type[Partner] | type[Person], number: int) -> str:
    db.session.remove()
    return db.session.scalars(select(table.key).where(table.id == number)).one()


# --- links ------------------------------------------------------------------------------------------------------------


def test_links_for_a_new_password_that_are_not_good(app: Flask, lab: Cast, clock: Clock, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    replaced, used, old = (link(app, folder, clock, name) for name in ("alan", "alan", "ben"))
    assert choose(Visitor(app), used) == 303
    assert "This link is not good any more" in Visitor(app).get(used).text
    assert choose(Visitor(app), replaced) == 404
    clock.now = NOW + timedelta(hours=1, seconds=1)
    assert Visitor(app).get(old).status_code == 404
    assert Visitor(app, "cora").get(old + "x").status_code == 404
    said = trail("reset-refused")
    assert [(who, one["reason"]) for who, one in said] == [
        (None, "used"),
        (None, "replaced"),
        (None, "expired"),
        ("cora", "unknown"),
    ]
    about = db.session.scalars(select(Event.subject_id).where(Event.code == "reset-refused").order_by(Event.id))
    assert list(about)[:3] == [lab.people["alan"], lab.people["alan"], lab.people["ben"]]
    for path in (used, replaced, old):
        assert path.rpartition("/")[2] not in str(said)


@on_sqlite
def test_a_link_that_never_was_an_invitation(app: Flask, lab: Cast) -> None:
    answer = Visitor(app).get("/invitations/made-up")
    assert (answer.status_code, "ask whoever invited you" in answer.text) == (404, True)
    assert reasons("invitation-refused") == [(None, "unknown")]
    assert "made-up" not in str(trail("invitation-refused"))


# --- other people's places and roles ----------------------------------------------------------------------------------


def test_a_coordinator_who_invites_into_another_partner_or_above_the_own_role(app: Flask, lab: Cast) -> None:
    cora, ada = Visitor(app, "cora"), lab.actor("ada")
    page = cora.get(f"/people/partners/{key_of(Partner, lab.partners['aoba'])}")
    birch = key_of(Partner, lab.partners["birch"])
    foreign = cora.submit_to(f"/people/partners/{birch}/invite", page, "/invite", email=NEW)
    assert (foreign.status_code, NOT_ONES_OWN in foreign.text) == (404, True)
    assert cora.submit_to("/people/sites/tsukuba/invite", page, "/invite", email=NEW, role="staff").status_code == 404
    forged = cora.submit(page, "/invite", email=NEW, role="manager")
    assert (forged.status_code, "Choose one from the list." in forged.text) == (422, True)
    inviting.invite_to_partner(ada, birch, NEW, Role.COORDINATOR, "en", now=NOW, lasts=timedelta(days=7))
    assert Visitor(app, "sora").post(f"/people/partners/{birch}/invite", email=NEW, role="scientist").status_code == 403
    said = trail("inviting-refused")
    assert [(who, one["reason"]) for who, one in said] == [
        ("cora", "not-shown"),
        ("cora", "not-shown"),
        ("cora", "forged"),
        ("sora", "not-theirs"),
    ]
    assert (said[0][1]["key"], said[0][1]["step"]) == (birch, "invite_to_partner")
    assert said[2][1]["tried"] == "manager"


@on_sqlite
def test_foreign_invitations_and_wishes(app: Flask, lab: Cast) -> None:
    cora = Visitor(app, "cora")
    for path in ("/invitations/foreign/revoke", "/invitations/foreign/resend", "/joining/foreign/accept"):
        assert cora.post(path).status_code == 404
    assert reasons("inviting-refused") == [("cora", "not-shown")] * 3


def test_role_changes_through_forged_fields(app: Flask, lab: Cast) -> None:
    mio, cora = Visitor(app, "mio"), Visitor(app, "cora")
    alan, birch = key_of(Person, lab.people["alan"]), key_of(Partner, lab.partners["birch"])
    page = mio.get(f"/people/{alan}")
    forged = mio.submit(page, "/roles", role="administrator:", starts_on="2026-11-23")
    assert (forged.status_code, "一覧から選択してください" in forged.text) == (422, True)
    assert cora.post(f"/people/{alan}/roles", role=f"coordinator:{birch}", starts_on="2026-11-23").status_code == 403
    assert cora.post(f"/people/{alan}/roles/end", role="king", place=birch).status_code == 422
    assert cora.post(f"/people/{alan}/remove", partner=birch).status_code == 404
    assert cora.post("/sites/tsukuba/approvers", place="area:imaging", person=alan).status_code == 404
    said = trail("role-refused")
    assert [(who, one["reason"], one["step"]) for who, one in said] == [
        ("mio", "forged", "give_role"),
        ("cora", "not-theirs", "give_role"),
        ("cora", "forged", "end_role"),
        ("cora", "not-shown", "remove_person"),
        ("cora", "not-shown", "name_approver"),
    ]
    assert said[0][1]["tried"] == "administrator:"


# --- where one goes on to ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["//evil.example/x?token=1", "https://evil.example/x?token=1", "/\\evil.example/x"])
def test_open_redirects(app: Flask, lab: Cast, target: str) -> None:
    stays = "That link would have led away from LabBook. You stay here."
    visitor = Visitor(app)
    assert stays in visitor.get("/sign-in", query_string={"next": target}).text
    answer = visitor.post("/sign-in", email="alan@lab.example", password=PASSWORD, next=target)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert stays in visitor.get("/bookings").text
    assert stays not in visitor.get("/bookings").text
    said = trail("redirect-refused")
    assert [(who, one["step"]) for who, one in said] == [(None, "sign_in"), (None, "send_sign_in")]
    assert said[0][1]["to"].endswith("evil.example/x")
    assert "token" not in str(said)


@on_sqlite
def test_what_only_goes_nowhere_is_no_attack(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    for target in ("/bookings?x=https://y.example", "bookings", "", "x" * 5000, "/a?q=1:2"):
        assert not leads_away(target), target
        assert "led away" not in visitor.get("/sign-in", query_string={"next": target}).text
    assert trail("redirect-refused") == []
    assert set(app.view_functions) >= _GO_ON


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "sentence", "reason"), [(LOOK_ALIKE, PLAIN, "look-alike"), (BROKEN, UNSEEN, "controls")]
)
def test_addresses_with_line_breaks_and_look_alikes(
    app: Flask, lab: Cast, email: str, sentence: str, reason: str
) -> None:
    stranger, cora = Visitor(app), Visitor(app, "cora")
    page = cora.get(f"/people/partners/{key_of(Partner, lab.partners['aoba'])}")
    names = {"family_name": "N", "given_name": "N", "organisation": "N"}
    for answer in (
        stranger.post("/sign-in", email=email, password=PASSWORD),
        stranger.post("/forgot", email=email),
        stranger.post("/join", email=email, **names),
        stranger.post("/join", email=NEW, coordinator=email, **names),
        cora.submit(page, "/invite", email=email),
    ):
        assert (answer.status_code, sentence in answer.text) == (422, True)
    said = trail("address-refused")
    assert [(who, one["step"], one["field"], one["reason"]) for who, one in said] == [
        (None, "send_sign_in", "email", reason),
        (None, "send_forgot", "email", reason),
        (None, "send_join", "email", reason),
        (None, "send_join", "coordinator", reason),
        ("cora", "invite_to_partner", "email", reason),
    ]
    assert ["typed" in one for _, one in said] == [False, False, True, True, True]


@on_sqlite
def test_what_is_merely_mistyped_is_no_matter_for_the_trail(app: Flask, lab: Cast) -> None:
    stranger = Visitor(app)
    for email in ("alan", "alan@lab", "alan@lab.example, ben@lab.example"):
        stranger.post("/sign-in", email=email, password=PASSWORD)
        stranger.post("/join", email=email, family_name="N", given_name="N", organisation="N")
    assert trail("address-refused") == []


@on_sqlite
def test_no_account_has_an_address_with_which_nobody_could_sign_in(app: Flask) -> None:
    with pytest.raises(ForeignLettersError):
        add_administrator("\u0430da@lab.example", "A", "A", language="en", now=NOW)
    assert db.session.scalar(select(func.count(Person.id))) == 0


# --- second factors ---------------------------------------------------------------------------------------------------


def test_a_code_given_twice(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = Visitor(app, "alan")
    secret, _ = set_up(alan, clock)
    clock.now = NOW + timedelta(seconds=90)
    assert give(half_in(app), code(secret, clock)).status_code == 303
    again = give(half_in(app), code(secret, clock))
    assert (again.status_code, "This code is not good, or not any more." in again.text) == (422, True)
    assert [one["at_step"] for _, one in trail("sign-in-refused")] == ["code"]
    page = alan.get("/account/factor")
    late = alan.submit(page, "/factor/codes", code=code(secret, clock))
    assert (late.status_code, "This code is not good, or not any more." in late.text) == (422, True)
    assert alan.submit(page, "/factor/remove", password=PASSWORD, code="000000").status_code == 422
    said = trail("factor-refused")
    assert [(who, one["reason"], one["step"]) for who, one in said] == [
        ("alan", "code", "renew_codes"),
        ("alan", "code", "remove_factor"),
    ]
    assert code(secret, clock) not in str(said)


@on_sqlite
def test_setting_up_with_a_secret_that_was_altered(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = Visitor(app, "alan")
    page = alan.get("/account/factor")
    assert "took too long" in alan.submit(page, "/account/factor", sealed="altered", code="123456").text
    assert alan.submit(page, "/account/factor", code="000000").status_code == 422
    assert reasons("factor-refused") == [("alan", "offer"), ("alan", "code")]


# --- how much ---------------------------------------------------------------------------------------------------------


def test_nobody_fills_the_trail(app: Flask, lab: Cast, clock: Clock) -> None:
    for number in range(30):
        Visitor(app).get(f"/reset/wrong-{number}")
    assert len(trail("reset-refused")) == 5
    Visitor(app).get("/invitations/wrong")  # another kind
    assert len(trail("invitation-refused")) == 1
    Visitor(app).get("/reset/wrong", environ_base={"REMOTE_ADDR": "203.0.113.7"})  # another place
    cora = Visitor(app, "cora")  # and somebody who is known, at the first place
    for number in range(30):
        cora.get(f"/reset/wrong-{number}")
    assert [who for who, _ in trail("reset-refused")] == [None] * 6 + ["cora"] * 20
    clock.now = NOW + timedelta(hours=1)
    Visitor(app).get("/reset/wrong")
    assert len(trail("reset-refused")) == 27


def test_many_at_once_are_counted_one_by_one(app: Flask, lab: Cast) -> None:
    start, here = threading.Barrier(8), Origin("203.0.113.9", "")
    failures: list[Exception] = []
    db.session.remove()

    def run() -> None:
        with app.app_context():
            start.wait()
            try:
                for _ in range(2):
                    refusing.note(Refused.RESET, here, {"reason": "unknown"}, actor=None, now=NOW)
            except Exception as error:  # told to the test
                failures.append(error)
            finally:
                db.session.remove()
                if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
                    let_go()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(trail("reset-refused")) == refusing.MOST_OF_STRANGERS
    assert db.session.scalar(select(func.count(Try.id))) == refusing.MOST_OF_STRANGERS


def test_what_a_stranger_typed_is_not_in_the_part_that_stays(app: Flask, lab: Cast) -> None:
    typed = "nin\u0430@private.example"
    Visitor(app).post("/join", email=typed, family_name="N", given_name="N", organisation="N")
    db.session.remove()
    (event,) = db.session.execute(select(Event.__table__).where(Event.code == "address-refused"))
    assert not any("private" in str(value) or "127.0.0.1" in str(value) for value in event)
    assert trail("address-refused")[0][1]["typed"] == typed


def test_refusals_do_not_shut_doors(app: Flask, lab: Cast, box: Postbox) -> None:
    for number in range(30):
        Visitor(app).get(f"/reset/wrong-{number}")
        Visitor(app).get(f"/invitations/wrong-{number}")
    Visitor.by_the_form(app, "alan")
