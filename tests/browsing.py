"""A person at a browser, without the browser: signs in, keeps cookies, fills in the page's own forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.core.tokens import new_token, token_hash
from labbook.db import db, transactional
from labbook.models import Person, SignIn
from tests.cast import PASSWORD

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For tests that the database makes no difference to."""

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_CHANGING = re.compile(
    r'(name="(?:csrf_token|idempotency_key)"[^>]*value="|name="pocket" content="|X-CSRFToken": ")[^"]+'
)


@dataclass
class PageForm:
    """A form as a page shows it, with what is filled in."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Visitor:
    """One browser session."""

    def __init__(self, app: Flask, name: str | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        self.token = ""
        if name:
            self._come_in(app, name)

    @classmethod
    def by_the_form(cls, app: Flask, name: str) -> Visitor:
        """Somebody who has signed in with address and password."""
        visitor = cls(app)
        answer = visitor.post("/sign-in", email=f"{name}@lab.example", password=PASSWORD, next="/")
        assert answer.status_code == 303, answer.text
        visitor.token = ""
        return visitor

    def _come_in(self, app: Flask, name: str) -> None:
        """Begin a session as the sign-in page does after its checks, which have tests of their own."""
        token, at = new_token(), app.config["CLOCK"]()
        db.session.remove()
        _begin(name, token, at)
        db.session.remove()
        secret = token_hash(token)[:40]
        with self.client.session_transaction() as kept:
            kept.update({"_user_id": token, "_fresh": True, "csrf_token": secret})
        # What a form would bring along: a page is worked out for it only where a test is about the page.
        self.token = str(URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps(secret))

    @property
    def session(self) -> str:
        """The cookie of this session."""
        cookie = self.client.get_cookie("labbook")
        assert cookie is not None
        return cookie.value

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Open a page."""
        return self.open(path, method="GET", **kwargs)

    def post(self, path: str, /, **fields: Any) -> TestResponse:
        """Send a form with a good CSRF token."""
        return self.open(path, method="POST", data={"csrf_token": self.good_token(), **fields})

    def open(self, path: str, **kwargs: Any) -> TestResponse:
        """Send any request, outside the application context that the test itself runs in."""
        db.session.remove()
        return Context().run(self.client.open, path, buffered=True, **kwargs)

    def good_token(self) -> str:
        """A CSRF token of this session."""
        if not self.token:
            page = self.get("/sign-in")
            self.token = token_of(self.get("/feeds") if "Location" in page.headers else page)
        return self.token

    def submit(self, page: TestResponse, action: str, /, **changes: str) -> TestResponse:
        """Send the page's form whose action ends with `action`, with some fields filled in anew."""
        form = form_of(page, action)
        return self.open(form.action, method="POST", data={**form.fields, **changes})

    def submit_to(self, path: str, page: TestResponse, action: str, /, **changes: str) -> TestResponse:
        """Send the same form to another address, as scripts do."""
        return self.open(path, method="POST", data={**form_of(page, action).fields, **changes})

    def book(self, slug: str, start: str, end: str, **fields: str) -> TestResponse:
        """Fill in the booking form, times as in 2026-11-24T10:00, and send it."""
        page = self.get(f"/resources/{slug}/book")
        return self.submit(page, f"/resources/{slug}/book", **{"title": "Plates", **times(start, end), **fields})


@transactional
def _begin(name: str, token: str, at: datetime) -> None:
    person_id = db.session.scalars(select(Person.id).where(Person.email == f"{name}@lab.example")).one()
    db.session.add(SignIn(token_hash=token_hash(token), person_id=person_id, started_at=at, seen_at=at))


def times(start: str, end: str) -> dict[str, str]:
    """The four fields of a time from and to."""
    fields = {}
    for name, value in (("start", start), ("end", end)):
        fields[f"{name}_on"], _, fields[f"{name}_at"] = value.partition("T")
    return fields


def token_of(page: TestResponse) -> str:
    """The CSRF token of a page."""
    found = _TOKEN.search(page.text)
    assert found is not None, page.text[:400]
    return found.group(1)


def form_of(page: TestResponse, action: str) -> PageForm:
    """The one form of a page whose action ends with `action`."""
    found = [form for form in forms_of(page.text) if form.action.endswith(action)]
    assert len(found) == 1, f"{len(found)} forms to {action}: {page.status_code} {page.text[:200]}"
    return found[0]


def forms_of(text: str) -> list[PageForm]:
    """All forms of a page."""
    parser = _Forms()
    parser.feed(text)
    return parser.found


def links_of(text: str) -> Iterator[str]:
    """Where a page's links lead, as paths of ours."""
    for link in re.findall(r'\bhref="(/[^"#]*)', text):
        if not link.startswith(("/static/", "/icons/")):
            yield link.replace("&amp;", "&")


def steady(text: str) -> str:
    """A page without what differs at each look: CSRF tokens and idempotency keys."""
    return _CHANGING.sub(r"\1…", text)


def crawl(visitor: Visitor, start: str, *, follow: Callable[[str], bool], most: int = 400) -> dict[str, TestResponse]:
    """Every page that links lead to from `start`, by its path; `follow` says which links to take."""
    pages: dict[str, TestResponse] = {}
    ahead = [start]
    while ahead:
        path = ahead.pop()
        if path in pages:
            continue
        assert len(pages) < most, "the crawl does not end"
        pages[path] = answer = visitor.get(path)
        found = [answer.headers["Location"]] if "Location" in answer.headers else list(links_of(answer.text))
        ahead += [link for link in found if link not in pages and follow(link)]
    return pages


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[PageForm] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(PageForm(given.get("action", ""), given.get("method", "get")))
        if not self.found:
            return
        fields, name = self.found[-1].fields, given.get("name", "")
        if tag == "input" and name:
            self._input(fields, name, given)
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area, fields[name] = name, ""
        elif tag == "option" and self._select and (self._select not in fields or "selected" in given):
            fields[self._select] = given.get("value", "")

    @staticmethod
    def _input(fields: dict[str, str], name: str, given: dict[str, str]) -> None:
        if given.get("type") not in ("radio", "checkbox") or "checked" in given:
            fields[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self.found:
            self.found[-1].fields[self._area] += data.removeprefix("\r\n").removeprefix("\n")
