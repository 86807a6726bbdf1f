"""Rivals: wishes for the same time, and which of them an approval would leave no place for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .interval import Interval
from .language import Words

GIVEN_TO_ANOTHER = Words("Another request for the same time was approved.", "同じ時間の別の申請が承認されました。")
"""Why a rival is declined, where staff say nothing else."""

Held = Mapping[int, Sequence[Interval]]  # by unit


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wished for, as it would be held, buffers included, and the units on which it could be."""

    hold: Interval
    units: Collection[int]

    def places(self, held: Held) -> list[int]:
        """The units on which it is possible beside what is held."""
        return [one for one in self.units if not any(self.hold.overlaps(time) for time in held.get(one, ()))]


def is_crowded_out(wish: Wish, held: Held, taken: Iterable[tuple[int, Interval]]) -> bool:
    """Whether the wish is possible beside what is held, and no more once so much more is taken."""
    free = wish.places(held)
    more: dict[int, list[Interval]] = {}
    for unit, time in taken:
        more.setdefault(unit, []).append(time)
    return bool(free) and not any(one in free for one in wish.places(more))
