"""The calendars of the demo lab's year, whoever follows whatever they may: as large as the strictest client takes."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from labbook.core.feeds import Detail, Scope
from labbook.db import db
from labbook.demo import accounts
from labbook.feeds.offers import offers
from labbook.feeds.service import making
from labbook.models import Person
from labbook.people.queries import actor_of
from tests.browsing import Visitor
from tests.core.ical.letter import obeys
from tests.demo.conftest import NOW

MOST_BYTES, MOST_EVENTS = 1_000_000, 1_000  # of Google, which says nothing and shows nothing beyond
LARGEST = {Scope.MINE, Scope.PARTNER, Scope.SITE, Scope.WAITING}  # what is in the others is in one of these too


def test_no_calendar_of_the_demo_is_too_large_for_any_client(later: Flask) -> None:
    later.config["CLOCK"] = lambda: NOW
    calendar, sizes = Visitor(later), {}
    for email in (one.email for one in accounts("en")):
        actor = actor_of(db.session.scalars(select(Person.id).where(Person.email == email)).one(), NOW)
        assert actor is not None
        for offer in offers(actor):
            if offer.scope in LARGEST:
                wanted = making.Wanted("All", offer.scope, Detail.FULL, "ja", offer.slug)
                answer = calendar.get(f"/feeds/{making.create(actor, wanted, now=NOW)}/all.ics")
                assert answer.status_code == 200
                obeys(answer.data)
                sizes[email, offer.scope, offer.slug] = len(answer.data), answer.data.count(b"BEGIN:VEVENT")
    assert {scope for _, scope, _ in sizes} == LARGEST
    assert max(size for size, _ in sizes.values()) < MOST_BYTES
    assert 100 < max(count for _, count in sizes.values()) <= MOST_EVENTS
