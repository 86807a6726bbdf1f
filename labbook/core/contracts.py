"""Which days a partner's agreements with a site cover."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from .facts import AgreementFact


def first_uncovered_day(agreements: Iterable[AgreementFact], first_on: date, last_on: date) -> date | None:
    """The first of these days that no agreement covers, or None; one agreement may follow on another."""
    day = first_on
    for one in sorted(agreements, key=lambda one: one.starts_on):
        if one.starts_on <= day and (one.ends_on is None or day <= one.ends_on):
            if one.ends_on is None:
                return None
            day = one.ends_on + timedelta(days=1)
    return day if day <= last_on else None
