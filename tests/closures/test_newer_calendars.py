"""A newer file of a calendar that was read before: what is new in it, has changed, or is not in it any more."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.bookings.service.closing_work import Work
from labbook.bookings.service.errors import StaleError
from labbook.bookings.service.taking_over import Intake, Wanted, take_over
from labbook.core.closing import ClosureKind
from labbook.core.feeds import Scope
from labbook.core.ical.events import Found
from labbook.core.interval import Interval
from labbook.core.permissions import ForbiddenError
from labbook.db import db
from labbook.models import Closure
from tests.agreements.making import events
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.closures.closing import at, choices, closing_letters, decide, listed, look, states
from tests.conftest import Clock
from tests.feeds.reading import feed as made

PATH = "/sites/tsukuba/closures/import"
PLACE = "resource:tsukuba-plain"


def visit(uid: str, day: str, name: str = "Service visit", hours: str = "090000/110000", more: str = "") -> str:
    """An event of the vendor's calendar, by the clock of Tsukuba."""
    start, _, end = hours.partition("/")
    zone = "TZID=Tokyo Standard Time"
    times = f"DTSTART;{zone}:{day}T{start}\r\nDTEND;{zone}:{day}T{end}"
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}@vendor", f"SUMMARY:{name}", times, *more.split(), "END:VEVENT"])


def _file(*visits: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *visits, "END:VCALENDAR", ""]).encode()


def _read(visitor: Visitor, *visits: str, place: str = PLACE) -> TestResponse:
    sent = {"csrf_token": visitor.good_token(), "place": place, "kind": "maintenance"}
    sent_file = {**sent, "file": (BytesIO(_file(*visits)), "a.ics")}
    return visitor.open(PATH, method="POST", data=sent_file, content_type="multipart/form-data")


def _ticks(page: TestResponse, name: str, *, ticked: bool | None = None) -> list[str]:
    """The boxes of a page by the form's name for them, of which all are wanted, or the ticked ones, or the others."""
    boxes = re.findall(rf'name="{name}" value="([^"]*)"( checked)?', page.text)
    return [value for value, checked in boxes if ticked is None or bool(checked) is ticked]


def _sent(
    visitor: Visitor, page: TestResponse, stage: str, gone: list[str] | None = None, **fields: str
) -> TestResponse:
    kept = {**form_of(page, "/import/close").fields, "stage": stage, **fields}
    dates = _ticks(page, "dates", ticked=True)
    return visitor.open(f"{PATH}/close", method="POST", data={**kept, "dates": dates, "gone": gone or []})


def take(visitor: Visitor, *visits: str, gone: bool = False, **fields: str) -> str:
    """Take over what is ticked, and open what the file has no more if `gone`; the address of the closing."""
    page = _read(visitor, *visits)
    assert page.status_code == 200, page.text
    done = _sent(visitor, page, "save", _ticks(page, "gone") if gone else [], **fields)
    assert done.status_code == 303, done.text
    return str(done.headers["Location"])


def _closed() -> list[tuple[str, str]]:
    db.session.remove()
    rows = db.session.scalars(select(Closure).order_by(Closure.starts_at))
    return [(f"{one.starts_at:%m-%d %H}–{one.ends_at:%H}", one.reason.text("en")) for one in rows]


FIRST = visit("a", "20261201"), visit("b", "20261208"), visit("c", "20261215")


