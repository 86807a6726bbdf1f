"""Why a limit cannot be saved: what its kind says, and what is wrong with hours in whichever kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from .language import N_
from .limits.limit import Limit, Place, Problem
from .typical import stretches_of
from .weekly import When


def contradictions(limit: Limit, place: Place) -> Iterator[Problem]:
    """Everything that makes the limit impossible, or a rule that never counts."""
    for one in dataclasses.fields(limit):
        value = getattr(limit, one.name)
        if isinstance(value, When) and value and not stretches_of(value):
            yield Problem(one.name, N_("These hours never are: the rule would not count."))
    yield from limit.problems(place)
