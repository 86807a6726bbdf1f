"""A request beside its rivals: who asked for the same time, since when, and what approving it would mean for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext

from ..bookings import exceptions, findings
from ..bookings.many import units_among
from ..bookings.service.signing import signing
from ..core.buffers import held
from ..core.interval import Interval
from ..core.language import N_, person_name
from ..core.permissions import Actor, Do, Matter, may
from ..core.place import Place
from ..core.rivals import Wish, is_crowded_out
from ..people.named import approvers_by_resource
from ..web import times
from .about_pages import Compared
from .queries.earlier import Earlier
from .queries.rivals import Rival, held_on, rivals_of

SHOWN = 12  # rivals on a page
_MARGIN = {False: timedelta(days=1), True: timedelta(days=9)}  # buffers reach so far, by whether it is booked by day

CROWDED, SIGNED, OTHERS, OFFERED, TAKEN, BESIDE = "crowded", "signed", "others", "offered", "taken", "beside"
FATES = {
    CROWDED: N_("Approving leaves no place for it."),
    SIGNED: N_("Approving leaves no place for it. Declining it takes a signature, on its own page."),
    OTHERS: N_("Approving leaves no place for it. Somebody else decides on it."),
    OFFERED: N_("Approving leaves no place for it, but another time is proposed instead."),
    TAKEN: N_("Its time is taken already."),
    BESIDE: N_("Still possible beside it."),
}


class Judged(NamedTuple):
    """A rival, and what approving the request would mean for it."""

    rival: Rival
    fate: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The bookings of a request that wait, with their resources, by id, at one site."""

    found: Any
    open: Sequence[Any]
    resources: Mapping[int, Any]
    place: Place

    def hold(self, resource_id: int, time: Interval) -> Interval:
        """What a booking of that time holds, with its buffers."""
        return held(time, self.resources[resource_id].terms, self.place.zoneinfo)

    @property
    def holds(self) -> list[tuple[int, int, Interval]]:
        """What its bookings hold once they are approved: resource, unit and time."""
        return [(one.resource_id, one.unit_id, self.hold(one.resource_id, one.time)) for one in self.open]


def judged_rivals(actor: Actor, asked: Asked, now: datetime) -> list[Judged]:
    """All rivals, those first for whom no place would be left, then by age; five statements at most."""
    margin = _MARGIN[any(one.by_day for one in asked.resources.values())]
    first, last = (min(one.starts_at for one in asked.open), max(one.ends_at for one in asked.open))
    near = rivals_of(asked.resources, asked.found.id, Interval(first - margin, last + margin))
    holds = asked.holds
    rivals = [one for one in near if _clashes(asked.hold(one.resource_id, one.time), one.resource_id, holds)]
    if not rivals:
        return []
    whole = Interval(min(one.time.start for one in rivals) - margin, max(one.time.end for one in rivals) + margin)
    there = held_on(asked.resources, whole, [one.claim_id for one in asked.open])
    units = units_among(asked.resources)
    taken = [(unit, time) for _, unit, time in holds]
    site_id = asked.found.site_id
    signed = signing([(one.partner_id, site_id) for one in rivals], now)
    named = approvers_by_resource(asked.resources, now)

    def fate(one: Rival) -> str:
        places = [one.unit_id] if one.unit_is_fixed else units.get(one.resource_id, [one.unit_id])
        wish = Wish(asked.hold(one.resource_id, one.time), places)
        if not wish.places(there):
            return TAKEN
        if not is_crowded_out(wish, there, taken):
            return BESIDE
        if one.is_offered_else:
            return OFFERED
        if (one.partner_id, site_id) in signed:
            return SIGNED
        approvers = named.get(one.resource_id, frozenset())
        decides = may(actor, Do.DECIDE_REQUEST, Matter(site_id, one.partner_id, one.people, approver_ids=approvers))
        return CROWDED if decides else OTHERS

    found = [Judged(one, fate(one)) for one in rivals]
    return sorted(found, key=lambda one: one.fate in (TAKEN, BESIDE))


def _clashes(hold: Interval, resource_id: int, holds: Sequence[tuple[int, int, Interval]]) -> bool:
    return any(resource == resource_id and hold.overlaps(time) for resource, _, time in holds)


def own_column(asked: Asked, partner: str, person: str, earlier: Earlier, words: str, now: datetime) -> Compared:
    """The request itself, as the first of those that are compared."""
    first, zone = asked.open[0], asked.place.zoneinfo
    said = findings.restored(first.findings)
    return Compared(
        first.key,
        "",
        asked.found.title,
        partner,
        person,
        times.when(first.time, zone, words, by_day=first.by_day),
        times.ago(asked.found.created_at, now, words),
        exceptions.exception_label(said),
        exceptions.judged_lines(said, [], _SEES, asked.place, words),
        facts_of(earlier, asked.place, words),
        earlier.is_none,
    )


_SEES = exceptions.Sees(numbers=True, waivers=False)


def rival_column(
    one: Judged, earlier: Earlier, place: Place, words: str, now: datetime, ticked: Collection[str] | None
) -> Compared:
    """A rival; those that can be declined with the approval are ticked until whoever decides says otherwise."""
    rival, may_decline = one.rival, one.fate == CROWDED
    said = findings.restored(rival.findings)
    return Compared(
        rival.key,
        url_for("bookings.request_page", key=rival.request_key),
        rival.title,
        rival.partner.text(words),
        person_name(rival.family_name, rival.given_name, words),
        times.when(rival.time, place.zoneinfo, words, by_day=rival.by_day),
        times.ago(rival.asked_at, now, words),
        exceptions.exception_label(said),
        exceptions.judged_lines(said, [], _SEES, place, words),
        facts_of(earlier, place, words),
        earlier.is_none,
        gettext(FATES[one.fate]),
        may_decline,
        may_decline and (ticked is None or rival.key in ticked),
    )


def facts_of(earlier: Earlier, place: Place, words: str) -> list[tuple[str, str]]:
    """What somebody has booked before, in a line each; nothing where nothing stood."""
    if earlier.is_none:
        return []
    last = times.dated(earlier.last_at.astimezone(place.zoneinfo).date(), words) if earlier.last_at else ""
    counted = (
        (N_("Used"), earlier.used),
        (N_("Approved, to come"), earlier.ahead),
        (N_("Did not come"), earlier.no_shows),
    )
    facts = [(gettext(label), str(count)) for label, count in counted if count or label == "Used"]
    return [*facts, *([(gettext("Last used"), last)] if last else [])]
