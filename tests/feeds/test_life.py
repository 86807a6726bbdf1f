"""A booking's life as the scientist's own calendar sees it, fetched over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from labbook.core.feeds import Detail, Scope
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.feeds.reading import entries, feed, fetched, only


def key_of(location: str) -> str:
    """The request's key in a redirect."""
    return location.rsplit("/", 1)[1]


def test_a_request_is_tentative_then_confirmed_then_a_tombstone(app: Flask, lab: Cast, clock: Clock) -> None:
    hana, sora, calendar = Visitor(app, "hana"), Visitor(app, "sora"), Visitor(app)
    path = feed(lab)
    asked = hana.book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T12:00", title="Run 7")
    assert asked.status_code == 303
    page = asked.headers["Location"]

    first_answer = fetched(calendar, path)
    first = only(first_answer)
    assert (first["STATUS"], first["TRANSP"], first["X-MICROSOFT-CDO-BUSYSTATUS"]) == (
        "TENTATIVE",
        "OPAQUE",
        "TENTATIVE",
    )
    assert first["SUMMARY"].startswith("[PENDING] Run 7")
    assert (first["DTSTART"], first["DTEND"]) == ("20261124T100000", "20261124T120000")
    assert first["URL"].endswith(page)
    assert first["DTSTAMP"] == first["LAST-MODIFIED"] == "20261123T000000Z"

    clock.now += timedelta(hours=1)
    assert sora.submit(sora.get(page), "/approve").status_code == 303
    second_answer = fetched(calendar, path, first_answer.headers["ETag"])
    second = only(second_answer)
    assert (second["STATUS"], second["TRANSP"], second["X-MICROSOFT-CDO-BUSYSTATUS"]) == ("CONFIRMED", "OPAQUE", "BUSY")
    assert second["UID"] == first["UID"]
    assert int(second["SEQUENCE"]) > int(first["SEQUENCE"])
    assert second["SUMMARY"].startswith("Run 7")
    assert second["DTSTAMP"] == second["LAST-MODIFIED"] == "20261123T010000Z"

    clock.now += timedelta(hours=1)
    assert hana.submit(hana.get(page), "/cancel").status_code == 303
    third = only(fetched(calendar, path, second_answer.headers["ETag"]))
    assert (third["STATUS"], third["TRANSP"], third["X-MICROSOFT-CDO-BUSYSTATUS"]) == (
        "CANCELLED",
        "TRANSPARENT",
        "FREE",
    )
    assert third["SUMMARY"].startswith("[CANCELLED] Run 7")
    assert third["UID"] == first["UID"]
    assert int(third["SEQUENCE"]) > int(second["SEQUENCE"])


@on_sqlite
@pytest.mark.parametrize(("step", "status"), [("decline", "CANCELLED"), ("withdraw", "CANCELLED")])
def test_what_is_declined_or_withdrawn_is_a_tombstone(app: Flask, lab: Cast, step: str, status: str) -> None:
    hana, sora, calendar = Visitor(app, "hana"), Visitor(app, "sora"), Visitor(app)
    path = feed(lab)
    page = hana.book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T12:00").headers["Location"]
    before = only(fetched(calendar, path))
    visitor = sora if step == "decline" else hana
    assert visitor.submit(visitor.get(page), f"/{step}", reason="No").status_code == 303
    after = only(fetched(calendar, path))
    assert (after["STATUS"], after["UID"]) == (status, before["UID"])
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


@on_sqlite
def test_a_moved_booking_keeps_its_uid_and_raises_its_sequence(app: Flask, lab: Cast) -> None:
    hana, calendar, path = Visitor(app, "hana"), Visitor(app), feed(lab)
    page = hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00").headers["Location"]
    before = only(fetched(calendar, path))
    form = hana.get(next(link for link in hana.get(page).text.split('"') if link.endswith("/move")))
    assert hana.submit(form, "/move", start_at="14:00", end_at="15:00").status_code == 303
    after = only(fetched(calendar, path))
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    assert (after["DTSTART"], after["DTEND"]) == ("20261124T140000", "20261124T150000")


