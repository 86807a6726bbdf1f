"""What a feed keeps of a booking or a series: each choice of a feed shows, and is part of the name it is kept under."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import combinations, product
from typing import Any

import pytest

from labbook.core.ical import Besides, Manner, Rendered, Standing, Status, booking_text, put_together, series_text
from labbook.core.interval import Interval
from labbook.core.recurrence import LAST, Every, Repeat, wall_of
from tests.core.ical.letter import obeys
from tests.core.ical.parsers import Seen, agreed
from tests.core.ical.reading import Component
from tests.core.ical.stage import (
    BASE,
    HOUR,
    OWN,
    WHERE,
    Asked,
    as_listed,
    booked,
    calendar,
    dates_of,
    moved,
    singly,
    together,
)

ALONE = booked(1, 2, ("2026-12-01T09:00", "2026-12-01T11:00"))
AROUND = Interval(ALONE.row.time.start - HOUR / 2, ALONE.row.time.end + HOUR)
HELD = ALONE._replace(row=replace(ALONE.row, hold=AROUND))
WEEKLY = Asked(Repeat(Every.WEEK, weekdays=(1,), count=6), wall_of("2026-12-01T09:00"), 2, 2 * HOUR)
CHOICES: dict[str, tuple[Any, ...]] = {
    "language": ("en", "ja"),
    "is_own": (True, False),
    "alarm_minutes": (None, 10, 1440),
    "buffers": (False, True),
    "waiting": (True, False),
    "cancelled": (True, False),
    "keeps_place": (False, True),
}
OF_SERIES = {
    "waiting",
    "cancelled",
    "keeps_place",
}  # which dates are shown at all: whoever asks for the text chooses them


def manners() -> Iterator[Manner]:
    for chosen in product(*CHOICES.values()):
        yield Manner(**dict(zip(CHOICES, chosen, strict=True)))


def events(text: Rendered, *, alarms: bool = False) -> list[Component]:
    return obeys(put_together("x", [text], zone="Asia/Tokyo", language="en", color="teal", url=BASE), alarms=alarms)


def test_every_choice_is_tried() -> None:
    assert [one.name for one in fields(Manner)] == list(CHOICES)


def test_the_names_of_manners_differ_whenever_texts_may() -> None:
    dates = dates_of(WEEKLY)
    held = [
        one._replace(row=replace(one.row, hold=Interval(one.row.time.start - HOUR, one.row.time.end))) for one in dates
    ]
    for one, other in combinations(manners(), 2):
        apart = {name for name in CHOICES if getattr(one, name) != getattr(other, name)}
        assert (one.of_single == other.of_single) == (apart <= OF_SERIES), (one, other)
        assert one.of_series != other.of_series, (one, other)
    texts: dict[str, set[str]] = {}
    for manner in manners():
        texts.setdefault(manner.of_single, set()).add(booking_text(HELD, WHERE[2], manner, BASE).text)
        texts.setdefault(manner.of_series, set()).add(together(WEEKLY, held, held, manner).text)
    assert {len(several) for several in texts.values()} == {1}
    singles = [next(iter(several)) for name, several in texts.items() if name.count("-") < 2 or name[-1] not in "wcp-"]
    assert len(set(singles)) == len(singles) > 1


def test_the_names_of_manners_are_short_enough_to_be_kept() -> None:
    assert max(len(one.of_single) for one in manners()) <= 20
    assert max(len(one.of_series) for one in manners()) <= 26


@pytest.mark.parametrize(
    ("manner", "summary", "location"),
    [
        (Manner("en", is_own=True), "Organoid imaging · Confocal", r"Confocal\, Cambridge"),
        (Manner("en", is_own=False), "Confocal · Organoid imaging", r"Confocal\, Cambridge"),
        (Manner("ja", is_own=True), "Organoid imaging · 共焦点顕微鏡", r"共焦点顕微鏡\, ケンブリッジ"),
    ],
)
def test_the_language_and_whose_it_is(manner: Manner, summary: str, location: str) -> None:
    [event] = events(booking_text(ALONE, WHERE[2], manner, BASE))
    assert (event["SUMMARY"].value, event["LOCATION"].value) == (summary, location)


def test_an_entry_says_all_that_calendars_can_show() -> None:
    [event] = events(booking_text(ALONE, WHERE[2], Manner("ja", is_own=True), BASE))
    assert {name: event[name].text for name in ("CATEGORIES", "COLOR", "GEO", "URL", "CLASS", "DESCRIPTION")} == {
        **{"CATEGORIES": "機器", "COLOR": "steelblue", "GEO": "42.3656;-71.104", "URL": f"{BASE}/requests/request1"},
        **{"CLASS": "PRIVATE", "DESCRIPTION": "サクラバイオロジクス\n佐藤 花\nLive cells, 37 °C; two plates"},
    }
    [bench] = events(booking_text(booked(2, 1, ALONE.row.time), WHERE[1], OWN, BASE))
    assert (bench["CATEGORIES"].text, bench["COLOR"].text) == ("Bench", "seagreen")


@pytest.mark.parametrize(("minutes", "trigger"), [(10, "-PT10M"), (30, "-PT30M"), (60, "-PT1H"), (1440, "-P1D")])
def test_an_alarm_rings_so_long_before(minutes: int, trigger: str) -> None:
    manner = replace(OWN, alarm_minutes=minutes)
    [event] = events(booking_text(ALONE, WHERE[2], manner, BASE), alarms=True)
    [alarm] = event.parts
    assert (alarm["TRIGGER"].value, alarm["DESCRIPTION"].value) == (trigger, "Organoid imaging · Confocal")
    gone = ALONE._replace(status=Status.CANCELLED)
    assert "VALARM" not in booking_text(gone, WHERE[2], manner, BASE).text


def test_nothing_rings_that_nobody_asked_for() -> None:
    assert "VALARM" not in booking_text(ALONE, WHERE[2], OWN, BASE).text


# Set-up and clean-up

STAFFS = Manner("en", is_own=False, buffers=True)


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.TENTATIVE])
def test_set_up_and_clean_up_stand_beside_the_booking(status: Status) -> None:
    booking, before, after = events(booking_text(HELD._replace(status=status), WHERE[2], STAFFS, BASE))
    assert (before["DTEND"].value, after["DTSTART"].value) == (booking["DTSTART"].value, booking["DTEND"].value)
    assert (before["DTSTART"].value, after["DTEND"].value) == ("20261201T083000", "20261201T120000")
    assert {one["STATUS"].value for one in (booking, before, after)} == {status}
    assert {"DESCRIPTION", "URL"} & before.properties.keys() == set()


def test_their_uids_are_their_own_and_stay_when_the_booking_moves() -> None:
    def uids(one: Standing) -> list[str]:
        return [event["UID"].value for event in events(booking_text(one, WHERE[2], STAFFS, BASE))]

    later = Interval(HELD.row.time.start + HOUR, HELD.row.time.end + HOUR)
    hold = Interval(AROUND.start + HOUR, AROUND.end + HOUR)
    assert uids(HELD) == uids(HELD._replace(row=replace(HELD.row, time=later, hold=hold)))
    assert len(set(uids(HELD))) == 3


@pytest.mark.parametrize(
    ("hold", "status", "many"),
    [
        (None, Status.CONFIRMED, 1),
        (ALONE.row.time, Status.CONFIRMED, 1),
        (Interval(AROUND.start, ALONE.row.time.end), Status.CONFIRMED, 2),
        (Interval(ALONE.row.time.start + HOUR, AROUND.end), Status.CONFIRMED, 1),  # it holds another time
        (AROUND, Status.CANCELLED, 1),
    ],
)
def test_there_are_none_where_nothing_is_held_besides(hold: Interval | None, status: Status, many: int) -> None:
    one = Standing(replace(ALONE.row, hold=hold), status)
    assert len(events(booking_text(one, WHERE[2], STAFFS, BASE))) == many
    assert len(events(booking_text(one, WHERE[2], replace(STAFFS, buffers=False), BASE))) == 1


def test_each_date_of_a_series_has_its_own() -> None:
    dates = [
        one._replace(row=replace(one.row, hold=Interval(one.row.time.start - HOUR, one.row.time.end)))
        for one in dates_of(WEEKLY)
    ]
    assert len(events(together(WEEKLY, dates, dates, STAFFS))) == 1 + len(dates)


# Series


def test_of_a_series_of_which_nothing_is_shown_nothing_is_kept() -> None:
    assert together(WEEKLY, dates_of(WEEKLY), []) == Rendered("", None)


def test_revision_and_stamps_are_those_of_all_dates_whichever_are_shown() -> None:
    dates = dates_of(WEEKLY)
    dates[4] = dates[4]._replace(row=replace(dates[4].row, sequence=7, changed_at=dates[4].row.changed_at + 9 * HOUR))
    dates[3] = dates[3]._replace(row=replace(dates[3].row, created_at=dates[3].row.created_at - HOUR))
    found = {
        tuple(event[name].value for name in ("UID", "SEQUENCE", "DTSTAMP", "CREATED"))
        for shown in (dates, dates[:2], dates[4:], dates[1:2], [moved(dates[0], HOUR), *dates[1:]])
        for event in events(together(WEEKLY, dates, shown))
    }
    assert len(found) == 1
    [(uid, sequence, stamp, created)] = found
    assert uid.endswith("100")
    assert int(sequence) == sum(one.row.sequence + 1 for one in dates)
    assert (stamp[:11], created) == (f"{dates[4].row.changed_at:%Y%m%dT%H}", "20251120T000203Z")


def test_what_happened_to_a_series_besides_raises_them_too() -> None:
    dates, later = dates_of(WEEKLY), ALONE.row.changed_at + timedelta(days=9)
    uid = "5f3c0f6e-7c1b-4c3e-9d52-000000000100"

    def revision(besides: Besides) -> tuple[int, str]:
        [event] = events(series_text(uid, WEEKLY.repeat, dates, dates, WHERE, OWN, BASE, besides))
        return int(event["SEQUENCE"].value), event["LAST-MODIFIED"].value

    sequence, stamp = revision(Besides())
    assert revision(Besides(3, later)) == (sequence + 3, f"{later:%Y%m%dT%H%M%SZ}")
    assert revision(Besides(0, ALONE.row.changed_at - timedelta(days=9))) == (sequence, stamp)


def test_a_new_name_of_what_it_says_changes_the_stamp_and_not_the_sequence() -> None:
    def revision(one: Standing) -> tuple[str, str]:
        [event] = events(booking_text(one, WHERE[2], OWN, BASE))
        return event["SEQUENCE"].value, event["DTSTAMP"].value

    named_at = ALONE.row.changed_at + HOUR
    renamed = ALONE._replace(row=replace(ALONE.row, named_at=named_at))
    assert revision(renamed) == (revision(ALONE)[0], f"{named_at:%Y%m%dT%H%M%SZ}")


def test_where_no_rule_says_it_each_date_stands_by_itself() -> None:
    first = wall_of("2026-03-01T02:30")  # not there a week later
    asked = Asked(Repeat(Every.WEEK, weekdays=(6,), count=4), first, 2, HOUR)
    dates = dates_of(asked)
    found = events(together(asked, dates, dates))
    assert [one["UID"].value for one in found] == [one.row.uid for one in dates]
    assert not [one for one in found if {"RRULE", "RECURRENCE-ID"} & one.properties.keys()]


def test_what_goes_by_days_needs_no_zone_and_what_has_hours_names_its_own() -> None:
    days = replace(ALONE.row, time=Interval(AROUND.start.replace(hour=5, minute=0), AROUND.end.replace(day=3, hour=5)))
    assert booking_text(Standing(replace(days, by_day=True), Status.CONFIRMED), WHERE[2], OWN, BASE).tzid is None
    assert booking_text(ALONE, WHERE[2], OWN, BASE).tzid == "America/New_York"


REPEATS = (
    Repeat(Every.DAY, step=2, count=30),
    Repeat(Every.WEEK, weekdays=(0, 3), count=20),
    Repeat(Every.WEEK, step=2, weekdays=(5, 6), until=date(2027, 3, 31)),
    Repeat(Every.DATE, day=31, count=9),
    Repeat(Every.WEEKDAY, weekdays=(6,), nth=LAST, count=14),
)


@pytest.mark.parametrize("unit_id", [1, 2])
def test_series_of_every_shape_obey_the_letter_and_read_alike(unit_id: int) -> None:
    dice, bodies, wanted = random.Random(unit_id), [], []
    for repeat, by_day in product(REPEATS * 3, (False, True)):
        wall = "2026-02-01T00:00" if by_day else f"2026-02-01T{dice.choice((1, 9, 20, 23)):02}:30"
        start = repeat.dates(wall_of(wall), 1)[0]
        length = timedelta(days=dice.choice((1, 2))) if by_day else dice.choice((HOUR / 2, 3 * HOUR, 12 * HOUR))
        asked = Asked(repeat, start, unit_id, length, by_day)
        dates = dates_of(asked)
        shown = [changed(one, dice) for one in dates if dice.random() < 0.8] or dates[:1]
        bodies.append(calendar("Series", [together(asked, dates, shown)]))
        wanted.append(sorted(as_listed(one, OWN) for one in shown))
        obeys(bodies[-1])
    assert_read(bodies, wanted)


def changed(one: Standing, dice: random.Random) -> Standing:
    """The date as it is, or with another status, or at another time of another length."""
    lot, by_day = dice.random(), one.row.by_day
    if lot < 0.5:
        return one
    if lot < 0.7:
        return one._replace(status=dice.choice((Status.CANCELLED, Status.TENTATIVE)))
    if by_day:  # whole days on the wall, which may be shorter or longer
        clock = WHERE[one.row.unit_id].zoneinfo
        walls = (
            at.astimezone(clock).replace(tzinfo=None) + timedelta(days=3)
            for at in (one.row.time.start, one.row.time.end)
        )
        start, end = (wall.replace(tzinfo=clock) for wall in walls)
        return one._replace(row=replace(one.row, time=Interval(start, end)))
    return moved(one, dice.choice((HOUR, -2 * HOUR, timedelta(days=9))), longer=dice.choice((timedelta(), HOUR)))


def assert_read(bodies: list[bytes], wanted: list[list[Seen]]) -> None:
    for body, found, listed in zip(bodies, agreed(body.decode() for body in bodies), wanted, strict=True):
        assert found == listed, body.decode()


def test_a_feed_of_many_series_and_single_bookings_reads_alike() -> None:
    texts, shown = [], []
    for number, repeat in enumerate(REPEATS, start=1):
        start = repeat.dates(wall_of("2026-02-01T09:00"), 1)[0]
        asked = Asked(repeat, start, 2 - number % 2, HOUR, number=1000 * number)
        dates = dates_of(asked)
        kept = [changed(one, random.Random(one.row.uid)) for one in dates]
        texts.append(together(asked, dates, kept))
        shown += kept
    alone = [booked(number, 1 + number % 2, ("2026-02-02T09:00", "2026-02-02T10:00")) for number in range(1, 9)]
    body = calendar("All", [*texts, *singly(alone)])
    assert len(obeys(body)) > len(alone) + len(REPEATS)
    assert_read([body], [sorted(as_listed(one, OWN) for one in [*shown, *alone])])


def test_each_date_of_a_series_says_where_it_is() -> None:
    first, *others = dates_of(WEEKLY)
    shown = [moved(first, unit_id=3), *others]
    text = together(WEEKLY, shown, shown)
    assert [one["LOCATION"].text for one in events(text)] == ["Confocal, Cambridge", "Widefield, Cambridge"]
