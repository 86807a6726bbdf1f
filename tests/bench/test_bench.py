"""`labbook bench` measures what it says, on both databases."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result

from labbook.bench import command

TINY = ["--resources", "8", "--bookings", "400", "--entries", "12", "--large", "50", "--rounds", "2"]
ROWS = (
    "empty view",
    "bare commit of one row",
    "feed, first time",
    "day, 2 resources, scientist",
    "day, # bookings in full, staff",
    "week, 2 resources, scientist",
    "week, # bookings in full, staff",
    "inbox, # waiting, staff",
    "residencies, 3 months, scientist",
    "residencies, 12 months, staff",
    "first times of 8 resources",
    "request accepted",
    "request refused",
    "feed of 12 entries, warm",
    "the same unchanged (304)",
)
SERIES = "series of 200 dates"
COUNTED = ROWS[3:]
FEEDS = (
    "feed of an area, unchanged (304)",
    "feed of 50 entries",
    "the same bytes, from a file",
    "  feed ÷ file",
    "the same, built by icalendar",
    "  built ÷ feed",
    "  after a change, in addition",
    "feed of series",
    "feed of busy times",
)
SHARE = ("largest feed, unchanged (304)", "  of the empty view")


@pytest.fixture(scope="module")
def run(postgresql_server: str) -> Result:
    """A run as small as a run can be."""
    return CliRunner().invoke(command, [*TINY, "--postgres", postgresql_server])


def cells(run: Result) -> dict[tuple[str, str], list[str]]:
    """The numbers of each row by its name, counts of bookings blanked, and its database."""
    found = {}
    for line in run.output.splitlines():
        name, _, rest = line.partition("  ")
        words = [
            "#" if before == "inbox," or (before in ("day,", "week,") and "full" in name) else word
            for before, word in _pairs(name)
        ]
        if rest.split()[:1] in (["sqlite"], ["postgresql"]):
            found[" ".join(words), rest.split()[0]] = rest.split()[1:]
    return found


def _pairs(name: str) -> list[tuple[str, str]]:
    words = name.split()
    return list(zip(["", *words], words, strict=False))


def feeds(run: Result, database: str) -> dict[str, tuple[float, str]]:
    """What is measured of feeds, with its unit."""
    rows = re.findall(rf"^(.+?) +{database} +(-?[\d.]+)  (ms|times|%|per s)(?= |$)", run.output, re.MULTILINE)
    return {name: (float(value), unit) for name, value, unit in rows}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_one_table_has_every_row_for_each_database(run: Result, database: str) -> None:
    assert run.exit_code == 0, run.output
    assert {name for name, where in cells(run) if where == database} >= {*ROWS, SERIES}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_another_table_is_about_feeds(run: Result, database: str) -> None:
    found = feeds(run, database)
    assert {*FEEDS, *SHARE, "an empty view"} <= set(found)
    assert 0 < found[SHARE[1]][0] < 120, "an unchanged feed as a share of an empty view"
    assert found["  feed ÷ file"][0] == pytest.approx(found[FEEDS[1]][0] / found[FEEDS[2]][0], rel=0.05, abs=0.15)
    assert found["  built ÷ feed"][0] == pytest.approx(found[FEEDS[4]][0] / found[FEEDS[1]][0], rel=0.05, abs=0.15)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_row_tells_times_and_statements(run: Result, database: str) -> None:
    for name in ROWS:
        median, p95, *rest = cells(run)[name, database]
        assert 0 < float(median) <= float(p95), name
        if name in COUNTED:
            assert 0 < int(rest[-1]) < 40, name
