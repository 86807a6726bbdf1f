"""What waits for a decision, and on whom it waits; so many statements, however much waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select

from ...core.lifecycle import OPEN, State
from ...core.permissions import Actor, Do, Matter, may
from ...core.steps import Named, Waiting, turn_of
from ...core.steps import Turn as Step
from ...db import db
from ...models import Booking, Clearance, PendingChange, Request


class Turn(StrEnum):
    """On whom it waits, as one of the staff sees it."""

    MINE = "mine"
    OWN = "own"  # one's own wish: somebody else decides
    ASSIGNED = "assigned"  # to somebody else
    NAMED = "named"  # others are named for the resource
    QUESTION = "question"  # staff have asked something, and the clock stands
    PROPOSAL = "proposal"  # staff have proposed another time


@dataclass(frozen=True, slots=True)
class Waits:
    """A request of which something waits, or one booking whose change does."""

    request_id: int
    key: str  # of the request
    title: str
    site_id: int
    partner_id: int
    person_id: int
    person_ids: frozenset[int]  # who may not decide it, since they asked for it
    waiting: tuple[Waiting, ...]  # of which resources, and what safety has said
    is_wish: bool
    starts_at: datetime
    asked_at: datetime
    decide_by: datetime | None
    assigned_to_id: int | None
    is_questioned: bool
    is_proposed: bool
    version: int
    count: int  # of its bookings that wait
    change_of: str = ""  # the key of the booking that is to be changed
    changed_id: int = 0  # its id

    @property
    def resource_ids(self) -> frozenset[int]:
        """Of which resources something waits."""
        return frozenset(one.resource_id for one in self.waiting)

    @property
    def pick(self) -> str:
        """What names it and its version in a form."""
        return f"{'c' if self.change_of else 'r'}:{self.change_of or self.key}:{self.version}"


class Counted(NamedTuple):
    """As much of a request as it takes to know whether it waits for somebody."""

    site_id: int
    partner_id: int
    person_ids: frozenset[int]
    waiting: tuple[Waiting, ...]


# Made once: every page of the staff asks for them.
_SITES = Booking.site_id.in_(bindparam("sites", expanding=True))
_REQUEST = (
    Request.id,
    Request.key,
    Request.title,
    Request.site_id,
    Request.partner_id,
    Request.person_id,
    Request.asked_by_id,
    Request.decide_by,
    Request.assigned_to_id,
    Request.asked_at.label("questioned_at"),
)
_REQUESTS = (
    select(
        *_REQUEST,
        Request.created_at.label("since"),
        Request.version,
        Booking.resource_id,
        Booking.person_id.label("whose"),
        Booking.state,
        func.min(Booking.starts_at).label("starts_at"),
        func.count(Booking.id).label("bookings"),
        func.max(PendingChange.until).label("proposed_until"),
        func.count(Clearance.booking_id).label("cleared"),
        func.min(Clearance.person_id).label("cleared_by"),
        func.max(Clearance.person_id).label("cleared_by_another"),
    )
    .join(Booking, Booking.request_id == Request.id)
    .outerjoin(PendingChange, PendingChange.booking_id == Booking.id)
    .outerjoin(Clearance, Clearance.booking_id == Booking.id)
    .where(Booking.state.in_(sorted(OPEN)), _SITES)
    .group_by(Request.id, Booking.resource_id, Booking.person_id, Booking.state)
    .order_by(Request.id)
)
_BY_REQUEST = attrgetter("id")
_OF_WHOEVER_DECIDES = (
    select(
        Request.id,
        Request.site_id,
        Request.partner_id,
        Request.person_id,
        Request.asked_by_id,
        Booking.resource_id,
        Booking.person_id.label("whose"),
        func.count(Booking.id).label("bookings"),
        func.count(Clearance.booking_id).label("cleared"),
        func.min(Clearance.person_id).label("cleared_by"),
        func.max(Clearance.person_id).label("cleared_by_another"),
        func.count(PendingChange.until).label("proposed"),
    )
    .join(Booking, Booking.request_id == Request.id)
    .outerjoin(PendingChange, PendingChange.booking_id == Booking.id)
    .outerjoin(Clearance, Clearance.booking_id == Booking.id)
    .where(
        Booking.state.in_(sorted(OPEN)),
        _SITES,
        Request.asked_at.is_(None),
        or_(Request.assigned_to_id.is_(None), Request.assigned_to_id == bindparam("viewer")),
    )
    .group_by(Request.id, Booking.resource_id, Booking.person_id)
    .order_by(Request.id)
)
_CHANGES = (
    select(
        *_REQUEST,
        PendingChange.asked_at.label("since"),
        Booking.version,
        Booking.resource_id,
        Booking.person_id.label("whose"),
        Booking.key.label("booking_key"),
        Booking.id.label("booking_id"),
        PendingChange.starts_at,
        PendingChange.asked_by_id.label("changed_by_id"),
    )
    .join(Booking, Booking.request_id == Request.id)
    .join(PendingChange, PendingChange.booking_id == Booking.id)
    .where(PendingChange.until.is_(None), _SITES)
    .order_by(Booking.id)
)


def waiting_at(site_ids: Iterable[int]) -> list[Waits]:
    """Everything that waits at these sites; two statements."""
    about = {"sites": sorted(site_ids)}
    rows = db.session.execute(_REQUESTS, about)
    requests = [_request(list(several)) for _, several in groupby(rows, key=_BY_REQUEST)]
    return [*requests, *map(_change, db.session.execute(_CHANGES, about))]


def waiting_count(viewer: Actor, named_of: Callable[[Iterable[int]], Mapping[int, Named]]) -> int:
    """How much waits where the viewer works for their decision, and is given to nobody else; two statements.

    Nothing is asked or proposed about it that others have to answer first. Whether the viewer decides is judged once
    for all that is alike: of one place, and asked for by nobody, or by the same of those, who are named. Who are says
    `named_of`, by the ids of resources.
    """
    about = {"sites": sorted(viewer.staffed_sites), "viewer": viewer.person_id}
    rows = db.session.execute(_OF_WHOEVER_DECIDES, about).all()
    changes = [_change(row) for row in db.session.execute(_CHANGES, about)]
    resources = {row.resource_id for row in rows}.union(*(one.resource_ids for one in changes))
    named = named_of(resources) if resources else {}
    everybody = frozenset[int]().union(*(one.lab | one.safety for one in named.values()))
    alike: dict[tuple[object, ...], list[Any]] = {}
    count: Counter[tuple[object, ...]] = Counter()
    own = viewer.partner_ids
    for _, group in groupby(rows, key=_BY_REQUEST):
        several = list(group)
        people = {who for row in several for who in (row.person_id, row.asked_by_id, row.whose)}
        if viewer.person_id in people or any(row.proposed for row in several):
            continue
        first = several[0]
        whose = first.partner_id if first.partner_id in own else None
        key = (first.site_id, whose, frozenset(people & everybody), *map(_STEP, several))
        alike.setdefault(key, several)
        count[key] += 1
    decided = (number for key, number in count.items() if _decides(viewer, _counted(alike[key]), named))
    given = (one for one in changes if one.assigned_to_id in (None, viewer.person_id) and not one.is_questioned)
    return sum(decided) + sum(_decides(viewer, one, named) for one in given)


_STEP = attrgetter("resource_id", "bookings", "cleared", "cleared_by", "cleared_by_another")


def _decides(viewer: Actor, one: Waits | Counted, named: Mapping[int, Named]) -> bool:
    return may_decide(viewer, one, step_of(one, named))


def _counted(rows: list[Any]) -> Counted:
    people = frozenset(who for row in rows for who in (row.person_id, row.asked_by_id, row.whose))
    return Counted(rows[0].site_id, rows[0].partner_id, people, tuple(one for row in rows for one in _waiting(row)))


def _request(rows: list[Any]) -> Waits:
    """A request from a row for each resource, person and state of what waits."""
    first = rows[0]
    one = _one(first, _waiting(first), first.bookings, is_wish=first.state is State.WISHED, until=first.proposed_until)
    if len(rows) == 1:
        return one
    return replace(
        one,
        person_ids=one.person_ids | {row.whose for row in rows},
        waiting=tuple(one for row in rows for one in _waiting(row)),
        is_wish=any(row.state is State.WISHED for row in rows),
        starts_at=min(row.starts_at for row in rows),
        is_proposed=any(row.proposed_until for row in rows),
        count=sum(row.bookings for row in rows),
    )


def _change(row: Any) -> Waits:
    one = _one(row, (Waiting(row.resource_id, is_decided=True),), 1, is_wish=False, until=None)
    whose = one.person_ids | {row.changed_by_id}
    return replace(one, change_of=row.booking_key, changed_id=row.booking_id, person_ids=whose, decide_by=None)


def _one(row: Any, waiting: tuple[Waiting, ...], count: int, *, is_wish: bool, until: datetime | None) -> Waits:
    return Waits(
        row.id,
        row.key,
        row.title,
        row.site_id,
        row.partner_id,
        row.person_id,
        frozenset({row.person_id, row.asked_by_id, row.whose}),
        waiting,
        is_wish,
        row.starts_at,
        row.since,
        row.decide_by,
        row.assigned_to_id,
        row.questioned_at is not None,
        until is not None,
        row.version,
        count,
    )


def _waiting(row: Any) -> tuple[Waiting, ...]:
    """One for each who cleared some of what a row counts, as long as nothing of it is left to clear."""
    if row.cleared < row.bookings:
        return (Waiting(row.resource_id),)
    return tuple(Waiting(row.resource_id, one) for one in sorted({row.cleared_by, row.cleared_by_another}))


def turn(actor: Actor, one: Waits, *, decides: bool) -> Turn:
    """On whom it waits, for somebody who may decide on it or not."""
    if one.is_proposed:
        return Turn.PROPOSAL
    if one.is_questioned:
        return Turn.QUESTION
    if one.assigned_to_id not in (None, actor.person_id):
        return Turn.ASSIGNED
    if decides:
        return Turn.MINE
    return Turn.OWN if actor.person_id in one.person_ids else Turn.NAMED


def may_decide(actor: Actor, one: Waits | Counted, step: Step) -> bool:
    """Whether this person may decide on it in this step, whoever it waits for."""
    matter = Matter(one.site_id, one.partner_id, one.person_ids, approver_ids=step.people, cleared_by=step.but)
    return may(actor, Do.DECIDE_REQUEST, matter)


def step_of(one: Waits | Counted, named: Mapping[int, Named]) -> Step:
    """Which step is to be taken; `named` are those who are named to decide, by the resource, as they are today."""
    return turn_of(named, one.waiting, one.person_ids)
