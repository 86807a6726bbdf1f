"""What the lab knows of the use so far, as far as limits look at it; read once, like all facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .actor import Role
from .calendar import Calendar
from .interval import Interval
from .usage import Ledger, Use, minute_of, minutes_of


@dataclass(frozen=True, slots=True)
class Record:
    """Who asks for what, and what was used before. The ledger does not hold the wanted booking itself."""

    calendar: Calendar
    resource_id: int
    person_id: int
    partner_key: str = ""
    project_id: int | None = None
    mode: str = ""
    biosafety: int = 0  # of the sample
    asked_at: datetime | None = None  # of a booking that exists; None: now
    ledger: Ledger = field(default_factory=Ledger)
    roles: frozenset[Role] = frozenset()  # of the person with the partner
    is_trainee: bool = False  # holds a training that it takes, but not yet on their own
    minutes_used: int = 0  # by the person on this resource, until now
    present: Mapping[str, tuple[Interval, ...]] = field(
        default_factory=dict
    )  # what partners to be kept apart hold, by their keys

    def use(self, wanted: Interval, now: datetime) -> Use:
        """The wanted booking as limits count it."""
        start, end = minutes_of(wanted)
        asked = minute_of(self.asked_at or now)
        return Use(start, end, self.resource_id, self.person_id, self.project_id, asked, self.mode)
