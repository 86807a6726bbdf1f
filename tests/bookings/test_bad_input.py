"""Whatever is sent: a clear sentence beside the field, the typed text kept, nothing half-written, never a 500."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from labbook.db import db
from labbook.models import Event
from tests.browsing import Visitor, form_of, times
from tests.cast import Cast

PAGE, FINDINGS = "/resources/tsukuba-plain/book", "/resources/tsukuba-plain/findings"
GOOD = {"title": "Plates", "purpose": "For the paper", **times("2026-11-24T10:00", "2026-11-24T11:00")}
NASTY = "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'--"
INSIDE = ("Traceback", "sqlalchemy", "psycopg", "sqlite3", ".py", "ValueError", "TypeError")
LONG = "At most {} characters, please. Shorten it."
UNSEEN = "It holds invisible control characters. Type it again instead of pasting it."
DATE, TIME = "Give a date, as in 2026-11-23.", "Give a time, as in 09:30."
CHOICE = "Choose one from the list."
YEARS = "Choose a date between the years 2000 and 2100."


def written() -> dict[str, int]:
    """How many rows each table holds, but for sessions."""
    db.session.remove()
    tables = [table for table in db.metadata.sorted_tables if table.name not in ("sign_in",)]
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def beside(answer: TestResponse, field: str) -> str:
    """What is said beside a field."""
    found = re.search(rf'id="{field}-errors">(.*?)</ul>', answer.text, re.S)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def is_clean(answer: TestResponse) -> bool:
    """Nothing of the inside is told, and nothing that was sent has become part of the page."""
    text = answer.text
    assert [word for word in INSIDE if word in text] == []
    return (
        "<script>alert" not in text and "onerror=alert(1)>" not in text.replace("&gt;", "") and "<img src=x" not in text
    )


TABLE: list[tuple[dict[str, str], str, str]] = [
    ({"title": ""}, "title", "Give it a short title, as in “Fixed cells, plate 3”."),
    ({"title": "  \t "}, "title", "Give it a short title, as in “Fixed cells, plate 3”."),
    ({"title": "\u3000"}, "title", "Give it a short title, as in “Fixed cells, plate 3”."),
    ({"title": "x" * 121}, "title", LONG.format(120)),
    ({"title": "x" * 10_000}, "title", LONG.format(120)),
    ({"title": "漢" * 10_000}, "title", LONG.format(120)),
    ({"title": "a\x00b"}, "title", UNSEEN),
    ({"title": "a\x07b"}, "title", UNSEEN),
    ({"title": "a\x7fb\x9b"}, "title", UNSEEN),
    ({"title": "a\nb"}, "title", UNSEEN),
    ({"title": "a\r\nBcc: x@y.example"}, "title", UNSEEN),
    ({"title": "a\u202egnp.exe"}, "title", UNSEEN),
    ({"title": "a\u2066b\u2069"}, "title", UNSEEN),
    ({"title": "a\u200fb"}, "title", UNSEEN),
    ({"title": "a\u2028b"}, "title", UNSEEN),
    ({"purpose": "x" * 2001}, "purpose", LONG.format(2000)),
    ({"purpose": "x" * 100_000}, "purpose", LONG.format(2000)),
    ({"purpose": "a\x00b"}, "purpose", UNSEEN),
    ({"purpose": "a\u202eb"}, "purpose", UNSEEN),
    ({"start_on": ""}, "start_on", DATE),
    ({"start_on": "2026-02-30"}, "start_on", DATE),
    ({"start_on": "24.11.2026"}, "start_on", DATE),
    ({"start_on": "tomorrow"}, "start_on", DATE),
    ({"start_on": "0000-00-00"}, "start_on", DATE),
    ({"start_on": "２０２６-11-24x"}, "start_on", DATE),
    ({"start_on": "2026-11-24\x00"}, "start_on", DATE),
    ({"start_on": "9" * 5000}, "start_on", DATE),
    ({"start_on": "-2026-11-24"}, "start_on", DATE),
    ({"start_on": "0001-01-01"}, "start_on", YEARS),
    ({"start_on": "1999-12-31"}, "start_on", YEARS),
    ({"end_on": "2101-01-01"}, "end_on", YEARS),
    ({"end_on": "9999-12-31"}, "end_on", YEARS),
    ({"start_at": ""}, "start_at", TIME),
    ({"end_at": ""}, "end_at", TIME),
    ({"start_at": "25:00"}, "start_at", TIME),
    ({"start_at": "9"}, "start_at", TIME),
    ({"start_at": "10:00:00.000001"}, "start_at", TIME),
    ({"end_at": "noon"}, "end_at", TIME),
    ({"end_at": "10:00"}, "end_at", "The end must come after the start."),
    ({"end_at": "09:30"}, "end_at", "The end must come after the start."),
    ({"end_on": "2026-11-23"}, "end_at", "The end must come after the start."),
    ({"end_on": "2000-01-01"}, "end_at", "The end must come after the start."),
    ({"partner": "nonsense"}, "partner", CHOICE),
    ({"partner": "\x00"}, "partner", CHOICE),
    ({"partner": ""}, "partner", CHOICE),
    ({"project": "nonsense"}, "project", CHOICE),
    ({"project": "\x00"}, "project", CHOICE),
    ({"unit": "nonsense"}, "unit", CHOICE),
    ({"unit": "\x00"}, "unit", CHOICE),
]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_table_of_bad_requests(app: Flask, lab: Cast) -> None:
    toby = Visitor(app, "two")  # of two partners with a joint project, so that every field is shown
    page = toby.get("/resources/tsukuba-hood/book")
    before = written()
    faults: list[tuple[object, ...]] = []
    for changes, field, said in TABLE:
        sent = {**GOOD, **changes}
        answer = toby.submit(page, "/book", **sent)
        told = toby.submit_to("/resources/tsukuba-hood/findings", page, "/book", **sent)
        if (answer.status_code, told.status_code) != (422, 200) or said not in beside(answer, field):
            faults.append((short(changes), answer.status_code, told.status_code, beside(answer, field)))
        elif lost := [name for name in ("title", "purpose", *changes) if not is_kept(answer, name, sent[name])]:
            faults.append((short(changes), "lost", lost, ""))
        assert is_clean(answer)
        assert is_clean(told)
    assert faults == [], "\n".join(map(str, faults))
    assert written() == before
    assert toby.submit(page, "/book", **GOOD).status_code == 303  # none of it has spoilt the form


def short(changes: dict[str, str]) -> dict[str, str]:
    """A case, fit to be printed."""
    return {name: value[:30] for name, value in changes.items()}


def is_kept(answer: TestResponse, name: str, typed: str) -> bool:
    """Whether a page still holds what was typed; a choice that does not exist falls back to one that does."""
    return name in ("partner", "project", "unit") or _same(form_of(answer, "/book").fields[name], typed)


def _same(kept: str, typed: str) -> bool:
    """Typed text is kept but for its ends, its line ends, and characters that no page can hold."""
    visible = [char for char in typed.strip() if char.isprintable() and char not in "\u3000"]
    return [char for char in kept.strip() if char.isprintable() and char != "\ufffd"] == visible


FAR: list[tuple[dict[str, str], str]] = [
    (times("2000-01-02T00:00", "2000-01-02T01:00"), "past"),
    (times("2026-11-22T10:00", "2026-11-22T11:00"), "past"),
    (times("2099-01-01T10:00", "2099-01-01T11:00"), "horizon"),
    (times("2100-12-31T10:00", "2100-12-31T11:00"), "horizon"),
    (times("2026-11-24T10:00", "2100-12-31T11:00"), "too-long"),
    (times("2000-01-02T10:00", "2100-12-31T11:00"), "too-long"),
    (times("2026-11-24T10:07", "2026-11-24T11:00"), "grid"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_times_that_nobody_means_are_findings(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    before = written()
    for slug in ("tsukuba-plain", "tsukuba-daytime", "tsukuba-hood", "tsukuba-bench", "cambridge-scope"):
        page = alan.get(f"/resources/{slug}/book")
        for fields, code in FAR[: -1 if slug == "tsukuba-bench" else None]:  # days have no grid
            answer = alan.submit(page, "/book", **{**GOOD, **fields})
            assert answer.status_code == 409, (slug, fields)
            if slug == "tsukuba-plain":
                assert f'data-code="{code}"' in answer.text, fields
            assert is_clean(answer)
    assert written() == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_html_in_every_field_is_text(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    sent = alan.book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T11:00", title=NASTY[:110], purpose=NASTY)
    assert sent.status_code == 303
    page = sent.headers["Location"]
    assert sora.submit(sora.get(page), "/decline", reason=NASTY).status_code == 303
    looked = 0
    for visitor in (alan, sora, Visitor(app, "ada")):
        for path in (
            page,
            "/bookings",
            "/inbox",
            "/sites/tsukuba/day?on=2026-11-24",
            "/sites/tsukuba/week?on=2026-11-24",
        ):
            answer = visitor.get(path)
            assert is_clean(answer), path
            looked += "&lt;script&gt;alert(1)" in answer.text
            assert "49'--" not in answer.text
    assert looked >= 4
    refused = alan.submit(alan.get(PAGE), "/book", **dict.fromkeys(GOOD, NASTY))
    assert refused.status_code == 422
    assert is_clean(refused)
    kept = form_of(refused, "/book").fields
    assert kept["title"] == kept["purpose"] == NASTY


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_idempotency_key_is_taken_in_one_shape_only(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    page, before = alan.get(PAGE), written()
    for key in ("", "short", "x" * 81, "a b c d e f g h", "k" * 20 + "\x00", "鍵" * 10, "'" * 12, "k" * 100_000):
        answer = alan.submit(page, "/book", **GOOD, idempotency_key=key)
        assert answer.status_code == 422, key[:20]
        assert is_clean(answer)
    assert written() == before


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize(
    "version",
    ["", "x", "-1", "0", "2", "1.0", "1e9", str(2**31), str(2**63), str(10**30), "9" * 5000, "１", "\x00", "True"],
)
def test_a_version_that_is_none_changes_nothing(app: Flask, lab: Cast, version: str) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    asked = alan.book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T11:00").headers["Location"]
    booked = alan.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00").headers["Location"]
    cancel = next(form for form in re.findall(r'action="(/bookings/[^"]+/cancel)"', alan.get(booked).text))
    expected = (303,) if version == "１" else (409, 422)
    before = written()
    for visitor, path in (
        (sora, f"{asked}/approve"),
        (sora, f"{asked}/decline"),
        (alan, cancel),
        (alan, f"{asked}/withdraw"),
    ):
        if version == "１" and path.endswith("withdraw"):
            continue
        answer = visitor.post(path, version=version, reason="No")
        assert answer.status_code in (*expected, 409), path
        assert is_clean(answer)
    move = (
        alan.submit(alan.get(cancel.replace("cancel", "move")), "/move", version=version) if version != "１" else None
    )
    if move is not None:
        assert move.status_code in (409, 422, 303)
        after = written()
        assert {name: count for name, count in after.items() if not name.startswith("event")} == {
            name: count for name, count in before.items() if not name.startswith("event")
        }


JSON = [
    "[1,2]",
    "5",
    '"x"',
    "null",
    "{",
    "",
    '{"title": 5}',
    '{"title": {"a": 1}}',
    '{"start_on": 5}',
    '{"title": "\\ud800"}',
    '{"idempotency_key": "\\ud800aaaaaaaa"}',
    json.dumps({**GOOD, "partner_id": 1, "state": "approved"}),
    "[" * 100_000,
    '{"a":' * 50_000,
    "9" * 200_000,
    '{"version": 1e999}',
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_json_is_taken_for_a_form(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    headers, before = {"X-CSRFToken": alan.good_token()}, written()
    for body in JSON:
        for path in (PAGE, FINDINGS, "/feeds", "/sign-in", "/language", "/requests/none/decline"):
            for kind in ("application/json", "application/vnd.api+json"):
                answer = alan.open(path, method="POST", data=body, content_type=kind, headers=headers)
                assert answer.status_code in ((200, 400, 404, 413, 422)), (path, body[:30])
                assert is_clean(answer)
    assert written() == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_odd_forms(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    token, before = alan.good_token(), written()
    good = form_of(alan.get(PAGE), "/book").fields | GOOD
    raw = {
        "nothing": b"",
        "only a token": f"csrf_token={token}".encode(),
        "bytes that are no text": f"csrf_token={token}&title=%ff%fe%80&purpose=%ED%A0%80".encode(),
        "surrogates": f"csrf_token={token}&title=%ED%A0%BD".encode(),
        "half an escape": f"csrf_token={token}&title=%&purpose=%zz".encode(),
        "5,000 fields": f"csrf_token={token}&".encode() + b"&".join(b"f%d=x" % number for number in range(5000)),
        "one field 5,000 times": f"csrf_token={token}&".encode() + b"&".join([b"title=x"] * 5000),
        "nested names": f"csrf_token={token}&title[]=x&title[a][b]=y&__proto__=z".encode(),
    }
    for name, body in raw.items():
        for path in (PAGE, "/feeds"):
            answer = alan.open(path, method="POST", data=body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code in (400, 413, 422), name
            assert is_clean(answer)
    too_large = alan.open(PAGE, method="POST", data={**good, "purpose": "x" * 300_000})
    assert too_large.status_code == 413
    assert written() == before
    answer = alan.open(PAGE, method="POST", data={**good, "start_at": ["10:00", "12:00"]})
    assert answer.status_code == 422
    assert written() == before
    repeated = {**good, "title": ["First", "Second", NASTY]}
    answer = alan.open(PAGE, method="POST", data=repeated)
    assert answer.status_code == 303
    assert "First" in alan.get(answer.headers["Location"]).text


QUERIES = [
    "",
    "\x00",
    "x",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59",
    "10000-01-01",
    "-1",
    "20261124",
    "2026-W48-2",
    "2026-11-24T10:00+09:00",
    "2026-11-24T10:00Z",
    "2026-11-24T99:99",
    "2100-12-31T23:59",
    "2100-12-30",
    "2000-01-01",
    "1e400",
    "9" * 1000,
    "%00",
    "'",
    NASTY,
    "٢٠٢٦-١١-٢٤",
    "\u202e2026-11-24",
    "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_no_query_string_breaks_a_page(app: Flask, lab: Cast) -> None:
    alan, before = Visitor(app, "alan"), written()
    for value in QUERIES:
        for path, names in (
            ("/sites/tsukuba/day", ("on", "kind")),
            ("/sites/cambridge/week", ("on", "kind")),
            ("/resources", ("q", "kind")),
            (PAGE, ("from", "to", "unit", "from_fold", "exact")),
            ("/resources/tsukuba-bench/book", ("from", "to")),
            ("/sign-in", ("next",)),
        ):
            answer = alan.get(path, query_string=dict.fromkeys(names, value))
            assert answer.status_code in ((200, 302) if path == "/sign-in" else (200,)), (path, value[:30])
            assert is_clean(answer), (path, value)
    for query in (b"on=%ff", b"on=%ED%A0%80&kind=%C0%80", b"on", b"&&&=&=", b"on=2026-11-24&on=x&kind=room&kind=bench"):
        for path in ("/sites/tsukuba/day", PAGE, "/resources"):
            assert alan.get(path, query_string=query.decode("latin-1")).status_code == 200, query
    trail = ("event", "event_detail", "try")  # a few rows tell of links that lead away, and nothing else is written
    assert {name: count for name, count in written().items() if name not in trail} == {
        name: count for name, count in before.items() if name not in trail
    }
    assert set(db.session.scalars(select(Event.code))) == {"redirect-refused"}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_no_address_breaks_anything(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    for key in (
        "x",
        "1",
        "-1",
        "0",
        "a%00b",
        "%00",
        "%ff",
        "%ED%A0%80",
        "a" * 3000,
        "..",
        "%2e%2e",
        "'",
        "%F0%9F%92%A5",
        "%0d%0aX:y",
    ):
        for path in (
            f"/requests/{key}",
            f"/bookings/{key}/move",
            f"/resources/{key}",
            f"/resources/{key}/book",
            f"/sites/{key}/day",
            f"/sites/{key}/week",
            f"/feeds/{key}/a.ics",
        ):
            answer = alan.get(path)
            assert answer.status_code == 404, path
            assert "X" not in answer.headers
        for path in (f"/requests/{key}/approve", f"/bookings/{key}/cancel", f"/feeds/{key}/revoke"):
            assert alan.post(path, version="1", reason="No").status_code == 404, path
    assert alan.post(FINDINGS, **GOOD, booking="a\x00b").status_code in (200, 404)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_field_that_cannot_be_read_says_in_japanese_how_to_fill_it_in(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    answer = hana.submit(hana.get(PAGE), "/book", **{**GOOD, "start_on": "tomorrow", "end_at": "noon"})
    assert beside(answer, "start_on") == "日付を入力してください（例：2026-11-23）。"
    assert beside(answer, "end_at") == "時刻を入力してください（例：09:30）。"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("title", ["\u3164", "\u200b\ufeff\u00ad", "\u200d \u2800"])
def test_a_title_that_shows_nothing_is_missing(app: Flask, lab: Cast, title: str) -> None:
    answer = Visitor(app, "alan").book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00", title=title)
    assert answer.status_code == 422
    assert beside(answer, "title")
    assert written()["request"] == 0
