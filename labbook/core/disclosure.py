"""How much of a booking a viewer gets. Nothing else in LabBook decides this.

A viewer gets another value, not a flag: what a rival receives has no field in which a title or a name could travel.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .interval import Interval, merged, overlaid
from .language import Words
from .lifecycle import State
from .permissions import Actor


class Relation(StrEnum):
    """Why a viewer sees all of a booking."""

    OWN = "own"
    PARTNER = "partner"
    JOINT = "joint"  # through a joint project
    STAFF = "staff"
    DUTY = "duty"  # administrator or auditor: the look is recorded


@dataclass(frozen=True, slots=True)
class BookingRow:
    """All that there is to know about a booking, straight from the tables. Never leaves the slice that read it."""

    key: str
    uid: str
    request_key: str
    title: str
    purpose: str
    site_id: int
    resource_id: int
    unit_id: int
    partner_id: int
    partner_name: Words
    person_id: int
    family_name: str
    given_name: str
    project_id: int | None
    state: State
    time: Interval
    hold: Interval | None
    by_day: bool
    sequence: int
    created_at: datetime
    changed_at: datetime
    version: int
    named_at: datetime | None = None  # when something in it got another name

    @property
    def stamp(self) -> datetime:
        """The last change that a calendar shows: of itself, or of what something in it is called."""
        return max(self.changed_at, self.named_at or self.changed_at)


@dataclass(frozen=True, slots=True)
class Full:
    """The booking itself, for those whose business it is."""

    booking: BookingRow
    relation: Relation


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody keeps this unit for this interval, buffers included. Nothing else is known."""

    unit_id: int
    time: Interval


def relation(viewer: Actor, booking: BookingRow) -> Relation | None:
    """What entitles `viewer` to all of `booking`, or None."""
    with_agreement = (booking.partner_id, booking.site_id) in viewer.agreements
    if with_agreement and booking.partner_id in viewer.partner_ids:
        return Relation.OWN if booking.person_id == viewer.person_id else Relation.PARTNER
    if booking.site_id in viewer.staffed_sites:
        return Relation.STAFF
    if viewer.shares(booking.project_id, booking.site_id):
        return Relation.JOINT
    return Relation.DUTY if viewer.looks_at_everything else None


def shown_to(viewer: Actor, booking: BookingRow) -> Full | Busy | None:
    """The booking as `viewer` may have it: full, just busy, or not at all when it keeps no time."""
    why = relation(viewer, booking)
    if why is not None:
        return Full(booking, why)
    if booking.hold is not None:  # whatever its state, which must not show
        return Busy(booking.unit_id, booking.hold)
    return None


def busy_blocks(busy: Iterable[Busy], *, apart: Container[int] = ()) -> dict[int, list[Interval]]:
    """Busy time per unit, by time and by nothing else.

    What touches is one block, so that neighbours cannot be told apart or counted. On the units that are kept `apart`
    each hold is a block of its own, but for what overlaps: that can only be one booking, which may be moved.
    """
    by_unit: dict[int, list[Interval]] = {}
    for one in busy:
        by_unit.setdefault(one.unit_id, []).append(one.time)
    return {unit: (overlaid if unit in apart else merged)(times) for unit, times in by_unit.items()}


def kept_apart(units: Mapping[int, bool], *, merges: bool) -> frozenset[int]:
    """The units of a site whose holds are each a block of its own; `units` says of each whether it shares buffers.

    Where one person's neighbours share their buffers, their holds touch although the bookings are too close together
    for two people: so they are always one block, also where the site `merges` nothing.
    """
    return frozenset() if merges else frozenset(unit for unit, shares in units.items() if not shares)
