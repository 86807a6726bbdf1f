"""Reading the trail: of the lab, and of one partner; every look is itself recorded."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.core.interval import Interval
from labbook.db import db, transactional
from labbook.models import Event, EventDetail, Partner
from labbook.models.audit import happened
from labbook.reports import queries
from labbook.reports.pages.trail import cell_of
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.reports.tampering import book

TOMORROW = Interval(NOW + timedelta(days=1), NOW + timedelta(days=2))


def key_of(lab: Cast, partner: str) -> str:
    """The key of a partner."""
    db.session.remove()
    return db.session.scalars(select(Partner.key).where(Partner.id == lab.partners[partner])).one()


def looks(code: str = "trail-looked-at") -> list[tuple[int | None, int | None, object]]:
    """Recorded looks: by whom, at whose trail, with which filters."""
    db.session.remove()
    found = select(Event.actor_id, Event.partner_id, EventDetail.body).join(EventDetail).where(Event.code == code)
    return [tuple(row) for row in db.session.execute(found.order_by(Event.id))]


# --- of the whole lab -------------------------------------------------------------------------------------------------


def test_auditors_read_everything_newest_first(app: Flask, lab: Cast) -> None:
    book(lab)
    page = Visitor(app, "audrey").get("/trail").text
    assert page.index("The trail was looked at") < page.index("A booking was asked for")
    assert "花 佐藤" in page or "佐藤 花" in page
    assert "Aoba Bio" in page
    assert looks() == [(lab.people["audrey"], None, {})]


@on_sqlite
@pytest.mark.parametrize("path", ["/trail", "/trail/export.csv", "/trail/export.jsonl"])
@pytest.mark.parametrize(
    ("name", "status"), [("audrey", 200), ("ada", 200), ("sora", 403), ("mio", 403), ("cora", 403), ("hana", 403)]
)
def test_the_lab_s_trail_is_for_auditors_and_administrators(
    app: Flask, lab: Cast, name: str, status: int, path: str
) -> None:
    book(lab, title="Secret cells")
    answer = Visitor(app, name).get(path)
    assert answer.status_code == status
    assert len(looks()) + len(looks("trail-exported")) == (1 if status == 200 else 0)


def test_it_is_filtered(app: Flask, lab: Cast) -> None:
    book(lab)
    book(lab, hours=3, who="ben")
    audrey = Visitor(app, "audrey")
    aoba, birch = key_of(lab, "aoba"), key_of(lab, "birch")

    def lines(**asked: str) -> list[str]:
        text = audrey.get("/trail", query_string=asked).text
        return re.findall(r'trail-what"><strong>([^<]+)<', text)

    asked_for = "A booking was asked for"
    assert lines(kind="bookings") == [asked_for] * 2
    assert lines(kind="bookings", partner=aoba) == [asked_for]
    assert "Birch" not in audrey.get("/trail", query_string={"partner": aoba}).text.split("</form>")[-1]
    assert lines(kind="bookings", partner=birch, site="cambridge") == []
    assert lines(kind="bookings", first="2026-11-23", last="2026-11-23") == [asked_for] * 2
    assert lines(kind="bookings", first="2026-11-24") == []
    assert lines(kind="bookings", last="2026-11-22") == []
    assert looks()[0][2] == {"kind": "bookings"}
    assert looks()[1][:2] == (lab.people["audrey"], lab.partners["aoba"])


@on_sqlite
def test_it_is_filtered_by_person(app: Flask, lab: Cast) -> None:
    book(lab)
    book(lab, hours=3, who="ben")
    audrey = Visitor(app, "audrey")
    option = re.search(r'value="([0-9a-f]{24})"[^>]*>Ben Birk<', audrey.get("/trail").text)
    assert option is not None
    listed = audrey.get(f"/trail?person={option[1]}&kind=bookings").text.split("</form>")[-1]
    assert "Ben Birk" in listed
    assert "佐藤" not in listed


@on_sqlite
@pytest.mark.parametrize(
    "asked", ["first=yesterday", "last=1999-01-01", "site=nowhere", "partner=x", "person=x", "kind=x"]
)
def test_filters_of_the_wrong_shape_are_refused(app: Flask, lab: Cast, asked: str) -> None:
    for path in ("/trail", "/trail/export.csv"):
        assert Visitor(app, "audrey").get(f"{path}?{asked}").status_code == 422
    assert looks() == []


@on_sqlite
@pytest.mark.parametrize("below", ["x", "-1", "٣", "9" * 30, ""])
def test_odd_page_numbers_do_no_harm(app: Flask, lab: Cast, below: str) -> None:
    assert Visitor(app, "audrey").get("/trail", query_string={"below": below}).status_code == 200


def test_it_is_read_in_pages_without_a_gap(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for hours in range(5):
        book(lab, hours=3 * hours)
    monkeypatch.setattr(queries, "PAGE", 2)
    audrey = Visitor(app, "audrey")
    path, seen = "/trail?kind=bookings", []
    while path:
        text = audrey.get(path).text
        seen += re.findall(r"event (\d+)", text)
        older = re.search(r'href="([^"]+)" rel="next"', text)
        path = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, key=int, reverse=True)


def test_exports_hold_everything_and_are_recorded(app: Flask, lab: Cast) -> None:
    book(lab)
    audrey = Visitor(app, "audrey")
    table = audrey.get("/trail/export.csv")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.headers["Content-Disposition"].startswith("attachment; filename=")
    assert table.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"))))
    asked = next(row for row in rows if row["code"] == "booking-ask")
    assert (asked["partner"], asked["state"], asked["at"]) == ("Aoba Bio", "approved", "2026-11-23T00:00:00Z")
    lines = audrey.get("/trail/export.jsonl")
    records = [json.loads(line) for line in lines.text.splitlines()]
    assert [one["code"] for one in records][:2] == ["trail-exported", "trail-exported"]
    assert {one["event"] for one in records} == {int(row["event"]) for row in rows} | {records[0]["event"]}
    assert len(looks("trail-exported")) == 2


@on_sqlite
def test_no_cell_starts_a_formula(app: Flask, lab: Cast) -> None:
    key = book(lab, resource="tsukuba-asked")
    service.decline(lab.actor("sora"), key, reason="=HYPERLINK(1)", version=1, now=NOW)
    text = Visitor(app, "audrey").get("/trail/export.csv").data.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1+1", "\u200b=1", "\u3000＋1"]
)
def test_what_a_spreadsheet_would_take_for_code_is_quoted(text: str) -> None:
    assert cell_of(text) == f"'{text}"
    assert cell_of(f"a{text}") == f"a{text}"


@on_sqlite
def test_what_is_exported_is_read_in_parts(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for hours in range(4):
        book(lab, hours=3 * hours)
    monkeypatch.setattr(queries, "AT_ONCE", 2)
    records = [json.loads(line) for line in Visitor(app, "audrey").get("/trail/export.jsonl").text.splitlines()]
    assert [one["code"] for one in records].count("booking-ask") == 4
    assert len({one["event"] for one in records}) == len(records)


# --- of one partner ---------------------------------------------------------------------------------------------------


def partner_lines(app: Flask, lab: Cast, name: str = "cora", partner: str = "aoba") -> list[str]:
    """What a partner's trail says."""
    text = Visitor(app, name).get(f"/trail/partner/{key_of(lab, partner)}").text
    return re.findall(r'trail-what"><strong>([^<]+)<', text)


