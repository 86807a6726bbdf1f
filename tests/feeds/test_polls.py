"""A poll of what has not changed is answered before the application is woken, and as the application would answer."""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import bindparam, event, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from labbook.core.feeds import Detail, Scope
from labbook.core.throttle import Throttle
from labbook.db import db
from labbook.feeds import queries
from labbook.feeds.service import making
from labbook.feeds.views import door
from labbook.lookup import LookUp
from labbook.models import Feed, Person
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.feeds.reading import feed, fetched
from tests.feeds.test_door import close_account, end_role
from tests.statements import counted

WANTED = "2026-11-24T10:00", "2026-11-24T12:00"
WOKEN = "Content-Security-Policy"  # what the application adds to everything that it answers


def asked(app: Flask, path: str, headers: Mapping[str, str], method: str = "GET") -> TestResponse:
    """A request without cookies."""
    return Visitor(app).open(path, method=method, headers=dict(headers))


FEEDS = [
    ("hana", Scope.MINE, ""),
    ("hana", Scope.RESOURCE, "tsukuba-plain"),
    ("sora", Scope.SITE, "tsukuba"),
]
every_feed = pytest.mark.parametrize(("name", "scope", "about"), FEEDS, ids=[str(scope) for _, scope, _ in FEEDS])


@every_feed
@pytest.mark.parametrize("detail", Detail)
def test_one_statement_answers_a_poll_and_nothing_is_woken(
    app: Flask, lab: Cast, name: str, scope: Scope, about: str, detail: Detail
) -> None:
    Visitor(app, "hana").book("tsukuba-plain", *WANTED)
    path = feed(lab, name, scope, detail, about=about)
    first = asked(app, path, {})
    for validator in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        for method in ("GET", "HEAD"):
            with counted() as sent:
                again = asked(app, path, validator, method)
            assert (again.status_code, again.data) == (304, b"")
            assert len(sent) == 1
            assert WOKEN not in again.headers
            for header in ("ETag", "Cache-Control", "Vary"):
                assert again.headers[header] == first.headers[header]


@every_feed
def test_the_usual_way_says_the_same(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch, name: str, scope: Scope, about: str
) -> None:
    path = feed(lab, name, scope, about=about)
    first = asked(app, path, {})
    etag, at = first.headers["ETag"].strip('"'), first.headers["Last-Modified"]
    ways = [
        {},
        {"If-None-Match": f'"{etag}"'},
        {"If-None-Match": f'W/"{etag}"'},
        {"If-None-Match": f'"{etag}-gzip"'},
        {"If-None-Match": f'"{etag}"', "Accept-Encoding": "gzip"},
        {"If-None-Match": "*"},
        {"If-None-Match": '"x"', "If-Modified-Since": at},
        {"If-None-Match": "\xff,,,"},
        {"If-Modified-Since": at},
        {"If-Modified-Since": http_date(NOW - timedelta(seconds=1))},
        {"If-Modified-Since": http_date(NOW + timedelta(days=1))},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": "Mon, 01 Jan 2026 00:00:00 +9999999999999999"},
        {"If-Modified-Since": "Mon, 01 Jan 9999999999999999 00:00:00 GMT"},
        {"If-None-Match": "", "If-Modified-Since": at},
    ]
    quick = [asked(app, path, way) for way in ways]
    monkeypatch.setattr(queries, "polled", lambda *args: None)
    usual = [asked(app, path, way) for way in ways]
    assert [one.status_code for one in quick] == [200, *[304] * 5, *[200] * 2, 304, *[200] * 5, 304]
    for one, other in zip(quick, usual, strict=True):
        assert (one.status_code, one.data) == (other.status_code, other.data)
        assert set(one.headers) <= set(other.headers)


@on_sqlite
def test_who_may_not_follow_any_longer_is_told_whatever_they_remember(app: Flask, lab: Cast) -> None:
    paths = {"mine": feed(lab), "site": feed(lab, "sora", Scope.SITE, about="tsukuba"), "revoked": feed(lab, "chika")}
    kept = {name: asked(app, path, {}).headers for name, path in paths.items()}
    close_account(lab, "hana")
    end_role(lab, "sora")
    key = db.session.scalars(select(Feed.key).where(Feed.person_id == lab.people["chika"])).one()
    making.revoke(lab.actor("chika"), key, now=NOW)
    for name, path in paths.items():
        for header, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
            assert asked(app, path, {header: kept[name][value]}).status_code == 410


