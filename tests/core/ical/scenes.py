"""Calendars as LabBook writes them, each named after what it shows.

Their bytes are kept in golden/. When they change on purpose, raise RENDERER (unless that is raised already and not yet
released), write them anew with `python -m tests.core.ical.scenes`, and read the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from labbook.core.ical import Language, Manner, Standing, Status, busy_texts, free_busy_bytes
from labbook.core.interval import Interval
from labbook.core.recurrence import Every, Repeat, wall_of
from tests.core.ical.parsers import seen
from tests.core.ical.stage import (
    BASE,
    CAMBRIDGE,
    DAY,
    HOUR,
    OWN_JA,
    Asked,
    Scene,
    booked,
    calendar,
    dates_of,
    moved,
    scene,
    singly,
    together,
)

GOLDEN = Path(__file__).with_name("golden")
WINDOW = Interval(datetime(2026, 10, 24, 4, tzinfo=UTC), datetime(2027, 11, 24, 5, tzinfo=UTC))


# --- single bookings --------------------------------------------------------------------------------------------------


def clocks_go_forward_in_cambridge() -> Scene:
    shown = [
        booked(1, 2, ("2026-03-07T20:00", "2026-03-08T08:00"), title="Night run of eleven hours"),
        booked(2, 2, ("2026-03-08T01:30", "2026-03-08T03:30"), title="One hour, though the wall says two"),
        *(
            booked(number, 2, (f"2026-03-{day:02}T09:00", f"2026-03-{day:02}T11:00"))
            for number, day in enumerate((1, 7, 8, 9, 15), start=3)
        ),
    ]
    return scene("Clocks go forward", singly(shown), shown)


def clocks_go_back_in_cambridge() -> Scene:
    first, second = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    shown = [
        booked(1, 2, ("2026-10-31T20:00", "2026-11-01T08:00"), title="Night run of thirteen hours"),
        booked(2, 2, Interval(first, first + HOUR / 2), title="01:30 for the first time"),
        booked(3, 2, Interval(second, second + HOUR / 2), title="01:30 for the second time"),
        booked(4, 2, Interval(first, second), title="From the one to the other"),
        booked(5, 2, ("2026-11-01T00:30", "2026-11-01T02:00"), title="Both, in local time"),
        *(
            booked(number, 2, (f"2026-{day}T09:00", f"2026-{day}T11:00"))
            for number, day in enumerate(("10-25", "10-31", "11-01", "11-02"), start=6)
        ),
    ]
    return scene("Clocks go back", singly(shown), shown)


def tokyo() -> Scene:
    shown = [
        booked(12 * year + month, 1, (f"{year}-{month:02}-05T09:00", f"{year}-{month:02}-05T21:30"))
        for year in range(2024, 2031)
        for month in (1, 3, 7, 11)
    ]
    return scene("Tsukuba", singly(shown), shown)


def two_sites() -> Scene:
    shown = [booked(unit, unit, ("2026-12-01T09:00", "2026-12-01T10:00")) for unit in (1, 2, 3)]
    return scene("Both sites", singly(shown), shown)


def residency() -> Scene:
    shown = [booked(unit, unit, ("2026-05-01T00:00", "2026-05-11T00:00"), by_day=True) for unit in (1, 2)]
    shown.append(booked(3, 1, ("2026-05-01T09:00", "2026-05-11T17:00"), title="By the hour"))
    return scene("Residencies", singly(shown), shown)


def waiting() -> Scene:
    shown = [booked(1, 2, ("2026-12-01T09:00", "2026-12-01T10:00"), status=Status.TENTATIVE)]
    return scene("Waiting", singly(shown), shown)


def waiting_in_japanese() -> Scene:
    shown = [booked(1, 1, ("2026-12-01T09:00", "2026-12-01T10:00"), title="細胞の観察", status=Status.TENTATIVE)]
    return scene("承認待ち", singly(shown, OWN_JA), shown, OWN_JA)


def cancelled() -> Scene:
    shown = [booked(1, 2, ("2026-12-01T09:00", "2026-12-01T10:00"), status=Status.CANCELLED)]
    return scene("The last one is cancelled", singly(shown), shown)


def others_bookings() -> Scene:
    manner = Manner("en", is_own=False)
    shown = [
        booked(1, 2, ("2026-12-01T09:00", "2026-12-01T10:00")),
        booked(2, 3, ("2026-12-01T09:00", "2026-12-02T10:00")),
    ]
    return scene("Of all", singly(shown, manner), shown, manner)


def japanese_with_emoji_and_long_lines() -> Scene:
    title = "共焦点顕微鏡で細胞を観察🧫🔬👩🏽‍🔬、" * 12
    shown = [
        booked(number, 1, (f"2026-12-0{number}T09:00", f"2026-12-0{number}T10:00"), title="あ" * number + title)
        for number in range(1, 4)
    ]
    return scene("サクラの予約🧫", singly(shown, OWN_JA), shown, OWN_JA)


def awkward_text() -> Scene:
    title = "A, B; C\\new\nand C:\\New \"D\" & <E> 50 % 'F' a:b \\, \\; \\n"
    shown = [booked(1, 2, ("2026-12-01T09:00", "2026-12-01T10:00"), title=title)]
    return scene("Commas, semicolons; backslashes\\", singly(shown), shown)


def buffers() -> Scene:
    time = Interval(datetime(2026, 12, 1, 14, tzinfo=UTC), datetime(2026, 12, 1, 16, tzinfo=UTC))
    around = Interval(time.start - HOUR / 2, time.end + HOUR)
    manner = Manner("en", is_own=False, buffers=True)
    shown = [booked(1, 2, time, hold=around), booked(2, 2, Interval(around.end, around.end + HOUR), hold=None)]
    title, where = "Set-up and clean-up · Confocal", "Confocal, Cambridge"
    more = [seen(around.start, time.start, title, where), seen(time.end, around.end, title, where)]
    return scene("Staff's", singly(shown, manner), shown, manner, more)


def alarms() -> Scene:
    manner = Manner("en", is_own=True, alarm_minutes=1440)
    asked = Asked(Repeat(Every.WEEK, weekdays=(0,), count=4), wall_of("2026-12-07T09:00"), 2, HOUR)
    dates = dates_of(asked)
    alone = booked(1, 2, ("2026-12-01T09:00", "2026-12-01T10:00"))
    gone = booked(2, 2, ("2026-12-02T09:00", "2026-12-02T10:00"), status=Status.CANCELLED)
    texts = [*singly([alone, gone], manner), together(asked, dates, dates, manner)]
    return scene("Alarms", texts, [alone, gone, *dates], manner)


# --- series -----------------------------------------------------------------------------------------------------------


def weekly_in_cambridge_2024_to_2030() -> Scene:
    repeat = Repeat(Every.WEEK, weekdays=(0,), until=date(2030, 12, 31))
    asked = Asked(repeat, wall_of("2024-01-01T09:00"), 2, 2 * HOUR)
    dates = dates_of(asked)
    return scene("Mondays at nine", [together(asked, dates, dates)], dates)


def monthly_in_tokyo_2024_to_2030() -> Scene:
    repeat = Repeat(Every.WEEKDAY, weekdays=(4,), nth=2, until=date(2030, 12, 31))
    asked = Asked(repeat, wall_of("2024-01-12T23:00"), 1, 3 * HOUR)
    dates = dates_of(asked)
    return scene("毎月第2金曜日", [together(asked, dates, dates, OWN_JA)], dates, OWN_JA)


def series_with_exceptions() -> Scene:
    asked, dates, kept = _with_exceptions()
    return scene("Exceptions", [together(asked, dates, kept)], kept)


def series_of_a_place_with_exceptions() -> Scene:
    manner = Manner("en", is_own=False, keeps_place=True)
    asked, dates, kept = _with_exceptions()
    elsewhere = [one for one in kept if one.row.unit_id == 3]
    here = [one for one in kept if one.row.unit_id == 2 and one.status is not Status.CANCELLED]
    return scene(
        "At one place", [together(asked, dates, here, manner), *singly(elsewhere, manner)], [*here, *elsewhere], manner
    )


def series_expanded() -> Scene:
    _, _, kept = _with_exceptions()
    return scene("Expanded", singly(kept), kept)


def _with_exceptions() -> tuple[Asked, list[Standing], list[Standing]]:
    asked = Asked(Repeat(Every.WEEK, weekdays=(1, 3), count=12), wall_of("2026-10-06T09:00"), 2, 2 * HOUR)
    dates = dates_of(asked)
    kept = [
        *dates[:2],  # the third is left out
        moved(dates[3], 3 * HOUR),
        moved(dates[4], 2 * DAY),
        moved(dates[5], unit_id=3),
        dates[6]._replace(status=Status.CANCELLED),
        dates[7]._replace(status=Status.TENTATIVE),
        moved(dates[8], longer=HOUR),
        *dates[9:],
    ]
    return asked, dates, kept


def series_all_cancelled() -> Scene:
    asked = Asked(Repeat(Every.WEEK, weekdays=(0,), count=4), wall_of("2026-12-07T09:00"), 2, HOUR)
    dates = [one._replace(status=Status.CANCELLED) for one in dates_of(asked)]
    return scene("A series that is no more", [together(asked, dates, dates)], dates)


def series_split_this_and_following() -> Scene:
    repeat, first, at = (
        Repeat(Every.WEEK, weekdays=(0,), count=8),
        wall_of("2026-10-05T09:00"),
        wall_of("2026-11-02T09:00"),
    )
    before, after = repeat.fitted(first).split(first, at)
    old, new = Asked(before, first, 2, HOUR), Asked(after, at + 4 * HOUR, 2, HOUR, number=200)
    first_dates, other_dates = dates_of(old), dates_of(new)
    texts = [together(old, first_dates, first_dates), together(new, other_dates, other_dates)]
    return scene("This and following", texts, [*first_dates, *other_dates])


def series_of_night_runs() -> Scene:
    asked = Asked(Repeat(Every.WEEK, weekdays=(5,), until=date(2027, 4, 1)), wall_of("2026-02-07T20:00"), 2, 12 * HOUR)
    dates = dates_of(asked)
    return scene("Saturday nights", [together(asked, dates, dates)], dates)


def series_of_residencies() -> Scene:
    asked = Asked(Repeat(Every.DATE, day=31, count=9), wall_of("2026-01-31T00:00"), 1, 3 * DAY, by_day=True)
    dates = dates_of(asked)
    kept = [*dates[:3], moved(dates[3], 2 * DAY), *dates[5:]]
    return scene("Ends of months", [together(asked, dates, kept)], kept)


# --- times alone ------------------------------------------------------------------------------------------------------


def empty_in_tokyo() -> Scene:
    return Scene(calendar("Nothing yet", []), [])


def empty_in_cambridge() -> Scene:
    return Scene(calendar("Nothing yet", [], zone="America/New_York"), [])


def busy() -> Scene:
    return _busy("en", "Busy", "America/New_York")


def busy_in_japanese() -> Scene:
    return _busy("ja", "使用中", "Asia/Tokyo")


def _blocks() -> list[Interval]:
    changed = datetime(2026, 11, 1, 6, tzinfo=UTC)  # as the clocks go back in Cambridge
    return [Interval(changed + at * HOUR, changed + (at + 1.5) * HOUR) for at in (-300, -200, -24, -2, 0, 3, 24, 999)]


def _busy(language: Language, word: str, zone: str) -> Scene:
    told = {"1": f"{CAMBRIDGE.text(language)} 50 %"}
    texts = busy_texts(
        [("1", one) for one in _blocks()],
        secret=b"golden",
        window_start=WINDOW.start,
        zone=zone,
        language=language,
        places=told,
    )
    listed = [seen(one.start, one.end, word, told["1"]) for one in _blocks()]
    return Scene(calendar(word, texts, language, zone), sorted(listed))


def free_busy() -> bytes:
    """What is taken, for programs that ask."""
    page = f"{BASE}/resources/cambridge-confocal"
    return free_busy_bytes(
        _blocks(), WINDOW, uid=booked(1, 1, WINDOW).row.uid, stamp=WINDOW.start, language="en", url=page
    )


SCENES: dict[str, Callable[[], Scene]] = {
    made.__name__.replace("_", "-"): cache(made)
    for made in (
        *(clocks_go_forward_in_cambridge, clocks_go_back_in_cambridge, tokyo, two_sites, residency),
        *(waiting, waiting_in_japanese, cancelled, others_bookings),
        *(japanese_with_emoji_and_long_lines, awkward_text, buffers, alarms),
        *(weekly_in_cambridge_2024_to_2030, monthly_in_tokyo_2024_to_2030, series_with_exceptions),
        *(series_of_a_place_with_exceptions, series_expanded, series_all_cancelled, series_split_this_and_following),
        *(series_of_night_runs, series_of_residencies, empty_in_tokyo, empty_in_cambridge, busy, busy_in_japanese),
    )
}


@cache
def files() -> dict[str, bytes]:
    """What the golden files are to hold, by their names."""
    return {**{f"{name}.ics": made().body for name, made in SCENES.items()}, "free-busy.ifb": free_busy()}


if __name__ == "__main__":
    for name, body in files().items():
        (GOLDEN / name).write_bytes(body)
