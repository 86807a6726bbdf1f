"""The clock of those who decide: it starts as something waits, stands while a question is open, and ends with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ...catalogue.working import homes_of, working_times
from ...core.deciding import LEAD, WorkingTime, deadline, first_to_hear, minutes_left
from ...core.lifecycle import OPEN
from ...db import db
from ...models import Booking, Request, Resource
from ..steps import forget_clearance
from .matters import who_decides


def await_decision(bookings: Iterable[Booking], now: datetime, *, anew: bool = False) -> frozenset[int]:
    """Give those who decide their time for what of these bookings of a request waits.

    A sooner deadline of the request stands, unless what waits is judged `anew`: then `bookings` are all of it.

    Returns who is to hear of it at once: everybody who decides, but of an urgent one those who are at work now. While
    a question is open the clock goes on standing, with all of the time left.
    """
    open_ = [one for one in bookings if one.state in OPEN]
    if not open_:
        return frozenset()
    deciders = {person for one in _of_each_resource(open_) for person in who_decides(one, now)}
    found, minutes = open_[0].request, _minutes(open_)
    if anew:
        found.decide_by = None
    if found.asked_at is not None:
        found.minutes_left = minutes
        return frozenset(deciders)
    working = working_times([found.site_id], now, people=deciders)
    here = working[found.site_id]
    is_urgent = _start(found, open_, here, minutes, now)
    return first_to_hear(deciders, _at_work(deciders, working, here) if is_urgent else {}, is_urgent=is_urgent, now=now)


def asked_anew(moved: Sequence[Booking], now: datetime) -> frozenset[int]:
    """What waits at another time or unit is decided on anew: safety looks at it again, and the time to decide begins.

    `moved` are bookings of one request, decided ones among them. Returns who is to hear of it at once.
    """
    waiting = [one for one in moved if one.state in OPEN]
    for one in waiting:
        forget_clearance(one)
    return await_decision(waiting[0].request.bookings, now, anew=True) if waiting else frozenset()


def stop_clock(found: Request, now: datetime) -> None:
    """Let the clock of a request stand, since something was asked of whoever sent it; where it stands already, it does.

    Call it within the transaction that writes the question.
    """
    open_ = [one for one in found.bookings if one.state in OPEN]
    if found.asked_at is not None or not open_:
        return
    here = working_times([found.site_id], now)[found.site_id]
    found.minutes_left = minutes_left(here, found.decide_by, now) if found.decide_by else _minutes(open_)
    found.asked_at, found.decide_by, found.remind_at = now, None, None


def restart_clock(found: Request, now: datetime) -> None:
    """Let it run on with what was left, since the answer is there; nothing where it does not stand.

    Reminders and what follows of the deadline are those of the new one.
    """
    if found.asked_at is None:
        return
    open_ = [one for one in found.bookings if one.state in OPEN]
    minutes = found.minutes_left or 0
    found.asked_at, found.minutes_left = None, None
    if open_:
        _start(found, open_, working_times([found.site_id], now)[found.site_id], minutes, now)


def had_their_time(found: Request, waiting: Sequence[Booking], by: datetime) -> bool:
    """Whether those who decide have had all of their hours by then; not for what begins sooner, or was moved there."""
    is_soon = by >= min(one.starts_at for one in waiting) - LEAD
    here = working_times([found.site_id], by, since=found.created_at)[found.site_id]
    return not is_soon and here.after(found.created_at, _minutes(waiting)) <= by


def _start(found: Request, open_: Sequence[Booking], here: WorkingTime, minutes: int, now: datetime) -> bool:
    """Set the deadline; returns whether it is an urgent one."""
    due = deadline(here, minutes, now=now, starts_at=min(one.starts_at for one in open_))
    if found.decide_by is None or due.decide_by < found.decide_by:
        found.decide_by, found.remind_at = due.decide_by, due.remind_at
        found.reminded_at = found.escalated_at = None
    return due.is_urgent


def _minutes(open_: Sequence[Booking]) -> int:
    """The working time in which staff decide: the shortest of its resources'."""
    return min(db.session.get_one(Resource, one.resource_id).decide_hours for one in open_) * 60


def _of_each_resource(open_: Sequence[Booking]) -> list[Booking]:
    return list({one.resource_id: one for one in open_}.values())


def _at_work(deciders: Iterable[int], working: dict[int, WorkingTime], here: WorkingTime) -> dict[int, WorkingTime]:
    """When each of those who decide is at work: by the hours of their home site, else of this one."""
    several = sorted(deciders)
    if len(working) == 1:  # all are at home here
        return dict.fromkeys(several, here)
    homes = homes_of(several)
    return {one: working.get(homes.get(one) or 0, here) for one in several}
