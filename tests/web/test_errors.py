"""Whatever goes wrong, people get a page with a clear sentence, and nothing of the inside."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from werkzeug.exceptions import TooManyRequests

from labbook.core.lifecycle import Action, NotPossibleError, State
from labbook.core.permissions import ForbiddenError, NotFoundError
from labbook.db import BusyError, UnknownOutcomeError
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import Cast

INSIDE = ("Traceback", "sqlalchemy", "labbook/", "/work", "SELECT", "secret inside", ".py")


def broken(app: Flask, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the page of one's bookings raise."""

    def view() -> None:
        raise error

    monkeypatch.setitem(app.view_functions, "bookings.mine", view)


@on_sqlite
@pytest.mark.parametrize(
    ("error", "code", "heading"),
    [
        (NotFoundError("secret inside"), 404, "Nothing here"),
        (ForbiddenError("secret inside"), 403, "That is not for you to do"),
        (NotPossibleError(State.CANCELLED, Action.APPROVE), 409, "It has changed meanwhile"),
        (TooManyRequests(), 429, "Too many tries"),
        (BusyError("secret inside"), 503, "Nothing was changed. Try again in a few seconds."),
        (NoConnectionError("secret inside"), 503, "Nothing was changed. Try again in a few seconds."),
        (UnknownOutcomeError("secret inside"), 503, "it may have been saved"),
        (OperationalError("SELECT secret inside", {}, Exception("away")), 503, "Busy right now"),
        (DBAPIError("SELECT secret inside", {}, Exception("what")), 500, "Something went wrong"),
        (RecursionError("secret inside"), 400, "That was not understood"),
        (OverflowError("secret inside"), 422, "Something does not fit"),
        (RuntimeError("secret inside"), 500, "Something went wrong"),
        (KeyError("secret inside"), 500, "Something went wrong"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "secret inside"), 500, "Something went wrong"),
    ],
)
def test_every_exception_has_its_page(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, heading: str
) -> None:
    ben = Visitor(app, "ben")
    broken(app, monkeypatch, error)
    answer = ben.get("/bookings")
    assert answer.status_code == code
    assert heading in answer.text
    assert answer.text.startswith("<!doctype html>")
    assert [word for word in INSIDE if word in steady(answer.text)] == []
    assert ("Retry-After" in answer.headers) is (code == 503)
    assert answer.headers["Cache-Control"] == "no-store"


@on_sqlite
def test_a_page_for_a_failing_database_does_not_ask_the_database(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.privacy.test_hidden import statements

    ben = Visitor(app, "ben")
    broken(app, monkeypatch, RuntimeError("secret inside"))
    with statements() as usual:
        assert ben.get("/bookings").status_code == 500
    assert len([one for one in usual if "sign_in" in one]) <= 1
    assert len(usual) <= 2
    assert "Ben" not in ben.get("/bookings").text


@on_sqlite
def test_when_the_session_itself_cannot_be_read_it_is_503(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    import labbook.web

    def away(*args: object) -> None:
        raise OperationalError("SELECT secret inside", {}, Exception("away"))

    ben = Visitor(app, "ben")
    monkeypatch.setattr(labbook.web, "session_by_token", away)
    for path in ("/bookings", "/sign-in", "/sites/tsukuba/day"):
        answer = ben.get(path)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"] == "5"
        assert [word for word in INSIDE if word in steady(answer.text)] == []


@on_sqlite
@pytest.mark.parametrize(
    ("path", "method", "code"),
    [
        ("/nowhere", "GET", 404),
        ("/requests/none", "GET", 404),
        ("/sites/none/day", "GET", 404),
        ("/bookings", "POST", 405),
        ("/bookings", "PROPFIND", 405),
        ("/language", "GET", 405),
    ],
)
def test_addresses_and_verbs_that_do_not_exist(app: Flask, lab: Cast, path: str, method: str, code: int) -> None:
    for visitor in (Visitor(app, "ben"), Visitor(app)):
        data = {"csrf_token": visitor.good_token()} if method == "POST" else None
        answer = visitor.open(path, method=method, data=data)
        if code == 404 and visitor.get("/bookings").status_code != 200 and path != "/nowhere":
            assert "/sign-in?next=" in answer.headers["Location"]  # signed out one learns nothing at all
            continue
        assert answer.status_code == code
        assert answer.text.startswith("<!doctype html>")
        assert ("Allow" in answer.headers) is (code == 405)


@on_sqlite
def test_what_is_too_large_is_413(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    token = ben.good_token()
    for data, kind in (
        ({"csrf_token": token, "language": "x" * 300_000}, "application/x-www-form-urlencoded"),
        ({"csrf_token": token, "language": "x" * 300_000}, "multipart/form-data"),
    ):
        answer = ben.open("/language", method="POST", data=data, content_type=kind)
        assert answer.status_code == 413
        assert "What you sent is too large." in answer.text
    many = {f"field{number}": "x" for number in range(500)}
    answer = ben.open(
        "/language", method="POST", data={"csrf_token": token, **many}, content_type="multipart/form-data"
    )
    assert answer.status_code in (400, 413)


@on_sqlite
@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "text/plain", "application/xml", ""]
)
def test_a_body_that_cannot_be_read_is_400(app: Flask, lab: Cast, kind: str) -> None:
    ben = Visitor(app, "ben")
    for body in (b"", b"\xff\xfe", b"--x\r\nContent-Disposition: form-data; name", b"a" * 1000):
        assert ben.open("/language", method="POST", data=body, content_type=kind).status_code == 400
