"""What the pages about resources show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from ..bookings.board import Bar
from ..bookings.window import Mark
from ..core.amount import Amount
from ..core.language import N_, Words
from ..core.terms import Asks, Terms, in_words
from ..core.work import Mode
from ..trainings.pages import CardView
from ..web import sentences, times
from .linked_pages import LinkLine


@dataclass(frozen=True, slots=True)
class ResourceCard:
    """A resource in the list."""

    name: str
    model: str
    url: str
    kind: str
    kind_label: str
    icon: str
    slot_label: str
    approval_label: str
    slug: str
    is_kept: bool  # a favourite of the reader's


@dataclass(frozen=True, slots=True)
class DayLane:
    """One lane of a resource's next days: a day, or a unit."""

    label: str
    url: str
    marks: list[Mark]
    bars: list[Bar]
    now_left: float | None
    start_iso: str
    seconds: int


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group of resources in the list, with the names of those that the reader may see."""

    url: str
    name: Words
    members: list[str]


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """A resource with its facts, its rules and its next days."""

    name: str
    model: str
    kind_label: str
    icon: str
    tags: list[str]
    area: str
    site_name: str
    site_slug: str
    zone: str
    zone_label: str
    step: int
    is_by_calendar: bool
    description: Words
    facts: list[tuple[str, str]]
    rules: list[str]
    units: list[str]
    days: list[DayLane]
    book_url: str
    card: CardView | None  # of whoever books here; the others read what it demands
    demands: list[str]
    may_book: bool
    why_not: str
    closures: list[str]
    terms_url: str  # where its terms are changed; empty: not by this reader
    fault_url: str  # where a fault of it is reported, and where it is closed
    close_url: str
    import_url: str
    links: list[LinkLine]
    links_url: str  # the same for what is linked with it


KIND_LABELS = {
    "bench": N_("Bench"),
    "equipment": N_("Instrument"),
    "room": N_("Room"),
    "storage": N_("Storage"),
    "service": N_("Service"),
}
_ASKS_LABELS = {
    Asks.NEVER: N_("Book directly"),
    Asks.FIRST: N_("First booking: staff look"),
    Asks.ALWAYS: N_("Staff decide"),
    Asks.FORM: N_("Run by staff"),
}
EXTRA_LABELS = {  # published conditions that people read
    "off_peak_longest": N_("Longest off-peak"),
    "peak_longest": N_("Longest at peak"),
    "night_longest": N_("Longest at night"),
    "day_longest": N_("Longest by day"),
    "cancel_before": N_("Cancel at least this long before"),
    "check_in": N_("Check in within"),
    "capacity": N_("People at once"),
    "seats": N_("Seats"),
}


def rules_of(terms: Terms, biosafety: int, modes: Sequence[Mode], language: str) -> list[str]:
    """What a resource demands, in plain words."""
    return [sentences.plain(one, language) for one in in_words(terms, biosafety=biosafety, modes=modes)]


def approval_label(asks: Asks) -> str:
    """Who decides, in two or three words."""
    return gettext(_ASKS_LABELS[asks])


def facts_of(terms: Terms, extra: dict[str, str]) -> list[tuple[str, str]]:
    """The numbers of a resource, each with its label."""
    named = [
        (gettext("Grid"), times.amount_label(terms.slot)),
        (gettext("Shortest"), times.amount_label(terms.shortest)),
        (gettext("Longest"), times.amount_label(terms.longest)),
        (gettext("Ahead"), times.amount_label(terms.horizon)),
        (gettext("Approval"), approval_label(terms.asks)),
    ]
    if terms.before:
        named.append((gettext("Buffer before"), times.amount_label(terms.before)))
    if terms.after:
        named.append((gettext("Buffer after"), times.amount_label(terms.after)))
    if terms.notice:
        named.append((gettext("Notice"), times.amount_label(terms.notice)))
    named += [(gettext(EXTRA_LABELS.get(name, name)), _said(value)) for name, value in extra.items()]
    return named


def _said(value: str) -> str:
    """An amount in the reader's words where it is one."""
    try:
        return times.amount_label(Amount.parse(str(value)))
    except ValueError:
        return str(value)
