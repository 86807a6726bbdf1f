"""Four times the same things: one's own, the rival's, the joint project's, and those of another site; and who looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.core.feeds import Detail, Scope
from labbook.core.language import Words
from labbook.core.permissions import Matter, Role
from labbook.core.terms import Asks
from labbook.core.tokens import token_hash
from labbook.db import db, transactional
from labbook.feeds.service import making as feeds
from labbook.models import (
    Agreement,
    Booking,
    CannedReason,
    Closure,
    Conditions,
    Feed,
    Flag,
    Invitation,
    JoinRequest,
    Letter,
    Partner,
    Person,
    Project,
    Request,
    ResourceGroup,
    ResourceGroupMember,
    RoleGrant,
    RuleSet,
    Sign,
    SignIn,
    StandIn,
    Thread,
    Training,
    TrainingPlace,
    TrainingRecord,
    TrainingSession,
    TrainingWish,
    Unit,
)
from labbook.people.accounts import session_key
from labbook.people.service import password_hash
from tests.cast import NOW, PASSWORD, Cast, add_resource, fresh_key

# The rows of the table: each role, and those who must not get in any more, or have not come in at all.
WHO: Mapping[str, str | None] = {
    "scientist": "hana",
    "coordinator": "cora",
    "staff": "sora",
    "manager": "mani",
    "manager and scientist": "mio",
    "administrator": "ada",
    "auditor": "audrey",
    "former member": "fay",
    "agreement ended": "dora",
    "feed token": None,
    "signed out": None,
}


@dataclass(frozen=True)
class Scene:
    """What is somebody's at a site: keys for addresses and fields by kind, and what permission depends on."""

    keys: dict[str, str]
    site_id: int
    partner_id: int
    person_id: int
    partner_sites: frozenset[int]
    token: str  # of a feed of theirs
    others: dict[str, int]  # ids of further people, by the name that a matter calls them by
    project_id: int | None = None

    def matter(self, about: str) -> Matter:
        """The matter as far as a deed is about it: any of site, partner, person, and the others' names."""
        named, people = about.split(), {"person": self.person_id, **self.others}
        return Matter(
            self.site_id if "site" in named else None,
            self.partner_id if "partner" in named else None,
            frozenset(number for name, number in people.items() if name in named),
            partner_sites=self.partner_sites if "partner" in named else frozenset(),
        )


# relation: whose, for which partner, at which site, what waits there, what is approved there, on which day
RELATIONS = {
    "own": ("hana", "aoba", "tsukuba", "tsukuba-asked", "tsukuba-plain", 24),
    "rival": ("ben", "birch", "tsukuba", "tsukuba-asked", "tsukuba-plain", 25),
    "project": ("chika", "cedar", "tsukuba", "tsukuba-asked", "tsukuba-plain", 26),
    "other site": ("alan", "aoba", "cambridge", "cambridge-asked", "cambridge-scope", 27),
}


def furnish(lab: Cast) -> dict[str, Scene]:
    """Write all of it; the people of WHO are in the cast afterwards."""
    _people(lab)
    return {relation: _scene(lab, relation, *about) for relation, about in RELATIONS.items()}


@transactional
def _people(lab: Cast) -> None:
    for name, role, partner, site, ends_on in (
        ("mani", Role.MANAGER, None, "tsukuba", None),
        ("fay", Role.SCIENTIST, "aoba", None, date(2026, 11, 20)),
    ):
        person = Person(
            email=f"{name}@lab.example",
            family_name=f"{name.title()}well",
            given_name=name.title(),
            language="en",
            home_site_id=lab.sites["tsukuba"],
            password_hash=password_hash(PASSWORD),
            created_at=NOW - timedelta(days=300),
        )
        db.session.add(person)
        db.session.flush()
        lab.people[name] = person.id
        partner_id, site_id = lab.partners.get(partner or ""), lab.sites.get(site or "")
        grant = RoleGrant(person_id=person.id, role=role, partner_id=partner_id, site_id=site_id, ends_on=ends_on)
        grant.starts_on = date(2026, 1, 1)
        db.session.add(grant)
    add_resource(lab.sites["cambridge"], "cambridge-asked", name=Words("Sequencer", ""), asks=Asks.ALWAYS)


def _scene(lab: Cast, relation: str, who: str, partner: str, site: str, asked: str, plain: str, day: int) -> Scene:
    actor, partner_id = lab.actor(who), lab.partners[partner]
    project = db.session.scalars(select(Project)).one() if relation == "project" else None
    project_key, project_id = (project.key, project.id) if project else ("", None)
    start = datetime(2026, 11, day, 14, tzinfo=UTC)
    requests = [
        service.request(
            actor,
            Ask(slug, start, start + timedelta(hours=1), partner_id, f"Of {who}", "", "", project_key),
            key=fresh_key(),
            now=NOW,
        )
        for slug in (asked, plain)
    ]
    token = feeds.create(actor, feeds.Wanted("Mine", Scope.MINE, Detail.FULL, "en"), now=NOW)
    keys = {"request": requests[0], "resource": plain, "site": site, **_rest(lab, who, partner, site, requests)}
    partner_sites = frozenset(
        db.session.scalars(select(Agreement.site_id).where(Agreement.partner_id == partner_id)).all()
    )
    others = {"trainer": lab.people["sora" if site == "tsukuba" else "sam"], "auditor": lab.people["audrey"]}
    return Scene(keys, lab.sites[site], partner_id, lab.people[who], partner_sites, token, others, project_id)


