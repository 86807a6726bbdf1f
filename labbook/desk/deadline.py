"""By when a request is decided, by whom, and in which step, for everybody who waits for it or decides on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from ..bookings.service.awaiting import had_their_time
from ..bookings.steps import cleared_by, turn_with
from ..catalogue import queries as catalogue
from ..core.deciding import AtDeadline, at_the_deadline
from ..core.disclosure import BookingRow, Relation, relation
from ..core.language import N_, joined, person_name
from ..core.lifecycle import OPEN
from ..core.permissions import Actor
from ..people.queries import names_by_id
from ..web import times
from .queries.deadlines import Rule, rules_of

FOLLOWS = {
    AtDeadline.STAY: N_("If nobody decides by then, it keeps waiting until it would start."),
    AtDeadline.APPROVE: N_("If nobody decides by then, it is approved, as long as no rule is against it."),
    AtDeadline.DECLINE: N_("If nobody decides by then, it is declined."),
}


@dataclass(frozen=True, slots=True)
class DeadlineCard:
    """The card on a request's page. Where there is no deadline, the clock stands."""

    by: str
    ahead: str
    is_over: bool
    is_told: bool  # managers have heard of it
    stands: str  # since when, while a question is open
    follows: str  # at the deadline
    who: str
    step: str  # of two
    cleared: str  # who had no objection as for safety
    is_first: bool  # of two steps: it is about safety


def deadline_card(actor: Actor, found: Any, row: BookingRow, words: str, now: datetime) -> DeadlineCard | None:
    """What the reader gets of it: nothing once it is decided, or for an ally of a joint project."""
    open_ = [one for one in found.bookings if one.state in OPEN]
    if not open_ or relation(actor, row) in (None, Relation.JOINT):
        return None
    place = catalogue.places([row.unit_id])[row.unit_id]
    rules = rules_of(one.resource_id for one in open_)
    wish = {found.person_id, found.asked_by_id, *(one.person_id for one in open_)}
    turn = turn_with(open_, wish, now)
    in_two = any(rule.two_steps for rule in rules)
    cleared = cleared_by(one.id for one in open_) if in_two else {}
    asked = [found.assigned_to_id] if found.assigned_to_id else sorted(turn.people - wish - turn.but)
    names = names_by_id({*asked, *cleared.values()})
    site = place.site.text(words)
    return DeadlineCard(
        by=times.moment(found.decide_by, place.zoneinfo, words) if found.decide_by else "",
        ahead=times.ahead(found.decide_by, now, words) if found.decide_by else "",
        is_over=found.decide_by is not None and found.decide_by <= now,
        is_told=found.escalated_at is not None,
        stands=times.moment(found.asked_at, place.zoneinfo, words) if found.asked_at else "",
        follows=_follows(found, open_, rules) if found.decide_by and found.decide_by > now else "",
        who=joined((person_name(*names[one], words) for one in asked if one in names), words)
        or gettext("The staff of %(site)s", site=site),
        step=_step(is_first=turn.is_first) if in_two else "",
        cleared=joined(
            (person_name(*names[one], words) for one in sorted(set(cleared.values())) if one in names), words
        ),
        is_first=turn.is_first,
    )


def _follows(found: Any, open_: Sequence[Any], rules: Collection[Rule]) -> str:
    fates = {one.at_deadline for one in rules}
    may_approve = AtDeadline.APPROVE in fates and not any(one.two_steps for one in rules)
    is_certain = may_approve and had_their_time(found, open_, found.decide_by)
    return gettext(FOLLOWS[at_the_deadline(fates, is_certain=is_certain)])


def _step(*, is_first: bool) -> str:
    if is_first:
        return gettext("Step 1 of 2: whoever answers for safety looks at it first; then somebody else approves it.")
    return gettext("Step 2 of 2: safety has no objection; now somebody else approves it.")
