"""What every closing ends with: bookings are suspended or rebooked, people told once each, and calendars change."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ...core.permissions import Actor, Do, Matter, require
from ...db import db
from ...models import Booking, Closure, Event, Flag, Resource
from ...models.audit import happened
from ..closed import Scope, bookings_under, flags_of_closing
from ..closings import Closing, place_of_scope
from ..history import for_calendars, raise_revisions
from .closing_flags import flag_closed
from .closing_letters import Told, tell
from .rebooking import Decision, Outcome, lock_for, rebook


class OverError(Exception):
    """This closure is over, or this part of it: what has been stays as it was."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a closing has done: its name in addresses, what has become of bookings, what waits, how many were told."""

    key: str
    outcome: Outcome = field(default_factory=Outcome)
    open: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """Who closes, opens or decides, and on which dates; `action` is closed, changed, lifted or decided."""

    actor: Actor
    rows: Sequence[Closure]
    event: Event
    action: str
    now: datetime
    note: str = ""

    def settle(
        self, affected: Iterable[Booking], decisions: Mapping[str, Decision], again: Sequence[Told] = ()
    ) -> Done:
        """Suspend what lies under it, carry out what was decided, and tell everybody once."""
        several = list(affected)
        lock_for(several, decisions)
        flagged, anew = flag_closed(several, self.rows[0].closing, actor_id=self.actor.person_id, now=self.now)
        return self.carry_out(flagged, anew, decisions, again)

    def carry_out(
        self,
        flagged: Sequence[tuple[Flag, Booking]],
        anew: Container[int],
        decisions: Mapping[str, Decision],
        again: Sequence[Told] = (),
    ) -> Done:
        """Do with what is suspended what was decided; who waited before, and is not among `anew`, is not told again."""
        outcome = rebook(self.actor, flagged, decisions, reason=self.note or reason_of(self.rows), now=self.now)
        gone = {one.id for one in outcome.decided}
        waiting = [one for flag, one in flagged if flag.settled_at is None and one.id not in gone]
        told = [*told_of(outcome), *(Told(one, "open") for one in waiting if one.id in anew), *again]
        return self.finish(outcome, told, waiting=len(waiting))

    def finish(self, outcome: Outcome, told: Sequence[Told], *, waiting: int = 0) -> Done:
        """Write down what happened, tell, and raise the counters last: all in one pass, so that none deadlock."""
        db.session.add_all([*(one.event for one in outcome.steps), *outcome.events])
        db.session.flush()
        db.session.add_all(for_calendars(outcome.steps, now=self.now))
        scope, by = Scope.of(self.rows[0]), self.actor.person_id
        place, unit, _ = place_of_scope(scope)
        count = tell(
            self.action, self.rows, (place, unit), told, event=self.event, actor_id=by, note=self.note, now=self.now
        )
        db.session.flush()
        shown = set() if self.action == "decided" else resources_in(scope)
        raise_revisions(outcome.steps, changed=outcome.left | shown)
        return Done(self.rows[0].closing, outcome, waiting, count)


def event_of(code: str, rows: Sequence[Closure], actor: Actor, now: datetime, body: dict[str, Any]) -> Event:
    """The one event of what was done to closures; added."""
    event = happened(
        code,
        at=now,
        actor_id=actor.person_id,
        subject="closure",
        subject_id=rows[0].id,
        body={**body, "closing": rows[0].closing},
        site_id=rows[0].site_id,
    )
    db.session.add(event)
    db.session.flush()
    return event


def require_closer(actor: Actor, scope: Scope) -> None:
    """Raise ForbiddenError unless this person may close that: a whole site is for its managers."""
    require(actor, Do.CLOSE_SITE if scope.is_whole_site else Do.CLOSE_PART, Matter(scope.site_id))


def flags_on_list(closing: Closing, now: datetime) -> list[tuple[Flag, Booking]]:
    """What is on a closure's list: what was flagged for it, and what lies under it and was flagged before."""
    under = bookings_under(closing.scope, [one.time for one in closing.dates], now=now)
    return flags_of_closing(closing.key, [one.id for one in under])


def spelled(rows: Sequence[Closure]) -> dict[str, Any]:
    """Closures of one place as history keeps them."""
    first = rows[0]
    place, unit, _ = place_of_scope(Scope.of(first))
    return {
        "place": {"en": place.en, "ja": place.ja},
        **({"unit": unit} if unit else {}),
        "kind": str(first.kind),
        "reason": {"en": first.reason.en, "ja": first.reason.ja},
        "dates": [f"{one.starts_at.isoformat()}/{one.ends_at.isoformat()}" for one in rows],
    }


def told_of(outcome: Outcome) -> list[Told]:
    """What the people of decided bookings are told."""
    return [
        *(Told(one, "kept") for one in outcome.kept),
        *(Told(one.booking, "moved", one.before) for one in outcome.moved),
        *(Told(one, "cancelled") for one in outcome.cancelled),
    ]


def resources_in(scope: Scope) -> set[int]:
    """The resources whose calendars show it."""
    if scope.resource_id is not None:
        return {scope.resource_id}
    found = select(Resource.id).where(Resource.site_id == scope.site_id)
    if scope.area_id is not None:
        found = found.where(Resource.area_id == scope.area_id)
    return set(db.session.scalars(found))


def reason_of(rows: Sequence[Closure]) -> str:
    """The message, for a history that both read: in both languages where there are both."""
    reason = rows[0].reason
    return " / ".join(dict.fromkeys(one for one in (reason.en, reason.ja) if one))
