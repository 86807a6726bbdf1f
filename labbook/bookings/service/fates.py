"""What becomes of each date of a series that is changed, as values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ...core.consequences import Follows
from ...core.facts import Finding, Verdict
from ...core.interval import Interval
from ...core.lifecycle import OPEN
from ...core.recurrence import Repeat
from ...models import Booking, Unit
from ..series import Day, Repeated


class Fate(StrEnum):
    """What becomes of one date."""

    MOVES = "moves"
    ASKS = "asks"  # staff decide on its new time; until then it stands as it is
    STAYS = "stays"  # its new time is refused
    OWN = "own"  # it was changed by itself, and stays so
    OVER = "over"  # it is past, or cancelled
    SKIPPED = "skipped"
    SAME = "same"  # it stands there already


@dataclass(frozen=True, slots=True)
class Shift:
    """How all dates from one on are changed: by how much they start and end later by the clock, and on which unit."""

    starts: timedelta
    ends: timedelta
    unit: str = ""  # its key, for one of the series that go together; empty: as each date has it, or any where any does
    number: int = 0  # which of them


@dataclass(frozen=True, slots=True)
class Going:
    """A booking that would go elsewhere, with what the rules say and what follows."""

    booking: Booking
    unit: Unit
    time: Interval
    verdict: Verdict
    left: Verdict  # of it what counts
    told: Follows
    decided: bool  # whoever moves it decides on it too

    @property
    def changes(self) -> bool:
        """It does not stand there already."""
        return (self.unit.id, self.time) != (self.booking.unit_id, self.booking.time)

    @property
    def asks(self) -> bool:
        """Staff decide first."""
        return self.left.needs_review and self.booking.state not in OPEN and not self.decided


@dataclass(frozen=True, slots=True)
class DayFate:
    """What becomes of one date, and why."""

    day: Day
    names: tuple[str, ...]  # by the new rules
    fate: Fate
    times: tuple[Interval | None, ...]  # by the new rules
    going: tuple[Going, ...] = ()
    said: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Reshaped:
    """What would become of a series from one of its dates on."""

    repeated: Repeated
    at: int  # the index of the first date that is concerned
    rules: tuple[tuple[Repeat, Repeat], ...]  # for each of the series, up to there and from there on
    begins: tuple[datetime, ...]  # where each begins by the new rules
    lengths: tuple[timedelta, ...]
    fates: tuple[DayFate, ...]

    @property
    def moving(self) -> list[DayFate]:
        """The dates that would go elsewhere."""
        return [one for one in self.fates if one.fate in (Fate.MOVES, Fate.ASKS)]

    @property
    def seen(self) -> str:
        """What a form sends back of what it has shown."""
        parts = [
            f"{one.names} {one.fate} {[(two.unit.id, two.time.start, two.told.seen) for two in one.going]}"
            for one in self.fates
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
