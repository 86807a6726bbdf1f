"""Golden files read by further parsers (criterion 10); what one of them gets wrong is known, and written down here."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.clients.readers import REPEATING, components_by_icalendar, components_by_ics
from tests.core.ical.parsers import seen
from tests.core.ical.scenes import SCENES

FURTHER = sorted(REPEATING.keys() - {"icalendar", "vobject", "ical.js"})
# A typed \n, escaped as RFC 5545 3.3.11 asks, is a line break to these: nothing that is written reads otherwise.
TAKE_A_TYPED_N_FOR_A_LINE_BREAK = {"node-ical", "ics.py"}
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("reader", FURTHER)
def test_every_golden_file_reads_alike(reader: str) -> None:
    for name, made in SCENES.items():
        scene = made()
        text, listed = scene.body.decode(), scene.listed
        if name == "awkward-text" and reader in TAKE_A_TYPED_N_FOR_A_LINE_BREAK:
            assert [one[:2] for one in REPEATING[reader](text)] == [one[:2] for one in listed]
            continue
        if (name, reader) == ("busy", "recurring-ical-events"):
            # It turns times in UTC into those of X-WR-TIMEZONE, and knows no second pass of an hour.
            passed = datetime.fromisoformat("2026-11-01T06:00:00+00:00")
            listed = sorted(
                one._replace(start=seen(passed - HOUR, passed, "", "").start)
                if one.start == passed.isoformat()
                else one
                for one in listed
            )
        assert REPEATING[reader](text) == listed, name


def test_one_that_repeats_nothing_reads_every_component_alike() -> None:
    for name, made in SCENES.items():
        text = made().body.decode()
        ours, theirs = components_by_icalendar(text), components_by_ics(text)
        if name == "awkward-text":
            ours, theirs = ([one._replace(summary="") for one in several] for several in (ours, theirs))
        assert theirs == ours, name
