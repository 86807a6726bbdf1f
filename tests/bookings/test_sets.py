"""Several resources, or several units, in one request: all of them or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.bookings import service
from labbook.bookings.service import Ask, Part, RefusedError, UnfitSetError
from labbook.core.facts import Waives
from labbook.core.limits.length import Length
from labbook.core.links import LinkKind
from labbook.core.permissions import NotFoundError
from labbook.db import db, transactional
from labbook.models import Booking, Event, Hold, Request, Resource, ResourceLink, Unit
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, fresh_key
from tests.ruling import add_rules

START = datetime.fromisoformat("2026-11-24T10:00+09:00")
HOUR = timedelta(hours=1)
TIMES = ("2026-11-24T10:00", "2026-11-24T11:00")
HOOD = "tsukuba-hood"  # three of them


def ask(lab: Cast, *also: Part, **more: object) -> Ask:
    """The plate reader on Tuesday from 10 to 11, and what else is wanted."""
    partner = {"partner_id": lab.partners["aoba"], **more}
    return Ask("tsukuba-plain", START, START + HOUR, title="Together", also=also, **partner)  # type: ignore[arg-type]


def request(lab: Cast, wanted: Ask, who: str = "hana") -> list[Booking]:
    """The bookings that come of it, by resource and unit."""
    key = service.request(lab.actor(who), wanted, key=fresh_key(), now=NOW)
    found = db.session.scalars(select(Booking).join(Request).where(Request.key == key))
    return sorted(found, key=lambda one: (one.resource_id, one.unit_id))


def count(table: type) -> int:
    """How many rows a table has."""
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_two_resources_are_booked_together_under_one_request(app: Flask, lab: Cast) -> None:
    made = request(lab, ask(lab, Part(HOOD, START + HOUR, START + 2 * HOUR)))
    assert [one.state for one in made] == ["approved", "approved"]
    assert len({one.request_id for one in made}) == 1
    assert count(Hold) == 2
    assert db.session.scalar(select(func.count()).where(Event.code == "booking-ask")) == 2


def test_when_one_part_is_taken_nothing_is_booked(app: Flask, lab: Cast) -> None:
    rival = Ask("tsukuba-plain", START, START + HOUR, lab.partners["birch"], "First")
    service.request(lab.actor("ben"), rival, key=fresh_key(), now=NOW)
    first = Ask(HOOD, START, START + HOUR, lab.partners["aoba"], "Together")
    with pytest.raises(RefusedError) as refused:
        request(lab, replace(first, also=(Part("tsukuba-plain", START, START + HOUR),)))
    assert refused.value.verdict.has("taken")
    assert (count(Booking), count(Hold), count(Request)) == (1, 1, 1)


def test_when_one_part_needs_a_decision_all_parts_wait(app: Flask, lab: Cast) -> None:
    made = request(lab, ask(lab, Part("tsukuba-asked", START, START + HOUR)))
    assert [one.state for one in made] == ["waiting", "waiting"]
    assert count(Hold) == 2


@on_sqlite
def test_two_units_at_once_are_two_bookings_on_different_units(app: Flask, lab: Cast) -> None:
    two = Ask(HOOD, START, START + HOUR, lab.partners["aoba"], "Two", units=2)
    made = request(lab, two)
    assert len({one.unit_id for one in made}) == 2
    assert not any(one.unit_is_fixed for one in made)
    with pytest.raises(RefusedError):  # one is left, two are wanted
        request(lab, two)
    assert count(Booking) == 2


@on_sqlite
@pytest.mark.parametrize("code", ["units", "clash", "sites", "too-many"])
def test_a_set_whose_parts_do_not_fit_together_says_why(app: Flask, lab: Cast, code: str) -> None:
    unit = db.session.scalars(select(Unit.key).join(Resource).where(Resource.slug == "tsukuba-plain")).one()
    wanted = {
        "units": ask(lab, units=2),
        "clash": ask(lab, Part("tsukuba-plain", START, START + HOUR, unit=unit), unit=unit),
        "sites": ask(lab, Part("cambridge-scope", START, START + HOUR)),
        "too-many": ask(lab, *[Part(HOOD, START, START + HOUR)] * 9),
    }
    with pytest.raises(UnfitSetError) as unfit:
        request(lab, wanted[code])
    assert unfit.value.code == code
    assert count(Booking) == 0


@on_sqlite
def test_what_a_part_holds_with_it_is_not_to_be_had_for_the_next_part(app: Flask, lab: Cast) -> None:
    """Both need the one operator: the second is refused for that, and neither is booked."""
    link("tsukuba-plain", "tsukuba-asked")
    link(HOOD, "tsukuba-asked")
    with pytest.raises(RefusedError) as refused:
        request(lab, ask(lab, Part(HOOD, START, START + HOUR)))
    assert [one.code for one in refused.value.verdict.refusals] == ["linked"]
    assert count(Booking) == 0
    assert len(request(lab, ask(lab, Part(HOOD, START + 2 * HOUR, START + 3 * HOUR)))) == 2


@transactional
def link(slug: str, other: str, kind: LinkKind = LinkKind.REQUIRES) -> None:
    """Every booking of the one takes a unit of the other, or may take it."""
    ids = {one.slug: one.id for one in db.session.scalars(select(Resource))}
    db.session.add(ResourceLink(resource_id=ids[slug], other_id=ids[other], kind=kind))


@on_sqlite
def test_an_option_that_is_hidden_from_a_partner_is_none_for_it(app: Flask, lab: Cast) -> None:
    """What is kept for Aoba is on nobody else's form, and cannot be taken by its name."""
    link("tsukuba-plain", "tsukuba-secret", LinkKind.OFFERS)
    page = "/resources/tsukuba-plain/book"
    assert 'name="option"' in Visitor(app, "hana").get(page).text
    assert 'name="option"' not in Visitor(app, "ben").get(page).text
    assert Visitor(app, "ben").book("tsukuba-plain", *TIMES, option="tsukuba-secret").status_code == 422
    with pytest.raises(NotFoundError):
        request(lab, ask(lab, options=("tsukuba-secret",), partner_id=lab.partners["birch"]), "ben")
    assert count(Booking) == 0
    [made] = request(lab, ask(lab, options=("tsukuba-secret",)))
    assert (len(made.options or []), count(Hold)) == (1, 2)


@on_sqlite
def test_what_is_not_offered_with_a_resource_cannot_be_taken_with_it(app: Flask, lab: Cast) -> None:
    with pytest.raises(NotFoundError):
        request(lab, ask(lab, options=("tsukuba-hood",)))


@on_sqlite
def test_two_units_against_a_rule_are_wished_for_on_two_units(app: Flask, lab: Cast) -> None:
    add_rules(lab, Length(longest=30, waives=Waives.STAFF), resource=HOOD)
    two = Ask(HOOD, START, START + HOUR, lab.partners["aoba"], "Two", "A long run.", units=2, is_exception=True)
    made = request(lab, two)
    assert [one.state for one in made] == ["wished", "wished"]
    assert len({one.unit_id for one in made}) == 2
