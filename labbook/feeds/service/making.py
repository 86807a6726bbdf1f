"""Making, rotating and revoking feeds."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from ...core.feeds import USUAL, Detail, Scope, Takes
from ...core.permissions import Actor, NotFoundError, require
from ...core.tokens import new_token, token_hash
from ...db import db, transactional
from ...models import Feed, FormerLink
from ...models.audit import happened
from .. import kept
from ..offers import Offer, columns, in_sight

MOST_FEEDS = 50


class TooManyFeedsError(Exception):
    """This person has as many live feeds as one may have."""


class RevokedError(Exception):
    """The feed was revoked: it gets no new link."""


class UnfitError(Exception):
    """A feed about this cannot take that in; `part` is the field of core.feeds.Takes."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feed to be made; `about` is the slug of what it is about, where its scope alone does not say it (offers.py)."""

    name: str
    scope: Scope
    detail: Detail
    language: str
    about: str = ""
    takes: Takes = USUAL


@transactional
def create(actor: Actor, wanted: Wanted, *, now: datetime) -> str:
    """Make a feed and return its token, which is kept nowhere else.

    Raises NotFoundError and ForbiddenError about what it is to be about, TooManyFeedsError and UnfitError.
    """
    found = [one for one in in_sight(actor) if (one.scope, one.slug) == (wanted.scope, wanted.about)]
    if not found:
        raise NotFoundError
    require(actor, found[0].do, found[0].matter)
    if kept.count_of_live(actor.person_id) >= MOST_FEEDS:
        raise TooManyFeedsError
    token = _new_token(wanted.scope)
    feed = Feed(
        token_hash=token_hash(token),
        person_id=actor.person_id,
        name=wanted.name,
        scope=wanted.scope,
        detail=wanted.detail,
        language=wanted.language,
        created_at=now,
        **columns(found[0]),
        **asdict(_fitting(wanted.takes, found[0], actor)),
    )
    db.session.add(feed)
    db.session.flush()
    _note("feed-created", feed, actor, now)
    return token


def _fitting(takes: Takes, offer: Offer, actor: Actor) -> Takes:
    """What a feed about this takes in. Raises UnfitError."""
    if takes.buffers and not (offer.site_ids and offer.site_ids <= actor.staffed_sites):
        raise UnfitError("buffers")
    if takes.alarm_minutes is not None and offer.scope is not Scope.MINE:
        raise UnfitError("alarm_minutes")
    return replace(takes, waiting=True) if offer.scope is Scope.WAITING else takes


@transactional
def rotate(actor: Actor, key: str, *, now: datetime) -> tuple[str, str]:
    """Give one of one's own feeds a new token; returns its name and the token. The old one is dead at once.

    Raises NotFoundError and RevokedError.
    """
    feed = kept.feed_by_key(actor.person_id, key)
    if feed.revoked_at is not None:
        raise RevokedError
    token = _new_token(feed.scope)
    db.session.add(FormerLink(token_hash=feed.token_hash, feed_id=feed.id))
    feed.token_hash, feed.rotated_at = token_hash(token), now
    feed.fetched_at, feed.client = None, ""  # nobody has fetched it by its new link
    _note("feed-rotated", feed, actor, now)
    return feed.name, token


@transactional
def revoke(actor: Actor, key: str, *, now: datetime) -> None:
    """End one of one's own feeds for good; twice is as good as once. Raises NotFoundError."""
    _end(kept.feed_by_key(actor.person_id, key), actor, now)


@transactional
def revoke_by_command(keys: set[str], *, now: datetime) -> int:
    """End feeds of whomsoever, and say how many of them were live. For the operator at the machine.

    Raises NotFoundError, and ends none, when there is no feed with one of the keys.
    """
    found = kept.feeds_by_key(keys)
    if len(found) < len(keys):
        raise NotFoundError
    return sum(_end(feed, None, now) for feed in found)


def _end(feed: Feed, actor: Actor | None, now: datetime) -> bool:
    if feed.revoked_at is not None:
        return False
    feed.revoked_at = now
    _note("feed-revoked", feed, actor, now)
    return True


def _new_token(scope: Scope) -> str:
    return scope[0] + new_token()  # the letter tells queries.door what to look up


def _note(code: str, feed: Feed, actor: Actor | None, now: datetime) -> None:
    by = actor.person_id if actor else None
    db.session.add(happened(code, at=now, actor_id=by, subject="feed", subject_id=feed.id))
