"""What the pages about bookings show: values whose labels are already in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.disclosure import BookingRow
from ..core.facts import Effect, Finding
from ..core.lifecycle import Action
from ..core.place import Place
from ..web import sentences, times
from ..web.prefix import at
from .afterwards import NOTHING, Afterwards
from .exceptions import JudgedLine
from .timeline import HistoryLine


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding, said."""

    code: str
    effect: str
    sentence: str
    help: str


@dataclass(frozen=True, slots=True)
class BookingLine:
    """One booking in a list."""

    key: str
    resource: str
    resource_url: str
    unit: str
    when: str
    zone_label: str
    state: str
    state_label: str
    may_cancel: bool
    may_move: bool
    may_end: bool  # at another time than booked
    may_hand_over: bool
    move_url: str
    version: int
    request_url: str
    title: str
    after: Afterwards = NOTHING


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request with all that its reader may know and do."""

    key: str
    title: str
    purpose: str
    work: list[str]  # the kind of work and the level of the sample, where they were asked for
    state: str
    state_label: str
    partner: str
    person: str
    project: str
    site_name: str
    bookings: list[BookingLine]
    history: list[HistoryLine]
    findings: list[JudgedLine]
    exception: str  # that it waits as one, and of how many rules
    is_for_staff: bool
    may_decide: bool
    may_withdraw: bool
    version: int
    approve_form: Any  # with a signature, where decisions are signed
    may_sign: bool  # has a password to sign with
    decide_form: Any
    own_decision_note: str


def finding_lines(found: Sequence[Finding], language: str) -> list[FindingLine]:
    """Findings, said in the reader's language; what refuses comes first."""
    order = list(Effect)
    return [
        FindingLine(
            one.code,
            str(one.effect),
            sentences.said(one.said.sentence, one.said.values, language),
            sentences.said(one.said.advice, one.said.values, language),
        )
        for one in sorted(found, key=lambda one: order.index(one.effect))
    ]


def booking_line(
    row: BookingRow, place: Place, language: str, may: Collection[Action], after: Afterwards = NOTHING
) -> BookingLine:
    """A booking of which the reader sees all, and the steps that the reader may take with it."""
    return BookingLine(
        row.key,
        place.resource.text(language),
        at(f"/resources/{place.slug}"),
        place.unit,
        times.when(row.time, place.zoneinfo, language, by_day=row.by_day),
        times.zone_label(place.zoneinfo, row.time.start),
        str(row.state),
        sentences.state_label(row.state),
        Action.CANCEL in may,
        Action.MOVE in may,
        Action.EXTEND in may,
        Action.HAND_OVER in may,
        at(f"/bookings/{row.key}/move"),
        row.version,
        at(f"/requests/{row.request_key}"),
        row.title,
        after,
    )
