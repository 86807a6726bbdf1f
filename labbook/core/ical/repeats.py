"""The days on which an event of somebody else's calendar file repeats (RFC 5545), by the parts that such files use.

Each day that is looked at is counted, and none before the time that matters is: whatever a rule says, it ends.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_DAY = timedelta(days=1)
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"}
_EVERY = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 1, "YEARLY": 12}  # days, or months
_MOST_LISTED = 31


class UnknownRuleError(ValueError):
    """It has parts that are not followed here."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How an event repeats. Where nothing else is said, its day is that of the first date."""

    first: date
    every: str
    interval: int = 1
    count: int | None = None
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()  # the how-manieth of the month or year, or 0; and which
    positions: tuple[int, ...] = ()
    week_start: int = 0

    @classmethod
    def read(cls, parts: Mapping[str, Sequence[Any]], first: date) -> Rule:
        """A rule by its parts, of which UNTIL is no matter of days. Raises ValueError."""
        if not set(parts) <= _KNOWN or any(len(values) > _MOST_LISTED for values in parts.values()):
            raise UnknownRuleError
        every = str(parts["FREQ"][0]).upper()
        weekdays = frozenset(map(_weekday, parts.get("BYDAY", ())))
        months, days = _numbers(parts, "BYMONTH", 1, 12), _numbers(parts, "BYMONTHDAY", -31, 31)
        if every not in _EVERY or (every in ("DAILY", "WEEKLY") and any(number for number, _ in weekdays)):
            raise UnknownRuleError
        if every == "WEEKLY":
            weekdays = weekdays or frozenset({(0, first.weekday())})
        elif every != "DAILY" and not weekdays and not days:
            days = frozenset({first.day})
            months = months or (frozenset({first.month}) if every == "YEARLY" else months)
        return cls(
            first,
            every,
            _one(parts, "INTERVAL") or 1,
            _one(parts, "COUNT"),
            months,
            days,
            weekdays,
            tuple(_numbers(parts, "BYSETPOS", -366, 366)),
            _CODES.index(str(parts.get("WKST", ["MO"])[0]).upper()),
        )

    def days(self, since: date, last: date, look: Callable[[int], None]) -> Iterator[date]:
        """Its days up to the last one, with those before `since` left out; `look` hears how many are looked at.

        Where dates are counted, they are from the first one.
        """
        left = self.count
        for period in self._periods(self.first if self.count is not None else max(since, self.first), last, look):
            for day in self._of(period):
                if day > last or left == 0:
                    return
                if day >= self.first:
                    left = None if left is None else left - 1
                    if day >= since:
                        yield day

    def _periods(self, since: date, last: date, look: Callable[[int], None]) -> Iterator[list[date]]:
        """The days of each day, week, month or year of the rule, from the one in which `since` lies or before."""
        step = self.interval * _EVERY[self.every]
        if self.every in ("DAILY", "WEEKLY"):
            back = (self.first.weekday() - self.week_start) % 7 if self.every == "WEEKLY" else 0
            start = self.first - back * _DAY
            start += (since - start).days // step * step * _DAY
            while start <= last:
                look(_EVERY[self.every])
                yield [start + number * _DAY for number in range(_EVERY[self.every])]
                start += step * _DAY
            return
        base = self.first.year * 12 + (self.first.month - 1 if self.every == "MONTHLY" else 0)
        month = base + (since.year * 12 + since.month - 1 - base) // step * step
        while month <= last.year * 12 + last.month - 1:
            months = [one for one in range(month, month + _EVERY[self.every]) if self._has_month(one % 12 + 1)]
            look(31 * len(months) + 1)
            yield [day for one in months for day in _month(one)]
            month += step

    def _of(self, period: list[date]) -> list[date]:
        found = [day for day in period if self._fits(day)]
        if not self.positions:
            return found
        chosen = {found[at - (at > 0)] for at in self.positions if -len(found) <= at - (at > 0) < len(found)}
        return sorted(chosen)

    def _fits(self, day: date) -> bool:
        if not self._has_month(day.month):
            return False
        if self.month_days and not {day.day, day.day - 1 - _length(day)} & self.month_days:
            return False
        return not self.weekdays or not self.weekdays.isdisjoint(self._names(day))

    def _has_month(self, month: int) -> bool:
        return not self.months or month in self.months

    def _names(self, day: date) -> tuple[tuple[int, int], ...]:
        """Its weekday, and the how-manieth of it that it is in its month or in its year, from both ends."""
        in_year = self.every == "YEARLY" and not self.months
        before = day.timetuple().tm_yday - 1 if in_year else day.day - 1
        after = (365 + calendar.isleap(day.year) if in_year else _length(day)) - 1 - before
        which = day.weekday()
        return (0, which), (before // 7 + 1, which), (-(after // 7) - 1, which)


def _month(number: int) -> list[date]:
    first = date(number // 12, number % 12 + 1, 1)
    return [first + at * _DAY for at in range(_length(first))]


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _weekday(value: Any) -> tuple[int, int]:
    found = _WEEKDAY.fullmatch(str(value).upper())
    if found is None or abs(number := int(found[1] or 0)) > 53:
        raise ValueError(value)
    return number, _CODES.index(found[2])


def _numbers(parts: Mapping[str, Sequence[Any]], name: str, least: int, most: int) -> frozenset[int]:
    found = frozenset(map(int, parts.get(name, ())))
    if any(one == 0 or not least <= one <= most for one in found):
        raise ValueError(name)
    return found


def _one(parts: Mapping[str, Sequence[Any]], name: str) -> int | None:
    if name not in parts:
        return None
    found = int(parts[name][0])
    if found < 1:
        raise ValueError(name)
    return found
