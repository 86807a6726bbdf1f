"""A series as one event: what three parsers make of it is what LabBook's own pages list."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from labbook.core.ical import (
    Dated,
    Entry,
    Method,
    Party,
    Status,
    date_event,
    invitation,
    rule_between,
    series_events,
    series_sequence,
)
from labbook.core.recurrence import LAST, Every, Repeat, occurrences, wall_of
from tests.core.ical.parsers import Seen, agreed, events_of, seen

DESK, HANA = Party("LabBook", "labbook@lab.example"), Party("佐藤 花", "hana@lab.example")
STAMP = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
UID = str(UUID(int=7))
HOUR = timedelta(hours=1)


def dates_of(
    repeat: Repeat, first: datetime, length: timedelta, zone: str, *, by_day: bool = False, title: str = "細胞, A; B"
) -> list[Dated]:
    """The dates of a rule, as LabBook places them; those that the clocks skip have none."""
    clock, found = ZoneInfo(zone), []
    for name, time in occurrences(repeat.dates(first, 400), length, ZoneInfo(zone)):
        if time is not None:
            start, end = ((at.astimezone(clock).date() if by_day else at) for at in (time.start, time.end))
            found.append(Dated(name, entry(start, end, zone, title=title)))
    return found


def entry(start: datetime | date, end: datetime | date, zone: str, *, title: str, where: str = "Hood 1") -> Entry:
    return Entry(
        uid=UID,
        sequence=3,
        stamp=STAMP,
        start=start,
        end=end,
        zone=zone,
        status=Status.CONFIRMED,
        summary=title,
        location=where,
    )


def told(repeat: Repeat, first: datetime, dates: list[Dated], zone: str, *, by_day: bool = False) -> str:
    """The invitation to these dates; fails where a rule cannot say them."""
    rule = rule_between(repeat.fitted(first), (one.on for one in dates), zone, by_day=by_day)
    assert rule is not None
    events = series_events(rule, dates)
    return invitation(Method.REQUEST, events, organizer=DESK, attendee=HANA, language="en")


def listed(dates: Iterable[Dated]) -> list[Seen]:
    """What LabBook's own pages list."""
    return sorted(seen(one.start, one.end, one.summary, one.location) for one in (two.entry for two in dates))


def lines(text: str, name: str) -> list[str]:
    return [line for line in text.replace("\r\n ", "").split("\r\n") if line.startswith(name)]


WEEKLY = Repeat(Every.WEEK, weekdays=(0, 3), count=20)
RULES = (
    Repeat(Every.DAY, step=3, count=25),
    WEEKLY,
    Repeat(Every.WEEK, step=2, weekdays=(1, 5, 6), until=date(2026, 12, 31)),
    Repeat(Every.DATE, day=31, count=12),
    Repeat(Every.DATE, day=8, step=2, count=8),
    Repeat(Every.WEEKDAY, weekdays=(1,), nth=5, count=8),
    Repeat(Every.WEEKDAY, weekdays=(6,), nth=LAST, count=14),
)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Australia/Sydney"])
def test_every_rule_with_every_kind_of_exception_reads_alike(zone: str) -> None:
    dice, texts, expected = random.Random(zone), [], []
    for repeat in RULES * 4:
        start = repeat.dates(wall_of(f"2026-01-01T{dice.choice((0, 5, 9, 20, 23)):02}:{dice.choice((0, 30)):02}"), 1)[0]
        length = dice.choice((HOUR / 2, 3 * HOUR, 12 * HOUR))
        dates = [changed(one, dice) for one in dates_of(repeat, start, length, zone)]
        kept = [one for one in dates if dice.random() < 0.7] or dates[:1]
        texts.append(told(repeat, start, kept, zone))
        expected.append(listed(kept))
    for text, found, wanted in zip(texts, agreed(texts), expected, strict=True):
        assert found == wanted, text


