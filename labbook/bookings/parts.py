"""When a resource cannot be had because something that it contains is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select

from ..catalogue.links import needs_of, ties_at
from ..core.facts import Shut
from ..core.interval import Interval, merged
from ..core.language import Words
from ..db import db
from ..models import Hold, Unit

TAKEN = Words("Part of it is taken", "一部が予約済み")


def shut_by_parts(site_id: int, resource_ids: Collection[int], window: Interval) -> dict[int, list[Shut]]:
    """For those of a site's resources that contain others: when any of that is held, but not with the resource itself.

    One statement where nothing contains anything, and one more else.
    """
    ties = ties_at(site_id)
    parts = {
        number: {need.other.id for need in needs_of(number, ties, ()) if need.pieces is None} for number in resource_ids
    }
    parts = {number: several for number, several in parts.items() if several}
    if not parts:
        return {}
    held: dict[int, list[Hold]] = defaultdict(list)  # by resource
    rows = db.session.execute(
        select(Unit.resource_id, Hold)
        .join(Unit, Unit.id == Hold.unit_id)
        .where(
            Unit.resource_id.in_(set(parts).union(*parts.values())),
            Hold.ends_at > window.start,
            Hold.starts_at < window.end,
        )
    )
    for resource_id, hold in rows:
        held[resource_id].append(hold)
    return {number: _shut(held, number, several) for number, several in parts.items()}


def _shut(held: dict[int, list[Hold]], number: int, parts: set[int]) -> list[Shut]:
    own = {one.claim_id for one in held[number]}
    others = [one for part in parts for one in held[part] if one.claim_id not in own]
    return [Shut(time, TAKEN) for time in merged(Interval(one.starts_at, one.ends_at) for one in others)]
