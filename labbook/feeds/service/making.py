"""Making, rotating and revoking feeds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...catalogue.queries import resource_by_slug, site_by_slug
from ...core.feeds import Detail, Scope
from ...core.permissions import Actor, Do, Matter, require
from ...core.tokens import new_token, token_hash
from ...db import db, transactional
from ...models import Feed
from ...models.audit import happened
from .. import queries

MOST_FEEDS = 50


class TooManyFeedsError(Exception):
    """This person has as many live feeds as one may have."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feed to be made."""

    name: str
    scope: Scope
    detail: Detail
    language: str
    resource: str = ""  # slugs
    site: str = ""


@transactional
def create(actor: Actor, wanted: Wanted, *, now: datetime) -> str:
    """Make a feed and return its token, which is kept nowhere else. Raises TooManyFeedsError too."""
    if sum(1 for one in queries.feeds_of(actor.person_id) if one.feed.revoked_at is None) >= MOST_FEEDS:
        raise TooManyFeedsError
    resource_id = site_id = None
    if wanted.scope is Scope.RESOURCE:
        resource, site = resource_by_slug(actor, wanted.resource)
        require(actor, Do.FOLLOW_RESOURCE, Matter(site.id))
        resource_id = resource.id
    elif wanted.scope is Scope.SITE:
        site = site_by_slug(actor, wanted.site)
        require(actor, Do.FOLLOW_SITE, Matter(site.id))
        site_id = site.id
    token = wanted.scope[0] + new_token()  # the letter tells queries.door what to look up
    feed = Feed(
        token_hash=token_hash(token),
        person_id=actor.person_id,
        name=wanted.name,
        scope=wanted.scope,
        detail=wanted.detail,
        language=wanted.language,
        resource_id=resource_id,
        site_id=site_id,
        created_at=now,
    )
    db.session.add(feed)
    db.session.flush()
    db.session.add(happened("feed-created", at=now, actor_id=actor.person_id, subject="feed", subject_id=feed.id))
    return token


@transactional
def revoke(actor: Actor, key: str, *, now: datetime) -> None:
    """End one of one's own feeds for good; twice is as good as once. Raises NotFoundError."""
    feed = queries.feed_by_key(actor.person_id, key)
    if feed.revoked_at is None:
        feed.revoked_at = now
        db.session.add(happened("feed-revoked", at=now, actor_id=actor.person_id, subject="feed", subject_id=feed.id))
