"""How an allowance is drawn: a bar of what others use, what the reader uses, and what the wanted booking would add."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask_babel import gettext

from ..core.amount import Amount, Measure
from ..core.facts import Said
from ..core.limits.applied import Applied, Meter
from ..core.limits.standing import Standing
from . import sentences, times


@dataclass(frozen=True, slots=True)
class Bar:
    """Widths in percent of the bar; `edge` is where the allowance ends, at 100 unless it is exceeded."""

    others: float
    yours: float
    wanted: float
    edge: float
    is_over: bool
    left: str  # what is left of it, in words


def bar(meter: Meter) -> Bar:
    """The bar of a meter; one that is exceeded ends where the use ends."""
    whole = max(meter.most, meter.would_be, 1)
    yours = min(meter.by_you, meter.used)

    def part(count: int) -> float:
        return round(count / whole * 100, 2)

    left = max(meter.most - meter.would_be, 0)
    return Bar(
        part(meter.used - yours),
        part(yours),
        part(max(meter.would_be - meter.used, 0)),
        part(meter.most),
        meter.would_be > meter.most,
        gettext("%(left)s left", left=times.minutes_label(left) if meter.is_minutes else left),
    )


@dataclass(frozen=True, slots=True)
class AllowanceLine:
    """One allowance as it stands now."""

    sentence: str
    rule: str  # what the limit says
    whose: str  # the rule set's name
    where: str = ""  # the resource or project that counts by itself
    bar: Bar | None = None


def allowance_line(one: Standing, language: str, *, where: str = "", for_all: bool = False) -> AllowanceLine:
    """How an allowance stands, for the person, or for all people of the partner without saying what is whose."""
    said: Said = one.for_all if for_all else one.said
    meter = replace(one.meter, by_you=0) if for_all else one.meter
    return AllowanceLine(
        sentences.said(said.sentence, said.values, language),
        rule_of(one.applied, language),
        one.applied.set_name.text(language),
        where,
        bar(meter),
    )


def rule_of(applied: Applied, language: str) -> str:
    """The limit itself, in one sentence."""
    return sentences.plain(applied.limit.words(), language)


def quantity(count: int, *, is_minutes: bool) -> str:
    """A sum of use: 3 h, or a number."""
    return times.amount_label(Amount(count, Measure.MINUTE)) if is_minutes else str(count)
