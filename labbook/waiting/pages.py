"""What the page of the waiting list shows: one's own waits, and what is kept for one. Nothing of anybody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext

from ..core.amount import Amount, Measure
from ..core.interval import Interval
from ..core.language import N_
from ..core.offering import Outcome
from ..core.place import Place
from ..web import times

DAY = 24 * 60
_OUTCOMES = {
    Outcome.TAKEN: ("approved", N_("Became a booking")),
    Outcome.LEFT: ("withdrawn", N_("Given up")),
    Outcome.PASSED: ("expired", N_("The time has passed")),
    Outcome.RIGHTS: ("expired", N_("Ended with the right to book there")),
}


@dataclass(frozen=True, slots=True)
class OfferLine:
    """What is kept for the reader, and until when."""

    key: str
    title: str
    resource: str
    unit: str
    slug: str
    when: str
    zone: str
    until: str


@dataclass(frozen=True, slots=True)
class WaitLine:
    """What the reader waits for, or waited for."""

    key: str
    title: str
    name: str
    slug: str  # of the resource; empty for a group
    site: str
    when: str
    zone: str
    length: str  # empty where all of the time is wanted
    since: str
    takes_it: bool
    has_offer: bool = False
    outcome: str = ""  # a state's code
    outcome_label: str = ""
    request_key: str = ""


def offer_line(
    key: str, title: str, place: Place, time: Interval, until: datetime, words: str, *, by_day: bool
) -> OfferLine:
    """An open offer, in the reader's language."""
    zone = place.zoneinfo
    return OfferLine(
        key,
        title,
        place.resource.text(words),
        place.unit,
        place.slug,
        times.when(time, zone, words, by_day=by_day),
        times.zone_label(zone, time.start),
        times.moment(until, zone, words),
    )


def length_label(stretch: Interval, minutes: int, *, by_day: bool) -> str:
    """How long of a stretch would do; nothing where it is all of it."""
    is_all = abs(stretch.length - timedelta(minutes=minutes)) <= (timedelta(hours=1) if by_day else timedelta())
    if is_all:
        return ""
    amount = Amount(minutes // DAY, Measure.DAY) if by_day else Amount(minutes, Measure.MINUTE)
    return gettext("%(length)s of it", length=times.amount_label(amount))


def outcome_of(outcome: str) -> tuple[str, str]:
    """The look and the words of how waiting ended."""
    code, word = _OUTCOMES[Outcome(outcome)]
    return code, gettext(word)
