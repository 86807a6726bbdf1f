"""What somebody asks for, as values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from ..core.interval import Interval
from ..core.recurrence import Repeat


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a set: at which time, in how many units. No unit means any that is free."""

    resource: str
    start: datetime
    end: datetime
    unit: str = ""
    units: int = 1  # alike pieces at the same time, each a booking of its own
    mode: str = ""  # the kind of work, where the resource has some
    biosafety: int = 0  # of the sample; 0: none
    options: tuple[str, ...] = ()  # the slugs of what the resource offers with it

    @property
    def time(self) -> Interval:
        """From its start to its end. Raises ValueError when it does not end after it starts."""
        return Interval(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a scientist asks for: one part, `also` others with it, all of them or none; once, or `repeat`ed."""

    resource: str
    start: datetime
    end: datetime
    partner_id: int
    title: str
    purpose: str = ""
    unit: str = ""
    project: str = ""
    mode: str = ""
    biosafety: int = 0
    is_exception: bool = False  # where staff may waive all that refuses it: let them decide
    units: int = 1
    options: tuple[str, ...] = ()
    also: tuple[Part, ...] = ()
    repeat: Repeat | None = None
    for_person: str = ""  # whom of the partner it is for, by their key; else whoever asks
    moves: bool = False  # dates that clash go to the nearest time that is free; else they are skipped

    @property
    def first(self) -> Part:
        """The part that stands in the ask itself."""
        return Part(self.resource, self.start, self.end, self.unit, self.units, self.mode, self.biosafety, self.options)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that is asked for at one date."""
        return (self.first, *self.also)

    @property
    def is_plain(self) -> bool:
        """One unit of one resource at one time."""
        return self.repeat is None and not self.also and self.units == 1

    @property
    def wanted(self) -> Interval:
        """The time of the first part. Raises ValueError when it does not end after it starts."""
        return Interval(self.start, self.end)

    @property
    def digest(self) -> str:
        """What the idempotency key stands for."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()