def test_a_coordinator_reads_who_saw_and_changed_their_bookings(app: Flask, lab: Cast) -> None:
    key = book(lab, resource="tsukuba-asked", title="Run 7")
    Visitor(app, "sora").get(f"/requests/{key}")
    service.decline(lab.actor("sora"), key, reason="Laser", version=1, now=NOW)
    page = Visitor(app, "cora").get(f"/trail/partner/{key_of(lab, 'aoba')}").text
    for words in ("A request was opened by staff", "A booking was declined", "鈴木 空", "Laser", "Run 7", "JST"):
        assert words in page
    assert looks() == [(lab.people["cora"], lab.partners["aoba"], {})]


def test_a_look_at_a_schedule_counts_when_the_partner_was_on_it(app: Flask, lab: Cast) -> None:
    audrey, site = lab.actor("audrey"), lab.sites["tsukuba"]
    service.note_schedule_look(audrey, site, TOMORROW, now=NOW - timedelta(hours=1))  # before there was anything
    key = book(lab)
    service.note_schedule_look(audrey, site, TOMORROW, now=NOW)
    service.note_schedule_look(audrey, site, Interval(NOW, NOW + timedelta(hours=1)), now=NOW)  # another day
    service.note_schedule_look(audrey, lab.sites["cambridge"], TOMORROW, now=NOW)
    booking = db.session.scalars(select(Event.booking_id).where(Event.code == "booking-ask")).one()
    assert booking is not None
    found = service_booking(lab, key)
    service.cancel(lab.actor("hana"), found[0], reason="", version=found[1], now=NOW + timedelta(minutes=5))
    service.note_schedule_look(audrey, site, TOMORROW, now=NOW + timedelta(minutes=10))  # nothing left to see
    looked = [one for one in partner_lines(app, lab) if "schedule" in one]
    assert looked == ["A site&#39;s schedule was looked at by duty"]
    ben = [one for one in queries.partner_trail(lab.partners["birch"]) if one.code == "schedule-looked-at"]
    assert ben == []


