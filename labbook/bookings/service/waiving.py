"""Saying "nevertheless": which rules are in the way of an approval, who may waive them, and the waivers themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete

from ...core.changing import Change, counting
from ...core.facts import Effect, Facts, Finding, Verdict
from ...core.interval import Interval
from ...core.lifecycle import OPEN, State
from ...core.permissions import Actor, Matter, may
from ...core.waivers import GETS_WORSE, WAIVING, Named, named, refusals_at_approval
from ...db import db
from ...models import Booking, PendingChange, Request, Unit, Waiver
from ...models.audit import happened
from .. import findings
from ..allocation import choose
from ..closed import was_kept
from ..facts import Around
from ..waived import waivers_of
from .matters import matter_of, matter_to_decide, own_facts, place_of, refusal


class WaiverNeededError(Exception):
    """Rules are in the way that this person may waive, but for that a reason is needed; carries what they say."""

    def __init__(self, refusals: Collection[Finding]) -> None:
        super().__init__("a waiver is needed")
        self.refusals = tuple(refusals)


class InTheWay(NamedTuple):
    """What stands in the way of approving a booking now, and what that rests on."""

    refusals: tuple[Finding, ...]
    verdict: Verdict
    facts: Facts
    around: Around


class AgainstApproval(NamedTuple):
    """What stands in the way of approving a request: what this person may waive, and what they may not."""

    to_waive: tuple[Finding, ...]
    beyond: tuple[Finding, ...]


def in_the_way(booking: Booking, now: datetime, change: PendingChange | None = None) -> InTheWay:
    """The refusals that count when an open booking, or its change, is approved now, without those that are waived."""
    place = change or booking
    facts, around = own_facts(booking, place.time, now, unit_id=place.unit_id)
    verdict = choose([db.session.get_one(Unit, place.unit_id)], around)[2]
    allowed = allowed_at(booking, place.unit_id, place.time)
    of_it = what_of_it_counts(verdict, allowed) if change and not change.is_proposal else verdict
    is_kept = booking.holds_time if change is None else place_of(booking)[0].holds_on_request
    holds = is_kept and not (change and change.is_proposal)  # which was not judged when it was asked for
    counting = refusals_at_approval(of_it.findings, facts, asked=findings.restored(place.findings), holds_time=holds)
    left = tuple(one for one in counting if named(one) not in allowed.waived)
    if change is None and any(one.code == "closed" for one in left) and was_kept([booking.id]):
        left = tuple(one for one in left if one.code != "closed")  # staff let it stand in spite of the closure
    return InTheWay(left, verdict, facts, around)


def may_waive(actor: Actor, finding: Finding, matter: Matter) -> bool:
    """Whether this person may waive this refusal of a request."""
    return finding.waives in WAIVING and may(actor, WAIVING[finding.waives], matter)


def against_approval(actor: Actor, found: Request, now: datetime) -> AgainstApproval:
    """What the request's page shows to whoever decides; each rule once, however many bookings it refuses."""
    matter = matter_of(found, now)
    refusals = [one for booking in found.bookings if booking.state in OPEN for one in in_the_way(booking, now).refusals]
    once = {named(one): one for one in reversed(refusals)}.values()
    mine = tuple(one for one in once if may_waive(actor, one, matter))
    return AgainstApproval(mine, tuple(one for one in once if one not in mine))


def against_change(actor: Actor, booking: Booking, change: PendingChange, now: datetime) -> AgainstApproval:
    """The same of a change of a booking."""
    matter, refusals = matter_to_decide(booking, now), in_the_way(booking, now, change).refusals
    mine = tuple(one for one in refusals if may_waive(actor, one, matter))
    return AgainstApproval(mine, tuple(one for one in refusals if one not in mine))


def waive_what_is_in_the_way(
    booking: Booking, matter: Matter, reason: str, *, actor: Actor, now: datetime, change: PendingChange | None = None
) -> None:
    """Waive what refuses the booking, or its change, now, with the reason; nothing where nothing does.

    Raises RefusedError with what this person may not waive, WaiverNeededError when there is no reason.
    """
    way = in_the_way(booking, now, change)
    if not way.refusals:
        return
    beyond = tuple(one for one in way.refusals if not may_waive(actor, one, matter))
    if beyond:
        raise refusal(Verdict(beyond), way.facts, way.around)
    if not reason:
        raise WaiverNeededError(way.refusals)
    booking.findings = findings.stored(way.verdict)
    for one in way.refusals:
        _waive(booking, one, reason, actor=actor, now=now)


def _waive(booking: Booking, finding: Finding, reason: str, *, actor: Actor, now: datetime) -> None:
    event = happened(
        "rule-waived",
        at=now,
        actor_id=actor.person_id,
        subject="booking",
        subject_id=booking.id,
        body={"code": finding.code, "limit": finding.limit_key, "reason": reason},
        site_id=booking.site_id,
        partner_id=booking.partner_id,
        request_id=booking.request_id,
        booking_id=booking.id,
    )
    db.session.add(event)
    db.session.flush()
    db.session.add(
        Waiver(
            booking_id=booking.id,
            code=finding.code,
            limit_key=finding.limit_key,
            person_id=actor.person_id,
            event_id=event.id,
            at=now,
        )
    )


# --- what becomes of waivers as a booking is moved --------------------------------------------------------------------


class Allowed(NamedTuple):
    """What of the rules does not stand in the way of another time."""

    waived: set[Named]  # these stay waived
    is_exception: bool  # it waits as an exception, and may go on as one: staff decide anyway
    change: Change


def allowed_at(booking: Booking, unit_id: int, wanted: Interval) -> Allowed:
    """What a booking may keep at another time: waivers only within the old one, on the same unit."""
    refused = Verdict(tuple(findings.restored(booking.findings))).is_refused
    is_exception = booking.state is State.WISHED and refused
    same_unit = unit_id == booking.unit_id
    change = Change(booking.time, wanted, same_unit=same_unit, is_decided=booking.state not in OPEN)
    if not same_unit or not booking.time.covers(wanted):
        return Allowed(set(), is_exception, change)
    same = wanted == booking.time
    rules = {one.rule for one in waivers_of([booking.id]) if same or one.code not in GETS_WORSE}
    return Allowed(rules, is_exception, change)


def what_of_it_counts(verdict: Verdict, allowed: Allowed) -> Verdict:
    """What the rules say to another time, as far as it is about what changes; where nothing does, all of it."""
    change = allowed.change
    return verdict if change.before == change.wanted and change.same_unit else counting(verdict, change)


def what_is_left(verdict: Verdict, allowed: Allowed) -> Verdict:
    """The verdict without refusals that are waived; what else may be waived, staff decide of an exception."""
    said = what_of_it_counts(verdict, allowed).findings
    left = Verdict(tuple(one for one in said if one.effect is not Effect.REFUSE or named(one) not in allowed.waived))
    if not (allowed.is_exception and left.is_waivable):
        return left
    return Verdict(
        tuple(replace(one, effect=Effect.REVIEW) if one.effect is Effect.REFUSE else one for one in left.findings)
    )


def forget_waivers(booking: Booking, still: Iterable[Named]) -> None:
    """A waiver was for one time: what it does not cover any more ends. That it was given stays in the history."""
    kept = set(still)
    for one in {row.rule for row in waivers_of([booking.id])} - kept:
        db.session.execute(
            delete(Waiver).where(Waiver.booking_id == booking.id, Waiver.code == one[0], Waiver.limit_key == one[1])
        )
