"""How an allowance is drawn: a bar of what others use, what the reader uses, and what the wanted booking would add."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from ..core.limits.applied import Meter
from . import times


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
