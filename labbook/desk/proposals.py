"""What the request's page shows of proposals, of a decision that can be undone, and of who decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext

from ..bookings import changes
from ..bookings.pending import changes_of
from ..bookings.service import matter_of, matter_of_booking
from ..catalogue import queries as catalogue
from ..core.disclosure import BookingRow
from ..core.language import person_name
from ..core.lifecycle import OPEN, Action
from ..core.permissions import Actor, Do, may
from ..people.queries import names_by_id
from ..web import times
from .service.assigning import assignable
from .service.undoing import decision_to_undo


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """Another time or unit that staff propose for a booking."""

    key: str  # of the booking
    old: changes.Placed
    new: changes.Placed
    said: str  # who proposes it, and since when
    until: str
    note: str
    may_answer: bool
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class AssignCard:
    """To whom a request is given, and to whom it may be."""

    now: str  # a name; empty: all who decide
    chosen: str  # their key
    people: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Desk:
    """All of it."""

    version: int
    proposals: list[ProposalCard] = field(default_factory=list)
    undo: str = ""  # what can be undone
    undo_until: str = ""
    assign: AssignCard | None = None


class _Reader(NamedTuple):
    actor: Actor
    words: str
    now: datetime
    decides: bool


def desk_of(actor: Actor, found: Any, rows: Sequence[BookingRow], words: str, *, now: datetime) -> Desk:
    """What the page of a request shows its reader of it."""
    matter = matter_of(found, now)
    is_open = any(row.state in OPEN for row in rows)
    reader = _Reader(actor, words, now, may(actor, Do.DECIDE_REQUEST, matter))
    undo, until = _undo(reader, found) if reader.decides else ("", "")
    assign = _assign(found, reader) if is_open and may(actor, Do.ASSIGN_REQUEST, matter) else None
    return Desk(found.version, _proposals(found, rows, reader) if is_open else [], undo, until, assign)


def _proposals(found: Any, rows: Sequence[BookingRow], reader: _Reader) -> list[ProposalCard]:
    waiting = [one for one in found.bookings if one.state in OPEN]
    proposed = {number: one for number, one in changes_of(one.id for one in waiting).items() if one.is_proposal}
    if not proposed:
        return []
    shown = {row.key: row for row in rows}
    places = catalogue.places([*(one.unit_id for one in waiting), *(one.unit_id for one in proposed.values())])
    names = names_by_id({one.asked_by_id for one in proposed.values()})
    cards = []
    for booking in waiting:
        change = proposed.get(booking.id)
        if change is None or change.until is None or change.until <= reader.now:
            continue
        row, there = shown[booking.key], places[change.unit_id]
        name = person_name(*names.get(change.asked_by_id, ("", "")), reader.words)
        ago = times.ago(change.asked_at, reader.now, reader.words)
        cards.append(
            ProposalCard(
                booking.key,
                changes.placed(row.time, places[row.unit_id], reader.words, by_day=row.by_day),
                changes.placed(change.time, there, reader.words, by_day=row.by_day),
                gettext("%(name)s proposed it %(ago)s.", name=name, ago=ago),
                times.moment(change.until, there.zoneinfo, reader.words),
                change.note,
                may(reader.actor, Do.ANSWER_PROPOSAL, matter_of_booking(booking)),
                reader.decides,
            )
        )
    return cards


def _undo(reader: _Reader, found: Any) -> tuple[str, str]:
    """What can be undone, and until when."""
    decision = decision_to_undo(reader.actor, found, reader.now)
    if decision is None:
        return "", ""
    approves = decision.action is Action.APPROVE
    said = gettext("You have just approved it.") if approves else gettext("You have just declined it.")
    zone = catalogue.places([found.bookings[0].unit_id])[found.bookings[0].unit_id].zoneinfo
    return said, f"{decision.until.astimezone(zone):%H:%M:%S}"


def _assign(found: Any, reader: _Reader) -> AssignCard:
    people = assignable(found, reader.now)
    named = names_by_id([found.assigned_to_id]) if found.assigned_to_id else {}
    name = person_name(*named[found.assigned_to_id], reader.words) if found.assigned_to_id in named else ""
    key = next((one.key for one in people if one.id == found.assigned_to_id), "")
    several = [(one.key, person_name(one.family_name, one.given_name, reader.words)) for one in people]
    return AssignCard(name, key, [("", gettext("Everybody who decides on it")), *several])
