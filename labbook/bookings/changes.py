"""What the request's page shows of a change that waits: the old and the new side by side, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.interval import Interval
from ..core.place import Place
from ..web import times
from .exceptions import Against, JudgedLine


@dataclass(frozen=True, slots=True)
class Placed:
    """A time on a unit, said."""

    resource: str
    unit: str
    when: str
    zone_label: str


@dataclass(frozen=True, slots=True)
class ChangePanel:
    """A change of one booking that waits for a decision."""

    key: str  # of the booking
    version: int
    old: Placed
    new: Placed
    asked: str  # by whom, and when
    is_held: bool  # the new time, besides the old one
    findings: Sequence[JudgedLine]
    may_decide: bool
    may_withdraw: bool
    is_own: bool  # of somebody who works there, and decides on others'
    against: Against | None = None
    is_signed: bool = False
    may_sign: bool = False  # has a password to sign with
    approve_form: Any = None
    decline_form: Any = None


def placed(time: Interval, place: Place, language: str, *, by_day: bool) -> Placed:
    """A time on a unit, in the reader's language, with the site's zone."""
    return Placed(
        place.resource.text(language),
        place.unit,
        times.when(time, place.zoneinfo, language, by_day=by_day),
        times.zone_label(place.zoneinfo, time.start),
    )
