"""How often is too often: a count for each key, begun anew with every minute."""

from __future__ import annotations

MINUTE = 60
_MOST_KEYS = 20_000  # more than that are not counted, so that counting cannot fill the memory


class Throttle:
    """At most so many of each key in a minute, as far as this process knows."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._minute = 0
        self._counts: dict[str, int] = {}

    def is_over(self, key: str, seconds: float) -> bool:
        """Count one more at a time in seconds, and tell whether it is one too many."""
        minute = int(seconds // MINUTE)
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        counts = self._counts
        if key not in counts and len(counts) >= _MOST_KEYS:
            return False
        counts[key] = counts.get(key, 0) + 1
        return counts[key] > self.most

    def forget(self) -> None:
        """Count from nothing, whatever was before."""
        self._counts = {}
