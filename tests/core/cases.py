"""One ordinary booking that nothing stands in the way of, to be bent one way at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from labbook.core.amount import Amount
from labbook.core.facts import AgreementFact, Facts
from labbook.core.hours import Cover
from labbook.core.interval import Interval
from labbook.core.terms import Asks, Terms

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks change by half an hour
LONDON = ZoneInfo("Europe/London")
KOLKATA = ZoneInfo("Asia/Kolkata")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(local: str, zone: ZoneInfo = TOKYO, fold: int = 0) -> datetime:
    """The instant, in UTC, of a wall time such as "2026-11-24 09:00"."""
    return datetime.fromisoformat(local).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def span(start: str, end: str, zone: ZoneInfo = TOKYO) -> Interval:
    """From one wall time to another."""
    return Interval(at(start, zone), at(end, zone))


def amount(text: str) -> Amount:
    """An amount from its spelling."""
    return Amount.parse(text)


TERMS = Terms(
    slot=amount("30 min"),
    shortest=amount("30 min"),
    longest=amount("4 h"),
    before=amount("0 min"),
    after=amount("0 min"),
    notice=amount("0 min"),
    horizon=amount("30 d"),
    cover=Cover.NONE,
    asks=Asks.NEVER,
    holds_on_request=True,
    by_day=False,
)

BY_DAY = replace(TERMS, slot=amount("1 d"), shortest=amount("1 d"), longest=amount("60 d"), by_day=True)

FACTS = Facts(  # asked for on Monday, 23 November 2026, at 09:00 in Tsukuba, for Tuesday 10:00 to 12:00
    now=at("2026-11-23 09:00"),
    zone=TOKYO,
    wanted=span("2026-11-24 10:00", "2026-11-24 12:00"),
    terms=TERMS,
    openings=(),
    shut=(),
    taken=(),
    agreements=(AgreementFact(date(2026, 1, 1), None),),
    books_for_partner=True,
    trainings=(),
    is_visible=True,
)


def terms_with(**changes: Any) -> Terms:
    """The ordinary terms with some changed; amounts as words."""
    return replace(TERMS, **{name: _term(value) for name, value in changes.items()})


def facts(*, terms: dict[str, Any] | Terms | None = None, **changes: Any) -> Facts:
    """The ordinary booking with some facts changed; `terms` may name single terms to change, amounts as words."""
    if isinstance(terms, dict):
        changes["terms"] = terms_with(**terms)
    elif terms is not None:
        changes["terms"] = terms
    return replace(FACTS, **changes)


def _term(value: Any) -> Any:
    return amount(value) if type(value) is str else value
