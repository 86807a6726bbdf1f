"""What the clock does at the desk: reminds those who decide, tells managers at the deadline, and ends some waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, select

from ...bookings.allocation import keep
from ...bookings.history import Step, settle
from ...bookings.pending import changes_of
from ...bookings.service.awaiting import await_decision, had_their_time
from ...bookings.service.ending import ended
from ...bookings.service.matters import lock_all, matter_of, place_of, who_decides
from ...bookings.service.signing import is_signed
from ...bookings.service.waiving import in_the_way
from ...core.deciding import REASONS, UNDECIDED, AtDeadline, at_the_deadline
from ...core.lifecycle import OPEN, Action, State
from ...core.reasons import Reason, reason_from
from ...core.waivers import needs_a_look
from ...db import OverlapError, db, transactional
from ...models import Booking, PendingChange, Request, Resource
from ...people.named import named_by_resource
from ...people.queries import managers_of
from .telling import tell

BATCH = 100  # in one round; the next one takes the others


def watch_deadlines(*, now: datetime) -> int:
    """Everything that is due by now; returns how many requests took a step."""
    steps = ((_without(), _give), (_to_remind(now), _remind), (_overdue(now), _escalate))
    return sum(_each(due, step, now) for due, step in steps)


def _each(due: Select[int], step: Callable[[int, datetime], bool], now: datetime) -> int:
    return sum(step(number, now) for number in list(db.session.scalars(due.limit(BATCH))))


# --- what is due ------------------------------------------------------------------------------------------------------


def _without() -> Select[int]:
    """What waits without a deadline, since it was asked for before there were any."""
    waits = exists().where(Booking.request_id == Request.id, Booking.state.in_(sorted(OPEN)))
    return select(Request.id).where(Request.decide_by.is_(None), Request.asked_at.is_(None), waits).order_by(Request.id)


def _to_remind(now: datetime) -> Select[int]:
    is_due = (Request.remind_at <= now, Request.reminded_at.is_(None), Request.decide_by > now, ~_is_proposed(now))
    return select(Request.id).where(*is_due).order_by(Request.decide_by, Request.id)


def _overdue(now: datetime) -> Select[int]:
    is_due = (Request.decide_by <= now, Request.escalated_at.is_(None), ~_is_proposed(now))
    return select(Request.id).where(*is_due).order_by(Request.decide_by, Request.id)


def _is_proposed(now: datetime) -> ColumnElement[bool]:
    """Staff have proposed something else, and wait for the answer themselves."""
    return exists().where(
        Booking.request_id == Request.id, PendingChange.booking_id == Booking.id, PendingChange.until > now
    )


def _locked(number: int, due: Select[int]) -> tuple[Request, list[Booking]] | None:
    """The request with what of it waits, locked; None where others were quicker."""
    seen = db.session.get_one(Request, number)
    lock_all([seen])
    if db.session.scalar(due.where(Request.id == number)) is None:
        return None
    db.session.refresh(seen)
    bookings = select(Booking).where(Booking.request_id == number).order_by(Booking.starts_at, Booking.id)
    several = db.session.scalars(bookings.execution_options(populate_existing=True))
    open_ = [one for one in several if one.state in OPEN]
    return (seen, open_) if open_ else None


# --- steps ------------------------------------------------------------------------------------------------------------


@transactional
def _give(number: int, now: datetime) -> bool:
    """A deadline, counted from now on."""
    locked = _locked(number, _without())
    if locked is None:
        return False
    await_decision(locked[1], now)
    return True


@transactional
def _remind(number: int, now: datetime) -> bool:
    """Those who decide hear that it waits still; only whom it was given to, where that is one of them."""
    locked = _locked(number, _to_remind(now))
    if locked is None:
        return False
    found, open_ = locked
    found.reminded_at = now
    hear = _deciders(found, open_, now)
    tell(
        "request-reminded", found, [one for one in hear if one == found.assigned_to_id] or hear, actor_id=None, now=now
    )
    return True


def _escalate(number: int, now: datetime) -> bool:
    """The site's managers hear that it was not decided in time; then it goes the way that its resources say."""
    try:
        return _end_time(number, now)
    except OverlapError:  # its time was lost meanwhile: that is for staff to see
        return _end_time(number, now, decides=False)


@transactional
def _end_time(number: int, now: datetime, *, decides: bool = True) -> bool:
    locked = _locked(number, _overdue(now))
    if locked is None:
        return False
    found, open_ = locked
    found.escalated_at = now
    managers = managers_of(found.site_id, now) - matter_of(found, now).person_ids
    tell("request-escalated", found, managers or _deciders(found, open_, now), actor_id=None, now=now)
    if decides:
        _let_go_its_way(found, open_, now)
    return True


def _let_go_its_way(found: Request, open_: list[Booking], now: datetime) -> None:
    fates = {AtDeadline(db.session.get_one(Resource, one.resource_id).at_deadline) for one in open_}
    fate = at_the_deadline(fates, is_certain=_is_certain(found, open_, now))
    if fate is AtDeadline.STAY:
        return
    found.version += 1
    said = reason_from(REASONS[fate], "")
    steps = _approved(open_, said, now) if fate is AtDeadline.APPROVE else _declined(open_, said, now)
    settle(steps, actor_id=None, deciders=(), now=now)


def _is_certain(found: Request, open_: list[Booking], now: datetime) -> bool:
    """Whether there is nothing to weigh in approving it: it keeps its time, and nobody has to say anything to it.

    Nobody has said anything, though there was time to: what begins too soon for that is no way around a decision.
    """
    named = named_by_resource({one.resource_id for one in open_}, now)
    is_plain = all(one.state is State.WAITING for one in open_) and not any(one.two_steps for one in named.values())
    if not is_plain or is_signed(found, now) or changes_of(one.id for one in open_):
        return False
    if not had_their_time(found, open_, found.decide_by or now):
        return False
    ways = [in_the_way(one, now) for one in open_]
    return not any(needs_a_look(way.verdict.findings, way.facts) for way in ways)


def _approved(open_: Iterable[Booking], said: Reason, now: datetime) -> list[Step]:
    steps = []
    for one in open_:
        resource, site = place_of(one)
        event = one.take(Action.APPROVE, actor_id=None, now=now, reason=said, code=UNDECIDED)
        steps.append(Step(one, Action.APPROVE, event, keep(one, resource.terms, site)))
    return steps


def _declined(open_: Iterable[Booking], said: Reason, now: datetime) -> list[Step]:
    return [step for one in open_ for step in ended(one, Action.DECLINE, None, now, said, code=UNDECIDED)]


def _deciders(found: Request, open_: Iterable[Booking], now: datetime) -> set[int]:
    """Who decides on it, but for whoever asked."""
    several = {two.resource_id: two for two in open_}.values()
    return {person for one in several for person in who_decides(one, now)} - matter_of(found, now).person_ids
