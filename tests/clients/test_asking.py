"""Each program's own way of asking, replayed: what it sends, what it remembers, and what it must get.

After the sources of the programs where they are open, else after what servers have seen of them.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.db import db
from labbook.feeds.service import making
from labbook.models import Feed
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.feeds.reading import feed

Validators = Callable[[TestResponse], Mapping[str, str]]


def nothing(last: TestResponse) -> Mapping[str, str]:
    """It fetches everything each time."""
    return {}


def tag(last: TestResponse) -> Mapping[str, str]:
    """It remembers the entity tag alone."""
    return {"If-None-Match": last.headers["ETag"]}


def date_(last: TestResponse) -> Mapping[str, str]:
    """It remembers the date alone."""
    return {"If-Modified-Since": last.headers["Last-Modified"]}


def both(last: TestResponse) -> Mapping[str, str]:
    """It remembers both."""
    return {**tag(last), **date_(last)}


@dataclass(frozen=True)
class Program:
    """How a program asks."""

    name: str
    agent: str
    remembers: Validators
    headers: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()  # what it asks before its first GET
    after: tuple[str, ...] = ()  # and to learn whether it may write

    def ask(self, app: Flask, path: str, method: str = "GET", **more: str) -> TestResponse:
        """One request, without cookies."""
        headers = {"User-Agent": self.agent, **self.headers, **more}
        return Visitor(app).open(path, method=method, headers=headers)


GZIP = {"Accept-Encoding": "gzip, deflate"}
PROGRAMS = (
    Program("Google Calendar", "Google-Calendar-Importer", nothing, {"Accept-Encoding": "gzip"}),
    Program("Outlook on the web", "Microsoft.Exchange/15.20 Owa.InternetCalendar", date_),
    Program("Outlook for Windows", "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328)", both, GZIP),
    Program(
        "iPhone",
        "iOS/18.1 (22B83) dataaccessd/1.0",
        tag,
        {"Accept": "text/calendar,text/x-vcalendar;q=0.9,*/*;q=0.5", "Accept-Encoding": "gzip, deflate, br"},
    ),
    Program("Mac", "macOS/15.1 (24B83) CalendarAgent/1150", tag, {"Accept": "*/*", "Accept-Language": "ja", **GZIP}),
    Program(
        "Thunderbird",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0",
        tag,
        {"Accept": "text/calendar,text/plain;q=0.8,*/*;q=0.5", "Accept-Charset": "utf-8,*;q=0.1", **GZIP},
        before=("HEAD",),
        after=("PROPFIND", "OPTIONS", "PUT"),
    ),
    Program("Evolution", "Evolution/3.54.1", tag, GZIP),
    Program(
        "KOrganizer",
        "Mozilla/5.0 (X11; Linux x86_64) KIO/6.8 akonadi_ical_resource",
        nothing,
        {"Accept": "*/*", **GZIP},
    ),
    Program(
        "ICSx5",
        "ICSx5/2.2.3 (2024/10/01; dav4jvm; okhttp/4.12.0) Android/15",
        both,
        {"Accept": "text/calendar", **GZIP},
    ),
    Program("vdirsyncer", "vdirsyncer/0.21.0", nothing, {"Accept": "*/*", "Accept-Encoding": "gzip, deflate"}),
    Program("Home Assistant", "HomeAssistant/2026.11.0 httpx/0.28", nothing, {"Accept": "*/*", **GZIP}),
    Program("Nextcloud", "Nextcloud Server Crawler", both, {"Accept": "text/calendar", "Accept-Encoding": "gzip"}),
    Program("curl --compressed", "curl/8.10.1", both, {"Accept": "*/*", "Accept-Encoding": "deflate, gzip, br, zstd"}),
    Program("one that says nothing", "", nothing),
)
every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)


def body_of(answer: TestResponse) -> bytes:
    """The calendar in an answer that each of them understands."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["ETag"].startswith('"')
    welcome(answer)
    packed = answer.headers.get("Content-Encoding")
    assert packed in (None, "gzip")
    return gzip.decompress(answer.data) if packed else answer.data


def welcome(answer: TestResponse) -> None:
    """No answer sends anybody elsewhere, asks who is there, leaves a cookie, or breaks."""
    assert answer.status_code not in (301, 302, 303, 307, 308, 401, 403) and answer.status_code < 500
    assert not {"Set-Cookie", "Location", "WWW-Authenticate"} & set(answer.headers.keys())


def revoke(lab: Cast, now: datetime) -> None:
    """End all feeds of Hana."""
    for key in db.session.scalars(select(Feed.key).where(Feed.person_id == lab.people["hana"])).all():
        making.revoke(lab.actor("hana"), key, now=now)


@on_sqlite
@every_program
def test_a_program_subscribes_polls_learns_of_a_change_and_of_the_end(
    app: Flask, lab: Cast, clock: Clock, program: Program
) -> None:
    hana, path = Visitor(app, "hana"), feed(lab)
    hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00")
    for method in program.before:
        head = program.ask(app, path, method)
        assert (head.status_code, head.data) == (200, b"")
    first = program.ask(app, path)
    before = body_of(first)
    for method in program.after:
        answer = program.ask(app, path, method, **{"If-Match": '"impossible"', "Depth": "0"})
        assert answer.status_code == (200 if method == "OPTIONS" else 405), method
        assert "GET" in answer.headers["Allow"]
        welcome(answer)

    clock.now += timedelta(hours=1)
    known = program.remembers(first)
    again = program.ask(app, path, **known)
    if known:
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        welcome(again)
    else:
        assert body_of(again) == before

    hana.book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T12:00")
    second = program.ask(app, path, **known)
    after = body_of(second)
    assert len(Calendar.from_ical(after).events) == 2
    assert second.headers["ETag"] != first.headers["ETag"]
    assert parsedate_to_datetime(second.headers["Last-Modified"]) > parsedate_to_datetime(
        first.headers["Last-Modified"]
    )
    events: Any = Calendar.from_ical(after).events
    newest = max(one["LAST-MODIFIED"].dt for one in events)
    assert newest <= parsedate_to_datetime(second.headers["Last-Modified"]) <= clock.now

    revoke(lab, clock.now)
    for known in ({}, program.remembers(second)):
        gone = program.ask(app, path, **known)
        assert gone.status_code == 410
        welcome(gone)


