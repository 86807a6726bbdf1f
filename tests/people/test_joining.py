"""Coming in: through an invitation's link, which is good once and for one address, or by asking."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook.core.permissions import Role
from labbook.core.tokens import new_token
from labbook.db import db, transactional
from labbook.models import (
    Event,
    Invitation,
    JoinRequest,
    Letter,
    OneTimeLink,
    Partner,
    Person,
    RoleGrant,
    SignIn,
)
from labbook.people.service import inviting, joining
from labbook.people.service.origin import Origin
from labbook.web.logs import MaskTokens
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock
from tests.people.post import Postbox
from tests.people.test_inviting import give_places

NEW, WEEK = "nina@new.example", timedelta(days=7)
SECRET = "plates dry under seven blue hoods"
NEWCOMER = {"family_name": "Novak", "given_name": "Nina", "password": SECRET}


def invite(
    lab: Cast, box: Postbox, email: str = NEW, *, partner: str = "aoba", role: Role = Role.SCIENTIST, by: str = "cora"
) -> str:
    """The path of the link that an invitation brings."""
    db.session.remove()
    key = db.session.scalars(select(Partner.key).where(Partner.id == lab.partners[partner])).one()
    inviting.invite_to_partner(lab.actor(by), key, email, role, "en", now=box.clock.now, lasts=WEEK)
    return box.only(email).path


def count(table: type) -> int:
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def person(email: str = NEW) -> Person:
    db.session.remove()
    return db.session.scalars(select(Person).where(Person.email == email)).one()


def roles_of(email: str = NEW) -> set[tuple[Role, int | None]]:
    db.session.remove()
    grants = db.session.scalars(
        select(RoleGrant).join(Person, Person.id == RoleGrant.person_id).where(Person.email == email)
    )
    return {(one.role, one.partner_id) for one in grants}


def refusals() -> list[str]:
    db.session.remove()
    found = db.session.scalars(select(Event).where(Event.code == "invitation-refused").order_by(Event.id))
    return [(one.detail.body or {})["reason"] for one in found]


# --- the link ---------------------------------------------------------------------------------------------------------


def test_a_newcomer_makes_an_account_and_is_in(app: Flask, lab: Cast, box: Postbox) -> None:
    path = invite(lab, box)
    nina = Visitor(app)
    page = nina.get(path)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    for word in ("Cora Cole", "Aoba Bio", "Scientist", NEW, "Tsukuba, Cambridge"):
        assert word in page.text
    answer = nina.submit(page, path, **NEWCOMER, home_site="cambridge")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/welcome")
    made = person()
    assert (made.family_name, made.given_name, made.language) == ("Novak", "Nina", "en")
    assert made.home_site_id == lab.sites["cambridge"]
    assert SECRET not in made.password_hash
    assert roles_of() == {(Role.SCIENTIST, lab.partners["aoba"])}
    welcome = nina.get("/welcome")
    assert "Nina Novak" in welcome.text
    assert "/conditions/tsukuba" in welcome.text
    assert nina.get("/sites/tsukuba/day").status_code == 200
    told = box.only("cora@lab.example")
    assert told.subject == "Your invitation was accepted"
    assert "Nina Novak" in told.text
    codes = list(db.session.scalars(select(Event.code).where(Event.actor_id == made.id)))
    assert codes.count("invitation-accepted") == 1
    again = Visitor(app)
    assert again.post("/sign-in", email=NEW, password=SECRET).status_code == 303


@on_sqlite
def test_looking_at_a_link_does_not_use_it_up(app: Flask, lab: Cast, box: Postbox) -> None:
    path = invite(lab, box)
    for _ in range(3):
        assert Visitor(app).get(path).status_code == 200
        assert Visitor(app).open(path, method="HEAD").status_code == 200
    nina = Visitor(app)
    assert nina.submit(nina.get(path), path, **NEWCOMER).status_code == 303


def test_a_link_is_good_once(app: Flask, lab: Cast, box: Postbox) -> None:
    path = invite(lab, box)
    nina, thief = Visitor(app), Visitor(app)
    page, stolen = nina.get(path), thief.get(path)
    assert nina.submit(page, path, **NEWCOMER).status_code == 303
    late = thief.submit(stolen, path, family_name="X", given_name="Y", password="another long password here")
    assert late.status_code == 404
    assert "not good any more" in late.text
    assert Visitor(app).get(path).status_code == 404
    assert refusals() == ["used"]
    assert person().family_name == "Novak"
    assert "Location" in thief.get("/bookings").headers


def test_of_many_who_use_a_link_at_once_one_gets_in(app: Flask, lab: Cast, box: Postbox) -> None:
    token = invite(lab, box).rsplit("/", 1)[1]
    newcomer = joining.Newcomer("Novak", "Nina", "", "en", "tsukuba", SECRET)
    assert _at_once(app, lambda: joining.accept_as_newcomer(token, newcomer, Origin("", ""), now=NOW)) == ONE_OF_FIVE
    assert len(roles_of()) == 1


def test_one_link_to_a_site_gives_one_role_however_often_it_is_clicked(app: Flask, lab: Cast, box: Postbox) -> None:
    inviting.invite_to_site(lab.actor("mio"), "tsukuba", "ben@lab.example", Role.STAFF, "en", now=NOW, lasts=WEEK)
    token, ben = box.only("ben@lab.example").path.rsplit("/", 1)[1], lab.actor("ben")
    assert _at_once(app, lambda: joining.accept(ben, token, now=NOW)) == ONE_OF_FIVE
    db.session.remove()
    staff = RoleGrant.person_id == ben.person_id, RoleGrant.role == Role.STAFF
    assert len(db.session.scalars(select(RoleGrant).where(*staff)).all()) == 1


ONE_OF_FIVE = ["gone"] * 4 + ["in"]


def _at_once(app: Flask, step: Callable[[], object]) -> list[str]:
    """What becomes of five who take the step at the same time."""
    start, outcomes = threading.Barrier(5), []

    def run() -> None:
        with app.app_context():
            start.wait()
            try:
                step()
                outcomes.append("in")
            except (joining.GoneError, joining.HasAccountError):
                outcomes.append("gone")
            finally:
                db.session.remove()

    db.session.remove()
    threads = [threading.Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@on_sqlite
@pytest.mark.parametrize("what", ["expired", "revoked", "altered", "made up", "replaced"])
def test_a_link_that_is_not_good_leads_to_the_same_page(
    app: Flask, lab: Cast, box: Postbox, clock: Clock, what: str
) -> None:
    path = invite(lab, box)
    if what == "expired":
        clock.now = NOW + WEEK
    elif what == "revoked":
        key = db.session.scalars(select(Invitation.key)).one()
        inviting.revoke(lab.actor("cora"), key, now=NOW)
    elif what == "altered":
        path = path[:-1] + ("a" if path[-1] != "a" else "b")
    elif what == "made up":
        path = f"/invitations/{new_token()}"
    else:
        _replace()
    used, other = Visitor(app), Visitor(app)
    answer = used.get(path)
    nowhere = other.get("/invitations/" + "x" * 32)
    assert (answer.status_code, nowhere.status_code) == (404, 404)
    assert steady(answer.text).replace(path, "") == steady(nowhere.text).replace("/invitations/" + "x" * 32, "")
    assert "ask whoever invited you" in answer.text
    used.token = ""
    posted = used.post(path, **NEWCOMER)
    assert posted.status_code == 404
    assert not db.session.scalar(select(Person.id).where(Person.email == NEW))
    assert refusals() == ([what, "unknown"] if what in ("expired", "revoked", "replaced") else ["unknown"] * 3)


@transactional
def _replace() -> None:
    """As a newer letter does."""
    db.session.execute(update(OneTimeLink).values(revoked_at=NOW))


@on_sqlite
def test_somebody_else_who_is_signed_in_gets_nothing(app: Flask, lab: Cast, box: Postbox) -> None:
    path = invite(lab, box)
    ben = Visitor(app, "ben")
    before = roles_of("ben@lab.example")
    page = ben.get(path)
    assert page.status_code == 403
    assert "ben@lab.example" in page.text
    assert NEW not in page.text
    assert "Aoba" not in page.text
    assert ben.post(path, **NEWCOMER).status_code == 403
    assert roles_of("ben@lab.example") == before
    assert refusals() == ["other-account"]
    nina = Visitor(app)
    assert nina.submit(nina.get(path), path, **NEWCOMER).status_code == 303  # and nothing was used up


def test_who_has_an_account_signs_in_and_keeps_what_they_had(app: Flask, lab: Cast, box: Postbox) -> None:
    path = invite(lab, box, "ben@lab.example")
    ben = Visitor(app)
    page = ben.get(path)
    assert "Sign in to accept" in page.text
    assert 'name="password"' not in page.text
    refused = ben.post(path, **NEWCOMER)
    assert refused.status_code == 303
    assert refused.headers["Location"].startswith("/sign-in?next=")
    assert len(roles_of("ben@lab.example")) == 1
    assert f'value="{path}"' in ben.get(refused.headers["Location"]).text
    back = ben.post("/sign-in", email="ben@lab.example", password=PASSWORD, next=path)
    ben.token = ""
    assert back.headers["Location"] == path
    accepted = ben.submit(ben.get(path), path)
    assert accepted.headers["Location"] == "/welcome"
    assert roles_of("ben@lab.example") == {
        (Role.SCIENTIST, lab.partners["birch"]),
        (Role.SCIENTIST, lab.partners["aoba"]),
    }


@on_sqlite
def test_a_closed_account_comes_in_no_other_way(app: Flask, lab: Cast, box: Postbox) -> None:
    path = invite(lab, box, "ben@lab.example")
    _close(lab.people["ben"])
    assert Visitor(app).get(path).status_code == 404
    assert refusals() == ["closed"]


@transactional
def _close(number: int) -> None:
    db.session.execute(update(Person).where(Person.id == number).values(is_active=False))


@on_sqlite
def test_what_the_form_says_of_role_partner_and_address_counts_for_nothing(app: Flask, lab: Cast, box: Postbox) -> None:
    path = invite(lab, box)
    nina = Visitor(app)
    forged = {"email": "boss@new.example", "role": "manager", "partner": "birch", "partner_id": "2", "is_active": ""}
    assert nina.submit(nina.get(path), path, **NEWCOMER, **forged).status_code == 303
    assert roles_of() == {(Role.SCIENTIST, lab.partners["aoba"])}
    assert not db.session.scalar(select(Person.id).where(Person.email == "boss@new.example"))


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", ""),
        ("password", "short"),
        ("password", "passwordpassword"),
        ("password", "novak nina novak"),
        ("family_name", ""),
        ("family_name", "Nov\u202eak"),
        ("given_name", "N" * 81),
        ("language", "fr"),
        ("home_site", "birch"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_the_rest_is_kept(
    app: Flask, lab: Cast, box: Postbox, field: str, value: str
) -> None:
    path = invite(lab, box)
    nina = Visitor(app)
    answer = nina.submit(nina.get(path), path, **{**NEWCOMER, field: value})
    assert answer.status_code == 422
    assert f"{field}-errors" in answer.text
    assert SECRET not in answer.text
    if field != "given_name":
        assert 'value="Nina"' in answer.text
    assert not db.session.scalar(select(Person.id).where(Person.email == NEW))
    assert nina.submit(nina.get(path), path, **NEWCOMER).status_code == 303


@on_sqlite
def test_without_a_token_nobody_comes_in(app: Flask, lab: Cast, box: Postbox) -> None:
    path = invite(lab, box)
    assert Visitor(app).open(path, method="POST", data=NEWCOMER).status_code == 400


@on_sqlite
def test_guessing_links_is_slowed_down_and_a_newcomer_from_the_same_address_still_comes_in(
    app: Flask, lab: Cast, box: Postbox
) -> None:
    path, guesser = invite(lab, box), Visitor(app)
    answers = [guesser.post(f"/invitations/{new_token()}", **NEWCOMER).status_code for _ in range(101)]
    assert set(answers[:100]) == {404}
    assert answers[100] == 429
    nina = Visitor(app)
    assert nina.submit(nina.get(path), path, **NEWCOMER).status_code == 303
    assert Visitor(app).post(path, **NEWCOMER).status_code == 404  # used up, and no guess


@on_sqlite
def test_a_refusal_is_noted_once_an_hour_however_often_it_is_tried(
    app: Flask, lab: Cast, box: Postbox, clock: Clock
) -> None:
    path = invite(lab, box)
    clock.now = NOW + WEEK
    for _ in range(5):
        Visitor(app).get(path)
    assert refusals() == ["expired"]
    clock.now += timedelta(hours=2)
    Visitor(app).get(path)
    assert refusals() == ["expired", "expired"]


# --- asking -----------------------------------------------------------------------------------------------------------

STRANGER = {
    "family_name": "Novak",
    "given_name": "Nina",
    "email": NEW,
    "organisation": "Aoba",
    "message": "I start in May.",
}


def asked() -> list[JoinRequest]:
    db.session.remove()
    return list(db.session.scalars(select(JoinRequest).order_by(JoinRequest.id)))


def ask(app: Flask, **fields: str) -> str:
    """Ask as a stranger; the key of the request."""
    visitor = Visitor(app)
    answer = visitor.submit(visitor.get("/join"), "/join", **{**STRANGER, **fields})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/join/sent")
    return asked()[-1].key


def test_who_names_a_coordinator_is_accepted_there_and_comes_in(app: Flask, lab: Cast, box: Postbox) -> None:
    key = ask(app, coordinator="CORA@lab.example")
    assert asked()[0].partner_id == lab.partners["aoba"]
    cora = Visitor(app, "cora")
    page = cora.get("/joining")
    for word in ("Nina Novak", NEW, "I start in May."):
        assert word in page.text
    assert cora.submit(page, f"/joining/{key}/accept").status_code == 303
    path = box.only(NEW).path
    nina = Visitor(app)
    nina.submit(nina.get(path), path, **NEWCOMER)
    assert roles_of() == {(Role.SCIENTIST, lab.partners["aoba"])}
    assert cora.post(f"/joining/{key}/accept").status_code == 409
    assert cora.post(f"/joining/{key}/decline", reason="no").status_code == 409
    codes = set(db.session.scalars(select(Event.code).where(Event.partner_id == lab.partners["aoba"])))
    assert {"join-asked", "join-accepted", "invitation-sent"} <= codes


@on_sqlite
def test_the_answer_tells_nothing_of_who_is_known(app: Flask, lab: Cast) -> None:
    visitor, pages = Visitor(app), []
    for fields in (
        {"coordinator": "cora@lab.example"},
        {"coordinator": "nobody@lab.example"},
        {"coordinator": "", "email": "alan@lab.example"},
        {"email": "alan@lab.example", "organisation": "Aoba again"},
        STRANGER,
        STRANGER,
    ):
        answer = visitor.submit(visitor.get("/join"), "/join", **{**STRANGER, **fields})
        pages.append((answer.status_code, answer.headers["Location"], steady(visitor.get("/join/sent").text)))
    assert len(set(pages)) == 1


@on_sqlite
def test_staff_find_the_partner_and_its_coordinator_answers(app: Flask, lab: Cast, box: Postbox) -> None:
    key = ask(app, coordinator="somebody@aoba.example")
    cora, sora, sam, ben = (Visitor(app, name) for name in ("cora", "sora", "sam", "ben"))
    assert NEW not in cora.get("/joining").text
    assert ben.get("/joining").status_code == 403
    assert cora.post(f"/joining/{key}/decline", reason="no").status_code == 404
    aoba = db.session.scalars(select(Partner.key).where(Partner.id == lab.partners["aoba"])).one()
    cedar = db.session.scalars(select(Partner.key).where(Partner.id == lab.partners["cedar"])).one()
    assert sam.post(f"/joining/{key}/assign", partner=cedar).status_code == 422  # no partner of Cambridge
    unsaid = sora.submit(sora.get("/joining"), f"/joining/{key}/assign")  # nobody's partner stands there unasked
    assert unsaid.status_code == 422
    assert sora.submit(sora.get("/joining"), f"/joining/{key}/assign", partner=aoba).status_code == 303
    assert sora.post(f"/joining/{key}/assign", partner=cedar).status_code == 409
    assert "のコーディネーターと、その利用機関の" in sora.get("/joining").text  # who invites, since staff do not
    assert sora.post(f"/joining/{key}/accept").status_code == 403
    page = cora.get("/joining")
    empty = cora.submit(page, f"/joining/{key}/decline", reason=" ")
    assert empty.status_code == 422
    assert "Give a reason" in empty.text
    assert cora.submit(page, f"/joining/{key}/decline", reason="We do not know you.").status_code == 303
    mail = box.only(NEW)
    assert mail.subject == "Your request to join LabBook"
    assert "We do not know you." in mail.text
    assert "Cora" not in mail.text
    assert [one.is_accepted for one in asked()] == [False]


@on_sqlite
def test_a_manager_declines_what_belongs_nowhere(app: Flask, lab: Cast) -> None:
    key = ask(app, organisation="Buy now")
    assert Visitor(app, "sora").post(f"/joining/{key}/decline", reason="no").status_code == 403
    assert Visitor(app, "mio").post(f"/joining/{key}/accept").status_code == 404
    assert Visitor(app, "mio").post(f"/joining/{key}/decline", reason="no").status_code == 303


@on_sqlite
def test_a_rival_coordinator_does_not_see_who_asks_elsewhere(app: Flask, lab: Cast, box: Postbox) -> None:
    key = ask(app, coordinator="cora@lab.example")
    path = invite(lab, box, "ben@lab.example", partner="birch", role=Role.COORDINATOR, by="ada")
    ben = Visitor(app, "ben")
    ben.submit(ben.get(path), path)
    assert NEW not in ben.get("/joining").text
    for verb in ("accept", "decline", "assign"):
        assert ben.post(f"/joining/{key}/{verb}", reason="no").status_code == 404


@on_sqlite
def test_somebody_with_an_account_asks_for_another_partner(app: Flask, lab: Cast, box: Postbox) -> None:
    ben = Visitor(app, "ben")
    page = ben.get("/join")
    assert 'name="email"' not in page.text
    fields = {"organisation": "Aoba", "coordinator": "cora@lab.example", "email": "ada@lab.example"}
    assert ben.submit(page, "/join", **fields).status_code == 303
    (found,) = asked()
    assert (found.email, found.family_name) == ("ben@lab.example", "Birk")
    cora = Visitor(app, "cora")
    cora.submit(cora.get("/joining"), "/accept")
    path = box.only("ben@lab.example").path
    assert ben.submit(ben.get(path), path).headers["Location"] == "/welcome"
    assert len(roles_of("ben@lab.example")) == 2


@on_sqlite
def test_no_place_left_is_said_before_anybody_is_accepted(app: Flask, lab: Cast) -> None:
    give_places(lab, "aoba", 5)
    key = ask(app, coordinator="cora@lab.example")
    cora = Visitor(app, "cora")
    assert cora.post(f"/joining/{key}/accept").status_code == 303
    assert "All 5 places are taken" in cora.get("/joining").text
    assert asked()[0].answered_at is None
    assert not count(Invitation)
    assert not count(Letter)


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nina@new.example\r\nBcc: x@y.example"),
        ("email", "nin\u0430@new.example"),
        ("organisation", ""),
        ("organisation", "A" * 121),
        ("coordinator", "cora"),
        ("message", "x\u202e"),
    ],
)
def test_a_request_of_the_wrong_shape_is_said_beside_the_field(app: Flask, lab: Cast, field: str, value: str) -> None:
    visitor = Visitor(app)
    answer = visitor.submit(visitor.get("/join"), "/join", **{**STRANGER, field: value})
    assert answer.status_code == 422
    assert f"{field}-errors" in answer.text
    assert 'value="Novak"' in answer.text
    assert not asked()


@on_sqlite
def test_asking_again_and_again_is_one_request_and_slowed_down(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    page = visitor.get("/join")
    statuses = [visitor.submit(page, "/join", **STRANGER).status_code for _ in range(11)]
    assert statuses == [303] * 10 + [429]
    assert len(asked()) == 1
    assert count(SignIn) == 0


@pytest.mark.parametrize(
    "line",
    [
        "GET /invitations/{} 404",
        "GET /sign-in?next=%2Finvitations%2F{} 200",
        "POST /reset/{} 303",
        "GET /signs/{}?page=1 200",
    ],
)
def test_no_log_holds_the_secret_of_a_link(line: str) -> None:
    token = new_token()
    record = logging.LogRecord("gunicorn.error", logging.INFO, "", 0, line.format(token), (), None)
    assert MaskTokens().filter(record)
    assert record.getMessage() == line.format("…")
