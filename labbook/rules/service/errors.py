"""Why a verb was not carried out."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.limits.limit import Problem


class StaleError(Exception):
    """The page that this change was made from is out of date."""


class ContradictoryError(Exception):
    """The rule set or the limit can never be kept or never counts: why, and at which field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(one.field for one in problems))
        self.problems = problems
