"""What a busy entry gives away: that a unit is taken, and nothing else (criterion 49)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from labbook.core.ical import Entry, Language, busy_entries
from labbook.core.interval import Interval
from tests.core.ical.reading import feed, read, the_event

WINDOW = datetime(2026, 10, 24, tzinfo=UTC)
PLACES = {"confocal 1": "Cambridge, Imaging", "confocal 2": "Cambridge, Imaging 2"}


def at(hour: float) -> datetime:
    return datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=hour)


def taken(start: float, end: float, unit: str = "confocal 1") -> tuple[str, Interval]:
    return unit, Interval(at(start), at(end))


def busy(
    *blocks: tuple[str, Interval],
    secret: bytes = b"secret",
    language: Language = "en",
    window_start: datetime = WINDOW,
) -> list[Entry]:
    return busy_entries(
        blocks, secret=secret, window_start=window_start, zone="America/New_York", language=language, places=PLACES
    )


def times(entries: Iterable[Entry]) -> list[tuple[object, object]]:
    return [(entry.start, entry.end) for entry in entries]


def test_blocks_of_two_units_stay_apart() -> None:
    first, second = busy(taken(9, 11), taken(10, 12, "confocal 2"))
    assert times([first, second]) == [(at(9), at(11)), (at(10), at(12))]
    assert (first.location, second.location) == ("Cambridge, Imaging", "Cambridge, Imaging 2")
    assert first.uid != second.uid


def test_blocks_are_told_as_they_are_by_unit_and_start() -> None:
    assert times(busy(taken(10, 11), taken(9, 10))) == [(at(9), at(10)), (at(10), at(11))]


def test_everything_but_place_and_time_is_a_constant() -> None:
    [one] = busy(taken(9, 11))
    event = the_event(one)
    assert {name: event[name].value for name in event.properties if name not in ("UID", "DTSTART", "DTEND")} == {
        **{"SUMMARY": "Busy", "STATUS": "CONFIRMED", "SEQUENCE": "0", "TRANSP": "OPAQUE"},
        **{"X-MICROSOFT-CDO-BUSYSTATUS": "BUSY", "LOCATION": r"Cambridge\, Imaging"},
        **{"DTSTAMP": "20261024T000000Z", "LAST-MODIFIED": "20261024T000000Z"},
    }
    assert the_event(busy(taken(9, 11), language="ja")[0])["SUMMARY"].text == "使用中"


def test_the_stamps_are_the_start_of_the_block_and_never_after_the_windows_start() -> None:
    assert the_event(busy(taken(9, 11), window_start=at(9.5))[0])["DTSTAMP"].value == "20261124T090000Z"
    assert the_event(busy(taken(9, 11), window_start=at(8))[0])["DTSTAMP"].value == "20261124T080000Z"


def test_a_uid_is_a_uuid_that_follows_from_unit_start_and_end() -> None:
    [one], [again] = busy(taken(9, 11)), busy(taken(9, 11))
    assert one.uid == again.uid
    assert (UUID(one.uid).version, UUID(one.uid).variant) == (8, UUID(int=8 << 76 | 1 << 63).variant)
    blocks = [taken(9, 11), taken(9, 12), taken(8, 11), taken(9, 11, "confocal 2")]
    assert len({busy(block)[0].uid for block in blocks}) == len(blocks)


def test_a_uid_cannot_be_made_without_the_secret() -> None:
    assert busy(taken(9, 11))[0].uid != busy(taken(9, 11), secret=b"another")[0].uid


def test_a_freed_block_leaves_nothing_behind() -> None:
    assert len(read(feed(*busy(taken(9, 11), taken(12, 13)))).of("VEVENT")) == 2
    assert len(read(feed(*busy(taken(9, 11)))).of("VEVENT")) == 1
    assert busy() == []


@pytest.mark.parametrize("unit", ["", "キャビネット", "a\nb"])
def test_any_key_names_a_unit_and_one_without_a_place_has_none(unit: str) -> None:
    [one] = busy(taken(9, 11, unit))
    assert one.location == ""
