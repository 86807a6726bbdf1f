"""However many resources and bookings there are, a page sends the same number of statements."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.lifecycle import KEEPS_HOLD, State
from labbook.core.permissions import Actor
from labbook.db import db, transactional
from labbook.models import Booking, Claim, Closure, Hold, Project, Request, Resource, Unit
from tests.browsing import Visitor
from tests.cast import NOW, Cast, add_resource
from tests.statements import counted, unlike

FIRST = NOW + timedelta(days=1)  # 09:00 in Tsukuba, on a Tuesday


class Crowd:
    """Adds what a busy lab has: resources, units, requests of every kind, closures."""

    def __init__(self, lab: Cast) -> None:
        of = {"hana": "aoba", "ben": "birch", "chika": "cedar"}
        self.people = [(lab.actor(name), lab.partners[partner]) for name, partner in of.items()]
        self.site = lab.sites["tsukuba"]
        self.rounds = count()

    @transactional
    def arrive(self, *, resources: int, rounds: int) -> None:
        """So many more resources of two units, and so many rounds of bookings on each resource of the site."""
        turn = next(self.rounds)
        for number in range(resources):
            add_resource(self.site, f"tsukuba-more-{turn}-{number}", pieces=2)
        hood = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-hood")).one()
        db.session.add_all(Unit(resource_id=hood.id, name=f"{turn}-{n}", position=n) for n in range(resources))
        project_id = db.session.scalars(select(Project.id)).one()
        units = db.session.execute(
            select(Unit, Resource).join(Resource).where(Resource.site_id == self.site).order_by(Unit.id)
        ).all()
        for number in [turn, *(next(self.rounds) for _ in range(rounds - 1))]:
            for unit, resource in units:
                self._book(resource, unit, number, project_id)
        db.session.add_all(
            Closure(
                site_id=self.site,
                resource_id=resource.id,
                starts_at=FIRST + timedelta(hours=30),
                ends_at=FIRST + timedelta(hours=31),
                reason=Words("Service", ""),
            )
            for _, resource in units[: resources + 1]
        )

    def _book(self, resource: Resource, unit: Unit, number: int, project_id: int) -> None:
        hour = timedelta(hours=1)
        start, length = FIRST + (1 + number) * hour, hour
        if resource.by_day:
            start, length = FIRST - 9 * hour + number * timedelta(days=1), timedelta(days=1)
        asks = {"tsukuba-asked": State.WAITING, "tsukuba-sorter": State.WISHED}.get(resource.slug)
        state = asks or (State.APPROVED, State.APPROVED, State.CANCELLED)[number % 3]
        actor, partner_id = self.people[(number + unit.id) % 3]
        booking = self._booking(resource, unit, Interval(start, start + length), state, actor)
        booking.request = Request(
            site_id=self.site,
            partner_id=partner_id,
            person_id=actor.person_id,
            asked_by_id=actor.person_id,
            project_id=project_id if actor is self.people[2][0] else None,
            title=f"Cells {number}",
            created_at=NOW,
        )
        db.session.add(booking)
        if state in KEEPS_HOLD:
            db.session.add(Hold(unit_id=unit.id, claim=booking.claim, starts_at=start, ends_at=booking.ends_at))

    def _booking(self, resource: Resource, unit: Unit, time: Interval, state: State, actor: Actor) -> Booking:
        return Booking(
            claim=Claim(),
            site_id=self.site,
            resource_id=resource.id,
            unit_id=unit.id,
            person_id=actor.person_id,
            state=state,
            starts_at=time.start,
            ends_at=time.end,
            by_day=resource.by_day,
            wall_start="2026-11-24T10:00",
            wall_end="2026-11-24T11:00",
            created_at=NOW,
            changed_at=NOW,
        )


@pytest.fixture
def crowd(app: Flask, lab: Cast) -> Crowd:
    """A lab with one booking on each unit."""
    few = Crowd(lab)
    few.arrive(resources=0, rounds=1)
    return few


Acts = dict[str, Callable[[], TestResponse]]


def do_not_grow(crowd: Crowd, acts: Acts, *, status: int = 200) -> None:
    """Each act sends as many statements with many resources and bookings as with few."""
    few = {name: _statements(act, status) for name, act in acts.items()}
    crowd.arrive(resources=8, rounds=4)
    crowd.arrive(resources=8, rounds=4)
    many = {name: _statements(act, status) for name, act in acts.items()}
    grown = [f"{name}: {unlike(few[name], many[name])}" for name in acts if len(few[name]) != len(many[name])]
    assert not grown, "\n".join(grown)


def _statements(act: Callable[[], TestResponse], status: int) -> list[str]:
    act()  # what is noted now and then is noted now
    with counted() as sent:
        answer = act()
    assert answer.status_code == status, answer.text[:300]
    assert sent, "nothing was asked of the database: the counting is broken"
    return sent


LAB = (
    "/sites/tsukuba/day?on=2026-11-24",
    "/sites/tsukuba/week?on=2026-11-24",
    "/day?on=2026-11-24",
    "/sites/tsukuba/residencies",
    "/sites/tsukuba/residencies?months=12",
    "/resources",
    "/resources/tsukuba-plain",
    "/resources/tsukuba-hood",
)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("hana", ("/bookings", "/feeds", "/resources/tsukuba-plain/book", "/resources/tsukuba-hood/book")),
        ("sora", ("/inbox", "/inbox?tab=others", "/inbox?tab=decided", "/inbox?show=exceptions", "/inbox?show=rivals")),
        ("audrey", ()),
    ],
)
def test_pages(app: Flask, crowd: Crowd, name: str, more: tuple[str, ...]) -> None:
    visitor = Visitor(app, name)
    do_not_grow(crowd, {path: partial(visitor.get, path) for path in (*LAB, *more)})


def test_the_inbox_and_the_day_show_the_crowd(app: Flask, crowd: Crowd) -> None:
    """Otherwise it would be no wonder that nothing grows."""
    visitor = Visitor(app, "sora")
    paths = (LAB[0], LAB[1], "/inbox")
    few = {path: len(visitor.get(path).data) for path in paths}
    crowd.arrive(resources=8, rounds=4)
    assert all(len(visitor.get(path).data) > 1.5 * few[path] for path in paths)
    assert (db.session.scalar(select(func.count(Booking.id))) or 0) > 100


def test_requests_that_are_accepted(app: Flask, crowd: Crowd) -> None:
    visitor, days = Visitor(app, "hana"), count(1)

    def ask(slug: str) -> TestResponse:
        day = f"2026-12-{next(days):02}"
        return visitor.book(slug, f"{day}T10:00", f"{day}T11:00")

    slugs = ("tsukuba-plain", "tsukuba-hood", "tsukuba-asked", "tsukuba-sorter")
    do_not_grow(crowd, {slug: partial(ask, slug) for slug in slugs}, status=303)


def test_requests_that_are_refused(app: Flask, crowd: Crowd) -> None:
    visitor = Visitor(app, "ben")
    do_not_grow(
        crowd,
        {
            slug: partial(visitor.book, slug, "2026-11-24T10:00", "2026-11-24T11:00")
            for slug in ("tsukuba-plain", "tsukuba-asked")
        },
        status=409,
    )


FEEDS: dict[str, tuple[str, dict[str, str]]] = {
    "mine": ("hana", {"about": "mine"}),
    "a resource": ("hana", {"about": "resource:tsukuba-plain"}),
    "a resource, busy": ("ben", {"about": "resource:tsukuba-hood", "detail": "busy"}),
    "a site": ("sora", {"about": "site:tsukuba"}),
}


def _feed(app: Flask, name: str, about: dict[str, str]) -> str:
    usual = {"name": "Phone", "detail": "full", "language": "en", "waiting": "y"}
    made = Visitor(app, name).post("/feeds", **{**usual, **about})
    (path,) = set(re.findall(r"/feeds/[\w-]{20,}/[\w-]+\.ics", made.text))
    return str(path)


def test_feeds(app: Flask, crowd: Crowd) -> None:
    calendar, paths = Visitor(app), {about: _feed(app, *feed) for about, feed in FEEDS.items()}
    do_not_grow(crowd, {about: partial(calendar.get, path) for about, path in paths.items()})


def test_an_unchanged_feed_takes_one_statement(app: Flask, crowd: Crowd) -> None:
    calendar, paths = Visitor(app), {about: _feed(app, *feed) for about, feed in FEEDS.items()}
    crowd.arrive(resources=8, rounds=4)
    for about, path in paths.items():
        known = calendar.get(path).headers["ETag"]
        sent = _statements(partial(calendar.get, path, headers={"If-None-Match": known}), 304)
        assert len(sent) == 1, f"{about}: {sent}"
