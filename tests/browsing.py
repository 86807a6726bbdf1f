"""A person at a browser, without the browser: signs in, keeps cookies, sends the page's own CSRF token."""

from __future__ import annotations

import re
from contextvars import Context
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from labbook.db import db
from tests.cast import PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Visitor:
    """One browser session."""

    def __init__(self, app: Flask, name: str | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        self.token = ""
        if name:
            answer = self.post("/sign-in", email=f"{name}@lab.example", password=PASSWORD, next="/")
            assert answer.status_code == 303, answer.text
            self.token = ""

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Open a page."""
        return self.open(path, method="GET", **kwargs)

    def post(self, path: str, /, **fields: Any) -> TestResponse:
        """Send a form with a good CSRF token."""
        if not self.token:
            page = self.get("/sign-in") if path == "/sign-in" else self.get("/feeds")
            self.token = token_of(page)
        return self.open(path, method="POST", data={"csrf_token": self.token, **fields})

    def open(self, path: str, **kwargs: Any) -> TestResponse:
        """Send any request, outside the application context that the test itself runs in."""
        db.session.remove()
        return Context().run(self.client.open, path, **kwargs)


def token_of(page: TestResponse) -> str:
    """The CSRF token of a page."""
    found = _TOKEN.search(page.text)
    assert found is not None, page.text[:400]
    return found.group(1)
