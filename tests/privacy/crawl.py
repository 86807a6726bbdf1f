"""Every route of the application, with every method, asked for the keys of somebody else's things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import quote

from flask import Flask
from werkzeug.test import TestResponse

from tests.browsing import Visitor
from tests.privacy.marks import FOREIGN
from tests.privacy.planting import Plants
from tests.privacy.reading import spelled
from tests.privacy.routes import ROUTES, Row, routes_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE = ("GET", "HEAD", "OPTIONS")
_PART = re.compile(r"<[^>]+>")


@dataclass
class Asked:
    """One request and what came back."""

    row: Row
    method: str
    path: str
    keys: tuple[str, ...]
    answer: TestResponse
    sent: list[str] = field(default_factory=list)  # what the viewer typed, and may therefore read

    def told(self, words: list[str]) -> list[str]:
        """Those of the words that came back without having been sent."""
        text = spelled(self.answer).replace(b"\r\n ", b"").decode(errors="replace")
        typed = " ".join((*self.sent, *self.keys))
        return [word for word in words if word in text and word not in typed]

    @property
    def is_foreign(self) -> bool:
        """True when the address names something of a rival."""
        return bool(set(self.row.kinds) & FOREIGN)

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.answer.status_code}"


def rows_of(app: Flask) -> list[Row]:
    """The answers to "who may see it"; that none is missing is a test of the house."""
    return [ROUTES[method, rule] for method, rule, _, _ in routes_of(app) if (method, rule) in ROUTES]


def filled(rule: str, keys: tuple[str, ...]) -> str:
    """An address with the keys in it."""
    left = iter(keys)
    return _PART.sub(lambda _: quote(next(left), safe=""), rule)


def fields_of(plants: Plants) -> dict[str, str]:
    """What a forger puts into every form: the rival's keys and addresses under the likely names."""
    one = {kind: keys[0] for kind, keys in plants.keys_of.items()}
    return {
        "version": "1",
        "reason": "no",
        "booking": one["booking"],
        "request": one["request"],
        "person": one["person"],
        "people": one["person"],
        "partner": one["partner"],
        "project": one["project"],
        "resource": "tsukuba-secret",
        "site": "tsukuba",
        "training": one["training"],
        "session": one["session"],
        "about": "resource:tsukuba-secret",
        "detail": "full",
        "language": "en",
        "name": "Mine",
        "email": "hana@lab.example",
        "role": "coordinator",
        "body": "Who are you?",
        "note": "Please",
        "choice": "cancel",
        "outcome": "passed",
    }


class Prowler(Visitor):
    """A visitor who signs in again whenever a request ended the session."""

    def __init__(self, app: Flask, name: str | None) -> None:
        super().__init__(app, name)
        self.app, self.name = app, name
        self.instead: dict[str, str] = {}  # what to put into the forms instead of the rival's

    def stays(self) -> None:
        """Sign in again if need be."""
        if self.name is None:
            self.token = ""
        elif self.get("/bookings").status_code == 303:
            self.client, self.token = self.app.test_client(), ""
            super().__init__(self.app, self.name)

    def asked_everything(self, plants: Plants, methods: tuple[str, ...] = METHODS) -> Iterator[Asked]:
        """Each route for each of the rival's keys that fit; methods that a route does not know for one of them."""
        fields, seen = fields_of(plants) | self.instead, set[tuple[str, str]]()
        for row in rows_of(self.app):
            if row.rule.startswith("/static/"):
                continue
            choices = list(product(*(plants.keys_of[kind] for kind in row.kinds)))
            for method in methods:
                is_its = method == row.method or (method == "HEAD" and row.method == "GET")
                for keys in choices if is_its else choices[:1]:
                    path = filled(row.rule, keys)
                    if (method, path) not in seen and (is_its or (method, row.rule) not in ROUTES):
                        seen.add((method, path))
                        yield self.asked(row, method, keys, fields)

    def asked(self, row: Row, method: str, keys: tuple[str, ...], fields: dict[str, str]) -> Asked:
        """One request to a route with these keys in its address."""
        path = filled(row.rule, keys)
        if method in SAFE:
            return Asked(row, method, path, keys, self.open(path, method=method))
        answer = self.open(path, method=method, data={"csrf_token": self.good_token(), **fields})
        if answer.status_code in (200, 303):
            self.stays()
        return Asked(row, method, path, keys, answer, list(fields.values()))
