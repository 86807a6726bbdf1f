"""What a letter says when it goes out, and whether it goes: its reader may have chosen otherwise, or lost a right.

Called while the letter is claimed. Nothing of what it says is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ...bookings.queries import sees_request
from ...core import dates
from ...core.letters import TOPICS, Topic, Way, request_of, topics_of, way_of
from ...core.permissions import Actor, Do, Matter, may
from ...db import db
from ...models import Letter, Person, Site
from ...people.queries import actor_of
from .. import told
from ..chosen import ways_of

MORNING = time(7)  # when the daily letter is due, by the clock of the reader's home site
_OF_EVENTS = ("booking", "desk")
_TO_ANYBODY = frozenset({Topic.ACCOUNT, Topic.EVIDENCE})  # also to those who have no account, or none any more
_OF_SITES = frozenset({Topic.ANSWERS, Topic.OTHERS, Topic.WAITING, Topic.TRAININGS})  # what goes on at a site


class Ready(NamedTuple):
    """What a claimed letter is made from."""

    values: Mapping[str, Any]
    root: str = ""  # the key of the first letter of its thread; empty: it is that itself, or has none


def readied(letter: Letter, now: datetime) -> Ready | None:
    """What the letter says now; None when it is not to go out now, which is then written on it: why, and until when."""
    values, topics = said_of(letter, now), topics_of(letter.kind, letter.values)
    way = Way.NONE if values is None else _way(letter, topics)
    if values is None or (way is not Way.NOW and not letter.calendar):
        _set_aside(letter, way, now)
        return None
    is_chosen = letter.kind == "digest" or any(TOPICS[one].is_choosable for one in topics)
    return Ready({**values, "is_chosen": is_chosen}, _root(letter))


def _way(letter: Letter, topics: list[Topic]) -> Way:
    return way_of(topics, ways_of(letter.person_id)) if letter.person_id else Way.NOW


def said_of(letter: Letter, now: datetime) -> Mapping[str, Any] | None:
    """What a letter says; none for what its reader may not see any more, or when there is nothing to say."""
    reader = actor_of(letter.person_id, now) if letter.person_id else None
    if reader is None:
        is_to_anybody = _TO_ANYBODY.issuperset(topics_of(letter.kind, letter.values)) and letter.kind != "digest"
        return letter.values if is_to_anybody else None
    return _values(letter, reader)


def _values(letter: Letter, reader: Actor) -> Mapping[str, Any] | None:
    request_id = request_of(letter.thread)
    if letter.kind in _OF_EVENTS:
        return told.of_events(reader, letter.values.get("events", []), letter.language)
    if letter.kind == "calendar":
        return told.of_request(reader, request_id, letter.language) if request_id and letter.calendar else None
    if letter.kind == "digest":
        return _gathered(letter, reader)
    if request_id is not None and not sees_request(reader, request_id):
        return None
    return letter.values if _sees_site(letter, reader) else None


def _sees_site(letter: Letter, reader: Actor) -> bool:
    """Whether the reader still sees the site that a letter is about; others are about themselves or an agreement."""
    is_of_site = letter.site_id is not None and _OF_SITES.issuperset(topics_of(letter.kind, letter.values))
    return not is_of_site or may(reader, Do.SEE_SITE, Matter(letter.site_id))


def _gathered(digest: Letter, reader: Actor) -> dict[str, Any] | None:
    """The letters of a daily one, each as it would have been; without those whose reader may not see them any more."""
    letters = db.session.scalars(select(Letter).where(Letter.digest_id == digest.id).order_by(Letter.id))
    said = [(one.kind, _values(one, reader)) for one in letters.all()]
    found = [{"kind": kind, "values": dict(values)} for kind, values in said if values is not None]
    zone = zone_of(reader.home_site_id)
    on = dates.day(digest.made_at.astimezone(zone).date(), digest.language)
    return {"letters": found, "on": on} if found else None


def _root(letter: Letter) -> str:
    if letter.thread is None:
        return ""
    earlier = select(Letter.key).where(Letter.thread == letter.thread, Letter.id < letter.id)
    return db.session.scalar(earlier.order_by(Letter.id).limit(1)) or ""


def _set_aside(letter: Letter, way: Way, now: datetime) -> None:
    """For the daily letter, or for good."""
    letter.way = str(way)
    if way is Way.DAILY:
        person = db.session.get_one(Person, letter.person_id)
        letter.due_at = next_morning(zone_of(person.home_site_id), now)
    else:
        letter.sent_at = now


def zone_of(site_id: int | None) -> ZoneInfo:
    """The zone of somebody's home site; of those without one that of the lab's first site."""
    found = db.session.get(Site, site_id) if site_id else db.session.scalar(select(Site).order_by(Site.id).limit(1))
    return found.zoneinfo if found else ZoneInfo("Etc/UTC")


def next_morning(zone: ZoneInfo, now: datetime) -> datetime:
    """The next time that daily letters go out in a zone."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), MORNING, zone)
    return (today if today > local else datetime.combine(local.date() + timedelta(days=1), MORNING, zone)).astimezone(
        UTC
    )
