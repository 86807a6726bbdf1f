"""What the pages about closures show: values whose labels are already in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from ..core.closing import KIND_WORDS, ClosureKind
from ..core.disclosure import BookingRow
from ..core.flags import Choice
from ..core.interval import Interval
from ..core.language import N_, person_name
from ..core.lifecycle import State
from ..core.place import Place
from ..web import sentences, times

_ICONS = {"fault": "warning", "maintenance": "flask", "closure": "lock", "holiday": "calendar"}
OUTCOMES = {
    "open": N_("To be decided"),
    Choice.KEPT: N_("Kept"),
    Choice.MOVED: N_("Moved"),
    Choice.CANCELLED: N_("Cancelled"),
    Choice.MENDED: N_("Not under a closure any more"),
}


@dataclass(frozen=True, slots=True)
class DateLine:
    """One time that is closed."""

    key: str
    when: str
    zone_label: str
    is_over: bool
    is_on: bool  # right now
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClosingLine:
    """What was closed in one go, in the list."""

    url: str
    place: str
    kind: str
    kind_label: str
    icon: str
    reason: str
    when: str
    zone_label: str
    more: int  # dates besides the first that is not over
    is_on: bool
    waiting: int  # bookings to be decided on


@dataclass(frozen=True, slots=True)
class AffectedLine:
    """A booking under a closure, what has become of it, and what could."""

    key: str
    url: str
    title: str
    partner: str
    person: str
    resource: str
    when: str
    zone_label: str
    state: str
    state_label: str
    outcome: str  # a code of OUTCOMES
    outcome_label: str
    to_decide: bool
    is_own: bool
    is_running: bool
    by_day: bool
    move_url: str
    options: list[tuple[str, str]] = field(default_factory=list)
    chosen: str = ""  # the fate, as it was ticked
    problem: str = ""

    @property
    def fates(self) -> list[tuple[str, str]]:
        """What can be chosen."""
        found = [("", gettext("As for all")), ("keep", gettext("Keep it"))]
        if not self.is_running:
            found.append(("move", gettext("Move it")))
        return [*found, ("cancel", gettext("End it now") if self.is_running else gettext("Cancel it"))]


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """A closing with its dates and its bookings."""

    key: str
    place: str
    site_name: str
    site_slug: str
    kind: str
    kind_label: str
    icon: str
    reason: Any
    dates: list[DateLine]
    lines: list[AffectedLine]
    counts: list[tuple[str, int]]
    version: int
    is_fault: bool
    may_change: bool
    is_imported: bool  # at least one date is from a calendar file

    @property
    def is_over(self) -> bool:
        """None of its dates is still to come."""
        return all(one.is_over for one in self.dates)

    @property
    def to_decide(self) -> list[AffectedLine]:
        """What waits for a decision, first of all."""
        return [one for one in self.lines if one.to_decide]

    @property
    def decided(self) -> list[AffectedLine]:
        """The rest."""
        return [one for one in self.lines if not one.to_decide]


def place_name(closing: Any, language: str) -> str:
    """What is closed; of a site its name."""
    return f"{closing.place.text(language)} {closing.unit}".strip()


def place_labels(places: Sequence[Any], language: str) -> list[tuple[str, str]]:
    """Choices of a form, drawn in as far as they lie within each other."""
    return [(one.value, "\u2003" * one.depth + f"{one.name.text(language)} {one.unit}".strip()) for one in places]


def kind_label(kind: str) -> str:
    """What type of closure it is."""
    return gettext(KIND_WORDS[ClosureKind(kind)])


def icon_of(kind: str) -> str:
    """The picture for a type of closure."""
    return _ICONS[kind]


def date_line(row: Any, zone: ZoneInfo, now: datetime, language: str) -> DateLine:
    """One date of a closing."""
    return DateLine(
        row.key,
        closed_when(row.time, zone, language),
        times.zone_label(zone, row.starts_at),
        row.ends_at <= now,
        row.starts_at <= now < row.ends_at,
        row.version,
        row.reason.text(language),
    )


def closed_when(time: Interval, zone: ZoneInfo, language: str) -> str:
    """When; whole days by their dates."""
    edges = (time.start.astimezone(zone), time.end.astimezone(zone))
    return times.when(time, zone, language, by_day=all(times.clock(one) == "00:00" for one in edges))


def closing_line(closing: Any, url: str, waiting: int, now: datetime, language: str) -> ClosingLine:
    """What was closed in one go, by its next date."""
    ahead = closing.ahead(now)
    row, zone = (ahead or list(closing.dates[-1:]))[0], closing.site.zoneinfo
    return ClosingLine(
        url,
        place_name(closing, language),
        str(row.kind),
        kind_label(row.kind),
        icon_of(row.kind),
        row.reason.text(language),
        closed_when(row.time, zone, language),
        times.zone_label(zone, row.starts_at),
        max(len(ahead) - 1, 0),
        row.starts_at <= now < row.ends_at,
        waiting,
    )


def affected_line(  # noqa: PLR0913 - a line of a page has as many parts as that
    row: BookingRow,
    place: Place,
    language: str,
    *,
    urls: tuple[str, str],
    outcome: str,
    to_decide: bool,
    is_own: bool,
    options: Sequence[tuple[str, str]] = (),
    chosen: str = "",
    problem: str = "",
) -> AffectedLine:
    """A booking in the list; `urls` lead to its request and to where it is moved."""
    return AffectedLine(
        row.key,
        urls[0],
        row.title,
        row.partner_name.text(language),
        person_name(row.family_name, row.given_name, language),
        f"{place.resource.text(language)} {place.unit}".strip(),
        times.when(row.time, place.zoneinfo, language, by_day=row.by_day),
        times.zone_label(place.zoneinfo, row.time.start),
        str(row.state),
        sentences.state_label(row.state),
        outcome,
        gettext(OUTCOMES[outcome]),
        to_decide,
        is_own,
        row.state is State.RUNNING,
        row.by_day,
        urls[1],
        list(options),
        chosen,
        problem,
    )


def spot_label(spot: Any, booking: Any, place: Place, language: str) -> str:
    """What a proposal says: the place where it differs, the time where that does."""
    is_same = spot.resource.id == booking.resource_id and spot.unit.id == booking.unit_id
    where = f"{spot.resource.name.text(language)} {place.unit}".strip()
    at = times.when(spot.time, place.zoneinfo, language, by_day=booking.by_day)
    if spot.time == booking.time:
        return gettext("%(place)s, at the same time", place=where)
    return at if is_same else f"{where} · {at}"


def counted(lines: Sequence[AffectedLine]) -> list[tuple[str, int]]:
    """How many bookings each thing has become of, those to decide first."""
    counts: Mapping[str, int] = {
        code: sum(1 for one in lines if one.outcome == code and (code != "open" or one.to_decide)) for code in OUTCOMES
    }
    return [(gettext(OUTCOMES[code]), count) for code, count in counts.items() if count]