@on_sqlite
def test_every_program_gets_the_same_calendar(app: Flask, lab: Cast) -> None:
    path = feed(lab)
    Visitor(app, "hana").book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00", title="観察 🔬")
    assert len({body_of(program.ask(app, path)) for program in PROGRAMS}) == 1
    plain = {program.name for program in PROGRAMS if "Content-Encoding" not in program.ask(app, path).headers}
    assert plain == {program.name for program in PROGRAMS if "Accept-Encoding" not in program.headers}


@on_sqlite
@pytest.mark.parametrize("shown", ["{0}", "W/{0}", '"old", {0}', "*"])
def test_an_entity_tag_counts_before_a_date(app: Flask, lab: Cast, clock: Clock, shown: str) -> None:
    calendar, path = Visitor(app), feed(lab)
    first = calendar.get(path)
    clock.now += timedelta(days=1, hours=1)
    old, new = "Mon, 02 Jan 2006 15:04:05 GMT", "Tue, 24 Nov 2026 00:30:00 GMT"
    assert calendar.get(path, headers={"If-Modified-Since": new}).status_code == 304
    assert calendar.get(path, headers={"If-None-Match": '"old"', "If-Modified-Since": new}).status_code == 200
    tagged = {"If-None-Match": shown.format(first.headers["ETag"]), "If-Modified-Since": old}
    assert calendar.get(path, headers=tagged).status_code == 304
    for strange in ("yesterday", "", "Fri, 01 Jan 2100 00:00:00 GMT", "0"):
        assert calendar.get(path, headers={"If-Modified-Since": strange}).status_code == 200, strange


@on_sqlite
def test_a_proxy_may_mark_the_tag_of_what_it_has_packed(app: Flask, lab: Cast) -> None:
    calendar, path = Visitor(app), feed(lab)
    etag = calendar.get(path).headers["ETag"]
    marked = f'{etag[:-1]}-gzip"'
    assert calendar.get(path, headers={"If-None-Match": marked}).status_code == 304


@on_sqlite
@pytest.mark.parametrize(
    ("wanted", "is_packed"),
    [
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("identity", False),
        ("br", False),
        ("deflate", False),
        ("", False),
        ("*;q=0", False),
    ],
)
def test_it_is_packed_for_those_alone_who_ask_for_it(app: Flask, lab: Cast, wanted: str, is_packed: bool) -> None:
    calendar, path = Visitor(app), feed(lab)
    plain, answer = calendar.get(path), calendar.get(path, headers={"Accept-Encoding": wanted})
    assert ("Content-Encoding" in answer.headers) is is_packed
    assert body_of(answer) == plain.data
    head = calendar.open(path, method="HEAD", headers={"Accept-Encoding": wanted})
    assert dict(head.headers) == dict(answer.headers)


@on_sqlite
def test_a_change_within_the_second_of_the_last_fetch_is_not_missed_by_its_date(
    app: Flask, lab: Cast, clock: Clock
) -> None:
    hana, calendar, path = Visitor(app, "hana"), Visitor(app), feed(lab)
    clock.now = NOW + timedelta(milliseconds=300)
    hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00")
    first = calendar.get(path)
    clock.now = NOW + timedelta(milliseconds=800)
    hana.book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T12:00")
    clock.now = NOW + timedelta(minutes=30)
    second = calendar.get(path, headers=date_(first))
    assert second.status_code == 200
    assert calendar.get(path, headers=date_(second)).status_code == 304
    assert datetime(2026, 11, 23, tzinfo=UTC) <= parsedate_to_datetime(second.headers["Last-Modified"])


@on_sqlite
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PROPFIND", "OPTIONS", "DELETE"])
def test_no_verb_tells_more_of_a_link_than_get_does(app: Flask, lab: Cast, method: str) -> None:
    path = feed(lab)
    revoke(lab, NOW)
    dead, unknown = (Visitor(app).open(one, method=method) for one in (path, f"{path[:-8]}x/a.ics"))
    assert (dead.status_code, unknown.status_code) == {"GET": (410, 404), "HEAD": (410, 404)}.get(
        method, (200, 200) if method == "OPTIONS" else (405, 405)
    )
    for answer in (dead, unknown):
        welcome(answer)


@on_sqlite
def test_robots_may_read_feeds_and_are_told_not_to_list_them(app: Flask, lab: Cast) -> None:
    """Google obeys robots.txt when it fetches calendars."""
    from urllib.robotparser import RobotFileParser

    path, rules = feed(lab), RobotFileParser()
    answer = Visitor(app).get("/robots.txt")
    assert answer.status_code == 200
    rules.parse(answer.text.splitlines())
    for agent in ("Google-Calendar-Importer", "Googlebot", "*"):
        assert rules.can_fetch(agent, path)
        assert not rules.can_fetch(agent, "/requests/abc")
    assert "noindex" in Visitor(app).get(path).headers["X-Robots-Tag"]
