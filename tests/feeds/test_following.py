"""Whatever happens in a lab, what a subscriber holds is what LabBook holds, and no poll is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.feeds import OF_PLACES, Detail, Scope
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.tokens import new_token, token_hash
from labbook.db import db, transactional
from labbook.feeds import queries
from labbook.feeds.service import shelf, texts
from labbook.feeds.service.holding import Base, calendar_of
from labbook.feeds.service.subject import subject_of
from labbook.models import Area, Feed, Resource, ResourceGroup, ResourceGroupMember, Series
from labbook.people.queries import actor_of
from tests.browsing import Visitor
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.core.ical.letter import obeys
from tests.core.ical.parsers import Seen, agreed, seen
from tests.feeds.following import Subscriber, occurrences
from tests.feeds.standing import Held, are_changes_waiting, held, standing, waiting_for, window_of
from tests.feeds.walking import Lab

STEPS = 60
OF_BLOCKS = 8  # the version of UUIDs that are made of a block


def subscribers(lab: Cast) -> list[Subscriber]:
    """Owner, colleague, rival, partner in a project and staff, who take in this and that."""
    ids = dict(db.session.execute(select(Resource.slug, Resource.id)).all())
    area = db.session.scalars(select(Area.id).order_by(Area.id)).first()
    plain, aoba, tsukuba = ids["tsukuba-plain"], lab.partners["aoba"], lab.sites["tsukuba"]
    return [
        subscribed(lab, "hana", Scope.MINE),
        subscribed(lab, "hana", Scope.MINE, waiting=False, cancelled=False, expands=True, alarm_minutes=30),
        subscribed(lab, "hana", Scope.MINE, Detail.BUSY),
        subscribed(lab, "alan", Scope.PARTNER, partner_id=aoba),
        subscribed(lab, "alan", Scope.RESOURCE, resource_id=plain),
        subscribed(lab, "ben", Scope.RESOURCE, resource_id=plain),
        subscribed(lab, "ben", Scope.AREA, Detail.BUSY, area_id=area, closures=False),
        subscribed(lab, "alan", Scope.GROUP, group_id=grouped(ids), waiting=False, history_days=7),
        subscribed(lab, "sora", Scope.SITE, site_id=tsukuba, buffers=True),
        subscribed(lab, "sora", Scope.WAITING),
    ]


@transactional
def grouped(ids: dict[str, int]) -> int:
    """A group of two resources."""
    group = ResourceGroup(slug="wet", name=Words("Wet", ""))
    db.session.add(group)
    db.session.flush()
    for slug in ("tsukuba-asked", "tsukuba-hood"):
        db.session.add(ResourceGroupMember(group_id=group.id, resource_id=ids[slug]))
    return group.id


def subscribed(lab: Cast, name: str, scope: Scope, detail: Detail = Detail.FULL, **more: object) -> Subscriber:
    """Somebody's new feed, and who follows it."""

    @transactional
    def make() -> str:
        token = scope[0] + new_token()
        about = {"person_id": lab.people[name], "name": "F", "scope": scope, "detail": detail, "language": "en"}
        db.session.add(Feed(token_hash=token_hash(token), created_at=NOW, **{**about, **more}))
        return token

    return Subscriber(f"{name} {scope} {detail}", f"/feeds/{make()}/a.ics")


def fresh(app: Flask, path: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A feed's bytes with every text made anew, and nothing of it kept."""
    with monkeypatch.context() as patch:
        patch.setattr(texts, "made_by", lambda base_url: "anew")
        patch.setattr(shelf, "_store", lambda table, rows: None)
        return put_together_now(app, path, now)


def put_together_now(app: Flask, path: str, now: datetime) -> bytes:
    """A feed's bytes whatever is known of what it answered."""
    db.session.remove()
    door = queries.door(path.split("/")[2], now)
    assert door is not None
    feed, owner = db.session.get_one(Feed, door.feed_id), actor_of(door.person_id, now)
    assert owner is not None
    subject = subject_of(feed, owner, queries.zones(), now)
    assert subject is not None
    base = Base(app.config["BASE_URL"], app.config["SECRET_KEY"].encode())
    return calendar_of(feed, subject, owner, base, now, shelf.Shelf())


@pytest.mark.parametrize(("database", "seed"), [("sqlite", 1), ("sqlite", 2), ("postgresql", 3)], indirect=["database"])
def test_whatever_happens_subscribers_hold_what_labbook_holds(
    app: Flask, lab: Cast, clock: Clock, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar, several, happening = Visitor(app), subscribers(lab), Lab(lab, seed)
    happening.begin()
    for number in range(STEPS):
        said = f"seed {seed}, step {number}: {happening.step() if number else 'begun'}"
        clock.now = happening.now
        series = uids_of_series()
        for one in several:
            with explained(f"{said}, {one.name}"):
                is_new = one.poll(calendar, clock.now, series)
                assert put_together_now(app, one.path, clock.now) == one.body, "a change is hidden"
                if is_new or number % 5 == 0:
                    assert fresh(app, one.path, clock.now, monkeypatch) == one.body, "a stored text is stale"
                holds_what_stands(one, clock.now)
    assert len(happening.done) > 12, happening.done
    agreed(part for one in several for part in one.series(series))
    for one in several:
        obeys(one.body, alarms=b"BEGIN:VALARM" in one.body)


def uids_of_series() -> frozenset[str]:
    """As LabBook knows them."""
    return frozenset(db.session.scalars(select(Series.uid)))


@contextmanager
def explained(said: str) -> Iterator[None]:
    """Let a failure say what happened before it."""
    try:
        yield
    except AssertionError as error:
        error.add_note(said)
        raise


def holds_what_stands(one: Subscriber, now: datetime) -> None:
    """Its entries are the bookings that stand, its busy times what else is held, and both are all that is held."""
    db.session.remove()
    door = queries.door(one.path.split("/")[2], now)
    assert door is not None
    feed, owner = db.session.get_one(Feed, door.feed_id), actor_of(door.person_id, now)
    assert owner is not None
    bookings = [event for event in one.events.values() if event.is_booking]
    if feed.scope == Scope.WAITING:
        assert {event["UID"] for event in bookings} == waiting_for(owner, window_of(feed, now))
    else:
        shown = [found for found in occurrences(bookings) if is_within(found, window_of(feed, now))]
        assert shown == (standing(feed, owner, now) if feed.detail == Detail.FULL else [])
    if feed.scope in OF_PLACES:
        blocks = occurrences(event for event in one.events.values() if UUID(event["UID"]).version == OF_BLOCKS)
        holds_what_is_held(blocks, *held(feed, owner, now), is_full=feed.detail == Detail.FULL)


def holds_what_is_held(blocks: list[Seen], hidden: Held, everything: Held, *, is_full: bool) -> None:
    """Busy times are just those of what is not read; where a change waits of what is, those of that besides."""
    busy = {(one.location, one.start, one.end) for one in blocks}
    assert len(busy) == len(blocks)
    if not is_full:
        assert busy == everything
    elif not are_changes_waiting():
        assert busy == hidden
    else:
        assert all(any(is_in(part, whole) for whole in busy) for part in hidden)
        assert all(any(is_in(part, whole) for whole in everything) for part in busy)


def is_in(part: tuple[str, str, str], whole: tuple[str, str, str]) -> bool:
    return part[0] == whole[0] and whole[1] <= part[1] and part[2] <= whole[2]


def is_within(one: Seen, window: Interval) -> bool:
    """By the date, since what is by day has no more."""
    return one.end > seen(window.start, window.end, "", "").start and one.start < window.end.isoformat()
