"""What the lists of bookings say of the time after asking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ...core.consequences import follows
from ...core.disclosure import BookingRow, Relation, relation
from ...core.lifecycle import State
from ...core.limits.deadline import Step
from ...core.permissions import Actor, Do, Matter, may
from ...core.place import Place
from ...web import now
from .. import service
from ..afterwards import Afterwards, Told, arrival_note, counted_note, told
from ..binding import Binding, Standing, binding_of

_LEFT = (State.CANCELLED, State.RELEASED)
_BOUND = (State.APPROVED, State.RUNNING)


def afterwards_of(
    actor: Actor, rows: Sequence[BookingRow], places: dict[int, Place], words: str, *, says_counted: bool
) -> dict[str, Afterwards]:
    """What binds these bookings or still counts of them, by key; nothing for a joint project's other partners."""
    states = (*_BOUND, *_LEFT) if says_counted else _BOUND
    shown = [row for row in rows if row.state in states and relation(actor, row) is not Relation.JOINT]
    if not shown:
        return {}
    at = now()
    bound = binding_of([row.key for row in shown], at)
    return {row.key: _said(actor, row, places[row.unit_id], *bound[row.key], at, words) for row in shown}


def _said(
    actor: Actor, row: BookingRow, place: Place, one: Standing, bound: Binding, at: datetime, words: str
) -> Afterwards:
    if row.state in _LEFT:
        note = counted_note(counts_anyway=one.counts_anyway, used_until=one.used_until, place=place, language=words)
        return Afterwards((note,) if note else ())
    matter = Matter(row.site_id, row.partner_id, frozenset({row.person_id}))
    arrival = arrival_note(bound.check_in, one.checked_in_at, place, words)
    can = one.checked_in_at is None and bound.check_in is not None and bound.check_in.is_open(at)
    if row.state is not State.APPROVED or row.time.start <= at:
        return Afterwards((arrival,) if arrival else (), can and may(actor, Do.CHECK_IN, matter))
    is_staff = service.is_by_staff(actor, matter)
    several = [told(follows(bound.dues, step, row.time.start, at), place, words, is_staff=is_staff) for step in Step]
    notes = (*(one.sentence for one in several), arrival)
    return Afterwards(tuple(note for note in notes if note), can and may(actor, Do.CHECK_IN, matter), several[0])


def moving_of(actor: Actor, row: BookingRow, place: Place, words: str) -> Told:
    """What the form for another time says of the deadline: of a move, not of giving part of the time back."""
    if row.state is not State.APPROVED:
        return Told()
    at = now()
    dues = binding_of([row.key], at)[row.key][1].dues
    is_staff = service.is_by_staff(actor, Matter(row.site_id, row.partner_id, frozenset({row.person_id})))
    return told(follows(dues, Step.CHANGE, row.time.start, at), place, words, is_staff=is_staff)
