"""All that one viewer can make LabBook say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import unquote

from flask import Flask, url_for
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from labbook.core.feeds import Detail, Scope
from labbook.feeds import service as feeds
from tests.browsing import Visitor, crawl
from tests.cast import NOW, Cast
from tests.privacy.planting import Plants

FIRST, LAST = date(2026, 11, 22), date(2026, 11, 27)
SLUGS = ("tsukuba-plain", "tsukuba-asked", "tsukuba-sorter", "tsukuba-hood", "tsukuba-bench", "tsukuba-confocal-1")
_ON = re.compile(r"[?&](?:on|from)=(\d{4}-\d\d-\d\d)")
_FREE = re.compile(r"/book\?unit=")


def follow(link: str) -> bool:
    """Links within the week; of the many ways to book only those without a time."""
    asked = _ON.search(link)
    return not _FREE.search(link) and (asked is None or FIRST <= date.fromisoformat(asked[1]) <= LAST)


def read_by(visitor: Visitor) -> dict[str, bytes]:
    """Every page that links lead to, and the lists asked for in other ways."""
    pages = crawl(visitor, "/", follow=follow)
    for path in (
        "/resources?q=a&kind=equipment",
        "/resources?q=Quokka",
        "/sites/tsukuba/day?on=2026-11-24&kind=equipment",
        "/sites/tsukuba/week?on=2026-11-24&kind=room",
        "/sites/cambridge/day?on=2026-11-24",
        "/resources/tsukuba-plain/book?from=2026-11-24T10:00&to=2026-11-24T11:00&exact=1",
        "/inbox",
        "/bookings",
        "/feeds",
    ):
        pages[path] = visitor.get(path)
    return {path: spelled(answer) for path, answer in pages.items()}


def asked_about(visitor: Visitor, app: Flask, plants: Plants, method: str) -> Iterator[tuple[str, str, TestResponse]]:
    """Every route of a method, asked for each of Aoba's keys: the path, the key in it, and the answer."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or method not in (rule.methods or ()) or not rule.arguments:
            continue
        for values, key in _values(rule, plants):
            path = _built(app, rule, values)
            fields = {"version": "1", "reason": "no", "booking": key or plants.bookings["Approved"]}
            if method == "POST":
                yield path, key, visitor.post(path, **fields)
            else:
                yield path, key, visitor.open(path, method=method)


def _values(rule: Rule, plants: Plants) -> Iterator[tuple[dict[str, str], str]]:
    if "key" in rule.arguments:
        yield from (({"key": key}, key) for key in plants.keys)
    elif "token" in rule.arguments:
        yield from (({"token": key, "name": "a"}, key) for key in plants.keys)
    elif "slug" in rule.arguments:
        yield from (({"slug": slug}, "") for slug in ("tsukuba-secret", "tsukuba-plain"))
    else:
        yield from (({"site": site}, "") for site in ("tsukuba", "cambridge"))


def _built(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    with app.test_request_context():
        return url_for(rule.endpoint, **values)


def feeds_of(visitor: Visitor, lab: Cast, name: str, slugs: tuple[str, ...] = SLUGS) -> dict[str, str]:
    """Feeds of every kind that a scientist can make, and the paths behind their links."""
    actor = lab.actor(name)
    wanted = [feeds.Wanted("own", Scope.MINE, detail, "en") for detail in Detail]
    wanted += [feeds.Wanted(slug, Scope.RESOURCE, detail, "en", slug) for slug in slugs for detail in Detail]
    return {f"{one.name} {one.detail}": f"/feeds/{feeds.create(actor, one, now=NOW)}/{one.name}.ics" for one in wanted}


def spelled(answer: TestResponse) -> bytes:
    """Status, headers and body in one."""
    headers = "\n".join(f"{name}: {unquote(value)}" for name, value in answer.headers)
    return f"{answer.status}\n{headers}\n\n".encode() + bytes(answer.data)
