"""Why a limit cannot be saved: what its kind says, and what is wrong with hours in whichever kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .amount import Amount, Measure
from .facts import Effect
from .language import N_
from .limits.allowance import Allowance
from .limits.length import Length
from .limits.limit import Limit, Place, Problem, Who
from .typical import stretches_of
from .weekly import When


def contradictions(limit: Limit, place: Place) -> Iterator[Problem]:
    """Everything that makes the limit impossible, or a rule that never counts."""
    for one in dataclasses.fields(limit):
        value = getattr(limit, one.name)
        if isinstance(value, When) and value and not stretches_of(value):
            yield Problem(one.name, N_("These hours never are: the rule would not count."))
    yield from limit.problems(place)


def between(limit: Limit, others: Iterable[Limit]) -> Iterator[Problem]:
    """What this limit and another of its set make impossible together: where both refuse, for some of the same people.

    Only what is plain is found: bounds that count in some hours alone leave room beside them.
    """
    for other in others:
        if _meet(limit, other):
            yield from _lengths(limit, other)
            yield from _holds_none(limit, other)


def _meet(one: Limit, other: Limit) -> bool:
    """Whether some booking has to keep both."""
    same_people = one.who is other.who or Who.EVERYBODY in (one.who, other.who)
    same_work = not one.modes or not other.modes or bool(one.modes & other.modes)
    return one.effect is other.effect is Effect.REFUSE and same_people and same_work


def _lengths(one: Limit, other: Limit) -> Iterator[Problem]:
    if not (isinstance(one, Length) and isinstance(other, Length)):
        return
    # A longest length counts the part within its hours alone: a booking may reach out of hours that are others.
    if one.shortest and other.longest and one.shortest > other.longest and _covers(other.when, one.when):
        text = N_("This contradicts another limit of the set, which allows %(longest)s at most.")
        yield Problem("shortest", text, {"longest": Amount(other.longest, Measure.MINUTE)})
    if one.longest and other.shortest and other.shortest > one.longest and _covers(one.when, other.when):
        text = N_("This contradicts another limit of the set, which asks for %(shortest)s at least.")
        yield Problem("longest", text, {"shortest": Amount(other.shortest, Measure.MINUTE)})


def _covers(hours: When, others: When) -> bool:
    """Whether they are always, or the same, whatever they are called."""
    return not hours or replace(hours, name=others.name) == others


def _holds_none(one: Limit, other: Limit) -> Iterator[Problem]:
    for length, allowance in ((one, other), (other, one)):
        if not (isinstance(length, Length) and isinstance(allowance, Allowance)) or allowance.when:
            continue
        if length.shortest <= allowance.most or allowance.free_hours or allowance.same_day_free:
            continue
        if allowance is one:
            text = N_("Another limit of this set asks for %(shortest)s at least: the allowance holds no such booking.")
            yield Problem("most", text, {"shortest": Amount(length.shortest, Measure.MINUTE)})
        else:
            text = N_("An allowance of this set is %(most)s: it holds no such booking.")
            yield Problem("shortest", text, {"most": Amount(allowance.most, Measure.MINUTE)})
