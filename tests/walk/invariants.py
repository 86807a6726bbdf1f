"""What holds in every lab at every moment, each judged by the database alone; and what holds from one step to the next.

Each gives a sentence for everything that is not so. Nothing here is shared with the code that is judged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from labbook.core.interval import Interval, overlaid
from tests.walk.ground import ALLOWED_A_DAY
from tests.walk.holding import Wanted, wanted_holds
from tests.walk.look import KEEPS_HOLD, Hold, Look, Time, instant, time, used

Invariant = Callable[[Look], Iterator[str]]
Transition = Callable[[Look, Look, datetime], Iterator[str]]

# Which step leads where, from which states; "" stays where it is.
LEADS: dict[str, tuple[frozenset[str], str]] = {
    "approve": (frozenset({"waiting", "wished"}), "approved"),
    "decline": (frozenset({"waiting", "wished"}), "declined"),
    "withdraw": (frozenset({"waiting", "wished"}), "withdrawn"),
    "expire": (frozenset({"waiting", "wished", "approved"}), "expired"),
    "cancel": (frozenset({"approved"}), "cancelled"),
    "start": (frozenset({"approved"}), "running"),
    "finish": (frozenset({"running"}), "finished"),
    "release": (frozenset({"running"}), "released"),
    "no-show": (frozenset({"running"}), "released"),
    "hand-over": (frozenset({"waiting", "wished", "approved"}), ""),
    "move": (frozenset({"waiting", "wished", "approved"}), ""),
    "extend": (frozenset({"waiting", "wished", "approved", "running"}), ""),
    "shorten": (frozenset({"waiting", "wished", "approved", "running"}), ""),
    "ask-change": (frozenset({"approved", "running"}), ""),
    "grant-change": (frozenset({"approved", "running"}), ""),
    "decline-change": (frozenset({"approved", "running"}), ""),
    "withdraw-change": (frozenset({"approved", "running"}), ""),
    "end-change": (frozenset({"approved", "running"}), ""),
    "propose": (frozenset({"waiting", "wished"}), ""),
    "accept-proposal": (frozenset({"waiting", "wished"}), "approved"),
    "refuse-proposal": (frozenset({"waiting", "wished"}), ""),
    "end-proposal": (frozenset({"waiting", "wished"}), ""),
    "undo": (frozenset({"approved", "declined"}), "waiting"),
    "undo-wish": (frozenset({"approved", "declined"}), "wished"),
}
ASKED = frozenset({"waiting", "wished", "approved"})
PUTS = frozenset({"ask", "move", "extend", "shorten", "grant-change", "accept-proposal"})  # these say where it stands
MAY_PUT = frozenset({"approve", "undo", "undo-wish"})  # these where it stands elsewhere than before
ALIVE = frozenset({"waiting", "wished", "approved", "running"})
OVER = frozenset({"finished", "declined", "withdrawn", "cancelled", "expired", "released"})


def no_two_claims_overlap(look: Look) -> Iterator[str]:
    """No unit is kept for two at a time."""
    by_unit = defaultdict(list)
    for one in look["hold"]:
        by_unit[one.unit_id].append((time(one), one.claim_id))
    for unit, rows in by_unit.items():
        rows.sort()
        for number, (held, claim) in enumerate(rows):
            for later, other in rows[number + 1 :]:
                if later.start >= held.end:
                    break
                if other != claim:
                    yield f"claims {claim} and {other} overlap on unit {unit}"


def holds_are_what_they_should_be(look: Look) -> Iterator[str]:
    """Whatever keeps a hold has exactly those that it is to have; whatever does not has none."""
    wanted = wanted_holds(look)
    for claim in wanted.keys() | look.held.keys():
        if problem := _unlike(wanted.get(claim, []), look.held.get(claim, [])):
            yield f"claim {claim} ({_whose(look, claim)}): {problem}"


def _unlike(wanted: list[Wanted], held: list[Hold]) -> str:
    left = Counter(held)
    for one in sorted(wanted, key=lambda one: len(one.units)):  # what must be on one unit comes first
        found = [hold for hold in left if hold.unit in one.units and one.fits(hold.time) and left[hold] > 0]
        if len(found) < one.pieces:
            return f"lacks {one.pieces - len(found)} of {one}, has {held}"
        left.subtract(found[: one.pieces])
    return f"holds too much: {over}" if (over := list(left.elements())) else ""


def _whose(look: Look, claim: int) -> str:
    for one in look["booking"]:
        if one.claim_id == claim:
            return f"booking {one.id}, {one.state}, of {look.resources[one.resource_id].slug}"
    return next((f"offer {one.id}, {one.answer or 'open'}" for one in look["offer"] if one.claim_id == claim), "nobody")


def every_hold_is_of_somebody(look: Look) -> Iterator[str]:
    """No hold is left without the booking or the open offer that it was made for."""
    proposed = {one.booking_id for one in look["pending_change"] if one.until is not None}
    keeping = {one.claim_id for one in look["booking"] if one.state in KEEPS_HOLD or one.id in proposed}
    keeping |= {one.claim_id for one in look.open_offers}
    yield from (f"claim {claim} holds for nothing ({_whose(look, claim)})" for claim in look.held.keys() - keeping)


def open_offers_hold(look: Look) -> Iterator[str]:
    """What is offered is kept, and nothing is kept of what was answered or has lapsed."""
    for one in look["offer"]:
        offered = time(one)
        covers = any(
            unit == one.unit_id and held.start <= offered.start and offered.end <= held.end
            for unit, held in look.held.get(one.claim_id, [])
        )
        if (one.answered_at is None) is not covers:
            yield f"offer {one.id} ({one.answer or 'open'}) {'holds' if covers else 'holds nothing'}"
    waits = Counter(one.wait_id for one in look.open_offers)
    yield from (f"wait {wait} has {count} open offers" for wait, count in waits.items() if count > 1)
    ended = {one.id for one in look["wait"] if one.ended_at is not None}
    yield from (f"wait {wait} has ended and has an open offer" for wait in waits.keys() & ended)


def no_more_in_use_than_there_are(look: Look) -> Iterator[str]:
    """Of a pool, or of what is linked, never more pieces are in use at a time than the resource has."""
    turns: dict[int, list[tuple[datetime, int, int, int]]] = defaultdict(list)
    for claim, held in look.held.items():
        for unit, kept in set(held):
            turns[look.resource_of[unit]] += [(kept.start, 1, claim, unit), (kept.end, 0, claim, unit)]
    for resource, several in turns.items():
        using: Counter[tuple[int, int]] = Counter()
        for _, begins, claim, unit in sorted(several):
            using[claim, unit] += 1 if begins else -1
            if (count := sum(many > 0 for many in using.values())) > len(look.units[resource]):
                yield f"{count} in use of the {len(look.units[resource])} of {look.resources[resource].slug}"


def dates_of_a_series_are_each_themselves(look: Look) -> Iterator[str]:
    """A date's name stands once in its series: with a booking, or as skipped."""
    named = [(one.series_id, one.recurrence_on) for one in look["booking"] if one.series_id is not None]
    named += [(one.series_id, one.recurrence_on) for one in look["skipped_date"]]
    yield from (f"{count} dates of series {name}" for name, count in Counter(named).items() if count > 1)
    yield from (
        f"booking {one.id} has no date" for one in look["booking"] if bool(one.series_id) is not bool(one.recurrence_on)
    )


