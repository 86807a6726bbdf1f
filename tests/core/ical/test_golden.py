"""Golden files: the bytes that clients have stored, by the letter of the standards, and read alike by three parsers."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
import vobject
from icalendar import Calendar

from tests.core.ical.letter import obeys
from tests.core.ical.parsers import agreed, by_icalendar
from tests.core.ical.reading import unfolded
from tests.core.ical.scenes import GOLDEN, SCENES, files


def stored(name: str) -> bytes:
    return (GOLDEN / f"{name}.ics").read_bytes()


def test_there_is_a_file_for_each_and_none_besides() -> None:
    assert {one.name for one in GOLDEN.iterdir()} == files().keys()


@pytest.mark.parametrize("name", files())
def test_the_bytes_are_those_that_clients_have_stored(name: str) -> None:
    assert files()[name] == (GOLDEN / name).read_bytes(), "see tests/core/ical/scenes.py"


@pytest.mark.parametrize("name", SCENES)
def test_each_is_by_the_letter(name: str) -> None:
    obeys(stored(name), alarms=name == "alarms")


def test_three_parsers_read_what_the_pages_list() -> None:
    found = agreed(stored(name).decode() for name in SCENES)
    for (name, made), read in zip(SCENES.items(), found, strict=True):
        assert read == made().listed, name
    assert {"2024", "2025", "2026", "2027", "2028", "2029", "2030"} <= {
        one.start[:4] for several in found for one in several
    }


@pytest.mark.parametrize("name", SCENES)
def test_reading_and_writing_loses_nothing_and_nobody_complains(name: str) -> None:
    body = stored(name)
    calendar = Calendar.from_ical(body)
    assert not [one.errors for one in calendar.walk() if one.errors]
    as_icalendar_writes = unfolded(body.replace(rb"\\N", rb"\n"))  # which itself takes a typed \N for a line break
    assert Counter(unfolded(calendar.to_ical())) == Counter(as_icalendar_writes)
    again = vobject.readOne(body.decode()).serialize()
    if "BEGIN:VEVENT" in again:
        assert by_icalendar(again) == by_icalendar(body.decode())


# What each file is named after


def events(name: str) -> list[dict[str, str]]:
    return [{key: value.value for key, value in one.properties.items()} for one in obeys(stored(name), alarms=True)]


def only(name: str) -> dict[str, str]:
    [event] = events(name)
    return event


def test_a_night_run_is_eleven_hours_in_march_and_thirteen_in_november() -> None:
    for name, length in (("forward", 11), ("back", 13)):
        [night] = [one for one in SCENES[f"clocks-go-{name}-in-cambridge"]().listed if "Night run" in one.summary]
        start, end = (datetime.fromisoformat(at) for at in (night.start, night.end))
        assert (end - start).total_seconds() == length * 3600


def test_mondays_at_nine_are_at_nine_for_seven_years() -> None:
    event = only("weekly-in-cambridge-2024-to-2030")
    assert event["DTSTART"] == "20240101T090000"
    assert event["RRULE"] == "FREQ=WEEKLY;UNTIL=20301231T045959Z;BYDAY=MO"
    starts = [datetime.fromisoformat(one.start) for one in SCENES["weekly-in-cambridge-2024-to-2030"]().listed]
    assert len(starts) == 366
    assert {at.astimezone(UTC).hour for at in starts} == {13, 14}


def test_a_cancelled_booking_is_a_tombstone_and_the_one_event_of_its_feed() -> None:
    event = only("cancelled")
    assert (event["STATUS"], event["SUMMARY"]) == ("CANCELLED", "[CANCELLED] Organoid imaging · Confocal")


@pytest.mark.parametrize(("name", "word"), [("waiting", "[PENDING] "), ("waiting-in-japanese", "【承認待ち】")])
def test_what_waits_says_so(name: str, word: str) -> None:
    assert only(name)["SUMMARY"].startswith(word)
    assert only(name)["STATUS"] == "TENTATIVE"


def test_exceptions_of_all_kinds_stand_beside_one_rule() -> None:
    master, *others = events("series-with-exceptions")
    assert [len(obeys(stored("series-with-exceptions"))[0].left_out), len(others)] == [1, 6]
    assert [one["STATUS"] for one in others] == [*["CONFIRMED"] * 3, "CANCELLED", "TENTATIVE", "CONFIRMED"]
    place = events("series-of-a-place-with-exceptions")
    assert "CANCELLED" not in {one["STATUS"] for one in place}
    assert [one["LOCATION"] for one in place if one["UID"] != master["UID"]] == [r"Widefield\, Cambridge"]


def test_expanded_each_date_has_its_own_uid() -> None:
    found = events("series-expanded")
    assert len({one["UID"] for one in found}) == len(found) == 11
    assert not [one for one in found if {"RRULE", "RECURRENCE-ID"} & one.keys()]


def test_this_and_following_ends_the_old_one_and_begins_a_new_one() -> None:
    old, new = events("series-split-this-and-following")
    assert old["UID"] != new["UID"]
    assert old["RRULE"] == "FREQ=WEEKLY;UNTIL=20261027T035959Z;BYDAY=MO"
    assert (new["DTSTART"], "RRULE" in new) == ("20261102T130000", True)


def test_a_residency_ends_on_the_day_after_and_one_by_the_hour_has_hours() -> None:
    assert sorted((one["DTSTART"], one["DTEND"]) for one in events("residency")) == [
        ("20260501", "20260511"),
        ("20260501", "20260511"),
        ("20260501T090000", "20260511T170000"),
    ]


def test_an_empty_feed_is_the_zone_of_its_site() -> None:
    for name, zone in (("empty-in-tokyo", "Asia/Tokyo"), ("empty-in-cambridge", "America/New_York")):
        assert re.findall(rb"BEGIN:(V\w+)", stored(name)) == [b"VCALENDAR", b"VTIMEZONE"]
        assert f"TZID:{zone}\r\n".encode() in stored(name)


def test_busy_times_say_nothing_else() -> None:
    for name, word in (("busy", "Busy"), ("busy-in-japanese", "使用中")):
        found = events(name)
        assert {(one["SUMMARY"], one["SEQUENCE"], one["STATUS"], one["TRANSP"]) for one in found} == {
            (word, "0", "CONFIRMED", "OPAQUE")
        }
        assert not {"DESCRIPTION", "URL", "CLASS", "CATEGORIES", "COLOR", "CREATED", "RRULE"} & found[0].keys()


def test_alarms_ring_for_what_is_to_come() -> None:
    alone, gone, series = obeys(stored("alarms"), alarms=True)
    assert [one["TRIGGER"].value for part in (alone, series) for one in part.of("VALARM")] == ["-P1D", "-P1D"]
    assert {one["ACTION"].value for one in alone.parts} == {"DISPLAY"}
    assert gone.parts == []


def test_set_up_and_clean_up_are_entries_of_their_own() -> None:
    found = events("buffers")
    assert [one["SUMMARY"].partition(" · ")[0] for one in found] == [
        "Confocal",
        *["Set-up and clean-up"] * 2,
        "Confocal",
    ]
    assert len({one["UID"] for one in found}) == 4