def changed(one: Dated, dice: random.Random) -> Dated:
    """The date as it is; or moved, by hours or days; or on another unit."""
    if dice.random() < 0.6:
        return one
    by = dice.choice((timedelta(), HOUR, -2 * HOUR, timedelta(days=9, hours=1)))
    start, end = one.entry.start + by, one.entry.end + by
    return Dated(one.on, replace(one.entry, start=start, end=end, location=dice.choice(("Hood 1", "Hood 2"))))


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_residencies_go_by_dates(zone: str) -> None:
    repeat, first = Repeat(Every.WEEK, weekdays=(0,), count=12), wall_of("2026-02-02T00:00")
    dates = dates_of(repeat, first, timedelta(days=3), zone, by_day=True)
    moved = Dated(dates[5].on, replace(dates[5].entry, start=date(2026, 3, 10), end=date(2026, 3, 14)))
    kept = [*dates[:3], dates[4], moved, *dates[6:]]
    text = told(repeat, first, kept, zone, by_day=True)
    assert agreed([text]) == [listed(kept)]
    assert lines(text, "DTSTART;")[0] == "DTSTART;VALUE=DATE:20260202"
    assert lines(text, "RRULE") == ["RRULE:FREQ=WEEKLY;UNTIL=20260420;BYDAY=MO"]
    assert lines(text, "EXDATE") == ["EXDATE;VALUE=DATE:20260223"]
    assert lines(text, "RECURRENCE-ID") == ["RECURRENCE-ID;VALUE=DATE:20260309"]
    assert "VTIMEZONE" not in text


def test_a_night_run_over_a_change_of_the_clock_is_as_long_as_it_is() -> None:
    repeat, first = Repeat(Every.WEEK, weekdays=(5,), count=40), wall_of("2026-02-14T20:00")
    dates = dates_of(repeat, first, 12 * HOUR, "America/New_York")
    text = told(repeat, first, dates, "America/New_York")
    assert agreed([text]) == [listed(dates)]
    assert lines(text, "RECURRENCE-ID") == [
        "RECURRENCE-ID;TZID=America/New_York:20260307T200000",
        "RECURRENCE-ID;TZID=America/New_York:20261031T200000",
    ]


def test_a_first_date_that_is_shorter_than_the_others_makes_none_of_them_shorter() -> None:
    repeat, first = Repeat(Every.WEEK, weekdays=(5,), count=6), wall_of("2026-03-07T20:00")
    dates = dates_of(repeat, first, 12 * HOUR, "America/New_York")
    assert agreed([told(repeat, first, dates, "America/New_York")]) == [listed(dates)]


def test_a_date_in_the_second_of_two_equal_hours_is_written_in_utc() -> None:
    repeat, first = Repeat(Every.WEEK, weekdays=(6,), count=8), wall_of("2026-10-11T00:30")
    dates = dates_of(repeat, first, HOUR, "America/New_York")
    second = replace(dates[3].entry, start=dates[3].entry.start + 2 * HOUR, end=dates[3].entry.end + 2 * HOUR)
    moved = [*dates[:3], Dated(dates[3].on, second), *dates[4:]]
    text = told(repeat, first, moved, "America/New_York")
    assert agreed([text]) == [listed(moved)]
    assert "DTSTART:20261101T063000Z" in text
    assert lines(text, "RECURRENCE-ID") == ["RECURRENCE-ID;TZID=America/New_York:20261101T003000"]


def test_dates_in_the_first_of_them_are_written_so_too() -> None:
    repeat, first = Repeat(Every.WEEK, weekdays=(6,), count=8), wall_of("2026-10-11T00:30")
    dates = dates_of(repeat, first, HOUR, "America/New_York")
    text = told(repeat, first, dates, "America/New_York")
    assert agreed([text]) == [listed(dates)]
    assert "DTEND:20261101T053000Z" in text


def test_until_is_in_utc_and_exceptions_are_in_the_zone_of_the_first_date() -> None:
    first = wall_of("2026-01-05T09:00")
    dates = dates_of(WEEKLY, first, HOUR, "America/New_York")
    text = told(WEEKLY, first, [*dates[:4], *dates[5:]], "America/New_York")
    assert lines(text, "DTSTART;") == ["DTSTART;TZID=America/New_York:20260105T090000"]
    assert lines(text, "RRULE:FREQ=WEEKLY") == ["RRULE:FREQ=WEEKLY;UNTIL=20260313T035959Z;BYDAY=MO,TH"]
    assert lines(text, "EXDATE") == ["EXDATE;TZID=America/New_York:20260119T090000"]
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert not {"RDATE", "BYSETPOS", "COUNT", "RANGE"} & set(text.replace("=", ":").replace(";", ":").split(":"))


def test_what_ends_early_or_begins_late_has_a_shorter_rule_and_no_holes() -> None:
    first = wall_of("2026-01-05T09:00")
    dates = dates_of(WEEKLY, first, HOUR, "Asia/Tokyo")[6:11]
    text = told(WEEKLY, first, dates, "Asia/Tokyo")
    assert lines(text, "DTSTART;") == ["DTSTART;TZID=Asia/Tokyo:20260126T090000"]
    assert "EXDATE" not in text
    assert agreed([text]) == [listed(dates)]