def service_booking(lab: Cast, key: str) -> tuple[str, int]:
    """Key and version of the one booking of a request."""
    from labbook.bookings.queries import request_by_key

    booking = request_by_key(lab.actor("hana"), key).bookings[0]
    return booking.key, booking.version


def test_a_partner_s_trail_holds_nothing_of_others(app: Flask, lab: Cast) -> None:
    book(lab)
    book(lab, hours=3, who="ben", title="Birch words")

    @transactional
    def others() -> None:
        for code, subject in (("message-sent", "thread"), ("signed-in", "person"), ("booking-x", "booking")):
            db.session.add(
                happened(
                    code,
                    at=NOW,
                    actor_id=lab.people["ben"],
                    subject=subject,
                    body={"reason": "Birch words"},
                    partner_id=lab.partners["aoba"],
                )
            )

    others()
    cora = Visitor(app, "cora")
    page = cora.get(f"/trail/partner/{key_of(lab, 'aoba')}").text
    assert [word for word in ("Birch", "Birk", "event ", "seal ") if word in page.split("<main")[1]] == []


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("cora", 200),
        ("audrey", 200),
        ("ada", 200),
        ("hana", 403),
        ("sora", 403),
        ("ben", 404),
        ("chika", 404),
        ("dora", 404),
    ],
)
def test_a_partner_s_trail_is_for_its_coordinator_and_for_auditors(
    app: Flask, lab: Cast, name: str, status: int
) -> None:
    key = key_of(lab, "aoba")
    visitor = Visitor(app, name)
    assert visitor.get(f"/trail/partner/{key}").status_code == status
    assert len(looks()) == (1 if status == 200 else 0)
    exported = 200 if name in ("audrey", "ada") else max(status, 403)
    for kind in ("csv", "jsonl"):
        assert visitor.get(f"/trail/partner/{key}/export.{kind}").status_code == exported
    assert len(looks("trail-exported")) == (2 if exported == 200 else 0)


@on_sqlite
def test_a_partner_s_trail_is_exported_without_numbers(app: Flask, lab: Cast) -> None:
    book(lab)
    lines = Visitor(app, "ada").get(f"/trail/partner/{key_of(lab, 'aoba')}/export.jsonl").text.splitlines()
    records = [json.loads(line) for line in lines]
    assert [one["code"] for one in records] == ["trail-exported", "booking-ask"]
    assert {"event", "seal", "partner", "about"} & set(records[1]) == set()


def test_a_partner_s_trail_is_read_in_pages_without_a_gap(
    app: Flask, lab: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hours in range(5):  # all at one instant: the page goes on within it
        book(lab, hours=3 * hours, title=f"Title {hours}.")
    monkeypatch.setattr(queries, "PAGE", 2)
    ada = Visitor(app, "ada")
    path, seen = f"/trail/partner/{key_of(lab, 'aoba')}", []
    while path:
        clock.now += timedelta(seconds=1)  # each look is an event too, later than what is looked at
        text = ada.get(path).text
        assert not re.search(r"(until|below)=\d+(&|$)", path)
        seen += re.findall(r"Title \d\.", text)
        older = re.search(r'href="([^"]+)" rel="next"', text)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"Title {number}." for number in (4, 3, 2, 1, 0)]


@on_sqlite
def test_a_coordinator_finds_the_way_from_the_menu(app: Flask, lab: Cast) -> None:
    cora = Visitor(app, "cora")
    assert "/trail/ours" in cora.get("/bookings").text
    assert cora.get("/trail/ours").headers["Location"] == f"/trail/partner/{key_of(lab, 'aoba')}"
    hana = Visitor(app, "hana")
    assert "/trail" not in hana.get("/bookings").text
    assert hana.get("/trail/ours").status_code == 403
    for name in ("ada", "audrey"):
        assert 'href="/trail"' in Visitor(app, name).get("/bookings").text
        assert 'href="/policy"' in Visitor(app, name).get("/bookings").text
