"""What the rules look at, and what they say: values, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from .amount import Amount
from .hours import Opening
from .interval import Interval
from .language import Words
from .terms import Terms

Value = int | str | date | datetime | Amount | Words


class Effect(StrEnum):
    """What a finding means for the request."""

    REFUSE = "refuse"
    REVIEW = "review"  # possible, but staff decide
    NOTE = "note"  # worth knowing


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for the person who books, what to do about it, and what belongs in the gaps of both."""

    sentence: str
    advice: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, with a stable code."""

    code: str
    effect: Effect
    said: Said


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings at once."""

    findings: tuple[Finding, ...]

    @property
    def is_refused(self) -> bool:
        """Something stands in the way."""
        return any(one.effect is Effect.REFUSE for one in self.findings)

    @property
    def needs_review(self) -> bool:
        """Nothing stands in the way, and staff decide."""
        return not self.is_refused and any(one.effect is Effect.REVIEW for one in self.findings)

    def has(self, code: str) -> bool:
        """True when a finding has this code."""
        return any(one.code == code for one in self.findings)


@dataclass(frozen=True, slots=True)
class Shut:
    """The site, an area or a resource is closed, and why."""

    time: Interval
    reason: Words


@dataclass(frozen=True, slots=True)
class TrainingFact:
    """A training that the resource demands, and until when this person's proof of it holds (None: no proof)."""

    name: Words
    is_held: bool
    expires_on: date | None = None
    unused_since: date | None = None  # it ends because what demands it was not used since; None: it ends by date


@dataclass(frozen=True, slots=True)
class AgreementFact:
    """A partner's contract with a site: both days included, no last day means open-ended."""

    starts_on: date
    ends_on: date | None
    covers: bool = True  # the resource, or the area that it stands in
    partner: Words = field(default_factory=Words)  # whose it is


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a verdict rests on, read once."""

    now: datetime
    zone: ZoneInfo
    wanted: Interval
    terms: Terms
    openings: tuple[Opening, ...]
    shut: tuple[Shut, ...]  # closures of the site, the area and the resource around the wanted time
    taken: tuple[Interval, ...]  # what others hold on the wanted unit around the wanted time
    agreements: tuple[AgreementFact, ...]  # of the partner with this site
    books_for_partner: bool  # holds a role with the partner today
    trainings: tuple[TrainingFact, ...]  # that the resource demands
    is_visible: bool  # the resource is not hidden from this partner
    has_accepted: bool = True  # the newest published conditions of the site, or there are none

    @property
    def held(self) -> Interval:
        """The wanted time with its buffers: what has to be free."""
        return held(self.wanted, self.terms, self.zone)

    @property
    def first_on(self) -> date:
        """The local date on which it starts."""
        return self.wanted.start.astimezone(self.zone).date()

    @property
    def last_on(self) -> date:
        """The last local date that it touches."""
        return (self.wanted.end - timedelta(microseconds=1)).astimezone(self.zone).date()


def held(wanted: Interval, terms: Terms, zone: ZoneInfo) -> Interval:
    """The booking widened by the resource's buffers."""
    return Interval(terms.before.before(wanted.start, zone), terms.after.after(wanted.end, zone))