def test_a_newer_file_adds_moves_and_opens_what_is_ticked(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    path = take(sora, *FIRST)
    newer = visit("a", "20261201"), visit("b", "20261210", "Laser"), visit("d", "20261222")
    page = _read(sora, *newer)
    assert [len(_ticks(page, name)) for name in ("dates", "gone")] == [2, 1]
    assert _ticks(page, "gone", ticked=True) == [] and "登録済みの日程：1件" in page.text
    assert "12月8日" in page.text.split("現在：")[1][:60]
    again = take(sora, *newer, gone=True)
    assert again == path
    assert _closed() == [("12-01 00–02", "Service visit"), ("12-10 00–02", "Laser"), ("12-22 00–02", "Service visit")]
    after = sora.get(path).text
    assert "取り込みました（新規1件、変更1件、利用再開1件）。" in after
    assert len(events("closure-imported")) == 2


@on_sqlite
def test_a_new_title_alone_is_a_change(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    take(sora, FIRST[0])
    take(sora, visit("a", "20261201", "Laser"))
    assert _closed() == [("12-01 00–02", "Laser")]


@on_sqlite
def test_where_not_all_was_read_nobody_knows_what_is_gone(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    take(sora, *FIRST)
    page = _read(sora, FIRST[0], visit("w", "20261201", "Daily", more="RRULE:FREQ=DAILY"), FIRST[1])
    assert "登録済みの日程：1件" in page.text and _ticks(page, "gone") == []


@on_sqlite
def test_what_is_not_ticked_stays_as_it_is(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    take(sora, *FIRST)
    take(sora, visit("a", "20261201"), visit("d", "20261222"))
    assert [when[:5] for when, _ in _closed()] == ["12-01", "12-08", "12-15", "12-22"]


@on_sqlite
def test_the_same_file_closes_nothing_twice(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    page = _read(sora, *FIRST)
    path = [_sent(sora, page, "save").headers["Location"] for _ in range(2)][1]
    assert "すでに取り込み済みです。" in sora.get(path).text
    assert len(_closed()) == 3 and len(events("closure-imported")) == 1
    same = _read(sora, *FIRST)
    assert _ticks(same, "dates") == [] and "このファイルに新しい日程はありません。" in same.text


@on_sqlite
def test_another_calendar_of_the_same_place_is_left_alone(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    first = take(sora, *FIRST)
    page = _read(sora, visit("z", "20261224"))
    assert _ticks(page, "gone") == []
    assert take(sora, visit("z", "20261224")) != first
    assert len(_ticks(_read(sora, visit("z", "20261225")), "gone")) == 0


@on_sqlite
def test_the_same_calendar_closes_another_place_by_itself(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    take(sora, *FIRST)
    page = _read(sora, *FIRST, place="resource:tsukuba-hood")
    assert len(_ticks(page, "dates")) == 3 and "登録済み" not in page.text


@on_sqlite
def test_of_a_series_only_the_date_that_moved_is_moved(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    weekly = visit("w", "20261201", more="RRULE:FREQ=WEEKLY;COUNT=3")
    take(sora, weekly)
    moved = visit("w", "20261209", more="RECURRENCE-ID;TZID=Asia/Tokyo:20261208T090000")
    page = _read(sora, weekly, moved)
    assert len(_ticks(page, "dates")) == 1
    take(sora, weekly, moved)
    assert [when[:5] for when, _ in _closed()] == ["12-01", "12-09", "12-15"]


@on_sqlite
def test_words_that_staff_put_into_both_languages_stay_while_the_title_does(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    path = take(sora, FIRST[0])
    sora.submit(sora.get(f"{path}/change"), "/change", reason_ja="点検")
    take(sora, visit("a", "20261202"))
    db.session.remove()
    row = db.session.scalars(select(Closure)).one()
    assert (row.reason.en, row.reason.ja, row.starts_at) == ("Service visit", "点検", at("2026-12-02T09:00"))


# --- bookings under it ------------------------------------------------------------------------------------------------


def test_bookings_that_a_moved_date_frees_go_on_and_those_under_it_wait(app: Flask, lab: Cast) -> None:
    hana, ben, sora = Visitor(app, "hana"), Visitor(app, "ben"), Visitor(app, "sora")
    hana.book("tsukuba-plain", "2026-12-01T10:00", "2026-12-01T12:00")
    ben.book("tsukuba-plain", "2026-12-02T10:00", "2026-12-02T12:00")
    path = take(sora, FIRST[0])
    assert choices() == [None] and len(closing_letters()) == 1
    newer = visit("a", "20261202")
    look = _sent(sora, _read(sora, newer), "look")
    assert "重なる予約が1件あります" in look.text and len(listed(look.text)) == 1
    take(sora, newer)
    assert choices() == ["mended", None]
    told = [(one.address, one.values["action"], one.values["lines"][0]["fate"]) for one in closing_letters()[1:]]
    assert sorted(told) == [("ben@lab.example", "changed", "open"), ("hana@lab.example", "changed", "again")]
    page = sora.get(path)
    assert decide(sora, page, path, listed(page.text), "cancel").status_code == 303
    assert states() == ["approved", "cancelled"]


def test_bookings_under_what_the_file_has_no_more_go_on_once_it_is_opened(app: Flask, lab: Cast) -> None:
    Visitor(app, "hana").book("tsukuba-plain", "2026-12-08T10:00", "2026-12-08T12:00")
    sora = Visitor(app, "sora")
    take(sora, *FIRST)
    assert choices() == [None]
    page = _read(sora, FIRST[0], FIRST[2])
    look = _sent(sora, page, "look", _ticks(page, "gone"))
    assert "の利用再開" in look.text and "12月8日" in look.text
    done = sora.open(
        f"{PATH}/close",
        method="POST",
        data={**form_of(look, "/import/close").fields, "stage": "save"},
    )
    assert done.status_code == 303 and choices() == ["mended"]
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-12-08T13:00", "2026-12-08T14:00").status_code == 303


@on_sqlite
def test_what_runs_keeps_its_start_and_ends_when_the_file_says(app: Flask, lab: Cast, clock: Clock) -> None:
    sora = Visitor(app, "sora")
    take(sora, FIRST[0])
    clock.now = at("2026-12-01T10:30")
    sora = Visitor(app, "sora")
    take(sora, visit("a", "20261201", hours="100000/150000"))
    assert _closed() == [("12-01 00–06", "Service visit")]
    take(sora, visit("a", "20261203"))
    assert [when for when, _ in _closed()] == ["12-01 00–06", "12-03 00–02"]


@on_sqlite
def test_of_what_runs_another_start_is_no_change(app: Flask, lab: Cast, clock: Clock) -> None:
    take(Visitor(app, "sora"), FIRST[0])
    clock.now = at("2026-12-01T10:30")
    page = _read(Visitor(app, "sora"), visit("a", "20261201", hours="100000/110000"))
    assert "登録済みの日程：1件" in page.text and _ticks(page, "dates") == []


# --- what is refused --------------------------------------------------------------------------------------------------


def test_nothing_is_taken_over_when_something_was_changed_meanwhile(app: Flask, lab: Cast) -> None:
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    path = take(sora, *FIRST)
    page = _read(sora, visit("a", "20261202"), visit("b", "20261208"), visit("d", "20261222"))
    mio.submit(mio.get(f"{path}/change"), "/change", reason_ja="点検")
    refused = _sent(sora, page, "save")
    assert refused.status_code == 409 and "何も取り込んでいません" in refused.text
    assert [when[:5] for when, _ in _closed()] == ["12-01", "12-08", "12-15"]


@on_sqlite
def test_what_was_changed_meanwhile_is_not_opened(app: Flask, lab: Cast) -> None:
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    path = take(sora, *FIRST)
    page = _read(sora, *FIRST[1:])
    mio.submit(mio.get(f"{path}/change"), "/change", reason_ja="点検")
    assert _sent(sora, page, "save", _ticks(page, "gone")).status_code == 409
    assert [when[:5] for when, _ in _closed()] == ["12-01", "12-08", "12-15"]


def test_nothing_is_taken_over_by_half(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sora = Visitor(app, "sora")
    take(sora, *FIRST)
    before, page = _closed(), _read(sora, visit("a", "20261202"), visit("b", "20261208"), visit("d", "20261222"))

    def fail(*_: object, **__: object) -> None:
        raise StaleError

    monkeypatch.setattr(Work, "finish", fail)
    assert _sent(sora, page, "save", _ticks(page, "gone")).status_code == 409
    assert _closed() == before and len(events("closure-imported")) == 1


@on_sqlite
def test_a_date_that_was_opened_meanwhile_is_not_closed_as_if_it_were_moved(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    path = take(sora, FIRST[0])
    page = _read(sora, visit("a", "20261202"))
    sora.submit(sora.get(path), "/lift")
    assert _sent(sora, page, "save").status_code == 409 and _closed() == []


@on_sqlite
@pytest.mark.parametrize(
    ("dates", "gone"),
    [
        ("", ""),
        ("20261201T000000|20261201T010000|" + "a" * 32 + "|0|", ""),
        ("20261201T000000|20261201T010000|" + "a" * 31 + "|0|x", ""),
        ("20261201T000000|20261201T010000|" + "a" * 32 + "|-1|x", ""),
        ("20261201T010000|20261201T000000|" + "a" * 32 + "|0|x", ""),
        ("20261101T000000|20261101T010000|" + "a" * 32 + "|0|x", ""),
        ("20261201T000000|20261201T010000|" + "a" * 32 + "|0|x\u202ey", ""),
        ("20261201T000000|99991231T235959|" + "a" * 32 + "|0|x", ""),  # no page could show it by local clocks
        ("00010101T000000|20261201T010000|" + "a" * 32 + "|0|x", ""),
        ("", "nothing"),
        ("", "x|²"),
    ],
)
def test_what_no_page_of_ours_sends_is_refused(app: Flask, lab: Cast, dates: str, gone: str) -> None:
    sora = Visitor(app, "sora")
    sent = {"place": PLACE, "kind": "closure", "batch": "0" * 24, "dates": dates, "gone": gone, "stage": "save"}
    assert sora.post(f"{PATH}/close", **sent).status_code == 422 and _closed() == []


@on_sqlite
def test_a_form_that_names_a_date_twice_closes_it_once(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    page = _read(sora, FIRST[0])
    (date,) = _ticks(page, "dates")
    kept = {**form_of(page, "/import/close").fields, "stage": "save"}
    assert sora.open(f"{PATH}/close", method="POST", data={**kept, "dates": [date, date]}).status_code == 303
    assert len(_closed()) == 1


@on_sqlite
def test_a_form_that_moves_and_opens_the_same_date_moves_it(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    take(sora, FIRST[0])
    key = db.session.scalars(select(Closure.key)).one()
    page = _read(sora, visit("a", "20261202"))
    assert _sent(sora, page, "save", [f"{key}|1"]).status_code == 303
    assert _closed() == [("12-02 00–02", "Service visit")]


@on_sqlite
def test_closures_that_no_file_made_are_not_opened_by_one(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    made = sora.submit(look(sora, PLACE, "2026-12-01T09:00", "2026-12-01T10:00"), "/closures/new", stage="save")
    key = str(made.headers["Location"]).rsplit("/", 1)[-1]
    db.session.remove()
    row = db.session.scalars(select(Closure.key).where(Closure.batch == key)).one()
    page = _read(sora, visit("a", "20261203"))
    assert _sent(sora, page, "save", [f"{row}|1"]).status_code == 303
    assert len(_closed()) == 2


@on_sqlite
def test_a_site_as_a_whole_is_closed_by_its_managers_alone(app: Flask, lab: Cast) -> None:
    assert _read(Visitor(app, "sora"), FIRST[0], place="site").status_code == 422
    assert _read(Visitor(app, "mio"), FIRST[0], place="site").status_code == 200
    fields = {"place": "site", "kind": "closure", "batch": "0" * 24, "dates": _spelled(app), "stage": "save"}
    assert Visitor(app, "sora").post(f"{PATH}/close", **fields).status_code == 422
    assert _closed() == []


@on_sqlite
def test_the_service_itself_lets_only_managers_close_a_site(app: Flask, lab: Cast) -> None:
    time = Interval(at("2026-12-01T09:00"), at("2026-12-01T10:00"))
    intake = Intake("0" * 24, "site", ClosureKind.CLOSURE, (Wanted(Found(time, "All", "a" * 32)),), {})
    with pytest.raises(ForbiddenError):
        take_over(lab.actor("sora"), "tsukuba", intake, {}, now=NOW)
    assert take_over(lab.actor("mio"), "tsukuba", intake, {}, now=NOW).new == 1


def _spelled(app: Flask) -> str:
    return _ticks(_read(Visitor(app, "mio"), FIRST[0]), "dates")[0]


@on_sqlite
def test_what_is_too_large_for_any_form_is_not_read(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    big = {"csrf_token": sora.good_token(), "file": (BytesIO(b"x" * 300_000), "a.ics")}
    answer = sora.open(PATH, method="POST", data=big, content_type="multipart/form-data")
    assert answer.status_code == 413 and _closed() == []


@on_sqlite
def test_as_many_dates_with_titles_as_long_as_may_be_fit_into_the_form(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    page = _read(sora, visit("w", "20261201", "保" * 120, more="RRULE:FREQ=DAILY"))
    assert len(_ticks(page, "dates")) == 200 and "最初の200回分の日時だけを読み取りました。" in page.text
    assert _ticks(page, "gone") == []
    look = _sent(sora, page, "look")
    assert look.status_code == 200
    assert _sent(sora, page, "save").status_code == 303 and len(_closed()) == 200


# --- where it begins --------------------------------------------------------------------------------------------------


@on_sqlite
def test_the_resources_page_leads_there_with_the_resource_chosen(app: Flask, lab: Cast) -> None:
    link = f"{PATH}?place={PLACE}"
    assert link in Visitor(app, "sora").get("/resources/tsukuba-plain").text.replace("%3A", ":")
    assert PATH not in Visitor(app, "ben").get("/resources/tsukuba-plain").text
    page = Visitor(app, "sora").get(link).text
    assert f'<option selected value="{PLACE}"' in page


@on_sqlite
def test_what_says_that_it_keeps_nobody_busy_is_shown_unticked(app: Flask, lab: Cast) -> None:
    page = _read(Visitor(app, "sora"), visit("a", "20261201", more="TRANSP:TRANSPARENT"), visit("b", "20261208"))
    assert len(_ticks(page, "dates", ticked=False)) == 1 and "「空き時間」とされている" in page.text


def test_calendars_that_show_closures_change_with_the_file(app: Flask, lab: Cast) -> None:
    ben, sora = Visitor(app, "ben"), Visitor(app, "sora")
    feed = made(lab, "ben", Scope.RESOURCE, about="tsukuba-plain")
    take(sora, FIRST[0])
    first = ben.get(feed)
    assert "DTSTART;TZID=Asia/Tokyo:20261201T090000" in first.text
    take(sora, visit("a", "20261202"))
    second = ben.get(feed, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200 and "20261202T090000" in second.text and "20261201T090000" not in second.text
    uids = [re.findall(r"\r\nUID:(\S+)", one.text) for one in (first, second)]
    assert uids[0] == uids[1] and "SEQUENCE:1" in second.text
