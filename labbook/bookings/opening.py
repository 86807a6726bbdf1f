"""Where the booking form opens: at the time that a link names, or else at the first one that will do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..core.facts import Facts
from ..core.free import nearest_free
from ..core.interval import Interval
from ..core.rules import judge
from .facts import Around


def first_to_do(unit_ids: Iterable[int], around: Around, within: Interval | None) -> Interval:
    """The wanted time if no rule refuses it on one of the units, else the first later one that none refuses.

    It lies in the free stretch `within` that a link names, if it names one, and is as short as the resource allows
    where nothing longer fits in. Where nothing will do the wanted time stays, and the rules say why.
    """
    every = [around.on(unit) for unit in unit_ids]
    wanted = around.facts.wanted
    if any(not judge(facts).is_refused for facts in every):
        return wanted
    shortest = Interval(wanted.start, around.facts.terms.shortest.after(wanted.start, around.facts.zone))
    for length in dict.fromkeys((wanted, shortest)):
        found = [one for facts in every for one in _from(replace(facts, wanted=length), around.window, within)]
        if found:
            return min(found)
    return wanted


def _from(facts: Facts, known: Interval, within: Interval | None) -> list[Interval]:
    """The first time on one unit that will do, not before the wanted one; what is kept free before it counts."""
    start = facts.wanted.start
    window = within or Interval(facts.terms.before.before(start, facts.zone), known.end)
    looked_at = window.clipped(known)
    found = nearest_free(facts, looked_at, count=1) if looked_at else []
    return [one for one in found if one.start >= start]
