"""Public holidays, which close nothing by themselves, and calendar files of others."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from labbook.db import db
from labbook.models import Closure
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.closures.closing import at, choices, closing_letters

pytestmark = on_sqlite

WEEKLY = """BEGIN:VEVENT
UID:1
SUMMARY:Window cleaning
DTSTART;TZID=Tokyo Standard Time:20261124T090000
DTEND;TZID=Tokyo Standard Time:20261124T110000
RRULE:FREQ=WEEKLY;COUNT=3
EXDATE;TZID=Tokyo Standard Time:20261201T090000
END:VEVENT"""
DAYS = """BEGIN:VEVENT
UID:2
SUMMARY:年末年始
DTSTART;VALUE=DATE:20261229
DTEND;VALUE=DATE:20270104
END:VEVENT"""
NOWHERE = """BEGIN:VEVENT
UID:3
SUMMARY:Far away
DTSTART;TZID=Mars/Olympus:20261224T090000
DTEND;TZID=Mars/Olympus:20261224T110000
END:VEVENT"""


def _calendar(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//else//", *"\n".join(events).splitlines(), "END:VCALENDAR"]
    return "\r\n".join([*lines, ""]).encode()


def _sent(visitor: Visitor, content: bytes, place: str = "area:imaging") -> TestResponse:
    sent = {"csrf_token": visitor.good_token(), "place": place, "kind": "closure", "file": (BytesIO(content), "a.ics")}
    return visitor.open("/sites/tsukuba/closures/import", method="POST", data=sent, content_type="multipart/form-data")


def _closures() -> list[tuple[str, str]]:
    db.session.remove()
    rows = db.session.scalars(select(Closure).order_by(Closure.starts_at))
    return [(one.starts_at.isoformat(), one.reason.text("ja")) for one in rows]


# --- holidays ---------------------------------------------------------------------------------------------------------


def test_holidays_are_proposed_and_only_the_ticked_ones_close(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    page = sora.get("/sites/tsukuba/holidays?year=2027")
    assert "元日" in page.text and "checked" not in page.text and _closures() == []
    fields = {"days": "2027-01-01", "place": "area:imaging"}
    look = sora.submit(page, "/holidays?year=2027", **fields)
    assert look.status_code == 200 and _closures() == []
    done = sora.submit(look, "/holidays?year=2027", stage="save")
    assert done.status_code == 303
    assert _closures() == [("2026-12-31T15:00:00+00:00", "元日")]
    assert "この日にはすでに休止があります。" in sora.get("/sites/tsukuba/holidays?year=2027").text
    assert Visitor(app, "hana").book("tsukuba-plain", "2026-12-31T10:00", "2026-12-31T11:00").status_code == 409


def test_of_the_year_that_runs_only_what_is_to_come_is_proposed(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    assert "2026-11-23" in sora.get("/sites/tsukuba/holidays").text
    assert "2026-11-03" not in sora.get("/sites/tsukuba/holidays").text
    assert sora.get("/sites/tsukuba/holidays?year=1999").status_code == 303
    none = sora.submit(sora.get("/sites/tsukuba/holidays"), "/holidays?year=2026", place="area:imaging")
    assert none.status_code == 422 and "祝日を1つ以上選んでください。" in none.text


# --- calendar files ---------------------------------------------------------------------------------------------------


def test_a_calendar_file_is_read_looked_at_and_closed(app: Flask, lab: Cast) -> None:
    Visitor(app, "hana").book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00")
    sora = Visitor(app, "sora")
    page = _sent(sora, _calendar(WEEKLY, DAYS, NOWHERE))
    assert page.status_code == 200 and _closures() == []
    assert "「Far away」：タイムゾーン「Mars/Olympus」は不明です。" in page.text
    dates = re.findall(r'name="dates" value="([^"]+)"', page.text)
    assert len(dates) == 3
    token = re.findall(r'name="batch"[^>]*value="([^"]+)"', page.text)[0]
    fields = {"place": "area:imaging", "kind": "closure", "batch": token}
    look = sora.post("/sites/tsukuba/closures/import/close", dates=dates, stage="look", **fields)
    assert look.status_code == 200 and "重なる予約が1件あります" in look.text
    done = sora.post("/sites/tsukuba/closures/import/close", dates=dates, stage="save", **fields)
    assert done.status_code == 303, done.text
    assert _closures() == [
        (at("2026-11-24T09:00").isoformat(), "Window cleaning"),
        (at("2026-12-08T09:00").isoformat(), "Window cleaning"),
        (at("2026-12-29T00:00").isoformat(), "年末年始"),
    ]
    assert choices() == [None] and len(closing_letters()) == 1


@pytest.mark.parametrize("named", ["a\u202eb", "a\x07b", "ab\\n"])
def test_a_title_with_hidden_characters_is_closed_under_a_tidy_one(app: Flask, lab: Cast, named: str) -> None:
    sora = Visitor(app, "sora")
    page = _sent(sora, _calendar(DAYS.replace("年末年始", named)))
    dates = re.findall(r'name="dates" value="([^"]+)"', page.text)
    fields = {"place": "area:imaging", "kind": "closure", "batch": "0" * 24}
    done = sora.post("/sites/tsukuba/closures/import/close", dates=dates, stage="save", **fields)
    assert done.status_code == 303, done.text
    assert [reason for _, reason in _closures()] == ["ab"]


@pytest.mark.parametrize("wrong", ["RECURRENCE-ID:foo", "RRULE:FREQ=MONTHLY;BYDAY=99MO"])
def test_an_event_that_is_broken_is_one_line_on_the_page(app: Flask, lab: Cast, wrong: str) -> None:
    page = _sent(Visitor(app, "sora"), _calendar(DAYS.replace("DTEND", f"{wrong}\nDTEND"), WEEKLY))
    assert page.status_code == 200 and page.text.count("年末年始") == 1 and "Window cleaning" in page.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "カレンダーファイルを選んでください。"),
        (b"GIF89a\x00\xff", "読み取れるカレンダーファイル"),
        (b"BEGIN:VCALENDAR\r\n" * 50, "読み取れるカレンダーファイル"),
        (_calendar(), "このファイルには予定がありません。"),
        (_calendar(*[DAYS] * 501), "予定が500件を超えています。"),
        (b"x" * 210_000, "ファイルが200 KBを超えています。"),
    ],
)
def test_what_is_no_calendar_file_is_said(app: Flask, lab: Cast, content: bytes, said: str) -> None:
    page = _sent(Visitor(app, "sora"), content)
    assert page.status_code == 422 and said in page.text


@pytest.mark.parametrize(
    "value", ["", "x", "2026-11-24|2026-11-23|a", "2026-11-24T09:00+09:00|2026-11-24T10:00+09:00|"]
)
def test_dates_that_nobody_read_are_refused(app: Flask, lab: Cast, value: str) -> None:
    sora = Visitor(app, "sora")
    page = sora.post(
        "/sites/tsukuba/closures/import/close", place="area:imaging", kind="closure", batch="0" * 24, dates=value
    )
    assert page.status_code == 422
    assert db.session.scalar(select(func.count(Closure.id))) == 0
