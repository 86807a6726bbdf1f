"""Putting signs up and taking them down, each one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from ..catalogue.queries import site_by_slug
from ..core.permissions import Actor, Do, Matter, NotFoundError, require
from ..core.tokens import new_token, token_hash
from ..db import Lock, db, in_passing, take_locks, transactional
from ..models import Sign, Site
from ..models.audit import happened
from .queries import sign_by_key, subjects_at

MOST_SIGNS = 200  # of a site
SEEN_EVERY = timedelta(hours=1)


class TooManySignsError(Exception):
    """The site has as many signs as one may have."""


class EndedError(Exception):
    """The sign was taken down: it gets no new link."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sign to put up: about an area or a resource, by its slug."""

    name: str
    language: str
    area: str = ""
    resource: str = ""


@transactional
def make(actor: Actor, site_slug: str, wanted: Wanted, *, now: datetime) -> str:
    """Put up a sign; the secret of its link, which is nowhere else.

    Raises NotFoundError, also for what is hidden from anybody; ForbiddenError, TooManySignsError.
    """
    site = _locked_site(actor, site_slug)
    _refuse_too_many(site.id)
    about = _subject_id(site.id, wanted)
    token = new_token()
    sign = Sign(
        token_hash=token_hash(token),
        name=wanted.name,
        site_id=site.id,
        area_id=about if wanted.area else None,
        resource_id=None if wanted.area else about,
        language=wanted.language,
        made_by_id=actor.person_id,
        made_at=now,
    )
    db.session.add(sign)
    db.session.flush()
    _note("sign-made", actor, sign, now)
    return token


@transactional
def rename(actor: Actor, site_slug: str, key: str, name: str, language: str, *, now: datetime) -> None:
    """Call a sign otherwise, or let it speak the other language. Raises NotFoundError, ForbiddenError."""
    sign = _sign(actor, site_slug, key, now)
    if (sign.name, sign.language) == (name, language):
        return
    sign.name, sign.language = name, language
    _note("sign-set", actor, sign, now)


@transactional
def renew(actor: Actor, site_slug: str, key: str, *, now: datetime) -> tuple[str, str]:
    """Give a sign a new link; whoever has the old one sees nothing by it. Its name and the new secret.

    Raises NotFoundError, ForbiddenError, EndedError.
    """
    sign = _sign(actor, site_slug, key, now)
    if sign.ended_at is not None:
        raise EndedError
    token = new_token()
    sign.token_hash, sign.seen_at = token_hash(token), None
    _note("sign-renewed", actor, sign, now)
    return sign.name, token


@transactional
def end(actor: Actor, site_slug: str, key: str, *, now: datetime) -> None:
    """Take a sign down: its tablet says that it has ended. Raises NotFoundError, ForbiddenError."""
    sign = _sign(actor, site_slug, key, now)
    if sign.ended_at is None:
        sign.ended_at = now
        _note("sign-ended", actor, sign, now)


@transactional
def put_up_again(actor: Actor, site_slug: str, key: str, *, now: datetime) -> None:
    """Undo that: the same link works again. Raises NotFoundError, ForbiddenError, TooManySignsError."""
    sign = _sign(actor, site_slug, key, now)
    if sign.ended_at is not None:
        _refuse_too_many(sign.site_id)
        sign.ended_at = None
        _note("sign-resumed", actor, sign, now)


@in_passing
def note_seen(sign_id: int, *, now: datetime) -> None:
    """Remember that a sign's tablet has asked."""
    db.session.execute(
        update(Sign).where(Sign.id == sign_id).values(seen_at=now), execution_options={"synchronize_session": False}
    )


def is_due(sign: Sign, now: datetime) -> bool:
    """Whether that is worth writing down again."""
    return sign.seen_at is None or now - sign.seen_at >= SEEN_EVERY


def _locked_site(actor: Actor, slug: str) -> Site:
    site = site_by_slug(actor, slug)
    require(actor, Do.KEEP_SIGN, Matter(site.id))
    take_locks([(Lock.SITE, site.id)])
    return site


def _refuse_too_many(site_id: int) -> None:
    live = select(func.count()).select_from(Sign).where(Sign.site_id == site_id, Sign.ended_at.is_(None))
    if (db.session.scalar(live) or 0) >= MOST_SIGNS:
        raise TooManySignsError


def _sign(actor: Actor, site_slug: str, key: str, now: datetime) -> Sign:
    return sign_by_key(_locked_site(actor, site_slug).id, key, now)


def _subject_id(site_id: int, wanted: Wanted) -> int:
    is_area = bool(wanted.area)
    for one in subjects_at(site_id):
        if (one.area is None) is is_area and one.slug == (wanted.area or wanted.resource):
            return one.id
    raise NotFoundError


def _note(code: str, actor: Actor, sign: Sign, now: datetime) -> None:
    said = {"name": sign.name, "language": sign.language}
    db.session.add(
        happened(
            code,
            at=now,
            actor_id=actor.person_id,
            subject="sign",
            subject_id=sign.id,
            body=said,
            site_id=sign.site_id,
        )
    )
