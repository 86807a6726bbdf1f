"""What every change leaves behind in its own transaction: events, notices, raised revisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Update, bindparam, update

from ..catalogue.links import beside_with
from ..core.hearing import UNDOABLE, UNDONE_WITHIN, is_for_calendars, who_hears
from ..core.lifecycle import OPEN, Action
from ..db import Model, db
from ..models import Booking, Event, Notice, Partner, Person, Project, Resource, Series
from ..models.audit import say_more
from .besides import together_with

WHOLE = "whole"  # what an event says of a time that counts as used although nobody used it all


class Step(NamedTuple):
    """A step that a booking has taken, and whether it changed what is held."""

    booking: Booking
    action: Action
    event: Event
    changes_holds: bool
    former_id: int | None = None  # whose it was before it was handed over
    takes_over: bool = False  # it holds just what was given up for it: nobody else sees a difference

    @property
    def people(self) -> set[int]:
        """Whose calendars it touches."""
        return {self.booking.person_id, *([self.former_id] if self.former_id else [])}

    @property
    def is_seen(self) -> bool:
        """Whether a calendar shows it to those who see all; beginning and ending as booked changes no entry."""
        return self.action not in (Action.START, Action.FINISH)


def settle(
    steps: Sequence[Step],
    *,
    actor_id: int | None,
    deciders: Iterable[int],
    now: datetime,
    tells_once: bool = False,
) -> None:
    """Write down what happened, who must hear of it, and, last and in key order, that feeds have changed.

    Everybody hears once of each request, or once at all.
    """
    _say_what_is_held(steps)
    _end_clocks(steps)
    db.session.add_all(step.event for step in steps)
    db.session.flush()
    several = _notices(steps, actor_id=actor_id, deciders=frozenset(deciders), now=now)
    mailed = list({one.person_id: one for one in reversed(several)}.values()) if tells_once else several
    db.session.add_all([*mailed, *for_calendars(steps, mailed, now=now)])
    db.session.flush()
    raise_revisions(steps)


def _say_what_is_held(steps: Sequence[Step]) -> None:
    """Let an event by which other holds were made name what of linked resources is held with the booking."""
    anew = {step.booking.key: step.event for step in steps if step.changes_holds and step.booking.holds_time}
    besides = together_with(anew, ~Resource.is_hidden) if anew else {}
    for key, several in besides.items():
        say_more(anew[key], besides=[one.spell() for one in several])


def _end_clocks(steps: Sequence[Step]) -> None:
    """Where nothing of a request waits any more, nobody has to decide on it by any time."""
    open_ = {step.booking.request_id for step in steps if step.booking.state in OPEN}
    requests = {step.booking.request_id: step.booking.request for step in steps}
    for number, found in requests.items():
        is_timed = found.decide_by is not None or found.asked_at is not None
        if is_timed and number not in open_ and not any(one.state in OPEN for one in found.bookings):
            found.decide_by = found.remind_at = found.asked_at = found.minutes_left = None


def _notices(steps: Sequence[Step], *, actor_id: int | None, deciders: frozenset[int], now: datetime) -> list[Notice]:
    """One notice a person, however many bookings of the request were changed in one go.

    A letter about what whoever decided can still undo waits as long as that.
    """
    due = now + UNDONE_WITHIN if actor_id and any(step.action in UNDOABLE for step in steps) else now
    heard: set[tuple[int, int, Action]] = set()
    notices = []
    for booking, action, event, *_ in steps:
        audience = who_hears(action, booking.state, person_id=booking.person_id, deciders=deciders, actor_id=actor_id)
        for person_id in sorted(audience):
            if (booking.request_id, person_id, action) not in heard:
                heard.add((booking.request_id, person_id, action))
                notices.append(
                    Notice(event_id=event.id, person_id=person_id, channel="mail", created_at=now, due_at=due)
                )
    return notices


def for_calendars(steps: Sequence[Step], mailed: Iterable[Notice] = (), *, now: datetime) -> list[Notice]:
    """One notice of each request for each person whose calendar is to follow without a letter that tells of it.

    So it is with what they did themselves. It becomes a letter where invitations are mailed to their calendar.
    """
    requests = {step.event.id: step.booking.request_id for step in steps}
    heard = {(requests[one.event_id], one.person_id) for one in mailed}
    notices = []
    for step in steps:
        if not is_for_calendars(step.action, step.booking.state):
            continue
        for person_id in sorted(step.people):
            if (step.booking.request_id, person_id) not in heard:
                heard.add((step.booking.request_id, person_id))
                about = {"event_id": step.event.id, "person_id": person_id, "channel": "calendar"}
                notices.append(Notice(**about, created_at=now, due_at=now))
    return notices


def raise_revisions(steps: Sequence[Step], *, changed: Set[int] = frozenset()) -> None:
    """Raise the counters of what steps touch: the full ones for a changed entry, the busy ones for a changed hold.

    And both of resources that are `changed` for everybody, by their ids.
    """
    seen = [step.booking for step in steps if step.is_seen]
    held = [step.booking for step in steps if step.changes_holds and not step.takes_over]
    told_there = _raise_series({one.series_id for one in seen} - {None})
    _raise(Resource, _resources(seen) | told_there | changed, _resources(held) | changed)
    taken_away = [step for step in steps if step.changes_holds or step.former_id]
    _raise(Person, _people(step for step in steps if step.is_seen), _people(taken_away))
    _raise(Partner, {one.request.partner_id for one in seen})
    _raise(Project, {one.request.project_id for one in seen} - {None})


def _raise_series(numbers: Set[int | None]) -> set[int | None]:
    """Raise the revisions of series, and give the resources on whose calendars they stand as one entry."""
    raised = update(Series).values(revision=Series.revision + 1).returning(Series.resource_id)
    return {
        db.session.scalar(raised.where(Series.id == number)) for number in sorted(numbers, key=lambda one: one or 0)
    }


def _people(steps: Iterable[Step]) -> set[int | None]:
    return {person for step in steps for person in step.people}


def _resources(bookings: Iterable[Booking]) -> set[int | None]:
    """The resources of these bookings, and those of which they hold something besides.

    What could have been taken with one, and was not, is left out: the pace of its feeds would tell rivals of the other.
    """
    taken: dict[int, dict[int, set[int]]] = {}
    for one in bookings:
        taken.setdefault(one.site_id, {}).setdefault(one.resource_id, set()).update(one.options or ())
    return {number for site, there in taken.items() for number in (*there, *beside_with(there, site))}


def _raise(table: type[Model], full: Set[int | None], busy: Set[int | None] = frozenset()) -> None:
    for number in sorted(full | busy, key=lambda one: one or 0):
        db.session.execute(_raising(table, number in full, number in busy), {"number": number})


@cache
def _raising(table: Any, is_full: bool, is_busy: bool) -> Update:
    """The statement that raises one row's counters, put together once."""
    rows = table.__table__
    raised = [column for column, is_meant in (("full_revision", is_full), ("busy_revision", is_busy)) if is_meant]
    return update(rows).where(rows.c.id == bindparam("number")).values({name: rows.c[name] + 1 for name in raised})
