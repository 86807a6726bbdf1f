"""What the rules look at, and what they say: values, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from .amount import Amount
from .buffers import held_beside
from .hours import Cover, Opening
from .interval import Interval
from .language import Words
from .linked import Linked, Place, held_with
from .terms import Sentence, Terms

if TYPE_CHECKING:
    from .limits.applied import Applied
    from .record import Record

Value = int | str | date | datetime | Amount | Words | Sentence
Values = Mapping[str, Value]


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
    values: Values = field(default_factory=dict)


class Waives(StrEnum):
    """Who may say "nevertheless" to a refusal. Stored; never rename."""

    NOBODY = "nobody"
    STAFF = "staff"  # whoever decides on the request
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, with a stable code; from a rule set also whose rule it is and which."""

    code: str
    effect: Effect
    said: Said
    source: Words = field(default_factory=Words)  # the rule set's name; empty: the resource's own terms, or the lab's
    limit_key: str = ""
    waives: Waives = Waives.NOBODY


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

    @property
    def is_waivable(self) -> bool:
        """Refused, and staff may say "nevertheless" to each refusal: it can be sent as a request."""
        return self.is_refused and all(one.waives is not Waives.NOBODY for one in self.refusals)

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """What stands in the way."""
        return tuple(one for one in self.findings if one.effect is Effect.REFUSE)

    def has(self, code: str) -> bool:
        """True when a finding has this code."""
        return any(one.code == code for one in self.findings)


@dataclass(frozen=True, slots=True)
class Shut:
    """The site, an area, a resource or one unit of it is closed, and why."""

    time: Interval
    reason: Words
    unit_id: int | None = None  # none: whatever the unit
    is_holiday: bool = False  # a public one

    def is_about(self, unit_id: int) -> bool:
        """Whether this unit is closed."""
        return self.unit_id in (None, unit_id)

    def binds(self, *, by_day: bool, cover: Cover) -> bool:
        """A public holiday does not interrupt what is kept by the day at any hour, as a bench, a suite or a shelf."""
        return not (self.is_holiday and by_day and cover is Cover.NONE)


@dataclass(frozen=True, slots=True)
class TrainingFact:
    """A training that the resource demands, and until when this person's proof of it holds (None: no proof)."""

    name: Words
    is_held: bool
    expires_on: date | None = None
    unused_since: date | None = None  # it ends because what demands it was not used since; None: it ends by date
    is_trainee: bool = False  # not yet on their own


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
    shut: tuple[Shut, ...]  # closures of the site, the area, the resource and the unit around the wanted time
    taken: tuple[Interval, ...]  # what is held on the wanted unit around the wanted time; of `own` the times alone
    agreements: tuple[AgreementFact, ...]  # of the partner with this site
    books_for_partner: bool  # holds a role with the partner today
    trainings: tuple[TrainingFact, ...]  # that the resource demands
    is_visible: bool  # the resource is not hidden from this partner
    has_accepted: bool = True  # the newest published conditions of the site, or there are none
    biosafety: int | None = None  # the level of samples that the resource is fit for; None: it does not matter
    sample: int = 0  # the level of this booking's sample; 0: none
    has_booked: bool = True  # the person has had a booking of the resource before
    record: Record | None = None  # the use so far, where limits apply
    limits: tuple[Applied, ...] = ()  # of the rule sets that apply
    own: tuple[Interval, ...] = ()  # the person's bookings on the unit, in order, where buffers are shared with them

    linked: tuple[Linked, ...] = ()  # what else is held with it

    @property
    def places(self) -> list[Place]:
        """What of linked resources would be held with it, as far as it is to be had."""
        return held_with(self.linked, self.wanted, self.terms, self.zone)

    @property
    def held(self) -> Interval:
        """The wanted time with its buffers, as far as the person's own bookings do not take their place."""
        return held_beside(self.wanted, self.own, self.terms, self.zone)

    @property
    def first_on(self) -> date:
        """The local date on which it starts."""
        return self.wanted.start.astimezone(self.zone).date()

    @property
    def last_on(self) -> date:
        """The last local date that it touches."""
        return (self.wanted.end - timedelta(microseconds=1)).astimezone(self.zone).date()
