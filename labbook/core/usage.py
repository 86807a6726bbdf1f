"""What bookings add up to: minutes within any hours, how many there are, which are near.

All times are whole minutes since the epoch. Sums are read off sorted starts and ends, and each is worked out once, so
that a partner's five thousand bookings cost hardly more than fifty.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import NamedTuple, TypeVar, cast

from .interval import Interval

T = TypeVar("T")
Minutes = tuple[int, int]  # from and up to


def minute_of(at: datetime) -> int:
    """An instant as minutes since the epoch."""
    return int(at.timestamp()) // 60


def minutes_of(time: Interval) -> Minutes:
    """An interval as minutes since the epoch."""
    return minute_of(time.start), minute_of(time.end)


class Use(NamedTuple):
    """One booking as limits count it."""

    start: int
    end: int
    resource_id: int
    person_id: int
    project_id: int | None = None
    asked: int = 0
    mode: str = ""


_START, _END = itemgetter(0), itemgetter(1)


class Which(NamedTuple):
    """Which uses count together; None: all."""

    resources: frozenset[int] | None = None
    modes: frozenset[str] | None = None
    free_hours: int = 0  # without what was asked for within so many hours before it starts
    same_day: bool = False  # without what was asked for on its own day
    person_id: int | None = None
    project_id: int | None = None  # only with a person: theirs within this project, or theirs outside of any
    by_project: bool = False


class Group:
    """Uses that count together, in the order of their starts."""

    def __init__(self, uses: Sequence[Use]) -> None:
        self.uses = uses
        self._starts = list(map(_START, uses))
        self._ends = sorted(map(_END, uses))
        self._known_rows: dict[int, tuple[list[int], list[int]]] = {}

    @cached_property
    def _sums(self) -> tuple[list[int], list[int]]:
        """What the first so many starts add up to, and the first so many ends."""
        return [0, *accumulate(self._starts)], [0, *accumulate(self._ends)]

    @cached_property
    def _longest(self) -> int:
        return max((one.end - one.start for one in self.uses), default=0)

    def minutes_in(self, hours: Sequence[Minutes]) -> int:
        """How many minutes of all uses lie within `hours`."""
        return sum(self._before(end) - self._before(start) for start, end in hours)

    def count_in(self, hours: Sequence[Minutes]) -> int:
        """How many uses have a part within `hours`, which are sorted and apart."""
        touching = bisect_left(self._starts, hours[-1][1]) - bisect_right(self._ends, hours[0][0])
        return touching - sum(self._within(end, start) for (_, end), (start, _) in pairwise(hours))

    def near(self, start: int, end: int) -> list[Use]:
        """The uses that overlap this stretch, or touch it."""
        first, last = bisect_left(self._starts, start - self._longest), bisect_right(self._starts, end)
        return [one for one in self.uses[first:last] if one.end >= start]

    def row(self, start: int, end: int, pause: int) -> Minutes:
        """The row that a stretch makes with the uses before and after it; a pause up to this long is no break."""
        firsts, lasts = self._rows(pause)
        first, last = bisect_left(lasts, start - pause), bisect_right(firsts, end + pause)
        return min([start, *firsts[first:last]]), max([end, *lasts[first:last]])

    def _rows(self, pause: int) -> tuple[list[int], list[int]]:
        """When the rows of uses begin and end, worked out once for each pause."""
        if pause not in self._known_rows:
            firsts: list[int] = []
            lasts: list[int] = []
            for start, end, *_ in self.uses:
                if lasts and start <= lasts[-1] + pause:
                    lasts[-1] = max(lasts[-1], end)
                else:
                    firsts.append(start)
                    lasts.append(end)
            self._known_rows[pause] = firsts, lasts
        return self._known_rows[pause]

    def _before(self, minute: int) -> int:
        """The minutes of all uses before `minute`: for each what has passed since its start, less since its end."""
        begun, ended = bisect_left(self._starts, minute), bisect_left(self._ends, minute)
        starts, ends = self._sums
        return begun * minute - starts[begun] - (ended * minute - ends[ended])

    def _within(self, start: int, end: int) -> int:
        """How many uses lie within this stretch as a whole."""
        begins = slice(bisect_left(self._starts, start), bisect_left(self._starts, end))
        return sum(one.end <= end for one in self.uses[begins])


class Ledger:
    """A partner's uses of a site. What was asked of it once is kept."""

    def __init__(self, uses: Iterable[Use] = (), midnights: Callable[[], Sequence[int]] = tuple) -> None:
        """The uses are in the order of their starts; `midnights` says when their local days begin, sorted."""
        self.uses = list(uses)
        self.end = max(map(_END, self.uses), default=0)
        self._midnights = midnights
        self._known: dict[Hashable, object] = {}

    def known(self, about: Hashable, work_out: Callable[[], T]) -> T:
        """What is known about this; worked out the first time."""
        if about not in self._known:
            self._known[about] = work_out()
        return cast(T, self._known[about])

    def with_use(self, use: Use, midnight: int) -> Ledger:
        """The same with one use more, whose local day begins at `midnight`."""
        at = bisect_left(self.uses, use.start, key=_START)
        return Ledger(
            [*self.uses[:at], use, *self.uses[at:]],
            lambda: sorted({*self.known("midnights", self._midnights), midnight}),
        )

    def group(self, which: Which) -> Group:
        """The uses that count together."""
        return self.known(which, lambda: Group(self._filtered(which)))

    def _filtered(self, which: Which) -> Sequence[Use]:
        """Filtered step by step, what leaves least first; each step is kept, since many limits share the first ones."""
        if which.same_day:
            days, uses = self.known("midnights", self._midnights), self._step(which._replace(same_day=False))
            return [one for one in uses if one.asked < days[bisect_right(days, one.start) - 1]]
        if which.free_hours:
            free = which.free_hours * 60
            return [one for one in self._step(which._replace(free_hours=0)) if one[0] - one[5] > free]
        if which.modes is not None:
            return [one for one in self._step(which._replace(modes=None)) if one.mode in which.modes]
        return self._of(which)

    def _of(self, which: Which) -> Sequence[Use]:
        """Of these resources, and of the person or their project."""
        if which.resources is not None:
            return [one for one in self._step(which._replace(resources=None)) if one[2] in which.resources]
        if which.by_project:
            uses = self._step(which._replace(project_id=None, by_project=False))
            return [one for one in uses if one.project_id == which.project_id]
        if which.person_id is not None:
            return [one for one in self.uses if one[3] == which.person_id]
        return self.uses

    def _step(self, which: Which) -> Sequence[Use]:
        return self.known(("uses", which), lambda: self._filtered(which))


def most_at_once(times: Iterable[Minutes], during: Minutes) -> int:
    """The largest number of `times` that run at one moment of `during`."""
    parts = [(max(start, during[0]), min(end, during[1])) for start, end in times]
    edges = sorted(edge for start, end in parts if start < end for edge in ((start, 1), (end, -1)))
    return max(accumulate(step for _, step in edges), default=0)
