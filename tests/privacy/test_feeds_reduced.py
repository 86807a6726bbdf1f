"""What somebody may no longer see is out of their feed at the very next poll; what they now may see is in it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from labbook.core.feeds import Detail, Scope
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import (
    Agreement,
    Area,
    Person,
    ProjectPartner,
    Request,
    Resource,
    ResourceApprover,
    ResourceGroupMember,
    ResourcePartner,
    RoleGrant,
    StandIn,
)
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast
from tests.privacy.subscribing import Subscriber, furnish, words_in

FULL, BUSY = Detail
GONE = None
Change = Callable[[Cast], None]


# --- what may happen, by whichever way it is written ------------------------------------------------------------------


def resource(slug: str) -> int:
    """Its id."""
    return db.session.scalars(select(Resource.id).where(Resource.slug == slug)).one()


def agreement_ends(partner: str, site: str) -> Change:
    """Its agreement for one site."""

    def change(lab: Cast) -> None:
        which = (Agreement.partner_id == lab.partners[partner], Agreement.site_id == lab.sites[site])
        db.session.execute(update(Agreement).where(*which).values(ended_at=NOW))

    return change


def role_ends(who: str, partner: str = "", site: str = "") -> Change:
    """One of somebody's several roles."""

    def change(lab: Cast) -> None:
        where = RoleGrant.partner_id == lab.partners[partner] if partner else RoleGrant.site_id == lab.sites[site]
        db.session.execute(update(RoleGrant).where(RoleGrant.person_id == lab.people[who], where).values(ended_at=NOW))

    return change


def role_begins(who: str, role: Role, partner: str = "", site: str = "") -> Change:
    """Another one."""

    def change(lab: Cast) -> None:
        place = {"partner_id": lab.partners.get(partner), "site_id": lab.sites.get(site)}
        db.session.add(RoleGrant(person_id=lab.people[who], role=role, starts_on=NOW.date(), **place))

    return change


def set_resource(slug: str, **values: object) -> Change:
    """Somebody hides it, or takes it out of use."""

    def change(lab: Cast) -> None:
        db.session.execute(update(Resource).where(Resource.slug == slug).values(**values))

    return change


def moves(slug: str, area: str) -> Change:
    """To another area."""

    def change(lab: Cast) -> None:
        there = select(Area.id).where(Area.slug == area, Area.site_id == lab.sites["tsukuba"]).scalar_subquery()
        db.session.execute(update(Resource).where(Resource.slug == slug).values(area_id=there))

    return change


def leaves_group(slug: str) -> Change:
    """It is no member of the group."""

    def change(lab: Cast) -> None:
        db.session.execute(delete(ResourceGroupMember).where(ResourceGroupMember.resource_id == resource(slug)))

    return change


def joins_group(slug: str) -> Change:
    """It becomes one."""

    def change(lab: Cast) -> None:
        group = db.session.scalars(select(ResourceGroupMember.group_id).limit(1)).one()
        db.session.add(ResourceGroupMember(group_id=group, resource_id=resource(slug)))

    return change


def no_longer_named(lab: Cast) -> None:
    """The hidden resource is shown to Aoba no more."""
    db.session.execute(delete(ResourcePartner))


def named(partner: str) -> Change:
    """The hidden resource is shown to somebody else."""

    def change(lab: Cast) -> None:
        db.session.add(ResourcePartner(resource_id=resource("tsukuba-secret"), partner_id=lab.partners[partner]))

    return change


def leaves_project(partner: str) -> Change:
    """A partner has no part in the joint project any more."""

    def change(lab: Cast) -> None:
        db.session.execute(delete(ProjectPartner).where(ProjectPartner.partner_id == lab.partners[partner]))

    return change


def assigned_to(who: str) -> Change:
    """What waits is given to somebody."""

    def change(lab: Cast) -> None:
        db.session.execute(update(Request).values(assigned_to_id=lab.people[who]))

    return change


def questioned(lab: Cast) -> None:
    """Staff have asked, and the requester is to answer."""
    db.session.execute(update(Request).values(asked_at=NOW))


def approver(who: str) -> Change:
    """Somebody is named to decide for the sequencer."""

    def change(lab: Cast) -> None:
        db.session.add(ResourceApprover(resource_id=resource("tsukuba-asked"), person_id=lab.people[who]))

    return change


