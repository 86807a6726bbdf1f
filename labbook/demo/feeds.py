"""The demo lab's feeds: of every scope, in several calendars, one renewed and one revoked. Nobody keeps their links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ..core.feeds import USUAL, Detail, Scope, Takes
from ..core.permissions import Actor
from ..db import db, transactional
from ..feeds.offers import offers
from ..feeds.service import making
from ..models import Feed, Person
from ..people.queries import actor_of

_SCIENTIST, _COORDINATOR = "misaki.sato@kazemori.example", "naoki.yamamoto@kazemori.example"
_DESK, _ELSEWHERE = "keiko.tanaka@hinoki-commons.example", "marcus.reed@hinoki-commons.example"
_OLD = "以前のノートパソコン"


@dataclass(frozen=True)
class _Follows:
    """Who follows what by which calendar, and how long ago it looked last; None: it never did."""

    email: str
    name: str
    scope: Scope
    client: str = ""
    looked: timedelta | None = None
    detail: Detail = Detail.FULL
    takes: Takes = USUAL


_FEEDS = (
    _Follows(_SCIENTIST, _OLD, Scope.MINE, "thunderbird", timedelta(days=9)),
    _Follows(_SCIENTIST, "iPhone", Scope.MINE, "iphone", timedelta(minutes=20), takes=Takes(alarm_minutes=30)),
    _Follows(_SCIENTIST, "", Scope.RESOURCE, "google", timedelta(hours=6)),
    _Follows(_COORDINATOR, "", Scope.PARTNER, "outlook-web", timedelta(hours=2)),
    _Follows(_DESK, "承認待ち", Scope.WAITING, "thunderbird", timedelta(minutes=25)),
    _Follows(_DESK, "", Scope.AREA, "korganizer", timedelta(hours=1), takes=Takes(buffers=True)),
    _Follows(_DESK, "", Scope.GROUP, detail=Detail.BUSY),
    _Follows(_ELSEWHERE, "", Scope.SITE, "evolution", timedelta(minutes=10), takes=Takes(history_days=90)),
)
_RENEWED = "iPhone"
_SINCE = timedelta(days=20)


def follow(now: datetime) -> None:
    """Make them, once in the lab's life."""
    if db.session.scalar(select(Feed.id).limit(1)) is not None:
        return
    for number, one in enumerate(_FEEDS):
        person_id = db.session.scalar(select(Person.id).where(Person.email == one.email))
        actor = actor_of(person_id, now) if person_id else None
        if actor is not None:
            _make(one, actor, now - _SINCE + timedelta(hours=number), now)


def _make(one: _Follows, actor: Actor, made_at: datetime, now: datetime) -> None:
    offer = next((offer for offer in offers(actor) if offer.scope is one.scope), None)
    if offer is None:
        return
    name, language = one.name or offer.name.text(actor.language), actor.language
    making.create(actor, making.Wanted(name, one.scope, one.detail, language, offer.slug, one.takes), now=made_at)
    feed = db.session.scalars(select(Feed).where(Feed.person_id == actor.person_id).order_by(Feed.id.desc())).first()
    if feed is None:
        return
    if name == _RENEWED:
        making.rotate(actor, feed.key, now=now - timedelta(days=2))
    if one.looked:
        _look(feed.id, one.client, now - one.looked)
    if name == _OLD:
        making.revoke(actor, feed.key, now=now - timedelta(days=8))


@transactional
def _look(feed_id: int, client: str, at: datetime) -> None:
    feed = db.session.get_one(Feed, feed_id)
    feed.fetched_at, feed.client = at, client
