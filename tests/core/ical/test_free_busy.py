"""When something is taken, for programs that ask: the periods, and nothing that tells more than they do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import vobject
from icalendar import Calendar

from labbook.core.ical import free_busy_bytes
from labbook.core.interval import Interval
from tests.core.ical.reading import unfolded

START = datetime(2026, 11, 24, tzinfo=UTC)
WINDOW = Interval(START, START + timedelta(days=30))
UID = str(UUID(int=7))


def taken(start: float, end: float) -> Interval:
    return Interval(START + timedelta(hours=start), START + timedelta(hours=end))


def told(blocks: Iterable[Interval], url: str = "") -> bytes:
    return free_busy_bytes(blocks, WINDOW, uid=UID, stamp=START, language="en", url=url)


def test_it_is_the_shortest_that_the_standard_allows() -> None:
    assert unfolded(told([taken(9, 11)], "https://lab.example/resources/a b;c")) == [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//LabBook//Bookings//EN", "BEGIN:VFREEBUSY"),
        *(f"UID:{UID}", "DTSTAMP:20261124T000000Z", "DTSTART:20261124T000000Z", "DTEND:20261224T000000Z"),
        *("URL:https://lab.example/resources/ab;c", "FREEBUSY;FBTYPE=BUSY:20261124T090000Z/20261124T110000Z"),
        *("END:VFREEBUSY", "END:VCALENDAR"),
    ]


@pytest.mark.parametrize(
    ("blocks", "periods"),
    [
        ([], []),
        ([taken(12, 13), taken(9, 11)], [taken(9, 11), taken(12, 13)]),
        ([taken(9, 11), taken(11, 12)], [taken(9, 12)]),
        ([taken(9, 12), taken(10, 11)], [taken(9, 12)]),
        ([taken(-5, 2), taken(700, 800), taken(900, 901), taken(-9, -8)], [taken(0, 2), taken(700, 720)]),
        ([taken(-9, 900)], [WINDOW]),
    ],
)
def test_what_keeps_it_is_merged_and_in_order_and_within_the_window(
    blocks: list[Interval], periods: list[Interval]
) -> None:
    assert by_icalendar(told(blocks)) == by_vobject(told(blocks)) == periods
    assert told(reversed(blocks)) == told(blocks)


def by_icalendar(body: bytes) -> list[Interval]:
    [part] = Calendar.from_ical(body).walk("VFREEBUSY")
    found = part.get("FREEBUSY", [])
    return [Interval(*one.dt) for one in (found if isinstance(found, list) else [found])]


def by_vobject(body: bytes) -> list[Interval]:
    part = vobject.readOne(body.decode()).vfreebusy
    return [Interval(*period) for line in getattr(part, "freebusy_list", []) for period in line.value]