def stands_in(lab: Cast) -> None:
    """Mio is named, and Sora stands in for her."""
    approver("mio")(lab)
    away = {"starts_on": NOW.date(), "ends_on": NOW.date(), "site_id": lab.sites["tsukuba"], "key": "k"}
    db.session.add(StandIn(absent_id=lab.people["mio"], person_id=lab.people["sora"], **away))


def in_turn(*changes: Change) -> Change:
    """One after the other, in one go."""

    def change(lab: Cast) -> None:
        for one in changes:
            one(lab)
            db.session.flush()

    return change


@dataclass(frozen=True)
class Case:
    """Who follows what, what happens, and which words go and come, by detail; GONE is a feed that has ended."""

    said: str
    who: str
    scope: Scope
    about: str
    change: Change
    lost: dict[Detail, frozenset[str] | None]
    came: dict[Detail, frozenset[str]]

    def __str__(self) -> str:
        return self.said


def case(
    said: str,
    about: tuple[str, Scope, str],
    change: Change,
    full: set[str] | None,
    busy: set[str] | None,
    came: Collection[str] = (),
    came_busy: Collection[str] = (),
) -> Case:
    """A row of the table."""
    who, scope, slug = about
    lost = {detail: None if one is None else frozenset(one) for detail, one in ((FULL, full), (BUSY, busy))}
    return Case(said, who, scope, slug, change, lost, {FULL: frozenset(came), BUSY: frozenset(came_busy)})


SECRET, SCOPE, READER = "Secret suite", "Microscope", "Plate reader"
HANA, BEN = ("hana", Scope.MINE, ""), ("ben", Scope.MINE, "")
AREA, GROUP, PLAIN = (Scope.AREA, "tsukuba/imaging"), (Scope.GROUP, "several"), (Scope.RESOURCE, "tsukuba-plain")
HIDDEN = (Scope.RESOURCE, "tsukuba-secret")
WAITING = (Scope.WAITING, "")
TO_WAIT = ("sora", *WAITING)