@on_sqlite
def test_beginning_and_ending_as_booked_changes_no_byte(app: Flask, lab: Cast, clock: Clock) -> None:
    from labbook.bookings import service

    hana, calendar, path = Visitor(app, "hana"), Visitor(app), feed(lab)
    hana.book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T11:00")
    before = fetched(calendar, path)
    for hours in (1.5, 2.5):
        clock.now = NOW + timedelta(hours=hours)
        service.tick(now=clock.now)
        after = fetched(calendar, path)
        assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


@on_sqlite
def test_a_tombstone_stays_for_thirty_days_and_goes_with_a_new_validator(app: Flask, lab: Cast, clock: Clock) -> None:
    hana, calendar, path = Visitor(app, "hana"), Visitor(app), feed(lab)
    page = hana.book("cambridge-scope", "2027-02-24T10:00", "2027-02-24T12:00").headers["Location"]
    clock.now = NOW + timedelta(hours=3, minutes=10)
    assert hana.submit(hana.get(page), "/cancel").status_code == 303
    seen: dict[str, bytes] = {}
    for hours in range(29 * 24, 32 * 24, 5):
        clock.now = NOW + timedelta(hours=hours)
        answer = fetched(calendar, path)
        assert seen.setdefault(answer.headers["ETag"], answer.data) == answer.data
        if hours < 30 * 24:
            assert only(answer)["STATUS"] == "CANCELLED"
    assert entries(answer) == []
    assert b"BEGIN:VTIMEZONE" in answer.data


@on_sqlite
def test_a_booking_by_day_is_dates(app: Flask, lab: Cast) -> None:
    hana, path = Visitor(app, "hana"), feed(lab)
    assert hana.book("tsukuba-bench", "2026-11-25", "2026-11-27").status_code == 303
    found = only(Visitor(app).get(path))
    assert (found["DTSTART"], found["DTEND"]) == ("20261125", "20261128")


@on_sqlite
def test_a_japanese_feed_is_japanese_in_names_and_words(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    path = feed(lab, language="ja", title="私の予定")
    hana.book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T12:00", title="蛍光観察、その一")
    answer = Visitor(app).get(path)
    found = only(answer)
    assert found["SUMMARY"] == "【承認待ち】蛍光観察、その一 · シーケンサー"
    assert found["LOCATION"].startswith("シーケンサー")
    assert "つくば" in found["LOCATION"]
    assert "佐藤 花" in found["DESCRIPTION"]
    text = answer.data.replace(b"\r\n ", b"").decode()
    assert "X-WR-CALNAME:私の予定" in text
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    assert b"\n" not in answer.data.replace(b"\r\n", b"")


@on_sqlite
def test_a_colleagues_booking_is_full_in_the_resources_feed_and_a_rivals_is_busy(app: Flask, lab: Cast) -> None:
    alan, ben = Visitor(app, "alan"), Visitor(app, "ben")
    alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00", title="Ours")
    ben.book("tsukuba-plain", "2026-11-24T15:00", "2026-11-24T16:00", title="Theirs")
    path = feed(lab, "hana", Scope.RESOURCE, about="tsukuba-plain")
    found = entries(Visitor(app).get(path))
    assert [one["SUMMARY"] for one in found] == ["Plate reader · Ours", "Busy"]
    busy = feed(lab, "hana", Scope.RESOURCE, Detail.BUSY, about="tsukuba-plain")
    assert [one["SUMMARY"] for one in entries(Visitor(app).get(busy))] == ["Busy", "Busy"]


@on_sqlite
def test_staff_follow_their_whole_site(app: Flask, lab: Cast) -> None:
    Visitor(app, "hana").book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00", title="Here")
    Visitor(app, "hana").book("cambridge-scope", "2026-11-24T10:00", "2026-11-24T12:00", title="There")
    path = feed(lab, "sora", Scope.SITE, about="tsukuba")
    assert only(Visitor(app).get(path))["SUMMARY"] == "Plate reader · Here"
