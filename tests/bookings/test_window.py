"""The second line of a board's ruler: the clock of whoever is elsewhere."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask

from labbook.bookings.window import Window
from labbook.core.interval import local_day, local_days
from tests.browsing import on_sqlite

ODD_DAYS = (date(2026, 11, 1), date(2027, 3, 14), date(2011, 12, 26))


@on_sqlite
def test_every_zone_of_the_world_can_be_ones_own_on_any_day(app: Flask) -> None:
    here = ZoneInfo("America/New_York")
    with app.test_request_context():
        for on in ODD_DAYS:
            day, week = local_day(on, here), local_days(on, on + timedelta(days=6), here)
            for name in sorted(available_timezones()):
                hours = Window(day, here, day.start).hours_elsewhere(ZoneInfo(name), "en")
                days = Window(week, here, week.start).days_elsewhere(ZoneInfo(name), "en")
                assert len(hours) == round(day.length / timedelta(hours=1)), name
                assert 6 <= len(days) <= 7, name
                lefts = [mark.left for mark in days]
                assert lefts == sorted(set(lefts)), name


@on_sqlite
def test_a_day_that_was_left_out_somewhere_has_no_line_there(app: Flask) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    week = local_days(date(2011, 12, 26), date(2012, 1, 1), tokyo)
    with app.test_request_context():
        marks = Window(week, tokyo, week.start).days_elsewhere(ZoneInfo("Pacific/Apia"), "ja")
    dates = [mark.label.partition("(")[0] for mark in marks]
    assert dates == ["12月26日", "12月27日", "12月28日", "12月29日", "12月31日", "1月1日", "1月2日"]
