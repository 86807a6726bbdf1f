"""Inviting: by whom, to what, within the places of the agreement; the link that comes of it."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook.core.permissions import ForbiddenError, NotFoundError, Role
from labbook.db import db, transactional
from labbook.models import Agreement, Event, Invitation, OneTimeLink, Partner, Person, RoleGrant
from labbook.people.directory import matter_of_partner
from labbook.people.service import inviting
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock, let_go
from tests.people.post import Postbox

NEW = "nina@new.example"
WEEK = timedelta(days=7)


def key_of(lab: Cast, partner: str) -> str:
    db.session.remove()
    return db.session.scalars(select(Partner.key).where(Partner.id == lab.partners[partner])).one()


def people_of(lab: Cast, partner: str = "aoba") -> str:
    return f"/people/partners/{key_of(lab, partner)}"


def invited() -> list[Invitation]:
    db.session.remove()
    return list(db.session.scalars(select(Invitation).order_by(Invitation.id)))


def events(code: str) -> list[Event]:
    db.session.remove()
    return list(db.session.scalars(select(Event).where(Event.code == code).order_by(Event.id)))


@transactional
def give_places(lab: Cast, partner: str, places: int | None) -> None:
    db.session.execute(update(Agreement).where(Agreement.partner_id == lab.partners[partner]).values(places=places))


def test_a_coordinator_invites_a_scientist_who_gets_a_link_in_their_language(
    app: Flask, lab: Cast, box: Postbox
) -> None:
    cora = Visitor(app, "cora")
    page = cora.get("/people")
    assert page.headers["Location"] == people_of(lab)
    answer = cora.submit(cora.get(people_of(lab)), "/invite", email=f" {NEW.upper()} ", language="ja")
    assert (answer.status_code, answer.headers["Location"]) == (303, people_of(lab))
    assert NEW in cora.get(people_of(lab)).text
    mail = box.only(NEW)
    assert mail.subject == "LabBookへのご招待"
    assert "Aobaバイオ" in mail.text
    assert "Cole Cora" in mail.text
    assert "研究者" in mail.text
    assert "つくば" in mail.text
    assert "2026年11月30日(月)" in mail.text
    assert mail.path.startswith("/invitations/")
    (found,) = invited()
    assert (found.role, found.partner_id, found.expires_at) == (Role.SCIENTIST, lab.partners["aoba"], NOW + WEEK)
    (event,) = events("invitation-sent")
    assert (event.partner_id, event.actor_id) == (lab.partners["aoba"], lab.people["cora"])
    token = mail.path.rsplit("/", 1)[1]
    stored = db.session.scalars(select(OneTimeLink.token_hash)).one()
    assert token not in stored


@on_sqlite
def test_a_manager_invites_a_coordinator_and_an_administrator_staff(app: Flask, lab: Cast, box: Postbox) -> None:
    mio, ada = Visitor(app, "mio"), Visitor(app, "ada")
    assert mio.submit(mio.get(people_of(lab, "cedar")), "/invite", email=NEW, role="coordinator").status_code == 303
    assert mio.submit(mio.get("/people/sites/tsukuba"), "/invite", email="staff@new.example").status_code == 303
    page = ada.get("/people/sites/cambridge")
    assert ada.submit(page, "/invite", email="chief@new.example", role="manager").status_code == 303
    assert [(one.email, one.role) for one in invited()] == [
        (NEW, Role.COORDINATOR),
        ("staff@new.example", Role.STAFF),
        ("chief@new.example", Role.MANAGER),
    ]
    assert len(box.collect()) == 3


@on_sqlite
def test_a_manager_brings_nobody_into_a_partner_that_also_works_at_a_site_of_others(
    app: Flask, lab: Cast, box: Postbox
) -> None:
    """Whoever comes in reads what the partner does at both sites; making an agreement here does not change that."""
    hana = db.session.get_one(Person, lab.people["hana"]).key
    _manage_cambridge(lab)
    sam = Visitor(app, "sam")
    for partner, found in (("birch", 200), ("cedar", 404)):
        assert sam.get(people_of(lab, partner)).status_code == found
    _agree(lab, "cedar", "cambridge", date(2026, 12, 1))
    for partner in ("birch", "cedar"):
        page = sam.get(people_of(lab, partner))
        assert page.status_code == 200
        assert "/invite" not in page.text
        for role in ("coordinator", "scientist"):
            status = sam.post(f"{people_of(lab, partner)}/invite", email=NEW, role=role, language="en").status_code
            assert status == 403, (partner, role)
    assert sam.post(f"/people/{hana}/roles", role=f"coordinator:{key_of(lab, 'birch')}").status_code in (403, 422)
    assert not invited()
    _end_agreements(lab, "cedar", "tsukuba")  # what is over at the other site is no longer in the way
    page = sam.get(people_of(lab, "cedar"))
    assert sam.submit(page, "/invite", email=NEW, role="coordinator").status_code in (303, 409)


@transactional
def _manage_cambridge(lab: Cast) -> None:
    manages = RoleGrant(person_id=lab.people["sam"], role=Role.MANAGER, site_id=lab.sites["cambridge"])
    manages.starts_on = date(2026, 1, 1)
    db.session.add(manages)


@transactional
def _agree(lab: Cast, partner: str, site: str, starts_on: date) -> None:
    db.session.add(Agreement(partner_id=lab.partners[partner], site_id=lab.sites[site], starts_on=starts_on))


@transactional
def _end_agreements(lab: Cast, partner: str, site: str) -> None:
    those = (Agreement.partner_id == lab.partners[partner], Agreement.site_id == lab.sites[site])
    db.session.execute(update(Agreement).where(*those).values(ends_on=date(2026, 11, 20)))


@on_sqlite
def test_whose_agreement_is_over_is_no_business_of_the_sites_staff_any_more(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "mio").get(people_of(lab, "dover")).status_code == 404
    assert Visitor(app, "ada").get(people_of(lab, "dover")).status_code == 200
    assert matter_of_partner(lab.partners["dover"], now=NOW).partner_sites == frozenset()


@on_sqlite
def test_the_partners_coordinators_hear_of_whom_others_bring_in_and_of_each_once(
    app: Flask, lab: Cast, box: Postbox
) -> None:
    ada, cora = Visitor(app, "ada"), Visitor(app, "cora")
    page = ada.get(people_of(lab))
    for _ in range(2):  # the second sends the same invitation again
        assert ada.submit(page, "/invite", email=NEW, role="coordinator").status_code == 303
    mail = box.only("cora@lab.example")
    assert "Ada Adams of the lab has invited nina@new.example to Aoba Bio, as coordinator." in mail.text
    ben = db.session.get_one(Person, lab.people["ben"]).key
    role = f"scientist:{key_of(lab, 'aoba')}"
    page = ada.get(f"/people/{ben}")
    assert ada.submit(page, "/roles", role=role, starts_on="2026-11-25", ends_on="").status_code == 303
    assert "has given Ben Birk a role for Aoba Bio: scientist." in box.only("cora@lab.example").text
    assert cora.submit(cora.get(people_of(lab)), "/invite", email="own@new.example").status_code == 303
    assert [one.to for one in box.collect()] == ["own@new.example"]


@on_sqlite
def test_nobody_invites_above_their_own_role_or_elsewhere_whatever_the_form_says(app: Flask, lab: Cast) -> None:
    cora, mio = Visitor(app, "cora"), Visitor(app, "mio")
    page = cora.get(people_of(lab))
    for role in ("coordinator", "manager", "administrator", "auditor", "", "nonsense"):
        assert cora.submit(page, "/invite", email=NEW, role=role).status_code == 422
    birch = key_of(lab, "birch")
    forged = {"partner": birch, "partner_id": str(lab.partners["birch"]), "site": "tsukuba", "is_admin": "1"}
    assert cora.submit(page, "/invite", email=NEW, **forged).status_code == 303
    (found,) = invited()
    assert (found.partner_id, found.role, found.site_id) == (lab.partners["aoba"], Role.SCIENTIST, None)
    assert cora.submit_to(f"/people/partners/{birch}/invite", page, "/invite", email=NEW).status_code == 404
    assert cora.submit_to("/people/sites/tsukuba/invite", page, "/invite", email=NEW, role="staff").status_code == 404
    site = mio.get("/people/sites/tsukuba")
    assert mio.submit(site, "/invite", email=NEW, role="manager").status_code == 422
    assert mio.submit_to("/people/sites/cambridge/invite", site, "/invite", email=NEW).status_code == 404
    assert len(invited()) == 1
    with pytest.raises(ForbiddenError):
        inviting.invite_to_partner(
            lab.actor("cora"), key_of(lab, "aoba"), NEW, Role.COORDINATOR, "en", now=NOW, lasts=WEEK
        )
    with pytest.raises(NotFoundError):
        inviting.invite_to_partner(lab.actor("cora"), birch, NEW, Role.SCIENTIST, "en", now=NOW, lasts=WEEK)


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"), [("sora", 403), ("audrey", 403), ("mio", 403), ("alan", 404), ("ben", 404), ("dora", 404)]
)
def test_whoever_may_not_invite_is_told_so_and_a_stranger_nothing(
    app: Flask, lab: Cast, name: str, status: int
) -> None:
    path = people_of(lab)
    visitor = Visitor(app, name)
    assert visitor.post(f"{path}/invite", email=NEW, role="scientist", language="en").status_code == status
    assert visitor.get(path).status_code == (404 if status == 404 else 200)
    assert not invited()


@on_sqlite
@pytest.mark.parametrize(
    "email",
    [
        "",
        "nina",
        "nina@new",
        "nina@new.example\nBcc: all@lab.example",
        "nina@new.example, ben@lab.example",
        "nin\u0430@new.example",
        "nina@n\u0435w.example",
        "Nina <nina@new.example>",
        f"{'n' * 65}@new.example",
        f"nina@{'n' * 250}.example",
    ],
)
def test_what_is_no_plain_address_is_refused_beside_the_field(app: Flask, lab: Cast, email: str) -> None:
    cora = Visitor(app, "cora")
    answer = cora.submit(cora.get(people_of(lab)), "/invite", email=email)
    assert answer.status_code == 422
    assert "email-errors" in answer.text
    assert not invited()


def test_the_agreement_limits_how_many(app: Flask, lab: Cast) -> None:
    give_places(lab, "aoba", 6)  # hana, alan, cora, mio and two have roles
    cora = Visitor(app, "cora")
    page = cora.get(people_of(lab))
    assert "5 of 6 places" in page.text
    assert cora.submit(page, "/invite", email=NEW).status_code == 303
    full = cora.submit(page, "/invite", email="late@new.example")
    assert full.status_code == 409
    assert "All 6 places are taken" in full.text
    assert "late@new.example" in full.text
    assert cora.submit(page, "/invite", email=NEW).status_code == 303  # the same one again takes no other place
    key = invited()[0].key
    assert cora.post(f"/invitations/{key}/revoke").status_code == 303
    assert cora.submit(page, "/invite", email="late@new.example").status_code == 303
    assert [one.email for one in invited()] == [NEW, "late@new.example"]


@on_sqlite
def test_an_expired_invitation_keeps_no_place_and_gets_one_again_only_if_there_is_one(
    app: Flask, lab: Cast, clock: Clock
) -> None:
    give_places(lab, "aoba", 6)
    cora = Visitor(app, "cora")
    page = cora.get(people_of(lab))
    cora.submit(page, "/invite", email=NEW)
    clock.now = NOW + timedelta(days=8)
    cora = Visitor(app, "cora")
    page = cora.get(people_of(lab))
    assert "expired on" in page.text
    assert cora.submit(page, "/invite", email="late@new.example").status_code == 303
    key = invited()[0].key
    assert cora.post(f"/invitations/{key}/resend").status_code == 303
    assert "All 6 places are taken" in cora.get("/sites/tsukuba/day").text
    assert invited()[0].expires_at == NOW + WEEK


@on_sqlite
def test_the_largest_agreement_in_force_counts_and_none_means_no_limit(app: Flask, lab: Cast) -> None:
    with app.test_request_context():
        _places(lab, {"tsukuba": 5, "cambridge": 9})
    cora = Visitor(app, "cora")
    assert "5 of 9 places" in cora.get(people_of(lab)).text
    _places(lab, {"cambridge": None})
    assert "5 people, no limit" in cora.get(people_of(lab)).text
    ada = Visitor(app, "ada")
    ended = ada.submit(ada.get(people_of(lab, "dover")), "/invite", email=NEW)
    assert ended.status_code == 409
    assert "No agreement is in force that allows people." in ended.text


@transactional
def _places(lab: Cast, places: dict[str, int | None]) -> None:
    for site, number in places.items():
        same = Agreement.partner_id == lab.partners["aoba"], Agreement.site_id == lab.sites[site]
        db.session.execute(update(Agreement).where(*same).values(places=number))


def test_two_coordinators_race_for_the_last_place_and_one_gets_it(app: Flask, lab: Cast) -> None:
    give_places(lab, "aoba", 6)
    key, cora = key_of(lab, "aoba"), lab.actor("cora")
    start, outcomes = threading.Barrier(6), []

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                inviting.invite_to_partner(
                    cora, key, f"n{number}@new.example", Role.SCIENTIST, "en", now=NOW, lasts=WEEK
                )
                outcomes.append("invited")
            except inviting.NoPlaceLeftError:
                outcomes.append("full")
            finally:
                db.session.remove()
                if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
                    let_go()

    db.session.remove()
    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full"] * 5 + ["invited"]
    assert len(invited()) == 1


def test_the_same_invitation_twice_is_one_with_a_new_link(app: Flask, lab: Cast, box: Postbox, clock: Clock) -> None:
    cora = Visitor(app, "cora")
    page = cora.get(people_of(lab))
    cora.submit(page, "/invite", email=NEW)
    cora.submit(page, "/invite", email=NEW)
    first = box.only(NEW)  # a double click makes one letter
    clock.now = NOW + timedelta(days=2)
    key, cora = invited()[0].key, Visitor(app, "cora")
    assert cora.post(f"/invitations/{key}/resend").status_code == 303
    guest = Visitor(app)
    assert guest.get(first.path).status_code == 404  # at once, before the new one is sent
    second = box.only(NEW)
    assert second.path != first.path
    assert guest.get(second.path).status_code == 200
    assert guest.get(first.path).status_code == 404
    (found,) = invited()
    assert found.expires_at == clock.now + WEEK
    assert len(events("invitation-resent")) == 1


@on_sqlite
def test_a_revoked_invitation_opens_nothing_and_its_waiting_letter_stays(app: Flask, lab: Cast, box: Postbox) -> None:
    cora = Visitor(app, "cora")
    page = cora.get(people_of(lab))
    cora.submit(page, "/invite", email=NEW)
    sent = box.only(NEW)
    key = invited()[0].key
    cora.post(f"/invitations/{key}/resend")
    assert cora.post(f"/invitations/{key}/revoke").status_code == 303
    assert box.collect() == []
    assert Visitor(app).get(sent.path).status_code == 404
    for verb in ("revoke", "resend"):
        assert cora.post(f"/invitations/{key}/{verb}").status_code == 409
    assert NEW not in cora.get(people_of(lab)).text


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"), [("ben", 404), ("alan", 404), ("sora", 403), ("mio", 403), ("audrey", 403), ("cora", 403)]
)
def test_others_neither_revoke_nor_resend(app: Flask, lab: Cast, name: str, status: int) -> None:
    ada = Visitor(app, "ada")
    ada.submit(ada.get(people_of(lab)), "/invite", email=NEW, role="coordinator")
    key = invited()[0].key
    for verb in ("revoke", "resend"):  # a coordinator could not have sent this one, and so cannot renew it
        assert Visitor(app, name).post(f"/invitations/{key}/{verb}").status_code == status
    assert invited()[0].revoked_at is None


@on_sqlite
def test_who_has_the_role_already_is_not_invited_to_it(app: Flask, lab: Cast, box: Postbox) -> None:
    ada = Visitor(app, "ada")
    page = ada.get(people_of(lab))
    assert ada.submit(page, "/invite", email="alan@lab.example").status_code == 409
    assert ada.submit(page, "/invite", email="alan@lab.example", role="coordinator").status_code == 303
    assert "alan@lab.example" in form_page(ada, lab)
    assert "5 people, no limit" in form_page(ada, lab)  # one person, one place


def form_page(visitor: Visitor, lab: Cast) -> str:
    page = visitor.get(people_of(lab))
    assert form_of(page, "/invite").fields["role"]
    return page.text


@on_sqlite
def test_an_address_with_an_account_gets_the_same_answer_as_one_without(app: Flask, lab: Cast) -> None:
    cora = Visitor(app, "cora")
    page = cora.get(people_of(lab))
    answers = [cora.submit(page, "/invite", email=email) for email in ("ben@lab.example", "bem@lab.example")]
    assert [answer.status_code for answer in answers] == [303, 303]
    shown = cora.get(people_of(lab)).text
    assert "Ben" not in shown
    assert "Birk" not in shown


@transactional
def end_agreement(lab: Cast) -> None:
    same = Agreement.partner_id == lab.partners["aoba"]
    db.session.execute(update(Agreement).where(same).values(ends_on=date(2026, 11, 20)))


@on_sqlite
def test_a_coordinator_without_an_agreement_sees_and_invites_nobody(app: Flask, lab: Cast) -> None:
    path = people_of(lab)
    cora = Visitor(app, "cora")
    page = cora.get(path)
    end_agreement(lab)
    assert cora.get("/people").status_code == 403
    assert cora.get(path).status_code == 404
    assert cora.submit(page, "/invite", email=NEW).status_code == 404
    assert not invited()
    assert db.session.scalar(select(func.count(RoleGrant.id)).join(Person, Person.id == RoleGrant.person_id))
