"""Weekly hours in which a limit counts, such as peak or overnight, as staff write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .hours import MINUTES_A_DAY, Opening
from .language import Words

_DAYS = (("Mon", "月"), ("Tue", "火"), ("Wed", "水"), ("Thu", "木"), ("Fri", "金"), ("Sat", "土"), ("Sun", "日"))


class Stretch(NamedTuple):
    """On these weekdays (Monday is 0) from minute `start` of the wall clock to `end`; over midnight if not later."""

    days: frozenset[int]
    start: int
    end: int

    def openings(self) -> tuple[Opening, ...]:
        """The same, day by day."""
        if self.start < self.end:
            return tuple(Opening(day, self.start, self.end) for day in sorted(self.days))
        evenings = [Opening(day, self.start, MINUTES_A_DAY) for day in sorted(self.days)]
        mornings = [Opening((day + 1) % 7, 0, self.end) for day in sorted(self.days) if self.end]
        return (*evenings, *mornings)

    @property
    def words(self) -> Words:
        """Mon–Fri 09:00–19:00 · 月～金 09:00～19:00."""
        start, end = _clock(self.start), _clock(self.end or MINUTES_A_DAY)
        return Words(
            f"{_days(self.days, 0, ', ', '–')} {start}–{end}",
            f"{_days(self.days, 1, '・', '～')} {start}～{end}",
        )


@dataclass(frozen=True, slots=True)
class When:
    """The hours in which something counts: always, within weekly stretches, or outside of them.

    A public holiday is like the time outside of them, unless `on_holidays`. Raises ValueError for a stretch without
    days or beyond the clock.
    """

    stretches: tuple[Stretch, ...] = ()
    is_outside: bool = False
    on_holidays: bool = False
    name: Words = field(default_factory=Words)  # as the lab calls it: peak, overnight

    def __post_init__(self) -> None:
        if any(not one.days or not one.days <= set(range(7)) for one in self.stretches):
            raise ValueError("hours need weekdays")
        if any(not 0 <= one.start < MINUTES_A_DAY or not 0 <= one.end <= MINUTES_A_DAY for one in self.stretches):
            raise ValueError("hours lie between midnight and midnight")
        if self.is_outside and not self.stretches:
            raise ValueError("outside of always is never")

    def __bool__(self) -> bool:
        return bool(self.stretches)

    @property
    def openings(self) -> tuple[Opening, ...]:
        """The stretches, day by day."""
        return tuple(opening for one in self.stretches for opening in one.openings())

    @property
    def words(self) -> Words:
        """Its name and its hours: peak (Mon–Fri 09:00–19:00)."""
        en = ", ".join(one.words.en for one in self.stretches)
        ja = "、".join(one.words.ja for one in self.stretches)
        if self.is_outside:
            en, ja = f"outside {en}", f"{ja}以外"
        if not self.name:
            return Words(en, ja)
        return Words(f"{self.name.text('en')} ({en})", f"{self.name.text('ja')}（{ja}）")

    def spelled(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "stretches": [[sorted(one.days), one.start, one.end] for one in self.stretches],
            "is_outside": self.is_outside,
            "on_holidays": self.on_holidays,
            "name": [self.name.en, self.name.ja],
        }

    @classmethod
    def read(cls, plain: dict[str, Any]) -> When:
        """Back from JSON. Raises ValueError, TypeError, KeyError."""
        return cls(
            tuple(Stretch(frozenset(days), start, end) for days, start, end in plain["stretches"]),
            plain["is_outside"],
            plain["on_holidays"],
            Words(*plain["name"]),
        )


ALWAYS = When()


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _days(days: frozenset[int], language: int, comma: str, to: str) -> str:
    """Runs of three and more days by their first and last."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [
        f"{_DAYS[run[0]][language]}{to}{_DAYS[run[-1]][language]}"
        if len(run) > 2
        else comma.join(_DAYS[day][language] for day in run)
        for run in runs
    ]
    return comma.join(names)