CASES = [
    case("an agreement ends at one site: one's own bookings there", HANA, agreement_ends("aoba", "cambridge"),
         {"HanaScope", SCOPE}, {SCOPE}),
    case("the same: the partner's", ("cora", Scope.PARTNER, "aoba"), agreement_ends("aoba", "cambridge"),
         {"HanaScope", SCOPE}, {SCOPE}),
    case("the same: a group over both sites", ("hana", *GROUP), agreement_ends("aoba", "tsukuba"),
         {"HanaPlain", "HanaSecret", READER, SECRET}, {READER, SECRET}),
    case("the same: a resource there", ("hana", *PLAIN), agreement_ends("aoba", "tsukuba"), GONE, GONE),
    case("the same: an area there", ("hana", *AREA), agreement_ends("aoba", "tsukuba"), GONE, GONE),
    case("a rival's agreement ends", ("hana", *GROUP), agreement_ends("birch", "tsukuba"), set(), set()),
    case("one of two memberships ends: a resource", ("two", *PLAIN), role_ends("two", "aoba"), {"HanaPlain"}, set()),
    case("the same: that partner's feed", ("two", Scope.PARTNER, "aoba"), role_ends("two", "aoba"), GONE, GONE),
    case("the same: the other partner's feed", ("two", Scope.PARTNER, "cedar"), role_ends("two", "aoba"), set(), set()),
    case("the same: what was hidden from the other", ("two", *HIDDEN), role_ends("two", "aoba"), GONE, GONE),
    case("the same: an area of which something was", ("two", *AREA), role_ends("two", "aoba"),
         {"HanaPlain", "HanaSecret", SECRET}, {SECRET}),
    case("a membership begins", ("ben", *AREA), role_begins("ben", Role.SCIENTIST, "cedar"),
         set(), set(), {"ChikaPlain", "HanaJoint"}),
    case("staff go on as scientists", ("mio", *PLAIN), role_ends("mio", site="tsukuba"),
         {"BenPlain", "ChikaPlain"}, set()),
    case("the same: their site", ("mio", Scope.SITE, "tsukuba"), role_ends("mio", site="tsukuba"), GONE, GONE),
    case("the same: what waits", ("mio", *WAITING), role_ends("mio", site="tsukuba"), GONE, GONE),
    case("a scientist becomes staff", ("ben", *PLAIN), role_begins("ben", Role.STAFF, site="tsukuba"),
         set(), set(), {"HanaPlain", "ChikaPlain"}),
    case("a resource is hidden: its feed", ("ben", *PLAIN), set_resource("tsukuba-plain", is_hidden=True), GONE, GONE),
    case("the same: one's own area", ("ben", *AREA), set_resource("tsukuba-plain", is_hidden=True),
         {"BenPlain", READER}, {READER}),
    case("the same: a group", ("ben", *GROUP), set_resource("tsukuba-plain", is_hidden=True),
         {"BenPlain", READER}, {READER}),
    case("the same: staff", ("sora", *PLAIN), set_resource("tsukuba-plain", is_hidden=True), set(), set()),
    case("one that was hidden is shown", ("ben", *AREA), set_resource("tsukuba-secret", is_hidden=False),
         set(), set(), {SECRET}, {SECRET}),
    case("one is hidden from a partner, too: its feed", ("hana", *HIDDEN), no_longer_named, GONE, GONE),
    case("the same: the area", ("hana", *AREA), no_longer_named, {"HanaSecret", SECRET}, {SECRET}),
    case("the same: the group", ("alan", *GROUP), no_longer_named, {"HanaSecret", SECRET}, {SECRET}),
    case("one is shown to a partner", ("ben", *GROUP), named("birch"), set(), set(), {SECRET}, {SECRET}),
    case("a resource is out of use: its feed", ("hana", *PLAIN), set_resource("tsukuba-plain", is_active=False),
         GONE, GONE),
    case("the same: a group", ("hana", *GROUP), set_resource("tsukuba-plain", is_active=False),
         {"HanaPlain", READER}, {READER}),
    case("a resource moves: the area that it leaves", ("hana", *AREA), moves("tsukuba-plain", "heat"),
         {"HanaPlain", READER}, {READER}),
    case("the same: the area that it comes to", ("hana", Scope.AREA, "tsukuba/heat"), moves("tsukuba-plain", "heat"),
         set(), set(), {"HanaPlain", READER}, {READER}),
    case("a resource leaves a group", ("hana", *GROUP), leaves_group("cambridge-scope"),
         {"HanaScope", SCOPE}, {SCOPE}),
    case("one comes for another", ("hana", *GROUP), in_turn(leaves_group("cambridge-scope"),
         joins_group("tsukuba-confocal-1")), {"HanaScope", SCOPE}, {SCOPE}, {"HanaJoint", "Confocal"}, {"Confocal"}),
    case("a hidden one comes to a group", ("chika", *GROUP), in_turn(leaves_group("tsukuba-secret"),
         joins_group("tsukuba-secret")), set(), set()),
    case("a joint project ends", ("chika", *AREA), leaves_project("cedar"), {"HanaJoint"}, set()),
    case("what waits is another's", TO_WAIT, assigned_to("mio"), {"BenAsked", "Sequencer"}, {"Sequencer"}),
    case("what waits is given to its reader", TO_WAIT, assigned_to("sora"), set(), set()),
    case("what waits is to be answered first", TO_WAIT, questioned, {"BenAsked", "Sequencer"}, {"Sequencer"}),
    case("others are named to decide", TO_WAIT, approver("mio"), {"BenAsked", "Sequencer"}, {"Sequencer"}),
    case("a reader stands in for whom is named", TO_WAIT, stands_in, set(), set()),
]  # fmt: skip


@pytest.mark.parametrize("row", CASES, ids=str)
def test_at_the_next_poll(app: Flask, lab: Cast, row: Case) -> None:
    furnish(lab)
    several = {detail: Subscriber.of(app, lab, row.who, row.scope, detail, row.about) for detail in Detail}
    before = {detail: one.knows() for detail, one in several.items()}
    assert {one.whichever().status_code for one in several.values()} == {304}
    transactional(row.change)(lab)
    for detail, one in several.items():
        answer = one.whichever()
        lost, came = row.lost[detail], row.came[detail]
        if lost is None:
            assert (answer.status_code, answer.text) == (410, "This calendar is no longer available.\n")
        else:
            assert answer.status_code == (200 if lost or came else 304)
            after = words_in(answer) if answer.data else before[detail]
            assert (before[detail] - after, after - before[detail]) == (lost, came)


@on_sqlite
def test_the_only_one_named_leaves_and_it_is_the_staffs_turn_again(app: Flask, lab: Cast) -> None:
    """Another's role, and another's account, decide on what is in one's feed."""
    furnish(lab)
    transactional(approver("mio"))(lab)
    one = Subscriber.of(app, lab, "sora", Scope.WAITING)
    assert one.knows() == frozenset()

    @transactional
    def close() -> None:
        db.session.execute(update(Person).where(Person.id == lab.people["mio"]).values(is_active=False))

    close()
    assert "BenAsked" in one.knows()
