"""All that the rules say to one wanted booking, and what would do instead: one value for pages, programs and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from .facts import Effect, Facts, Finding, Said, Values, Verdict, Waives
from .free import longest_shorter, nearest_free
from .hours import Cover
from .interval import Interval
from .language import N_, Words
from .limits.applied import Applied, Look, Meter
from .rules import judge


class Outcome(StrEnum):
    """What became of one rule."""

    REFUSE = "refuse"
    REVIEW = "review"
    NOTE = "note"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule says, with its numbers, whose rule it is and who may waive it."""

    code: str
    outcome: Outcome
    said: Said
    source: Words = field(default_factory=Words)  # the rule set's name; empty: the resource's own terms, or the lab's
    limit_key: str = ""
    waives: Waives = Waives.NOBODY
    meter: Meter | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """What would do instead; each of them is accepted by the same judge."""

    unit: str = ""  # the key of another unit at the wanted time
    resources: tuple[str, ...] = ()  # slugs of others like it, at the wanted time
    shorter: Interval | None = None  # with the same start
    free: tuple[Interval, ...] = ()  # the nearest times

    def __bool__(self) -> bool:
        return bool(self.unit or self.resources or self.shorter or self.free)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every rule that applied, what stands in the way first, and what would do instead where something does."""

    facts: Facts
    verdict: Verdict
    lines: tuple[Line, ...]
    offers: Offers

    def of(self, outcome: Outcome) -> tuple[Line, ...]:
        """The lines that came out like this."""
        return tuple(one for one in self.lines if one.outcome is outcome)

    @property
    def meters(self) -> tuple[Line, ...]:
        """The lines with numbers to draw."""
        return tuple(one for one in self.lines if one.meter is not None)


class Elsewhere(NamedTuple):
    """The same wish in other places: facts by the keys of other units, and by the slugs of other resources."""

    units: Mapping[str, Facts] = {}
    resources: Mapping[str, Sequence[Facts]] = {}


def explain(
    facts: Facts, window: Interval, verdict: Verdict | None = None, elsewhere: Elsewhere | None = None
) -> Explanation:
    """Say all that there is to say; other times are looked for within `window`, in which `facts` know what is taken.

    `verdict` is what the rules have said already, where somebody has asked them.
    """
    verdict = verdict or judge(facts)
    limits = sorted(facts.limits, key=lambda one: one.key)
    looks = {one.key: (one, look) for one in limits if (look := one.look(facts)) is not None}
    found = sorted(verdict.findings, key=lambda one: _ORDER[one.effect])
    lines = (*(_found(one, looks) for one in found), *_passed(facts, verdict), *_kept(looks.values()))
    return Explanation(
        facts, verdict, lines, _offers(facts, window, elsewhere or Elsewhere()) if verdict.is_refused else Offers()
    )


_ORDER = {effect: number for number, effect in enumerate(Effect)}


def _found(finding: Finding, looks: Mapping[str, tuple[Applied, Look]]) -> Line:
    _, look = looks.get(finding.limit_key, (None, None))
    return Line(
        finding.code,
        Outcome(finding.effect),
        finding.said,
        finding.source,
        finding.limit_key,
        finding.waives,
        look.meter() if look is not None and look.meter is not None else None,
    )


def _kept(looks: Iterable[tuple[Applied, Look]]) -> Iterator[Line]:
    """The limits that are kept. That a confidential one applies at all is nothing to be read."""
    for one, look in looks:
        if look.is_kept and not one.limit.is_confidential:
            meter = look.meter() if look.meter is not None else None
            yield Line(one.limit.code, Outcome.KEPT, look.tell(), one.set_name, one.key, meter=meter)


class Passed(NamedTuple):
    """How it is said that a rule has nothing against it, and when that is worth saying."""

    sentence: str
    concerns: Callable[[Facts], bool] = lambda facts: True


# By the code of the rule; None: that it passes says nothing, or another line says it.
PASSED: dict[str, Passed | None] = {
    "hidden": None,
    "role": None,
    "agreement": Passed(N_("Your organisation has an agreement with the site.")),
    "not-covered": None,
    "conditions": None,
    "training": Passed(N_("You hold the training that it takes."), lambda facts: bool(facts.trainings)),
    "training-expired": None,
    "training-lapses": None,
    "biosafety": Passed(
        N_("It is fit for a sample of BSL-%(sample)s."), lambda facts: bool(facts.sample and facts.biosafety)
    ),
    "hours": Passed(
        N_("It is open at that time."), lambda facts: bool(facts.openings) and facts.terms.cover is not Cover.NONE
    ),
    "closed": Passed(N_("No closure or maintenance.")),
    "taken": Passed(N_("Nobody else holds this time or its buffers.")),
    "linked": Passed(N_("What it needs besides is free and open."), lambda facts: bool(facts.linked)),
    "grid": Passed(N_("It lies on the grid of %(slot)s.")),
    "too-short": Passed(N_("It is at least %(shortest)s long.")),
    "too-long": Passed(N_("It is at most %(longest)s long.")),
    "past": None,
    "notice": Passed(N_("It is asked for at least %(notice)s ahead."), lambda facts: bool(facts.terms.notice)),
    "horizon": Passed(N_("It is at most %(horizon)s ahead.")),
    "ask-staff": None,
    "first-booking": None,
    "clock-change": None,
}


def _passed(facts: Facts, verdict: Verdict) -> Iterator[Line]:
    """The standing rules that have nothing against it, as far as they concern this resource."""
    terms = facts.terms
    values: Values = {
        "slot": terms.slot,
        "shortest": terms.shortest,
        "longest": terms.longest,
        "notice": terms.notice,
        "horizon": terms.horizon,
        "sample": facts.sample,
    }
    said = {one.code for one in verdict.findings if not one.limit_key}
    for code, passed in PASSED.items():
        if passed is not None and code not in said and passed.concerns(facts):
            yield Line(code, Outcome.KEPT, Said(passed.sentence, "", values))


def _offers(facts: Facts, window: Interval, elsewhere: Elsewhere) -> Offers:
    return Offers(
        next((key for key, there in elsewhere.units.items() if _does(there)), ""),
        tuple(slug for slug, units in elsewhere.resources.items() if any(map(_does, units))),
        longest_shorter(facts, window),
        tuple(nearest_free(facts, window)),
    )


def _does(facts: Facts) -> bool:
    return not judge(facts).is_refused
