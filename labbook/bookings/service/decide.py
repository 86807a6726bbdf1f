"""Approving and declining."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ...core.lifecycle import OPEN, Action
from ...core.permissions import Actor, Do, require
from ...core.reasons import Reason, reason_from
from ...db import OverlapError, transactional
from ...desk.queries.reasons import words_of_reason
from ...models import Booking, Request
from .. import queries
from ..allocation import keep
from ..history import Step, settle
from ..pending import end_changes
from ..series import of_one_date
from .clearing import require_cleared
from .ending import end
from .errors import StaleError
from .matters import locked, matter_of, place_of, still_open, taken
from .rivals import NO_RIVALS, Rivals, decline_rivals, requests_of
from .signing import Signature, sign
from .waiving import waive_what_is_in_the_way


def approve(
    actor: Actor,
    request_key: str,
    *,
    version: int,
    now: datetime,
    signature: Signature | None = None,
    waiver: str = "",
    only: Collection[str] = (),
    rivals: Rivals = NO_RIVALS,
) -> None:
    """Approve what of a request still waits; a wished booking takes its holds now. `waiver` says why, against rules.

    `only` names some bookings of a series by their keys: then nothing is decided on the other dates. `rivals` are
    wishes of others that are declined with it where it leaves them no place.

    Raises NotFoundError, ForbiddenError, StaleError (NotClearedError where safety comes first), NotPossibleError,
    RefusedError when its time is no longer free or a rule is in the way that this person may not waive,
    WaiverNeededError when one is that they may, and there is no reason; UnsignedError where an agreement asks for a
    signature.
    """
    try:
        _approve(actor, request_key, signature, waiver, only, rivals, version=version, now=now)
    except OverlapError:
        found = queries.request_by_key(actor, request_key)
        booking = next((one for one in found.bookings if one.state in OPEN), found.bookings[0])
        raise taken(booking, booking.time, now) from None


@transactional
def _approve(
    actor: Actor,
    request_key: str,
    signature: Signature | None,
    waiver: str,
    only: Collection[str],
    rivals: Rivals,
    *,
    version: int,
    now: datetime,
) -> None:
    found, open_ = _to_decide(actor, request_key, version, only, now, rivals)
    require_cleared(open_, now)
    matter = matter_of(found, now)
    sign(found, open_, Action.APPROVE, signature, actor=actor, now=now)
    found.version += 1
    steps = end_changes(open_, actor_id=actor.person_id, now=now)
    for booking in open_:  # one after the other: each counts for the next
        waive_what_is_in_the_way(booking, matter, waiver, actor=actor, now=now)
        resource, site = place_of(booking)
        event = booking.take(Action.APPROVE, actor_id=actor.person_id, now=now)
        steps.append(Step(booking, Action.APPROVE, event, keep(booking, resource.terms, site)))
    settle(steps, actor_id=actor.person_id, deciders=(), now=now)
    decline_rivals(found, rivals, actor=actor, now=now)


@transactional
def decline(
    actor: Actor,
    request_key: str,
    *,
    reason: str,
    version: int,
    now: datetime,
    signature: Signature | None = None,
    only: Collection[str] = (),
    canned: str = "",
) -> None:
    """Decline what of a request still waits; `only` some dates of a series, as `approve` does.

    `canned` is the key of a reason on the site's list; what else is said follows it. Raises NotFoundError,
    ForbiddenError, StaleError (for a reason that is no longer on the list, too), NotPossibleError, and UnsignedError
    as `approve` does.
    """
    found, open_ = _to_decide(actor, request_key, version, only, now)
    sign(found, open_, Action.DECLINE, signature, actor=actor, now=now)
    end(found, open_, Action.DECLINE, actor, now, reason_said(found.site_id, canned, reason))


def reason_said(site_id: int, canned: str, typed: str) -> Reason:
    """The reason as history keeps it. Raises StaleError for one that is not on the site's list any more."""
    chosen = words_of_reason(site_id, canned) if canned else None
    if canned and chosen is None:
        raise StaleError
    return reason_from(chosen, typed)


def _to_decide(
    actor: Actor,
    request_key: str,
    version: int,
    only: Collection[str],
    now: datetime,
    rivals: Rivals = NO_RIVALS,
) -> tuple[Request, list[Booking]]:
    """What is decided on: all bookings of a date together. Raises StaleError where none of those named waits."""
    found = locked(actor, queries.request_by_key(actor, request_key), besides=requests_of(actor, rivals))
    require(actor, Do.DECIDE_REQUEST, matter_of(found, now))
    open_ = still_open(found, version, Action.APPROVE)
    if only:
        dates = of_one_date(open_, found.id)
        open_ = [one for date in dates if any(two.key in only for two in date) for one in date]
    if not open_:
        raise StaleError
    return found, open_
