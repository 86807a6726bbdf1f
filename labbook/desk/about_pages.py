"""What whoever decides on a request sees of it besides what everybody does who reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..bookings.board import Bar
from ..bookings.exceptions import JudgedLine
from ..bookings.window import Mark
from ..trainings.pages import CardView
from ..web.meters import AllowanceLine


@dataclass(frozen=True, slots=True)
class Compared:
    """A request beside its rivals, or one of these."""

    key: str  # of the booking
    url: str  # empty: the request that the page is about
    title: str
    partner: str
    person: str
    when: str
    asked: str  # how long ago
    exception: str  # that it goes against rules, and against how many
    said: list[JudgedLine]
    facts: list[tuple[str, str]]  # of the person's earlier bookings of this resource
    is_first: bool  # nobody's booking of it stood before
    fate: str = ""  # what approving the request would mean for it
    may_decline: bool = False  # together with that
    is_ticked: bool = False


@dataclass(frozen=True, slots=True)
class PastLine:
    """One of the person's last bookings at the site."""

    resource: str
    url: str
    when: str
    is_no_show: bool


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody has used of the site before."""

    name: str
    first: str  # that it would be their first booking, and of what
    facts: list[tuple[str, str]]
    last: list[PastLine]


@dataclass(frozen=True, slots=True)
class UnitDay:
    """The lane of one unit."""

    label: str
    is_its: bool  # where the booking is, or would be
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Day:
    """The day around what is asked for, or the weeks, of all units of its resource."""

    heading: str
    zone_label: str
    url: str  # of the site's schedule
    marks: list[Mark]
    units: list[UnitDay]
    now_left: float | None
    hours: float
    is_day: bool


@dataclass(frozen=True, slots=True)
class About:
    """All that a decision needs besides the request itself."""

    compared: list[Compared]  # the request first, then its rivals
    reason: Any  # the field for what those who are declined read
    more_rivals: int  # that are not shown
    meters: list[AllowanceLine]
    meters_when: str  # for which of several dates
    cards: list[CardView]
    person: Person
    day: Day
    reasons_url: str  # where the site's list of reasons is kept

    @property
    def declined_with_it(self) -> list[Compared]:
        """The rivals for whom approving would leave no place, and whom whoever decides may decline with it."""
        return [one for one in self.compared if one.may_decline]
