"""Asking for a booking."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select

from ...catalogue.queries import resource_by_slug
from ...core.facts import Facts, Verdict
from ...core.free import with_taken
from ...core.interval import Interval
from ...core.lifecycle import OPEN, Action, State
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...db import Lock, OverlapError, db, take_locks, transactional
from ...models import Booking, Claim, IdempotencyKey, Project, Request, Resource, Site, Unit
from ...people.queries import project_for
from .. import findings
from ..allocation import choose, keep_new, wall
from ..facts import Around, Whose, facts_for
from ..history import Step, settle
from .errors import KeyReusedError, TooManyOpenError
from .matters import refusal, site_lock, spelled, units_for, who_decides, worked

MOST_OPEN = 10  # wishes of one person that wait, beyond which no exception is asked for


@dataclass(frozen=True, slots=True)
class Ask:
    """What a scientist asks for. No unit means any unit that is free."""

    resource: str
    start: datetime
    end: datetime
    partner_id: int
    title: str
    purpose: str = ""
    unit: str = ""
    project: str = ""
    mode: str = ""  # the kind of work, where the resource has some
    biosafety: int = 0  # of the sample; 0: none
    is_exception: bool = False  # where staff may waive all that refuses it: let them decide

    @property
    def wanted(self) -> Interval:
        """The time asked for. Raises ValueError when it does not end after it starts."""
        return Interval(self.start, self.end)

    @property
    def digest(self) -> str:
        """What the idempotency key stands for."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()


def request(actor: Actor, ask: Ask, *, key: str, now: datetime) -> str:
    """Ask for a booking; approved at once when nothing needs a decision. Returns the request's key.

    Raises NotFoundError, ForbiddenError, RefusedError (with all findings; a lost race among them, as `taken`),
    KeyReusedError, TooManyOpenError, BusyError, UnknownOutcomeError.
    """
    try:
        return _request(actor, ask, key=key, now=now)
    except OverlapError:
        around, units = look(actor, ask, now=now)
        _, facts, verdict = choose(units, around)
        raise refusal(with_taken(verdict, facts), facts, around) from None


def look(actor: Actor, ask: Ask, *, now: datetime) -> tuple[Around, list[Unit]]:
    """The facts of an ask without locks, for findings as one types. Raises NotFoundError, ForbiddenError."""
    resource, site = resource_by_slug(actor, ask.resource)
    units = units_for(resource, ask.unit)
    return facts_of(actor, ask, resource, site, units, now), units


@transactional
def _request(actor: Actor, ask: Ask, *, key: str, now: datetime) -> str:
    resource, site = resource_by_slug(actor, ask.resource)
    require(actor, Do.REQUEST_BOOKING, Matter(site.id, ask.partner_id))
    units = units_for(resource, ask.unit)
    at_site = site_lock(site.id, ask.partner_id)
    take_locks(
        [
            *at_site["wanted"],
            (Lock.AGREEMENT, ask.partner_id),
            (Lock.PERSON, actor.person_id),
            *((Lock.UNIT, one.id) for one in units),
        ],
        shared=[*at_site["shared"], (Lock.AREA, resource.area_id)],
    )
    if (made := _made_before(actor, ask, key)) is not None:
        return made
    around = facts_of(actor, ask, resource, site, units, now)
    unit, facts, verdict = choose(units, around)
    if verdict.is_refused:
        _require_exception(actor, ask, verdict, facts, around)
    booking = _written(actor, ask, resource, site, unit, verdict, now)
    db.session.add(
        IdempotencyKey(
            person_id=actor.person_id, key=key, digest=ask.digest, request_id=booking.request_id, made_at=now
        )
    )
    hear = who_decides(booking, now) if booking.state in OPEN else []
    event = booking.event(Action.ASK, actor_id=actor.person_id, now=now, **spelled(booking), **worked(booking))
    settle([Step(booking, Action.ASK, event, booking.holds_time)], actor_id=actor.person_id, deciders=hear, now=now)
    return booking.request.key


def facts_of(actor: Actor, ask: Ask, resource: Resource, site: Site, units: Iterable[Unit], now: datetime) -> Around:
    """What is asked for, on some units of a resource: the wanted one's, or another's that is like it."""
    project = project_for(ask.project, ask.partner_id) if ask.project else None
    whose = Whose(
        actor.person_id,
        ask.partner_id,
        ask.partner_id in actor.partner_ids,
        asks_anew=True,
        project_id=project.id if project else None,
        mode=ask.mode,
        biosafety=ask.biosafety,
    )
    return facts_for(
        resource,
        site,
        ask.wanted,
        whose=whose,
        units=[one.id for one in units],
        now=now,
    )


def _require_exception(actor: Actor, ask: Ask, verdict: Verdict, facts: Facts, around: Around) -> None:
    """What is refused goes on only as an exception: asked for as one, with a purpose, and waivable in all.

    It holds nothing, but each is a letter to those who decide: so many of one person wait at a time, and no more.
    Raises RefusedError, TooManyOpenError.
    """
    if not (ask.is_exception and ask.purpose.strip() and verdict.is_waivable):
        raise refusal(verdict, facts, around)
    wishes = select(func.count()).where(Booking.person_id == actor.person_id, Booking.state == State.WISHED)
    if (db.session.scalar(wishes) or 0) >= MOST_OPEN:
        raise TooManyOpenError


def _made_before(actor: Actor, ask: Ask, key: str) -> str | None:
    row = db.session.get(IdempotencyKey, (actor.person_id, key))
    if row is None:
        return None
    made = db.session.get_one(Request, row.request_id)
    if row.digest != ask.digest:
        raise KeyReusedError(made.key)
    return made.key


def _written(
    actor: Actor, ask: Ask, resource: Resource, site: Site, unit: Unit, verdict: Verdict, now: datetime
) -> Booking:
    """The request, its booking and its hold, flushed: the database has checked the hold."""
    project = _project(ask)
    state = State.APPROVED
    if verdict.is_refused:  # an exception, which holds nothing until staff have waived what refuses it
        state = State.WISHED
    elif verdict.needs_review:
        state = State.WAITING if resource.holds_on_request else State.WISHED
    booking = Booking(
        request=Request(
            site_id=site.id,
            partner_id=ask.partner_id,
            person_id=actor.person_id,
            asked_by_id=actor.person_id,
            project_id=project.id if project else None,
            title=ask.title,
            purpose=ask.purpose,
            created_at=now,
        ),
        claim=Claim(),
        site_id=site.id,
        resource_id=resource.id,
        unit_id=unit.id,
        person_id=actor.person_id,
        partner_id=ask.partner_id,
        project_id=project.id if project else None,
        state=state,
        starts_at=ask.wanted.start,
        ends_at=ask.wanted.end,
        by_day=resource.by_day,
        wall_start=wall(ask.start, site),
        wall_end=wall(ask.end, site),
        mode=ask.mode,
        biosafety=ask.biosafety,
        findings=findings.stored(verdict),
        created_at=now,
        changed_at=now,
    )
    db.session.add(booking)
    keep_new(booking, resource.terms, site)
    db.session.flush()
    return booking


def _project(ask: Ask) -> Project | None:
    if not ask.project:
        return None
    project = project_for(ask.project, ask.partner_id)
    if project is None:
        raise NotFoundError
    return project
