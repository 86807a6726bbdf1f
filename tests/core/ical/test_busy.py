"""What a busy entry gives away: that a unit is taken, and nothing else (criterion 49)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Event

from labbook.core.ical import Entry, Language, busy_entries, busy_texts, rendered
from labbook.core.ical import busy as writing
from labbook.core.ical.entry import event_of as entry_event_of
from labbook.core.interval import Interval
from tests.core.ical.reading import feed, read, the_event

WINDOW = datetime(2026, 10, 24, tzinfo=UTC)
ZONES = (
    *("Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "UTC"),
    *("Africa/Cairo", "America/Vancouver"),  # which no VTIMEZONE describes, or not yet
)
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


# Written in one go, byte for byte as icalendar writes each: 10,000 in a twentieth of a second


@pytest.mark.parametrize("zone", ZONES)
def test_busy_entries_are_written_as_icalendar_would_all_through_two_years(zone: str) -> None:
    start, minutes = datetime(2025, 12, 30, tzinfo=UTC), random.Random(zone)
    blocks = []
    for unit in PLACES:
        at = start
        while at < start + timedelta(days=730):
            length = timedelta(minutes=minutes.choice((15, 30, 60, 90, 600, 3000, 9000)))
            blocks.append((unit, Interval(at, at + length)))
            at += length + timedelta(minutes=minutes.choice((15, 60, 5000)))
    near = [edge + timedelta(minutes=15 * step) for edge in changes_of_clocks(zone) for step in range(-16, 17)]
    blocks += [("near", Interval(at, at + timedelta(minutes=15))) for at in near]
    assert_alike(blocks, zone=zone)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    "place",
    ["", "100 %s, 50%", "共焦点顕微鏡、夜間の連続観察🔬" * 9, "A, B; C\\new\nUID:1\nDTSTART:2", "UID:00000000-0000"],
)
def test_whatever_the_place_is_called(language: Language, place: str) -> None:
    assert_alike([taken(9, 11), taken(20, 22)], language=language, places={"confocal 1": place})


@pytest.mark.parametrize("hour", [-400, 9, 9.5, 10, 20.000001, 400])
def test_wherever_the_window_begins(hour: float) -> None:
    assert_alike([taken(9, 11), taken(9.5001, 10.0001, "confocal 2"), taken(20, 22)], window_start=at(hour))


def test_icalendar_is_asked_once_for_each_place(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Entry] = []

    def event_of(entry: Entry, zone: str | None) -> Event:
        asked.append(entry)
        return entry_event_of(entry, zone)

    monkeypatch.setattr(writing, "event_of", event_of)
    writing._with_holes.cache_clear()
    blocks = [taken(hour, hour + 0.5, unit) for unit in PLACES for hour in range(500)]
    assert_alike(blocks)
    assert len(asked) == len(PLACES)


def changes_of_clocks(zone: str) -> Iterator[datetime]:
    """When the clocks of a zone change in the two years from 2026, to the hour."""
    clock, start = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC)
    for hour in range(24 * 730):
        at, then = (start + timedelta(hours=number) for number in (hour, hour + 1))
        if at.astimezone(clock).utcoffset() != then.astimezone(clock).utcoffset():
            yield then


def assert_alike(blocks: list[tuple[str, Interval]], **others: Any) -> None:
    """That busy texts are the rendered busy entries."""
    kept: dict[str, Any] = {
        "secret": b"secret",
        "window_start": WINDOW,
        "zone": "America/New_York",
        "language": "en",
        "places": PLACES,
    }
    told, one_by_one = busy_texts(blocks, **kept | others), busy_entries(blocks, **kept | others)
    assert told == [rendered(one) for one in one_by_one]
    assert told
