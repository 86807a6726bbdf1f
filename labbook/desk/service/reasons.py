"""Keeping the list of reasons from which a site's staff choose when they decline."""

from __future__ import annotations

from datetime import datetime

from ...catalogue.queries import site_by_slug
from ...core.language import Words
from ...core.permissions import Actor, Do, Matter, require
from ...db import Lock, db, take_locks, transactional
from ...models import CannedReason
from ...models.audit import happened
from ..queries.reasons import reason_by_key, reasons_at

MOST_REASONS = 50  # of a site: what is longer is no list to choose from


class ChangedMeanwhileError(Exception):
    """It was chosen from a page that is out of date."""


class TooManyReasonsError(Exception):
    """The list is as long as it may be."""


@transactional
def add_reason(actor: Actor, site_slug: str, words: Words, *, now: datetime) -> None:
    """Add a reason at the end of the list. Raises NotFoundError, ForbiddenError, TooManyReasonsError."""
    site_id = _locked_site(actor, site_slug)
    there = reasons_at(site_id)
    if len(there) >= MOST_REASONS:
        raise TooManyReasonsError
    position = 1 + max((one.position for one in there), default=0)
    db.session.add(CannedReason(site_id=site_id, words=words, position=position))
    _note(actor, site_id, now, None, words)


@transactional
def set_reason(actor: Actor, site_slug: str, key: str, words: Words, *, version: int, now: datetime) -> None:
    """Word a reason anew; what was declined with it keeps the words that it was declined with.

    Raises NotFoundError, ForbiddenError, ChangedMeanwhileError.
    """
    site_id = _locked_site(actor, site_slug)
    reason = _of_version(site_id, key, version)
    if reason.words == words:
        return
    before, reason.words = reason.words, words
    reason.version += 1
    _note(actor, site_id, now, before, words)


@transactional
def remove_reason(actor: Actor, site_slug: str, key: str, *, version: int, now: datetime) -> None:
    """Take a reason off the list. Raises NotFoundError, ForbiddenError, ChangedMeanwhileError."""
    site_id = _locked_site(actor, site_slug)
    reason = _of_version(site_id, key, version)
    db.session.delete(reason)
    _note(actor, site_id, now, reason.words, None)


@transactional
def put_first(actor: Actor, site_slug: str, key: str, *, now: datetime) -> None:
    """Put a reason at the top of the list, where it is chosen fastest. Raises NotFoundError, ForbiddenError."""
    site_id = _locked_site(actor, site_slug)
    first = reason_by_key(site_id, key)
    for position, one in enumerate(sorted(reasons_at(site_id), key=lambda one: one is not first), start=1):
        one.position = position


def _locked_site(actor: Actor, site_slug: str) -> int:
    site = site_by_slug(actor, site_slug)
    require(actor, Do.KEEP_REASONS, Matter(site.id))
    take_locks([(Lock.SITE, site.id)])
    return site.id


def _of_version(site_id: int, key: str, version: int) -> CannedReason:
    reason = reason_by_key(site_id, key)
    if reason.version != version:
        raise ChangedMeanwhileError
    return reason


def _note(actor: Actor, site_id: int, now: datetime, before: Words | None, after: Words | None) -> None:
    said = {name: {"en": one.en, "ja": one.ja} for name, one in (("before", before), ("after", after)) if one}
    db.session.add(
        happened(
            "reasons-set",
            at=now,
            actor_id=actor.person_id,
            subject="site",
            subject_id=site_id,
            body=said,
            site_id=site_id,
        )
    )
