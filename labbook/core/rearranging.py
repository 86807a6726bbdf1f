"""Whether alike units have room for one more hold once others change unit, and which ones have to.

Exact colouring of intervals: holds are laid in order of their start, each on a unit that is free by then. While nothing
is fixed that never has to be taken back; around what is fixed it is tried in every way, up to a limit. Few bookings are
touched first: those over the wanted time, then those over these, and so on.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .interval import Interval

MOST_TRIED = 20_000
State = tuple[int, frozenset[tuple[int, datetime]]]


@dataclass(frozen=True, slots=True)
class Laid:
    """A hold on one of the units, buffers included; `moves` when it may lie on another one as well."""

    key: Hashable
    hold: Interval
    unit: int
    moves: bool


@dataclass(frozen=True, slots=True)
class Rearranged:
    """The unit that has room, and the units to which others go."""

    unit: int
    moved: Mapping[Hashable, int]


_WANTED = object()


def rearranged(
    wanted: Interval, laid: Sequence[Laid], units: Sequence[int], *, most: int = MOST_TRIED
) -> Rearranged | None:
    """Room for the wanted hold on any of the units; None where no colouring is found within `most` tries."""
    if _deepest([one.hold for one in laid], wanted) >= len(units):
        return None
    around = wanted
    while True:
        moving = [one for one in laid if one.moves and one.hold.overlaps(around)]
        wider = _hull([around, *(one.hold for one in moving)])
        is_last = wider == around
        near = [one for one in laid if one.hold.overlaps(wider) and not (one.moves and one.hold.overlaps(around))]
        found = _coloured(wanted, moving, near, units, most if is_last else min(most, 20 * len(moving) + 20))
        if found is not None:
            was = {one.key: one.unit for one in moving}
            return Rearranged(found.pop(_WANTED), {key: to for key, to in found.items() if was[key] != to})
        if is_last:
            return None
        around = wider


def _coloured(
    wanted: Interval, moving: Sequence[Laid], fixed: Sequence[Laid], units: Sequence[int], most: int
) -> dict[Hashable, int] | None:
    """A unit for each of these; depth first, the unit where it lies before all others."""
    todo = sorted([Laid(_WANTED, wanted, -1, True), *moving], key=lambda one: (one.hold.start, one.hold.end))
    walls = {unit: sorted(one.hold for one in fixed if one.unit == unit) for unit in units}
    lies = {unit: sorted(one.hold.start for one in moving if one.unit == unit) for unit in units}
    free: dict[int, datetime] = {}  # from when on
    stack = [iter(_choices(todo[0], walls, lies, free))]
    taken: list[tuple[int, datetime | None]] = []
    failed: set[State] = set()
    for _ in range(most):
        if not stack:
            return None
        unit = next(stack[-1], None)
        if unit is None:
            stack.pop()
            failed.add(_state(len(stack), todo, free))
            if taken:
                last, before = taken.pop()
                free.pop(last)
                if before is not None:
                    free[last] = before
            continue
        taken.append((unit, free.get(unit)))
        free[unit] = todo[len(stack) - 1].hold.end
        if len(taken) == len(todo):
            return {one.key: to for one, (to, _) in zip(todo, taken, strict=True)}
        known = _state(len(stack), todo, free) in failed
        stack.append(iter(() if known else _choices(todo[len(stack)], walls, lies, free)))
    return None


def _choices(
    one: Laid,
    walls: Mapping[int, Sequence[Interval]],
    lies: Mapping[int, Sequence[datetime]],
    free: Mapping[int, datetime],
) -> list[int]:
    """The units on which it may lie: where it lies now first, then those that leave most of the others in peace."""
    found = [
        unit
        for unit, there in walls.items()
        if (unit not in free or free[unit] <= one.hold.start) and not any(wall.overlaps(one.hold) for wall in there)
    ]
    return sorted(found, key=lambda unit: (unit != one.unit, _next(lies[unit], one.hold), unit))


def _next(starts: Sequence[datetime], hold: Interval) -> float:
    """When the next one that lies there now begins, the later the better."""
    return -min((start.timestamp() for start in starts if start >= hold.start), default=float("inf"))


def _state(number: int, todo: Sequence[Laid], free: Mapping[int, datetime]) -> State:
    """On what it depends whether all from this one on can be laid."""
    start = todo[number].hold.start
    return number, frozenset((unit, until) for unit, until in free.items() if until > start)


def _deepest(holds: Iterable[Interval], within: Interval) -> int:
    """How many of these overlap at once at most within a time."""
    edges = []
    for one in holds:
        part = one.clipped(within)
        if part is not None:
            edges += [(part.start, 1), (part.end, -1)]
    deepest = depth = 0
    for _, step in sorted(edges):
        depth += step
        deepest = max(deepest, depth)
    return deepest


def _hull(times: Sequence[Interval]) -> Interval:
    return Interval(min(one.start for one in times), max(one.end for one in times))
