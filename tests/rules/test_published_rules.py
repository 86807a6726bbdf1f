"""Rules that real facilities publish: each is set up through the staff's pages alone, and then answers as it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import delete, select

from labbook.bookings import service
from labbook.bookings.allocation import choose
from labbook.core.lifecycle import State
from labbook.core.limits.limit import Limit
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Booking, Claim, Hold, Request, Resource, ResourceGroup, RoleGrant, Unit
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast, add_resource
from tests.rules.published import FACILITIES, STAFF, Facility, Had, Wish
from tests.rules.typing import typed

ZONES = {"tsukuba": ZoneInfo("Asia/Tokyo"), "cambridge": ZoneInfo("America/New_York")}


@transactional
def two_systems(lab: Cast) -> None:
    """Two instruments at each site, and somebody who manages both sites."""
    for site, number in lab.sites.items():
        for system in range(2):
            add_resource(number, f"{site}-system-{system}")
    db.session.add(
        RoleGrant(
            person_id=lab.people["mio"],
            role=Role.MANAGER,
            site_id=lab.sites["cambridge"],
            starts_on=date(2026, 1, 1),
        )
    )


def set_up(app: Flask, lab: Cast, facility: Facility) -> None:
    """Write the facility's rules into the pages, as its managers do; nothing else touches them."""
    two_systems(lab)
    manager = Visitor(app, "mio")
    modes = {
        f"modes-{n}-{tag}": words
        for n, both in enumerate(facility.modes)
        for tag, words in zip(("en", "ja"), both, strict=True)
    }
    for site in ZONES:
        for system in range(2):
            page = manager.get(f"/resources/{site}-system-{system}/terms")
            saved = manager.submit(page, "/terms", **{"before": "0 min", "after": "0 min", **facility.terms, **modes})
            assert saved.status_code == 303, saved.text
        if facility.is_for_group:
            page = manager.get(f"/sites/{site}/groups")
            members = [f"{site}-system-{system}" for system in range(2)]
            made = manager.post(f"/sites/{site}/groups", name_en=f"Systems of {site}", name_ja="", members=members)
            assert made.status_code == 303, made.text
            newest = select(ResourceGroup.slug).order_by(ResourceGroup.id.desc()).limit(1)
            about = [{"group": db.session.scalars(newest).one()}]
        else:
            about = [{"resource": f"{site}-system-{system}"} for system in range(2)]
        for number, scope in enumerate(about):
            _rule_set(manager, site, f"{facility.name[:60]} {number}", scope, facility.limits)


def _rule_set(manager: Visitor, site: str, name: str, scope: Mapping[str, str], limits: Sequence[Limit]) -> None:
    made = manager.submit(manager.get(f"/sites/{site}/rules/new"), "/rules/new", name_en=name, **scope)
    assert made.status_code == 303, made.text
    key = made.location.rsplit("/", 1)[1]
    for limit in limits:
        path = f"/rules/{key}/limits/new?kind={limit.code}"
        form = manager.get(path)
        assert form.status_code == 200, form.text
        version = form.text.split('name="version"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
        saved = manager.post(path, version=version, do="save", **typed(limit))
        assert saved.status_code == 303, saved.text


def at(site: str, wall: str) -> datetime:
    """A wall time of 2026 at a site."""
    return datetime.fromisoformat(f"2026-{wall}").replace(tzinfo=ZONES[site]).astimezone(UTC)


@transactional
def had_before(lab: Cast, wish: Wish) -> None:
    """The bookings from before, as if they had been made and approved."""
    for one in wish.had:
        _had(lab, wish.site, one)


def _had(lab: Cast, site: str, one: Had) -> None:
    start, end = at(site, one.start), at(site, one.end)
    unit, resource_id = db.session.execute(
        select(Unit.id, Resource.id).join(Resource).where(Resource.slug == f"{site}-system-{one.system}")
    ).one()
    person, asked = lab.people[one.person], start - timedelta(hours=one.hours_ahead)
    place = {"site_id": lab.sites[site], "partner_id": lab.partners["aoba"], "person_id": person}
    claim = Claim()
    db.session.add(
        Booking(
            **place,
            request=Request(**place, asked_by_id=person, title="Before", purpose="", created_at=asked),
            claim=claim,
            resource_id=resource_id,
            unit_id=unit,
            state=State.APPROVED,
            starts_at=start,
            ends_at=end,
            wall_start="",
            wall_end="",
            mode=one.mode,
            created_at=asked,
            changed_at=asked,
        )
    )
    db.session.add(Hold(unit_id=unit, claim=claim, starts_at=start, ends_at=end))


@transactional
def forget() -> None:
    """Take back what `had_before` wrote."""
    for table in (Hold, Booking, Claim, Request):
        db.session.execute(delete(table))


def answer(lab: Cast, wish: Wish) -> frozenset[str]:
    """What the judge says to Hana: the codes of what refuses, or that staff decide, or nothing."""
    now = at(wish.site, wish.now)
    start, end = at(wish.site, wish.start), at(wish.site, wish.end)
    ask = service.Ask(f"{wish.site}-system-0", start, end, lab.partners["aoba"], "A wish", mode=wish.mode)
    around, units = service.look(lab.actor("hana", now), ask, now=now)
    verdict = choose(units, around)[2]
    return frozenset({one.code for one in verdict.refusals}) or (STAFF if verdict.needs_review else frozenset())


def answers(app: Flask, lab: Cast, facility: Facility) -> dict[str, frozenset[str]]:
    """The answer to each wish of a facility."""
    set_up(app, lab, facility)
    found = {}
    for wish in facility.wishes:
        had_before(lab, wish)
        found[wish.why] = answer(lab, wish)
        forget()
    return found


@on_sqlite
@pytest.mark.parametrize("facility", FACILITIES, ids=lambda one: one.name[:30])
def test_a_published_rule_answers_as_it_says(app: Flask, lab: Cast, facility: Facility) -> None:
    assert len(facility.wishes) >= 6
    assert answers(app, lab, facility) == {wish.why: wish.answer for wish in facility.wishes}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("facility", FACILITIES[:2], ids=lambda one: one.name[:30])
def test_it_is_the_same_on_the_server_database(app: Flask, lab: Cast, facility: Facility) -> None:
    assert answers(app, lab, facility) == {wish.why: wish.answer for wish in facility.wishes}
