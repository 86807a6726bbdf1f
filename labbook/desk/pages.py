"""What the inbox shows: values whose labels are already in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .sifting import Choice, Sought


@dataclass(frozen=True, slots=True)
class Row:
    """One request that waits, or the change of one booking."""

    key: str  # of the request
    anchor: str  # where it stands in the page
    pick: str  # what names it and its version in a form
    url: str
    title: str
    partner: str
    person: str
    site: str
    resource: str
    when: str
    zone_label: str
    more: int  # other dates of the same request
    state: str
    state_label: str
    findings: Sequence[str]
    exception: str
    rivals: int
    change: str  # what it is to be changed from
    asked: str
    starts: str
    deadline: str  # how long until then; empty: there is none, or the clock stands
    deadline_at: str
    is_late: bool
    assigned: str
    waits_for: str  # whom, where it does not wait for the reader
    may_decide: bool
    alone: str  # why it is not decided together with others; empty: it may be
    is_signed: bool
    is_first: bool  # of two steps: whether safety has no objection
    version: int
    approve_url: str
    decline_url: str
    propose_url: str
    onward: str  # where a decision leads: the next row of this list


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """One request on which somebody has decided."""

    key: str
    anchor: str
    url: str
    title: str
    partner: str
    person: str
    resource: str
    when: str
    zone_label: str
    state: str
    state_label: str
    decision: str
    by: str
    ago: str


@dataclass(frozen=True, slots=True)
class TabLink:
    """One of the parts of the inbox."""

    name: str
    label: str
    url: str
    count: int | None
    is_here: bool


@dataclass(frozen=True, slots=True)
class Undo:
    """What the reader has just decided, and can still undo."""

    key: str
    said: str  # what was decided, and that nobody knows of it
    url: str
    version: int


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of the inbox, and what can be looked for."""

    sought: Sought
    place: str  # the address of this list
    tabs: Sequence[TabLink]
    rows: Sequence[Row]
    decided: Sequence[DecidedRow]
    total: int
    page: int
    pages: int
    before_url: str
    after_url: str
    clear_url: str
    sites: Sequence[Choice]
    partners: Sequence[Choice]
    resources: Sequence[Choice]
    shows: Sequence[tuple[str, str]]
    sorts: Sequence[tuple[str, str]]
    undo: Undo | None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one of several on which somebody decided together."""

    title: str
    url: str
    said: str
