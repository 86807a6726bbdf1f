"""What the home page shows: values whose labels are already in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..trainings.pages import LineView
from ..web.meters import AllowanceLine


@dataclass(frozen=True, slots=True)
class NextLine:
    """One of the reader's own bookings."""

    key: str
    title: str
    url: str
    resource: str
    resource_url: str
    unit: str
    site: str
    hours: str  # by the site's clock, or the days
    zone_label: str
    state: str
    state_label: str
    soon: str  # how soon it begins or ends; empty where it is not of today
    arrival: str  # by when one has to check in
    may_check_in: bool
    version: int
    ends_url: str  # where it is made longer or shorter, while it runs


@dataclass(frozen=True, slots=True)
class NextDay:
    """The reader's bookings that begin on one day."""

    label: str
    lines: list[NextLine]


@dataclass(frozen=True, slots=True)
class WaitLine:
    """Something that waits for the reader."""

    icon: str
    sentence: str
    note: str
    url: str
    label: str  # what one does there
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """Something that happened to bookings of the reader's."""

    ago: str
    at: str
    what: str
    title: str
    url: str
    resource: str
    when: str
    zone_label: str
    more: int  # bookings of the same request to which the same happened
    is_new: bool


@dataclass(frozen=True, slots=True)
class FreeLine:
    """A favourite, and when it is free next."""

    slug: str
    name: str
    url: str
    icon: str
    site: str  # empty: the reader's own
    when: str  # empty: free now, or nothing was found and `note` says why
    zone_label: str
    is_now: bool
    asks: bool
    book_url: str
    note: str


@dataclass(frozen=True, slots=True)
class MeterGroup:
    """The allowances that the reader has for a partner at a site."""

    partner: str
    site: str
    lines: Sequence[AllowanceLine]


@dataclass(frozen=True, slots=True)
class RenewLine:
    """Something that lets the reader book and ends soon, or has ended."""

    site: str
    line: LineView
    resources: str


@dataclass(frozen=True, slots=True)
class FirstStep:
    """What a newcomer does first."""

    sentence: str
    help: str
    url: str
    label: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class SiteClock:
    """A site's date and time."""

    name: str
    slug: str
    date: str
    clock: str
    zone_label: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything on it."""

    clocks: list[SiteClock]
    books: bool  # works for a partner with an agreement in force
    days: list[NextDay]
    more: int  # own bookings ahead that are not shown
    waits: list[WaitLine]
    changes: list[ChangeLine]
    favourites: list[FreeLine]
    more_favourites: int
    meters: list[MeterGroup] = field(default_factory=list)
    renewals: list[RenewLine] = field(default_factory=list)
    steps: list[FirstStep] = field(default_factory=list)  # empty: no newcomer
