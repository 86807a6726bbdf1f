"""What the pages about bookings show: values whose labels are already in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask_babel import gettext

from ..core.disclosure import BookingRow
from ..core.facts import Effect, Facts, Finding, Verdict
from ..core.interval import Interval
from ..core.language import N_, person_name
from ..core.place import Place
from ..web import sentences, times
from .board import Bar
from .timeline import HistoryLine
from .window import Mark, Window


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding, said."""

    code: str
    effect: str
    sentence: str
    help: str
    link: str = ""  # to where something can be done about it
    link_label: str = ""


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time that would do."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The day around the wanted time, drawn small."""

    bars: list[Bar]
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class VerdictPanel:
    """What the rules say to the wanted time."""

    outcome: str
    headline: str
    findings: list[FindingLine]
    free: list[FreeTime] = field(default_factory=list)
    when: str = ""
    day: Strip | None = None
    want_left: float = 0
    want_width: float = 0


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
    move_url: str
    version: int
    request_url: str
    title: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request with all that its reader may know and do."""

    key: str
    title: str
    purpose: str
    state: str
    state_label: str
    partner: str
    person: str
    project: str
    site_name: str
    bookings: list[BookingLine]
    history: list[HistoryLine]
    findings: list[FindingLine]
    is_for_staff: bool
    may_decide: bool
    may_withdraw: bool
    version: int
    approve_form: Any  # with a signature, where decisions are signed
    may_sign: bool  # has a password to sign with
    decide_form: Any
    own_decision_note: str


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One request in the inbox."""

    request_key: str
    url: str
    title: str
    partner: str
    person: str
    resource: str
    when: str
    zone_label: str
    age: str
    starts_in: str
    state: str
    state_label: str
    findings: list[str]
    rivals: int
    version: int
    is_signed: bool


_HEADLINES = {
    "refused": N_("Not possible like this"),
    "review": N_("Possible: staff will decide"),
    "wished": N_("Possible as a wish: staff choose the time"),
    "approved": N_("Free: it is yours when you send it"),
}


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


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, what it rests on, and the times that would do instead."""

    verdict: Verdict
    facts: Facts
    free: Sequence[Interval]


def verdict_panel(
    judged: Judged, book_url: str, unit_key: str, language: str, *, conditions_url: str = ""
) -> VerdictPanel:
    """The panel beside the form; from the conditions of use one comes back to the form with this time."""
    verdict, facts = judged.verdict, judged.facts
    outcome = "refused" if verdict.is_refused else "review" if verdict.needs_review else "approved"
    wished = outcome == "review" and not facts.terms.holds_on_request
    headline = _HEADLINES["wished"] if wished else _HEADLINES[outcome]
    back = quote(_link(facts.wanted, facts, book_url, unit_key), safe="")
    read = {"link": f"{conditions_url}?next={back}", "link_label": gettext("Read and accept them")}
    lines = finding_lines(verdict.findings, language)
    return VerdictPanel(
        outcome,
        gettext(headline),
        [replace(one, **read) if one.code == "conditions" and conditions_url else one for one in lines],
        [FreeTime(_span(one, facts, language), _link(one, facts, book_url, unit_key)) for one in judged.free],
        f"{_span(facts.wanted, facts, language)} ({times.length_label(facts.wanted)})"
        if not facts.terms.by_day
        else _span(facts.wanted, facts, language),
    )


def with_day(panel: VerdictPanel, window: Window, drawn: list[Bar], wanted: Interval) -> VerdictPanel:
    """The panel with the day drawn around the wanted time."""
    left = window.left(wanted.start)
    width = round(window.left(wanted.end) - left, 3)
    return replace(panel, day=Strip(drawn, window.hours()), want_left=left, want_width=width)


def time_panel(errors: Sequence[str]) -> VerdictPanel | None:
    """The panel while the times themselves are wrong; that is said before anything else."""
    if not errors:
        return None
    headline = _HEADLINES["refused"]
    return VerdictPanel("refused", gettext(headline), [FindingLine("time", "refuse", one, "") for one in errors[:1]])


def _span(time: Interval, facts: Facts, language: str) -> str:
    label = times.when(time, facts.zone, language, by_day=facts.terms.by_day)
    start, end = (times.zone_label(facts.zone, at).partition(",")[0] for at in (time.start, time.end))
    return f"{label} {start}" if start == end or facts.terms.by_day else label


def _link(time: Interval, facts: Facts, book_url: str, unit_key: str) -> str:
    start, end = time.start.astimezone(facts.zone), time.end.astimezone(facts.zone)
    folds = ("&from_fold=1" if start.fold else "") + ("&to_fold=1" if end.fold else "")
    unit = f"&unit={unit_key}" if unit_key else ""
    return f"{book_url}?from={start:%Y-%m-%dT%H:%M}&to={end:%Y-%m-%dT%H:%M}{folds}{unit}&exact=1"


def booking_line(row: BookingRow, place: Place, language: str, *, may_cancel: bool, may_move: bool) -> BookingLine:
    """A booking of which the reader sees all."""
    return BookingLine(
        row.key,
        place.resource.text(language),
        f"/resources/{place.slug}",
        place.unit,
        times.when(row.time, place.zoneinfo, language, by_day=row.by_day),
        times.zone_label(place.zoneinfo, row.time.start),
        str(row.state),
        sentences.state_label(row.state),
        may_cancel,
        may_move,
        f"/bookings/{row.key}/move",
        row.version,
        f"/requests/{row.request_key}",
        row.title,
    )


def inbox_line(
    row: BookingRow,
    place: Place,
    *,
    findings: list[str],
    rivals: int,
    version: int,
    is_signed: bool,
    now: datetime,
    language: str,
) -> InboxLine:
    """A request in the inbox, by its first booking."""
    resource = place.resource.text(language)
    return InboxLine(
        row.request_key,
        f"/requests/{row.request_key}",
        row.title,
        row.partner_name.text(language),
        person_name(row.family_name, row.given_name, language),
        f"{resource} {place.unit}".strip(),
        times.when(row.time, place.zoneinfo, language, by_day=row.by_day),
        times.zone_label(place.zoneinfo, row.time.start),
        times.ago(row.created_at, now, language),
        times.ahead(row.time.start, now, language),
        str(row.state),
        sentences.state_label(row.state),
        findings,
        rivals,
        version,
        is_signed,
    )
