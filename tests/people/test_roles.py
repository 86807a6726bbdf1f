"""Roles: who gives and ends them, from when, and that an end takes effect with the very next request."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import (
    Area,
    AreaApprover,
    Booking,
    Event,
    Flag,
    Invitation,
    JoinRequest,
    Partner,
    Person,
    RoleGrant,
    StandIn,
)
from labbook.people.service import roles
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock, application, let_go
from tests.people.post import Postbox
from tests.statements import counted, unlike


def person(lab: Cast, name: str) -> str:
    db.session.remove()
    return db.session.scalars(select(Person.key).where(Person.id == lab.people[name])).one()


def partner(lab: Cast, name: str) -> str:
    db.session.remove()
    return db.session.scalars(select(Partner.key).where(Partner.id == lab.partners[name])).one()


def live(lab: Cast, name: str) -> set[tuple[Role, int | None, int | None]]:
    db.session.remove()
    grants = select(RoleGrant).where(RoleGrant.person_id == lab.people[name], RoleGrant.ended_at.is_(None))
    return {(one.role, one.partner_id, one.site_id) for one in db.session.scalars(grants)}


def codes(lab: Cast, name: str) -> list[str]:
    db.session.remove()
    found = select(Event.code).where(Event.subject == "person", Event.subject_id == lab.people[name])
    return [code for code in db.session.scalars(found.order_by(Event.id)) if code != "signed-in"]


def give(visitor: Visitor, key: str, role: str, **fields: str) -> int:
    answer = visitor.post(f"/people/{key}/roles", role=role, **{"starts_on": "2026-11-23", "ends_on": "", **fields})
    return answer.status_code


# --- removing somebody ------------------------------------------------------------------------------------------------


def test_who_is_removed_is_out_with_the_next_click_on_every_process_and_feed(
    app: Flask, lab: Cast, database: str, clock: Clock, box: Postbox
) -> None:
    elsewhere = application(database, CLOCK=clock)  # another web process
    alan, cora = Visitor(elsewhere, "alan"), Visitor(app, "cora")
    alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00")
    alan.book("tsukuba-plain", "2026-11-26T10:00", "2026-11-26T11:00")
    feed = _feed_of(alan)
    anybody = Visitor(elsewhere)
    assert anybody.get(feed).status_code == 200
    clock.now = NOW + timedelta(hours=6)
    key, aoba = person(lab, "alan"), partner(lab, "aoba")
    page = cora.get(f"/people/{key}")
    answer = cora.submit(page, "/remove")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/people/partners/{aoba}")
    assert live(lab, "alan") == set()
    assert alan.get("/sites/tsukuba/day").status_code == 404
    assert alan.get("/resources/tsukuba-plain").status_code == 404
    assert "Plates" not in anybody.get(feed).text
    assert cora.get(f"/people/{key}").status_code == 404
    assert codes(lab, "alan") == ["person-removed"]
    flags = db.session.scalars(select(Flag)).all()
    assert [(one.code, one.settled_at) for one in flags] == [("person-left", None)] * 2
    assert {str(one.state) for one in db.session.scalars(select(Booking))} == {"approved"}  # nothing is lost
    assert "no longer belong to Aoba Bio" in box.only("alan@lab.example").text
    assert cora.submit(page, "/remove").status_code == 404
    with elsewhere.app_context():
        let_go()


def _feed_of(visitor: Visitor) -> str:
    page = visitor.get("/feeds")
    made = visitor.submit(page, "/feeds", name="mine", about="mine", detail="full", language="en")
    url = made.text.partition('id="made-url" readonly value="')[2].partition('"')[0]
    return "/" + url.split("/", 3)[3]


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [("hana", 404), ("ben", 404), ("dora", 404), ("sam", 403), ("sora", 403), ("audrey", 403), ("ada", 403)],
)
def test_others_remove_nobody(app: Flask, lab: Cast, name: str, status: int) -> None:
    key, aoba = person(lab, "alan"), partner(lab, "aoba")
    visitor = Visitor(app, name)
    assert visitor.post(f"/people/{key}/remove", partner=aoba).status_code == status
    assert visitor.post(f"/people/{key}/roles/end", role="scientist", place=aoba).status_code == status
    assert live(lab, "alan")


@on_sqlite
def test_a_coordinator_removes_from_their_own_partner_only(app: Flask, lab: Cast) -> None:
    cora = Visitor(app, "cora")
    key = person(lab, "two")
    page = cora.get(f"/people/{key}")
    assert "Cedar" not in page.text  # what else somebody does is not the coordinator's business
    assert cora.post(f"/people/{key}/remove", partner=partner(lab, "cedar")).status_code == 404
    assert cora.post(f"/people/{person(lab, 'ben')}/remove", partner=partner(lab, "aoba")).status_code == 404
    assert cora.submit(page, "/remove").status_code == 303
    assert live(lab, "two") == {(Role.SCIENTIST, lab.partners["cedar"], None)}
    two = Visitor(app, "two")
    assert two.get("/sites/tsukuba/day").status_code == 200


@on_sqlite
def test_a_role_that_runs_out_flags_what_lies_ahead(app: Flask, lab: Cast) -> None:
    Visitor(app, "alan").book("tsukuba-plain", "2026-11-26T10:00", "2026-11-26T11:00")
    db.session.remove()
    assert roles.flag_the_departed(now=NOW) == 0
    _ends(lab.people["alan"], date(2026, 11, 21))
    assert roles.flag_the_departed(now=NOW) == 1
    assert roles.flag_the_departed(now=NOW) == 0


@transactional
def _ends(number: int, day: date) -> None:
    db.session.execute(update(RoleGrant).where(RoleGrant.person_id == number).values(ends_on=day))


# --- giving and ending ------------------------------------------------------------------------------------------------


def test_a_role_is_good_from_its_first_day_to_its_last(app: Flask, lab: Cast, clock: Clock, box: Postbox) -> None:
    ada, key, birch = Visitor(app, "ada"), person(lab, "hana"), partner(lab, "birch")
    page = ada.get(f"/people/{key}")
    dates = {"starts_on": "2026-11-25", "ends_on": "2026-11-26"}
    assert ada.submit(page, "/roles", role=f"coordinator:{birch}", **dates).status_code == 303
    assert "2026年11月25日" in box.only("hana@lab.example").text
    assert codes(lab, "hana") == ["role-given"]
    path = f"/people/partners/{birch}"
    for day, status in ((0, 404), (1, 404), (2, 200), (3, 200), (5, 404)):
        clock.now = NOW + timedelta(days=day)
        assert Visitor(app, "hana").get(path).status_code == status, day


@on_sqlite
def test_nobody_changes_their_own_role(app: Flask, lab: Cast) -> None:
    for name, role, place in (
        ("mio", "coordinator", partner(lab, "aoba")),
        ("mio", "staff", "tsukuba"),
        ("ada", "auditor", ""),
        ("ada", "manager", "tsukuba"),
    ):
        visitor, before = Visitor(app, name), live(lab, name)
        key = person(lab, name)
        visitor.get(f"/people/{key}")
        assert give(visitor, key, f"{role}:{place}") in (403, 422)
        for held, number, site in before:
            where = partner(lab, "aoba") if number else "tsukuba" if site else ""
            assert visitor.post(f"/people/{key}/roles/end", role=held, place=where).status_code == 403
        assert live(lab, name) == before


@on_sqlite
@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("cora", {403}),
        ("sora", {403}),
        ("sam", {403}),
        ("audrey", {403}),
        ("mio", {422, 403}),
        ("ben", {404}),
        ("hana", {404}),
    ],
)
def test_only_administrators_give_roles_at_a_site_or_for_the_lab(
    app: Flask, lab: Cast, name: str, statuses: set[int]
) -> None:
    visitor, key = Visitor(app, name), person(lab, "alan")
    for role in ("staff:tsukuba", "manager:tsukuba", "administrator:", "auditor:", "owner:", "nonsense", ""):
        assert give(visitor, key, role) in statuses
    assert live(lab, "alan") == {(Role.SCIENTIST, lab.partners["aoba"], None)}


@on_sqlite
def test_an_administrator_gives_and_ends_roles_everywhere(app: Flask, lab: Cast, box: Postbox) -> None:
    ada, key = Visitor(app, "ada"), person(lab, "sam")
    for role in ("manager:tsukuba", "auditor:"):
        assert give(ada, key, role) == 303
        assert give(ada, key, role) == 409
    assert give(ada, key, "staff:tsukuba", ends_on="2026-11-01") == 422
    assert give(ada, key, "staff:tsukuba", starts_on="soon") == 422
    assert live(lab, "sam") == {
        (Role.STAFF, None, lab.sites["cambridge"]),
        (Role.MANAGER, None, lab.sites["tsukuba"]),
        (Role.AUDITOR, None, None),
    }
    assert ada.post(f"/people/{key}/roles/end", role="auditor", place="").status_code == 303
    assert ada.post(f"/people/{key}/roles/end", role="auditor", place="").status_code == 409
    assert ada.post(f"/people/{key}/roles/end", role="king", place="").status_code == 422
    assert ada.post(f"/people/{key}/roles/end", role="staff", place="nowhere").status_code == 404
    assert (Role.AUDITOR, None, None) not in live(lab, "sam")
    assert len(box.collect()) == 3


@on_sqlite
def test_the_lab_keeps_an_administrator(app: Flask, lab: Cast) -> None:
    ada, sam = lab.actor("ada"), person(lab, "sam")
    roles.give_role(ada, sam, Role.ADMINISTRATOR, "", date(2026, 11, 1), None, now=NOW)
    other = lab.actor("sam")
    _close(lab.people["sam"])
    with pytest.raises(roles.LastAdministratorError):
        roles.end_role(other, person(lab, "ada"), Role.ADMINISTRATOR, "", now=NOW)
    assert live(lab, "ada")


@transactional
def _close(number: int) -> None:
    db.session.execute(update(Person).where(Person.id == number).values(is_active=False))


def test_two_administrators_who_end_each_other_do_not_both_succeed(app: Flask, lab: Cast) -> None:
    keys = {name: person(lab, name) for name in ("ada", "sam")}
    roles.give_role(lab.actor("ada"), keys["sam"], Role.ADMINISTRATOR, "", date(2026, 11, 1), None, now=NOW)
    pairs = [(lab.actor("ada"), keys["sam"]), (lab.actor("sam"), keys["ada"])]
    start, outcomes = threading.Barrier(2), []
    db.session.remove()

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                roles.end_role(*pairs[number], Role.ADMINISTRATOR, "", now=NOW)
                outcomes.append("ended")
            except roles.LastAdministratorError:
                outcomes.append("kept")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ended", "kept"]


@on_sqlite
def test_who_leaves_the_staff_decides_and_stands_in_no_more(app: Flask, lab: Cast) -> None:
    _name(lab)
    ada, key = Visitor(app, "ada"), person(lab, "sora")
    sora = Visitor(app, "sora")
    assert sora.get("/inbox").status_code == 200
    assert ada.post(f"/people/{key}/roles/end", role="staff", place="tsukuba").status_code == 303
    assert sora.get("/inbox").status_code == 403
    db.session.remove()
    assert not db.session.scalars(select(AreaApprover)).all()
    assert db.session.scalars(select(StandIn.ended_at)).one() is not None


@transactional
def _name(lab: Cast) -> None:
    area = db.session.scalars(select(Area.id).where(Area.site_id == lab.sites["tsukuba"])).one()
    db.session.add(AreaApprover(area_id=area, person_id=lab.people["sora"]))
    db.session.add(
        StandIn(
            site_id=lab.sites["tsukuba"],
            absent_id=lab.people["mio"],
            person_id=lab.people["sora"],
            starts_on=date(2026, 11, 1),
            ends_on=date(2026, 12, 1),
        )
    )


# --- the pages --------------------------------------------------------------------------------------------------------


@on_sqlite
def test_everybody_sees_the_people_that_are_theirs(app: Flask, lab: Cast) -> None:
    aoba, birch = partner(lab, "aoba"), partner(lab, "birch")
    expected = {
        "cora": (302, 200, 404, 404),
        "hana": (403, 404, 404, 404),
        "ben": (403, 404, 404, 404),
        "dora": (403, 404, 404, 404),
        "sora": (200, 200, 200, 200),
        "sam": (200, 200, 200, 404),
        "ada": (200, 200, 200, 200),
        "audrey": (200, 200, 200, 200),
    }
    for name, statuses in expected.items():
        visitor = Visitor(app, name)
        paths = ("/people", f"/people/partners/{aoba}", f"/people/partners/{birch}", "/people/sites/tsukuba")
        assert tuple(visitor.get(path).status_code for path in paths) == statuses, name
    nav = Visitor(app, "cora").get("/bookings").text
    assert 'href="/people"' in nav
    assert 'href="/people"' not in Visitor(app, "alan").get("/bookings").text
    staff = Visitor(app, "sam").get("/people").text
    assert "Aoba Bio" in staff
    assert "Cedar Bio" not in staff  # no agreement with Cambridge


@on_sqlite
def test_staff_of_another_site_see_nothing_of_this_sites_staff(app: Flask, lab: Cast) -> None:
    sam = Visitor(app, "sam")
    assert sam.get(f"/people/{person(lab, 'sora')}").status_code == 404
    mio = sam.get(f"/people/{person(lab, 'mio')}").text  # of Aoba too, which works at Cambridge
    assert "Scientist" in mio
    assert "Manager" not in mio


@on_sqlite
def test_more_people_and_invitations_cost_no_more_statements(app: Flask, lab: Cast) -> None:
    key, aoba = person(lab, "hana"), partner(lab, "aoba")
    visitors = [(Visitor(app, "mio"), path) for path in ("/people", f"/people/partners/{aoba}", f"/people/{key}")]
    visitors += [(Visitor(app, "sora"), "/sites/tsukuba/approvers"), (Visitor(app, "sora"), "/joining")]
    few = [_sent(visitor, path) for visitor, path in visitors]
    _fill(lab)
    many = [_sent(visitor, path) for visitor, path in visitors]
    for (_, path), before, after in zip(visitors, few, many, strict=True):
        assert len(before) == len(after), f"{path}\n{unlike(before, after)}"


def _sent(visitor: Visitor, path: str) -> list[str]:
    db.session.remove()
    with counted() as sent:
        assert visitor.get(path).status_code == 200
    return sent


@transactional
def _fill(lab: Cast) -> None:
    day = date(2026, 1, 1)
    area = db.session.scalars(select(Area.id).where(Area.site_id == lab.sites["tsukuba"])).one()
    for number, name in enumerate(("alan", "ben", "chika", "sam", "ada")):
        where = {"person_id": lab.people[name], "starts_on": day}
        db.session.add(RoleGrant(role=Role.COORDINATOR, partner_id=lab.partners["aoba"], **where))
        db.session.add(RoleGrant(role=Role.STAFF, site_id=lab.sites["tsukuba"], **where))
        db.session.add(RoleGrant(role=Role.SCIENTIST, partner_id=lab.partners["cedar"], **where))
        db.session.add(AreaApprover(area_id=area, person_id=lab.people[name]))
        about = {"email": f"n{number}@new.example", "language": "en"}
        db.session.add(
            Invitation(
                role=Role.SCIENTIST,
                partner_id=lab.partners["aoba"],
                invited_by_id=lab.people["cora"],
                made_at=NOW,
                expires_at=NOW + timedelta(days=7),
                **about,
            )
        )
        names = {"family_name": "N", "given_name": "N", "organisation": f"O{number}"}
        db.session.add(JoinRequest(partner_id=lab.partners["aoba"], asked_at=NOW, **names, **about))
