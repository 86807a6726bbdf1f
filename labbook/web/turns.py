"""What waits where the reader works, and on whom: read once for a page, whose head counts it too."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple, cast

from flask import g

from ..core.permissions import Actor
from ..core.steps import Turn as Step
from ..desk.queries import waits
from ..desk.queries.waits import Turn, Waits, may_decide, step_of, turn, waiting_at
from ..people.named import named_by_resource
from . import now


class Turned(NamedTuple):
    """Something that waits, on whom, and whether the reader may decide on it."""

    waits: Waits
    turn: Turn
    may_decide: bool
    is_first: bool  # of two steps: safety is to have no objection
    people: frozenset[int]  # who are named for this step; nobody: the site's staff


def turned(actor: Actor) -> list[Turned]:
    """Everything that waits at the sites where this person works."""
    if "turned" not in g:
        g.turned = _read(actor)
    return cast(list[Turned], g.turned)


def _read(actor: Actor) -> list[Turned]:
    waiting = waiting_at(actor.staffed_sites) if actor.is_staff else []
    resources = {place.resource_id for one in waiting for place in one.waiting}
    named = named_by_resource(resources, now()) if resources else {}
    return [_turned(actor, one, step_of(one, named)) for one in waiting]


def _turned(actor: Actor, one: Waits, step: Step) -> Turned:
    decides = may_decide(actor, one, step)
    return Turned(one, turn(actor, one, decides=decides), decides, step.is_first, step.people - step.but)


def waiting_count(actor: Actor) -> int:
    """How much waits for this person: told by every page, and so without reading what only the inbox shows."""
    if "turned" in g:
        return sum(one.turn is Turn.MINE for one in turned(actor))
    return waits.waiting_count(actor, partial(named_by_resource, now=now())) if actor.is_staff else 0
