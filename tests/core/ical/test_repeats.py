"""Days on which events of calendar files repeat, beside another reading of the same rules."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from itertools import takewhile

import pytest
from dateutil.rrule import rrulestr

from labbook.core.ical.repeats import Rule, UnknownRuleError

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST = date(2030, 12, 31)


def _some_rule(luck: random.Random) -> dict[str, list[object]]:
    every = luck.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts: dict[str, list[object]] = {"FREQ": [every], "INTERVAL": [luck.choice([1, 1, 2, 3])]}
    if luck.random() < 0.5:
        far = every in ("MONTHLY", "YEARLY") and luck.random() < 0.6
        numbers = ["1", "2", "-1", "4"] if far else [""]
        parts["BYDAY"] = [luck.choice(numbers) + one for one in luck.sample(CODES, luck.choice([1, 2, 5]))]
    if luck.random() < 0.3 and every != "WEEKLY":
        parts["BYMONTHDAY"] = [*range(1, 8), *luck.sample([15, 28, 31, -1, -3], 3)]
    if luck.random() < 0.3:
        parts["BYMONTH"] = list(luck.sample(range(1, 13), 8))
    if luck.random() < 0.3:
        parts["COUNT"] = [luck.choice([1, 5, 30])]
    if luck.random() < 0.3 and every == "WEEKLY":
        parts["WKST"] = [luck.choice(CODES)]
    if luck.random() < 0.3 and "BYDAY" in parts and every != "DAILY":  # the second of one day: dateutil seeks to 9999
        parts["BYSETPOS"] = [luck.choice([1, -1, 2])]
    return parts


@pytest.mark.parametrize("seed", range(4))
def test_the_days_are_those_of_another_reader(seed: int) -> None:
    luck = random.Random(seed)
    for _ in range(15):
        parts, first = _some_rule(luck), date(2024, 1, 1) + timedelta(days=luck.randrange(800))
        since = luck.choice([first, date(2026, 11, 23)])
        text = ";".join(f"{name}={','.join(map(str, values))}" for name, values in parts.items())
        other = takewhile(
            lambda at: at.date() <= LAST,
            rrulestr(f"RRULE:{text}", dtstart=datetime.combine(first, datetime.min.time())),
        )
        expected = [at.date() for at in other if at.date() >= since]
        assert list(Rule.read(parts, first).days(since, LAST, lambda _: None)) == expected, (text, first, since)


@pytest.mark.parametrize(
    "parts",
    [
        {"FREQ": ["DAILY"], "BYHOUR": [1, 2]},
        {"FREQ": ["DAILY"], "BYHOUR": [1]},
        {"FREQ": ["YEARLY"], "BYWEEKNO": [1]},
        {"FREQ": ["WEEKLY"], "BYDAY": ["1MO"]},
        {"FREQ": ["OFTEN"]},
        {"FREQ": ["MONTHLY"], "BYDAY": ["MO"], "BYSETPOS": list(range(1, 100))},
    ],
)
def test_other_rules_are_not_followed(parts: dict[str, list[object]]) -> None:
    with pytest.raises(UnknownRuleError):
        Rule.read(parts, date(2026, 11, 23))


@pytest.mark.parametrize(
    "parts",
    [
        {"FREQ": ["MONTHLY"], "BYDAY": ["99MO"]},
        {"FREQ": ["DAILY"], "INTERVAL": [0]},
        {"FREQ": ["DAILY"], "BYMONTH": [13]},
        {"FREQ": ["DAILY"], "COUNT": [0]},
    ],
)
def test_wrong_rules_are_refused(parts: dict[str, list[object]]) -> None:
    with pytest.raises(ValueError):
        Rule.read(parts, date(2026, 11, 23))


def test_no_day_is_looked_at_before_it_matters() -> None:
    looked: list[int] = []
    rule = Rule.read({"FREQ": ["DAILY"]}, date(2000, 1, 1))
    assert len(list(rule.days(date(2026, 11, 23), date(2026, 11, 25), looked.append))) == sum(looked) == 3
