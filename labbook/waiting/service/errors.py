"""Why somebody was not put on the waiting list, or an offer could not be answered."""

from __future__ import annotations

from ...core.facts import Said
from ...core.interval import Interval


class PastError(Exception):
    """No time of the stretch is to come, or far enough ahead to be offered."""


class TooManyWaitsError(Exception):
    """The person waits for as much as one may wait for."""


class NeverError(Exception):
    """No time would do, whatever becomes free; carries why."""

    def __init__(self, said: list[Said]) -> None:
        super().__init__("never")
        self.said = said


class FreeNowError(Exception):
    """There is no need to wait; carries the resource's slug and the first time that is free."""

    def __init__(self, slug: str, time: Interval) -> None:
        super().__init__("free now")
        self.slug, self.time = slug, time


class GoneError(Exception):
    """The offer was answered, or it has lapsed."""