def history_is_complete(look: Look) -> Iterator[str]:
    """Every step stands in the history, leads where the next one begins, and the last one to where the booking is."""
    for booking in look["booking"]:
        events = look.steps[booking.id]
        steps = [(one.code.removeprefix("booking-"), one) for one in events if _is_step(one.code)]
        if [code for code, _ in steps].count("ask") != 1 or steps[0][0] != "ask" or steps[0][1].state not in ASKED:
            yield f"the history of booking {booking.id} does not begin with its asking"
            continue
        for (_, before), (code, after) in pairwise(steps):
            states, to = LEADS[code]
            if before.state not in states or after.state != (to or before.state):
                yield f"booking {booking.id}: {code} led from {before.state} to {after.state}"
        if steps[-1][1].state != booking.state:
            yield f"booking {booking.id} is {booking.state}, its history says {steps[-1][1].state}"
        come = sum(one.code == "booking-checked-in" for one in events)
        if booking.version != len(steps) + come:
            yield f"booking {booking.id} has version {booking.version} after {len(steps)} steps"


def history_says_where_it_stands(look: Look) -> Iterator[str]:
    """The last step that put a booking somewhere put it where it is, under whom it is."""
    names = {one.id: one.name for one in look["unit"]}
    for booking in look["booking"]:
        put = [one for one in look.steps[booking.id] if _puts(one.code.removeprefix("booking-"), look.said[one.id])]
        said = look.said[put[-1].id] if put else {}
        if said and (instant(said["starts"]), instant(said["ends"]), said["unit"]) != (
            *time(booking),
            names[booking.unit_id],
        ):
            yield f"booking {booking.id} is not where its history says: {said}"
        given = [one for one in look.steps[booking.id] if one.code == "booking-hand-over"]
        person = look.said[given[-1].id]["to_id"] if given else look.requests[booking.request_id].person_id
        if booking.person_id != person:
            yield f"booking {booking.id} is of {booking.person_id}, its history says {person}"


