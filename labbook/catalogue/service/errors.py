"""Why a verb was not carried out."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.terms import Sentence


class StaleError(Exception):
    """It was chosen from a page that is out of date."""


class UnfitError(Exception):
    """It cannot be as it was wanted; `reasons` are sentences by the name of what is wrong."""

    def __init__(self, reasons: Mapping[str, Sentence]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = dict(reasons)