def test_the_day_of_the_month_is_that_of_the_first_date() -> None:
    repeat, first = Repeat(Every.DATE, day=31, count=5), wall_of("2026-01-31T09:00")
    text = told(repeat, first, dates_of(repeat, first, HOUR, "Asia/Tokyo"), "Asia/Tokyo")
    assert lines(text, "RRULE") == ["RRULE:FREQ=MONTHLY;UNTIL=20260831T145959Z"]


def test_a_single_date_needs_no_rule() -> None:
    first = wall_of("2026-01-05T09:00")
    [one] = dates_of(WEEKLY, first, HOUR, "Asia/Tokyo")[4:5]
    text = told(WEEKLY, first, [one], "Asia/Tokyo")
    assert not lines(text, "RRULE")
    assert "RECURRENCE-ID" not in text
    assert agreed([text]) == [listed([one])]


def test_where_each_date_has_gone_elsewhere_the_rule_still_names_them() -> None:
    first = wall_of("2026-01-05T09:00")
    dates = [
        Dated(one.on, replace(one.entry, start=one.entry.start + HOUR, end=one.entry.end + HOUR))
        for one in dates_of(WEEKLY, first, HOUR, "Asia/Tokyo")[:4]
    ]
    assert agreed([told(WEEKLY, first, dates, "Asia/Tokyo")]) == [listed(dates)]


def test_most_dates_say_what_is_usual() -> None:
    first = wall_of("2026-01-05T09:00")
    dates = dates_of(WEEKLY, first, HOUR, "Asia/Tokyo")
    elsewhere = [Dated(one.on, replace(one.entry, location="Hood 2")) for one in dates[1:]]
    text = told(WEEKLY, first, [dates[0], *elsewhere], "Asia/Tokyo")
    assert lines(text, "RECURRENCE-ID") == ["RECURRENCE-ID;TZID=Asia/Tokyo:20260105T090000"]
    assert agreed([text]) == [listed([dates[0], *elsewhere])]


@pytest.mark.parametrize(
    ("first", "zone"),
    [
        (wall_of("2026-03-01T02:30"), "America/New_York"),  # not there on the 8th
        (wall_of("2026-03-01T09:00"), "Africa/Cairo"),  # whose clocks no VTIMEZONE describes
    ],
)
def test_what_calendars_cannot_be_told_by_a_rule_is_not(first: datetime, zone: str) -> None:
    repeat = Repeat(Every.WEEK, weekdays=(6,), count=4)
    names = [one.on for one in dates_of(repeat, first, HOUR, zone)]
    assert rule_between(repeat.fitted(first), names, zone, by_day=False) is None
    assert rule_between(repeat.fitted(first), names, "Asia/Tokyo", by_day=False) is not None


def test_a_date_off_the_rule_is_none_of_it() -> None:
    assert rule_between(WEEKLY, ["2026-01-05T09:00", "2026-01-06T09:00"], "Asia/Tokyo", by_day=False) is None


def test_one_date_is_cancelled_by_its_name() -> None:
    first = wall_of("2026-01-05T09:00")
    one = dates_of(WEEKLY, first, HOUR, "Asia/Tokyo")[2]
    gone = Dated(
        one.on, replace(one.entry, status=Status.CANCELLED, start=one.entry.start + HOUR, end=one.entry.end + HOUR)
    )
    text = invitation(Method.CANCEL, [date_event(gone)], organizer=DESK, attendee=HANA, language="en")
    [event] = events_of(text)
    assert event["RECURRENCE-ID"].dt == wall_of(one.on).replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")


def test_all_events_of_one_calendar_have_one_revision() -> None:
    first = wall_of("2026-01-05T09:00")
    dates = [changed(one, random.Random(one.on)) for one in dates_of(WEEKLY, first, HOUR, "Asia/Tokyo")]
    events = events_of(told(WEEKLY, first, dates, "Asia/Tokyo"))
    assert len(events) > 2
    assert {(str(one["UID"]), one["SEQUENCE"], one["DTSTAMP"].dt) for one in events} == {(UID, 3, STAMP)}
    assert "RECURRENCE-ID" not in events[0]


def test_the_sequence_of_a_series_rises_with_each_of_its_dates() -> None:
    assert series_sequence([0, 0]) < series_sequence([0, 1]) < series_sequence([0, 1, 0]) < series_sequence([0, 1, 1])


def test_dates_are_named_as_everywhere() -> None:
    rule = rule_between(WEEKLY, ["2026-01-05T09:00", "2026-01-12T09:00"], "Asia/Tokyo", by_day=False)
    assert rule is not None
    assert rule.names == ("2026-01-05T09:00", "2026-01-08T09:00", "2026-01-12T09:00")