def _puts(kind: str, said: dict[str, Any]) -> bool:
    return kind in PUTS or (kind in MAY_PUT and "starts" in said)


def _is_step(code: str) -> bool:
    kind = code.removeprefix("booking-")
    return kind == "ask" or kind in LEADS


def changes_wait_beside_what_stands(look: Look) -> Iterator[str]:
    """Something else is asked for only instead of what is approved or runs, and proposed only of what waits.

    History says so.
    """
    for one in look["pending_change"]:
        booking = look.bookings[one.booking_id]
        if booking.state not in (("waiting", "wished") if one.until else ("approved", "running")):
            yield f"a change waits for booking {booking.id}, which is {booking.state}"
        if one.until and instant(one.until) > time(one).start:
            yield f"the proposal for booking {booking.id} stands when its time has begun"
    for begins, kind, is_one in (("ask-change", "-change", False), ("propose", "propos", True)):
        waiting = {one.booking_id for one in look["pending_change"] if bool(one.until) is is_one}
        for booking in look["booking"]:
            about = [one.code for one in look.steps[booking.id] if kind in one.code]
            if (about[-1:] == [f"booking-{begins}"]) is not (booking.id in waiting):
                yield f"booking {booking.id}: {'a' if booking.id in waiting else 'no'} change waits after {about}"


def allowances_are_kept(look: Look) -> Iterator[str]:
    """No partner has more of the hood in a day than is allowed, but for what staff have waived for a booking."""
    waived = {one.booking_id for one in look["event"] if one.code == "rule-waived"}
    had: dict[tuple[int, date], timedelta] = defaultdict(timedelta)
    for one in look["booking"]:
        counts = one.state in KEEPS_HOLD or one.counts_anyway
        if look.resources[one.resource_id].slug == "tsukuba-hood" and counts and one.id not in waived:
            zone = ZoneInfo(look.sites[one.site_id].zone)
            for day, length in _by_day(time(one) if one.counts_anyway else used(one), zone):
                had[one.partner_id, day] += length
    yield from (f"partner {who} has {hours} on {day}" for (who, day), hours in had.items() if hours > ALLOWED_A_DAY)


def _by_day(span: Time, zone: ZoneInfo) -> Iterator[tuple[date, timedelta]]:
    """How much of a time lies in each local day."""
    start = span.start
    while start < span.end:
        day = start.astimezone(zone).date()
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
        end = min(span.end, midnight.astimezone(UTC))
        yield day, end - start
        start = end


def notices_are_of_what_happened(look: Look) -> Iterator[str]:
    """Nobody hears twice of one thing, and of nothing that did not happen."""
    events = {one.id for one in look["event"]}
    heard = Counter((one.event_id, one.person_id, one.channel) for one in look["notice"])
    yield from (f"{count} notices {about}" for about, count in heard.items() if count > 1)
    yield from (f"notice {one.id} is of no event" for one in look["notice"] if one.event_id not in events)


ALWAYS: tuple[Invariant, ...] = (
    no_two_claims_overlap,
    holds_are_what_they_should_be,
    every_hold_is_of_somebody,
    open_offers_hold,
    no_more_in_use_than_there_are,
    dates_of_a_series_are_each_themselves,
    history_is_complete,
    history_says_where_it_stands,
    changes_wait_beside_what_stands,
    allowances_are_kept,
    notices_are_of_what_happened,
)


# --- from one step to the next ----------------------------------------------------------------------------------------


def nothing_is_forgotten(before: Look, after: Look, now: datetime) -> Iterator[str]:
    """No booking, event, seal or request ever goes."""
    for table in ("booking", "request", "event", "seal", "offer", "wait", "series"):
        gone = {one.id for one in before[table]} - {one.id for one in after[table]}
        yield from (f"{table} {number} is gone" for number in gone)
    if before["event"] != after["event"][: len(before["event"])]:
        yield "an event was rewritten"


def what_is_over_stays_as_it_was(before: Look, after: Look, now: datetime) -> Iterator[str]:
    """Nothing more becomes of a booking that is over; its date may go on in another series with those around it.

    But whoever declined it may undo that a moment later.
    """
    undone = _undone(before, after)
    for one in before["booking"]:
        if (
            one.state in OVER
            and one.id not in undone
            and (changed := _changed(one, after.bookings[one.id]) - {"series_id", "recurrence_on"})
        ):
            yield f"booking {one.id} was {one.state}, and has changed: {sorted(changed)}"


def _undone(before: Look, after: Look) -> set[int]:
    new = after["event"][len(before["event"]) :]
    return {one.booking_id for one in new if one.code.startswith("booking-undo")}


