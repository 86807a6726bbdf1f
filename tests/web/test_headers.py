"""Headers of every answer, and from where an unsafe request may come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import application, let_go

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<[^>]+\son[a-z]+\s*=|javascript:|<style|<base|<iframe|<object", re.I
)


def answers(app: Flask) -> Iterator[tuple[str, TestResponse]]:
    """One answer of every kind: pages, redirects, errors, files, health, a feed's door."""
    ben, nobody = Visitor(app, "ben"), Visitor(app)
    for path in (
        "/",
        "/bookings",
        "/resources",
        "/resources/tsukuba-plain",
        "/resources/tsukuba-plain/book",
        "/sites/tsukuba/day",
        "/sites/tsukuba/week",
        "/feeds",
        "/sign-in",
        "/inbox",
        "/requests/none",
        "/nowhere",
        "/healthz",
        "/static/old/app.css",
        "/static/",
        "/static/old/..%2f..%2fconfig.py",
        "/static/old/none.css",
        "/feeds/none/a.ics",
        "/%00",
    ):
        yield f"ben {path}", ben.get(path)
        yield f"nobody {path}", nobody.get(path)
    yield "wrong verb", ben.open("/bookings", method="DELETE")
    yield "no token", ben.open("/language", method="POST", data={"language": "en"})
    yield "too large", ben.post("/language", language="x" * 300_000)
    yield "unfit", ben.post("/resources/tsukuba-plain/book")
    yield "redirect", ben.post("/language", language="en", next="/bookings")
    yield "HEAD", ben.open("/bookings", method="HEAD")
    yield "OPTIONS", ben.open("/bookings", method="OPTIONS")


@on_sqlite
def test_every_answer_carries_them(app: Flask, lab: Cast) -> None:
    seen = set()
    for name, answer in answers(app):
        seen.add(answer.status_code)
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"], name
        if answer.mimetype == "text/css":  # no document: nothing else means anything there
            continue
        for header, value in ALWAYS.items():
            assert answer.headers.get_all(header) == [value], name
        assert len(answer.headers.get_all("Referrer-Policy")) == 1, name
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, name
        assert "script-src 'self'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", ""), name
        assert "unsafe-eval" not in policy, name
        assert len(answer.headers.get_all("Content-Security-Policy")) == 1, name
        assert len(answer.headers.get_all("Cache-Control")) == 1, name
        assert "Server" not in answer.headers or "Werkzeug" not in answer.headers["Server"], name
    assert {200, 302, 303, 400, 403, 404, 405, 413, 422} <= seen


@on_sqlite
def test_nothing_private_is_stored_by_anybody(app: Flask, lab: Cast) -> None:
    for name, answer in answers(app):
        if "/app.css" not in name:
            assert answer.headers["Cache-Control"] in ("no-store", "private, no-cache"), name


@on_sqlite
def test_no_page_holds_a_script_of_its_own(app: Flask, lab: Cast) -> None:
    looked = 0
    for name, answer in answers(app):
        if answer.mimetype == "text/html":
            looked += 1
            assert _INLINE.findall(answer.text) == [], name
            assert not re.search(r'(?:src|href|action)="(?:https?:)?//', answer.text), name
    assert looked > 20


@on_sqlite
def test_over_https_browsers_are_told_to_stay_there(lab: Cast, database: str) -> None:
    app = application(database, CLOCK=lambda: NOW, SESSION_COOKIE_SECURE=True)
    with app.app_context():
        assert "max-age=" in Visitor(app).get("/sign-in").headers["Strict-Transport-Security"]
        let_go()


@on_sqlite
def test_over_http_they_are_not(app: Flask, lab: Cast) -> None:
    assert "Strict-Transport-Security" not in Visitor(app).get("/sign-in").headers


@on_sqlite
@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "null"}, True),  # a page with no-referrer sends this; the token still protects
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"Origin": "http://localhost:8080"}, False),
        ({"Origin": "//[::1"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Sec-Fetch-Site": "nonsense"}, False),
    ],
)
def test_an_unsafe_request_from_elsewhere_is_refused_even_with_a_good_token(
    app: Flask, lab: Cast, headers: dict[str, str], is_taken: bool
) -> None:
    ben = Visitor(app, "ben")
    data = {"csrf_token": ben.good_token(), "language": "ja", "next": "/"}
    answer = ben.open("/language", method="POST", data=data, headers=headers)
    assert answer.status_code == (303 if is_taken else 400)
    assert ('<html lang="ja">' in ben.get("/bookings").text) is is_taken


@on_sqlite
def test_a_link_from_elsewhere_may_be_followed(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    assert ben.get("/bookings", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@on_sqlite
@pytest.mark.parametrize("path", ["/", "/sign-in", "/bookings", "/healthz", "/console", "/static/"])
def test_there_is_no_trace_no_console_and_no_listing(app: Flask, lab: Cast, path: str) -> None:
    ben = Visitor(app, "ben")
    answer = ben.open(path, method="TRACE", headers={"X-Secret": "s3cret"})
    assert answer.status_code in (404, 405)
    assert "s3cret" not in answer.text
    if path in ("/console", "/static/"):
        assert ben.get(path).status_code == 404


@on_sqlite
def test_links_come_from_the_settings_and_not_from_the_host_header(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    fields = {"name": "x", "about": "mine", "detail": "full", "language": "en"}
    data = {"csrf_token": ben.good_token(), **fields}
    for headers in ({"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
        made = ben.open("/feeds", method="POST", data=data, headers=headers)
        assert made.status_code == 201
        assert "evil.example" not in made.text
    answer = Visitor(app).get("/bookings", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.headers["Location"]


@on_sqlite
def test_health_says_nothing_but_ok(app: Flask, lab: Cast) -> None:
    answer = Visitor(app).get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers


@on_sqlite
def test_over_https_too_a_page_that_sends_no_referer_has_forms_that_work(
    lab: Cast, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABBOOK_BASE_URL", "https://lab.example")
    app = application(database, CLOCK=lambda: NOW)
    with app.app_context():
        visitor = Visitor(app)
        at: dict[str, Any] = {"base_url": "https://lab.example"}
        page = visitor.open("/reset/nobody-has-this-link", **at)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        token = form_of(page, "/language").fields["csrf_token"]
        data = {"csrf_token": token, "language": "ja", "next": "/"}
        for headers in ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Origin": "null"}):
            assert visitor.open("/language", method="POST", data=data, headers=headers, **at).status_code == 303
        let_go()
