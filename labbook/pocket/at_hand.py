"""How a resource stands for one person right now: what everybody may know, and what that person may have of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..bookings.facts import Whose, facts_for, window_around
from ..catalogue import queries as catalogue
from ..core.facts import Facts
from ..core.interval import Interval
from ..core.permissions import Actor, NotFoundError
from ..core.walking_up import Chance, Presence, first_chance, presence, running_slot

NOBODY = 0  # the partner of whoever books for none: no agreement is theirs


@dataclass(frozen=True, slots=True)
class Standing:
    """A resource now, and the first time that could be had of it; `facts` are those of its shortest booking now."""

    presence: Presence
    chance: Chance | None
    facts: Facts
    window: Interval


@dataclass(frozen=True, slots=True)
class Wish:
    """For which partner, on which unit (by its key; empty: any), and what of it the rules look at besides its time."""

    partner_id: int = NOBODY
    unit: str = ""
    mode: str = ""
    biosafety: int = 0


def standing_of(actor: Actor, resource: Any, site: Any, wish: Wish, *, now: datetime) -> Standing:
    """Of one resource, or of one of its units by its key. Raises NotFoundError where nothing of it can be booked."""
    units = [one for one in catalogue.units_of(resource.id) if wish.unit in ("", one.key)]
    if not units:
        raise NotFoundError
    is_theirs = wish.partner_id in actor.partner_ids
    whose = Whose(actor.person_id, wish.partner_id, is_theirs, True, mode=wish.mode, biosafety=wish.biosafety)
    terms, zone = resource.terms, site.zoneinfo
    soonest = Interval(now, terms.shortest.after(now, zone))
    window = window_around(soonest, terms, zone)
    around = facts_for(resource, site, soonest, whose=whose, units=[one.id for one in units], now=now, window=window)
    several = [around.on(one.id) for one in units]
    first = several[0]
    start = running_slot(first)
    at_once = replace(first, wanted=Interval(start, terms.shortest.after(start, zone)))
    return Standing(presence(several, window), first_chance(several, window), at_once, window)
