"""What bookings and offers are to hold, worked out anew from what the database says of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.walk.look import KEEPS_HOLD, Look, Time, plain, time, used


@dataclass(frozen=True)
class Wanted:
    """So many of these units are to be held for this time; where `least` differs from it, for that time at least."""

    units: frozenset[int]
    pieces: int
    most: Time
    least: Time

    def fits(self, held: Time) -> bool:
        """Whether a hold will do."""
        return self.most.start <= held.start <= self.least.start and self.least.end <= held.end <= self.most.end


def wanted_holds(look: Look) -> dict[int, list[Wanted]]:
    """What is to be held, by claim; claims that are to hold nothing are not in it."""
    changes = {one.booking_id: one for one in look["pending_change"]}
    near = _Near(look)
    found: dict[int, list[Wanted]] = {}
    for one in look["booking"]:
        if one.state in KEEPS_HOLD:
            places = [(one.unit_id, used(one))]
            change = changes.get(one.id)
            if change is not None and (look.resources[one.resource_id].holds_on_request or change.until):
                places.append((change.unit_id, time(change)))
            options = plain(one.options) or []
            found[one.claim_id] = [want for place in places for want in _at(look, near, one, place, options)]
        elif one.state == "wished" and one.id in changes:  # it holds what staff propose for it, and nothing else
            place = changes[one.id].unit_id, time(changes[one.id])
            found[one.claim_id] = list(_at(look, near, one, place, plain(one.options) or []))
    for one in look.open_offers:
        found[one.claim_id] = list(_at(look, near, one, (one.unit_id, time(one)), []))
    return found


def buffers(resource: Any) -> tuple[timedelta, timedelta]:
    """The time kept free before and after a booking; the walk's resources have theirs in minutes."""
    minutes = []
    for amount in (resource.buffer_before, resource.buffer_after):
        count, _, measure = amount.partition(" ")
        assert measure.startswith("min"), amount
        minutes.append(timedelta(minutes=int(count)))
    return minutes[0], minutes[1]


def _at(look: Look, near: _Near, one: Any, place: tuple[int, Time], options: list[int]) -> Iterator[Wanted]:
    unit, span = place
    resource = look.resources[one.resource_id]
    full = span.widened(*buffers(resource))
    least = near.least(one, unit, span, full) if resource.shares_buffers else full
    yield Wanted(frozenset({unit}), 1, full, least)
    for other, pieces in needs(look, resource.id, options):
        its = span.widened(*buffers(look.resources[other]))
        kept = its if resource.shares_buffers else Time(min(its.start, full.start), max(its.end, full.end))
        units = [row.id for row in look.units[other]]
        if pieces is None:
            yield from (Wanted(frozenset({row}), 1, kept, kept) for row in units)
        else:
            yield Wanted(frozenset(units), pieces, kept, kept)


def needs(look: Look, resource: int, options: list[int]) -> Iterator[tuple[int, int | None]]:
    """What is held with a booking: all of what its resource contains, and so many of what it needs or was chosen."""
    for link in look["resource_link"]:
        if link.resource_id == resource and link.kind == "contains":
            yield link.other_id, None
            yield from needs(look, link.other_id, [])
        elif link.resource_id == resource and (link.kind == "requires" or link.other_id in options):
            yield link.other_id, link.pieces
            yield from (one for one in needs(look, link.other_id, []) if one[1] is None)


class _Near:
    """What each person has on each unit, to tell where buffers may be shared."""

    def __init__(self, look: Look) -> None:
        people = {one.id: one.person_id for one in look["wait"]}
        changes = {one.booking_id: one for one in look["pending_change"]}
        self.stands: dict[tuple[int, int], list[tuple[int, Time]]] = defaultdict(list)
        self.person: dict[int, int] = {}
        for one in look["booking"]:
            self.person[one.claim_id] = one.person_id
            if one.state in KEEPS_HOLD:
                self.stands[one.person_id, one.unit_id].append((one.claim_id, used(one)))
            if (change := changes.get(one.id)) is not None:
                self.stands[one.person_id, change.unit_id].append((one.claim_id, time(change)))
        for one in look.open_offers:
            self.person[one.claim_id] = people[one.wait_id]
            self.stands[people[one.wait_id], one.unit_id].append((one.claim_id, time(one)))

    def least(self, one: Any, unit: int, span: Time, full: Time) -> Time:
        """What it holds at least: its own time; all of its buffers where none of the person's others is near."""
        others = [(claim, when) for claim, when in self.stands[self.person[one.claim_id], unit] if when != span]
        length = (full.end - full.start) - (span.end - span.start)
        earlier = any(when.start < span.start and when.end + length > span.start for _, when in others)
        later = any(when.start > span.start and when.start - length < span.end for _, when in others)
        return Time(span.start if earlier else full.start, span.end if later else full.end)
