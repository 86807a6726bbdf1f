"""Reads about feeds as people keep them, each in a fixed number of statements; queries.py reads what a link opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import func, select, true

from ..core.permissions import NotFoundError
from ..core.tokens import token_hash
from ..db import db
from ..models import Feed, FormerLink, Person


def feeds_of(person_id: int) -> list[Feed]:
    """A person's feeds, the live ones first, the newest of each first."""
    order = (Feed.revoked_at.is_not(None), Feed.created_at.desc(), Feed.id.desc())
    return list(db.session.scalars(select(Feed).where(Feed.person_id == person_id).order_by(*order)))


def feed_by_key(person_id: int, key: str) -> Feed:
    """One of a person's own feeds. Raises NotFoundError."""
    feed = db.session.scalar(select(Feed).where(Feed.key == key, Feed.person_id == person_id))
    if feed is None:
        raise NotFoundError
    return feed


def feeds_by_key(keys: Iterable[str]) -> list[Feed]:
    """Feeds of whomsoever, for the operator."""
    return list(db.session.scalars(select(Feed).where(Feed.key.in_(sorted(keys))).order_by(Feed.id)))


def count_of_live(person_id: int) -> int:
    """How many feeds of a person are not revoked."""
    live = select(func.count(Feed.id)).where(Feed.person_id == person_id, Feed.revoked_at.is_(None))
    return db.session.scalar(live) or 0


def is_former(token: str) -> bool:
    """Whether this was a feed's token until it got a new one."""
    return db.session.get(FormerLink, token_hash(token)) is not None


class Owned(NamedTuple):
    """A feed and the address of whose it is."""

    feed: Feed
    email: str


def all_feeds(person_id: int | None = None, *, revoked: bool = False) -> list[Owned]:
    """Everybody's feeds, or one person's, for the operator; those that were revoked too if asked for."""
    rows = db.session.execute(
        select(Feed, Person.email)
        .join(Person, Person.id == Feed.person_id)
        .where(
            Feed.person_id == person_id if person_id is not None else true(),
            true() if revoked else Feed.revoked_at.is_(None),
        )
        .order_by(Person.email, Feed.created_at, Feed.id)
    )
    return [Owned._make(row) for row in rows]