@transactional
def _rest(lab: Cast, who: str, partner: str, site: str, requests: list[str]) -> dict[str, str]:
    """What joining, agreements, trainings, messages and flags have of somebody."""
    person_id, partner_id, site_id = lab.people[who], lab.partners[partner], lab.sites[site]
    bookings = [db.session.scalars(select(Booking).join(Request).where(Request.key == key)).one() for key in requests]
    ahead = {"starts_at": NOW + timedelta(days=2), "ends_at": NOW + timedelta(days=2, hours=1)}
    group = ResourceGroup(slug=f"group-of-{who}", name=Words(f"Group of {who}", ""))
    training = Training(slug=f"{who}-laser", site_id=site_id, level=2, name=Words("Laser", "レーザー"))
    conditions = Conditions(
        site_id=site_id, edition=f"2027-{who}", text=Words("Be kind.", ""), published_on=date(2027, 5, 1)
    )
    db.session.add_all([training, conditions, group])
    db.session.flush()
    db.session.add(ResourceGroupMember(group_id=group.id, resource_id=bookings[1].resource_id))
    trainer = lab.people["sora" if site == "tsukuba" else "sam"]
    session = TrainingSession(training_id=training.id, site_id=site_id, trainer_id=trainer, places=2, **ahead)
    session_of_theirs = SignIn(
        token_hash=token_hash(f"session of {who}"), person_id=person_id, started_at=NOW, seen_at=NOW
    )
    db.session.add(session_of_theirs)
    things: dict[str, Any] = {
        "letter": Letter(
            kind="no-show",
            address=f"{who}@lab.example",
            language="en",
            person_id=person_id,
            site_id=site_id,
            values={"site": "The site", "path": "/bookings"},
            made_at=NOW,
            due_at=NOW,
            given_up_at=NOW,
            fault="550 No such user",
        ),
        "reason": CannedReason(site_id=site_id, words=Words("It is too late.", "間に合いません。")),
        "sign": Sign(
            token_hash=token_hash(f"sign of {who}"),
            name="By the door",
            site_id=site_id,
            resource_id=bookings[1].resource_id,
            language="ja",
            made_by_id=lab.people["mio"],
            made_at=NOW,
        ),
        "invitation": Invitation(
            email=f"new-{who}@lab.example",
            role=Role.SCIENTIST,
            partner_id=partner_id,
            language="en",
            invited_by_id=lab.people["mio"],
            made_at=NOW,
            expires_at=NOW + timedelta(days=7),
        ),
        "joining": JoinRequest(
            email=f"asks-{who}@lab.example",
            family_name="Newman",
            given_name="Nat",
            organisation=partner,
            language="en",
            partner_id=partner_id,
            asked_at=NOW,
        ),
        "wish": TrainingWish(
            person_id=person_id,
            training_id=training.id,
            site_id=site_id,
            partner_id=partner_id,
            asked_at=NOW,
        ),
        "thread": Thread(
            unit_id=bookings[1].unit_id,
            at=bookings[1].starts_at,
            booking_id=bookings[1].id,
            asker_id=lab.people["two"],
            asker_partner_id=lab.partners["cedar"],
            holder_id=person_id,
            made_at=NOW,
        ),
        "flag": Flag(booking_id=bookings[1].id, site_id=site_id, code="training-lapsed", raised_at=NOW),
        "stand-in": StandIn(
            site_id=site_id,
            absent_id=trainer,
            person_id=trainer,
            starts_on=date(2026, 12, 1),
            ends_on=date(2026, 12, 5),
        ),
        "session": session,
        "closure": _closure(site_id, bookings[1].resource_id),
        "site-closure": _closure(site_id, None),
    }
    db.session.add_all(things.values())
    db.session.flush()
    db.session.add_all(
        [
            TrainingPlace(session_id=session.id, person_id=person_id, taken_at=NOW),
            TrainingRecord(person_id=person_id, training_id=training.id, granted_on=date(2026, 2, 1)),
        ]
    )
    agreement = select(Agreement.key).where(Agreement.partner_id == partner_id, Agreement.site_id == site_id)
    agreement_id = select(Agreement.id).where(Agreement.partner_id == partner_id, Agreement.site_id == site_id)
    rules = RuleSet(
        site_id=site_id,
        name=Words(f"Granted to {partner}", ""),
        agreement_id=db.session.scalars(agreement_id).one(),
        limits=[{"kind": "bookings", "id": "5a1e0b3c", "most": 40}],
        made_at=NOW,
    )
    db.session.add(rules)
    db.session.flush()
    return {
        **{kind: thing.key for kind, thing in things.items()},
        "group": group.slug,
        "booking": bookings[1].key,
        "unit": db.session.get_one(Unit, bookings[1].unit_id).key,
        "at": bookings[1].starts_at.isoformat(),
        "person": db.session.get_one(Person, person_id).key,
        "partner": db.session.get_one(Partner, partner_id).key,
        "agreement": db.session.scalars(agreement).one(),
        "rules": rules.key,
        "limit": "5a1e0b3c",
        "feed": db.session.scalars(select(Feed.key).where(Feed.person_id == person_id)).one(),
        "training": training.slug,
        "conditions": conditions.key,
        "trainer": db.session.get_one(Person, trainer).key,
        "auditor": db.session.get_one(Person, lab.people["audrey"]).key,
        "sign-in": session_key(session_of_theirs),
    }


def _closure(site_id: int, resource_id: int | None) -> Closure:
    """A closure after everything that is booked."""
    starts_at = NOW + timedelta(days=300)
    return Closure(
        site_id=site_id,
        resource_id=resource_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        reason=Words("Power cut", "停電"),
    )