def nobody_hears_of_what_is_undone(before: Look, after: Look, now: datetime) -> Iterator[str]:
    """Whoever undoes something is the one who did it, a moment before; and no letter about it ever goes out."""
    last = {one.booking_id: one for one in before["event"] if one.code in ("booking-approve", "booking-decline")}
    for one in after["event"][len(before["event"]) :]:
        if one.code.startswith("booking-undo"):
            decided = last[one.booking_id]
            if one.actor_id != decided.actor_id or now - instant(decided.at) >= timedelta(minutes=1):
                yield f"booking {one.booking_id}: {one.code} by {one.actor_id}, not at once"
            yield from (
                f"notice {two.id} is of what was undone" for two in after["notice"] if two.event_id == decided.id
            )


def _changed(one: Any, then: Any) -> set[str]:
    return {name for name in one._fields if getattr(one, name) != getattr(then, name)}


def the_past_of_a_series_is_untouched(before: Look, after: Look, now: datetime) -> Iterator[str]:
    """A date that has begun keeps its place, its start and its name, whatever becomes of the others."""
    for one in before["booking"]:
        if one.series_id is None or instant(one.starts_at) > now:
            continue
        changed = _changed(one, after.bookings[one.id])
        zone = ZoneInfo(before.sites[one.site_id].zone)
        is_past = (
            datetime.fromisoformat(one.recurrence_on).replace(tzinfo=zone) <= now
        )  # of what was moved it may not be
        if changed & ({"unit_id", "starts_at"} | ({"series_id", "recurrence_on"} if is_past else set())):
            yield f"booking {one.id} has begun, and has changed: {sorted(changed)}"


def versions_rise(before: Look, after: Look, now: datetime) -> Iterator[str]:
    """Whatever of a booking that its page shows changes, a page from before is out of date."""
    for one in before["booking"]:
        then = after.bookings[one.id]
        has_moved = _changed(one, then) & {"unit_id", "starts_at", "ends_at", "state", "person_id", "checked_in_at"}
        if then.version < one.version or (has_moved and then.version == one.version):
            yield f"booking {one.id} has changed, its version went from {one.version} to {then.version}"


def calendars_hear_of_it(before: Look, after: Look, now: datetime) -> Iterator[str]:
    """When what is held of a resource changes, the counter rises that makes its feeds look again."""
    was, now_is = _held_by_resource(before), _held_by_resource(after)
    for number in was.keys() | now_is.keys():
        raised = after.resources[number].busy_revision > before.resources[number].busy_revision
        if was[number] != now_is[number] and not raised:
            yield f"feeds of {after.resources[number].slug} do not know that it is held otherwise now"


def what_lies_under_a_closure_is_on_its_list(before: Look, after: Look, now: datetime) -> Iterator[str]:
    """Nothing that is to come, or runs, where it is closed is forgotten: staff have decided on it, or are to."""
    seen = {one.booking_id for one in after["flag"] if one.code == "closed"}
    seen |= {one.booking_id for one in after["waiver"]}
    for closure in after["closure"]:
        shut, units = time(closure), _units_in(after, closure)
        if shut.end <= now:
            continue
        for one in after["booking"]:
            is_concerned = one.state in ALIVE and one.id not in seen and time(one).end > now
            if is_concerned and time(one).overlaps(shut) and units & _units_of(after, one, shut):
                yield f"booking {one.id} lies under closure {closure.id}, and is not on its list"


def _units_in(look: Look, closure: Any) -> set[int]:
    resources = {
        number
        for number, one in look.resources.items()
        if one.site_id == closure.site_id
        and closure.area_id in (None, one.area_id)
        and closure.resource_id in (None, number)
    }
    return {one.id for one in look["unit"] if one.resource_id in resources and closure.unit_id in (None, one.id)}


def _units_of(look: Look, booking: Any, shut: Time) -> set[int]:
    held = {hold.unit for hold in look.held.get(booking.claim_id, []) if hold.time.overlaps(shut)}
    return {booking.unit_id} | held


def _held_by_resource(look: Look) -> dict[int, Counter[Any]]:
    """What others see as held, whoever holds it, as when an offer becomes a booking of the same time.

    Of two holds of one claim that overlap, as while a change waits, it is the whole.
    """
    found: dict[int, Counter[Any]] = defaultdict(Counter)
    for held in look.held.values():
        for unit in {hold.unit for hold in held}:
            times = [Interval(hold.time.start, hold.time.end) for hold in held if hold.unit == unit]
            found[look.resource_of[unit]].update((unit, one) for one in overlaid(times))
    return found


STEPPING: tuple[Transition, ...] = (
    nothing_is_forgotten,
    what_is_over_stays_as_it_was,
    nobody_hears_of_what_is_undone,
    the_past_of_a_series_is_untouched,
    versions_rise,
    calendars_hear_of_it,
    what_lies_under_a_closure_is_on_its_list,
)
