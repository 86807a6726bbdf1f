"""When one checks in, and when a booking that nobody has come for is given back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .interval import Interval
from .limits.no_show import NoShow


@dataclass(frozen=True, slots=True)
class CheckIn:
    """From when one can check in, and until when (that instant excluded)."""

    opens: datetime
    closes: datetime
    counts: bool  # whether the time that nobody came for counts as used

    def is_early(self, now: datetime) -> bool:
        """Whether it has not opened yet."""
        return now < self.opens

    def is_open(self, now: datetime) -> bool:
        """Whether one can check in now."""
        return self.opens <= now < self.closes

    def is_over(self, now: datetime) -> bool:
        """Whether it has closed."""
        return self.closes <= now


def check_in(limits: Iterable[NoShow], time: Interval) -> CheckIn | None:
    """How one checks in for a booking to which these apply; None: one need not.

    Of several, the strictest: the shortest grace, the latest opening, and the lost time counts when one says so. What
    ends before the grace does is never given back, and one can check in until its end.
    """
    several = list(limits)
    if not several:
        return None
    grace = timedelta(minutes=min(one.grace for one in several))
    early = timedelta(minutes=min(one.early for one in several))
    return CheckIn(time.start - early, min(time.start + grace, time.end), any(one.counts for one in several))