@on_sqlite
def test_a_change_is_told_even_when_it_came_within_the_second(app: Flask, lab: Cast, clock: Clock) -> None:
    hana, path = Visitor(app, "hana"), feed(lab)
    dates = [asked(app, path, {}).headers["Last-Modified"]]
    for day in (24, 25, 26):
        hana.book("tsukuba-plain", f"2026-11-{day}T10:00", f"2026-11-{day}T12:00")
        again = asked(app, path, {"If-Modified-Since": dates[-1]})
        assert again.status_code == 200
        dates.append(again.headers["Last-Modified"])
    assert set(dates) == {http_date(NOW)}  # never later than now
    clock.now = NOW + timedelta(minutes=5)
    last = asked(app, path, {"If-Modified-Since": dates[-1]})
    assert last.status_code == 200
    assert asked(app, path, {"If-Modified-Since": last.headers["Last-Modified"]}).status_code == 304


@on_sqlite
def test_it_is_packed_for_those_who_ask_with_a_tag_of_its_own(app: Flask, lab: Cast) -> None:
    Visitor(app, "hana").book("tsukuba-plain", *WANTED)
    path = feed(lab)
    plain, packed = asked(app, path, {}), asked(app, path, {"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert packed.headers["ETag"] == plain.headers["ETag"][:-1] + '-gzip"'
    assert packed.data == asked(app, path, {"Accept-Encoding": "gzip"}).data
    assert zlib.decompress(packed.data, 31) == plain.data


# --- what goes another way --------------------------------------------------------------------------------------------


def test_when_the_quick_way_fails_the_usual_one_answers(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    path = feed(lab)
    etag, driver = fetched(Visitor(app), path).headers["ETag"], queries.reading().dialect.loaded_dbapi

    def broken(*args: object) -> None:
        raise driver.OperationalError("SELECT secret inside")

    monkeypatch.setattr(LookUp, "_quickly", broken)
    assert asked(app, path, {"If-None-Match": etag}).status_code == 304

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("SELECT secret inside", {}, Exception("away"))

    monkeypatch.setattr(LookUp, "row", away)
    answer = asked(app, path, {"If-None-Match": etag})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "secret" not in answer.text


def test_a_look_up_gives_what_sqlalchemy_gives(app: Flask, lab: Cast) -> None:
    feed(lab)
    columns = (Feed.id, Feed.scope, Feed.token_hash, Feed.created_at, Feed.revoked_at, Person.is_active, Person.email)
    statement = select(*columns, Feed.history_days).join(Person, Person.id == Feed.person_id)
    usual = db.session.execute(statement).one()
    hashed = usual.token_hash
    found = LookUp(statement.where(Feed.token_hash == bindparam("hashed"), Feed.scope == Scope.MINE))
    assert found.row(queries.reading(), hashed=hashed) == tuple(usual)
    assert found.row(queries.reading(), hashed="none") is None


def test_a_connection_on_which_a_look_up_failed_is_used_no_more(app: Flask, lab: Cast) -> None:
    engine, lost = queries.reading(), list[object]()
    found = LookUp(select(Feed.id).where(Feed.token_hash == bindparam("hashed")))

    def note(*what: object) -> None:
        lost.append(what)

    event.listen(engine, "invalidate", note)
    try:
        with pytest.raises(SQLAlchemyError):
            found.row(engine, hashed=object())  # type: ignore[arg-type]
    finally:
        event.remove(engine, "invalidate", note)
    assert len(lost) == 1


@on_sqlite
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("origin", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_from_wherever_somebody_tries_to_write_it_is_the_wrong_verb(
    app: Flask, lab: Cast, method: str, origin: dict[str, str]
) -> None:
    answer = asked(app, feed(lab), {**origin, "If-None-Match": "*"}, method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "Set-Cookie" not in answer.headers


@on_sqlite
def test_half_a_link_leads_nowhere_and_is_not_repeated(app: Flask, lab: Cast) -> None:
    path = feed(lab)
    token = path.split("/")[2]
    for half in (
        f"/feeds/{token}",
        f"/feeds/{token}/",
        f"/feeds/{token}/a",
        f"/feeds/{token}/a.ics/",
        f"/feeds//{token}/a.ics",
        f"/feeds/{token}//a.ics",
        f"/feeds/{token}/b/a.ics",
        f"/feeds/{token}%0a/a.ics",
        f"/feeds/{token[:20]}/a.ics",
        f"/feeds/{token[:20]}%00/a.ics",
        f"/feeds/{token}/a%0a.ics",
        f"/feeds/{token}/a%e2%80%aeb.ics",
        f"/FEEDS/{token}/a.ics",
        f"/elsewhere/feeds/{token}/a.ics",
    ):
        answer = asked(app, half, {"If-None-Match": "*"})
        assert answer.status_code == 404, half
        assert token not in answer.text + str(answer.headers)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
        assert "Location" not in answer.headers


@on_sqlite
def test_nothing_of_a_calendar_depends_on_cookies(app: Flask, lab: Cast) -> None:
    path, ben = feed(lab), Visitor(app, "ben")
    for visitor in (Visitor(app), ben):
        answer = visitor.get(path)
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "Set-Cookie" not in answer.headers


# --- too often --------------------------------------------------------------------------------------------------------


@on_sqlite
def test_five_hundred_feeds_polled_from_one_address_are_honest(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "WRONG_LINKS", Throttle(5))
    monkeypatch.setattr(door, "WHOLE_ANSWERS", Throttle(5))
    paths = [feed(lab, title=f"Screen {number}") for number in range(4)]
    kept = [asked(app, path, {}).headers["ETag"] for path in paths]
    for _ in range(20):
        for path, etag in zip(paths, kept, strict=True):
            assert asked(app, path, {"If-None-Match": etag}).status_code == 304
    for _ in range(4):
        for path in paths:
            assert asked(app, path, {}).status_code == 200


@on_sqlite
def test_guessing_is_answered_with_429_but_who_has_a_link_is_let_in_from_the_same_address(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "WRONG_LINKS", Throttle(5))
    path = feed(lab)
    codes = [asked(app, f"/feeds/m{number}/a.ics", {}).status_code for number in range(7)]
    assert codes == [404] * 5 + [429] * 2
    refused = asked(app, "/feeds/more/a.ics", {})
    assert int(refused.headers["Retry-After"]) > 0
    assert "Set-Cookie" not in refused.headers
    assert asked(app, path, {}).status_code == 200
    elsewhere = Visitor(app).client.get("/feeds/more/a.ics", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 404


@on_sqlite
def test_one_feed_fetched_whole_again_and_again_is_429_and_others_are_not(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "WHOLE_ANSWERS", Throttle(3))
    path, other = feed(lab), feed(lab, title="Other")
    answers = [asked(app, path, {}) for _ in range(5)]
    assert [one.status_code for one in answers] == [200] * 3 + [429] * 2
    assert asked(app, other, {}).status_code == 200
    etag = answers[0].headers["ETag"]
    assert asked(app, path, {"If-None-Match": etag}).status_code == 304  # who asks as one should is never refused


# --- what is kept -----------------------------------------------------------------------------------------------------


@on_sqlite
def test_the_kind_of_program_is_kept_and_not_what_it_says_of_itself(app: Flask, lab: Cast, clock: Clock) -> None:
    path = feed(lab)
    etag = asked(app, path, {"User-Agent": "Evolution/3.54.1 of Hana"}).headers["ETag"]
    clock.now = NOW + timedelta(hours=2)
    assert asked(app, path, {"User-Agent": "curl/8 s3cret", "If-None-Match": etag}).status_code == 304
    db.session.remove()
    assert db.session.execute(select(Feed.client, Feed.fetched_at)).one() == ("script", clock.now)


@on_sqlite
@pytest.mark.parametrize(
    "spelled",
    [
        "/feeds/{}/a.ics",
        "/feeds/{}",
        "%2Ffeeds%2F{}%2Fa.ics",
        "/FEEDS/{}?x=1",
        "GET /lab/feeds/{}/a.ics HTTP/1.1",
        "/feeds//{}/a",
    ],
)
def test_no_log_holds_a_token_however_it_is_spelled(app: Flask, spelled: str, caplog: pytest.LogCaptureFixture) -> None:
    token = "mSecret-_Token0123456789"
    said = spelled.format(token)
    for logger in (app.logger, logging.getLogger("gunicorn.error")):
        caplog.clear()
        logger.error("Broken: %s", said)
        assert "Broken" in caplog.text
        assert token not in caplog.text
