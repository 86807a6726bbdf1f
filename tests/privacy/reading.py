"""All that one viewer can make LabBook say."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote, unquote

from werkzeug.test import TestResponse

from labbook.core.feeds import Detail, Scope
from labbook.feeds.offers import offers
from labbook.feeds.service import making as feeds
from tests.browsing import Visitor, crawl, steady
from tests.cast import NOW, Cast

FIRST, LAST = date(2026, 11, 22), date(2026, 11, 27)
SLUGS = ("tsukuba-plain", "tsukuba-asked", "tsukuba-sorter", "tsukuba-hood", "tsukuba-bench", "tsukuba-confocal-1")
_ON = re.compile(r"[?&](?:on|from)=(\d{4}-\d\d-\d\d)")
_MONTHS = re.compile(r"/residencies\?(?!from=2026-11(?:&months=6)?$)")
_COOKIE = re.compile(r"Set-Cookie: [^\n]*\n")
_FREE = re.compile(r"/book\?unit=|/book\?from=[^&]*T(?!00:|10:)")


def follow(link: str) -> bool:
    """Links within the week, or from its month on; of the many ways to book only whole days, those at ten, as Aoba's,
    and without a time."""
    asked = _ON.search(link)
    return not (_FREE.search(link) or _MONTHS.search(link)) and (
        asked is None or FIRST <= date.fromisoformat(asked[1]) <= LAST
    )


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


def feeds_of(lab: Cast, name: str, slugs: tuple[str, ...] = SLUGS) -> dict[str, str]:
    """Feeds of all that somebody may follow, of resources only some, and the paths behind their links."""
    actor, found = lab.actor(name), {}
    for offer in offers(actor):
        if offer.scope is Scope.RESOURCE and offer.slug not in slugs:
            continue
        called = {Scope.MINE: "own", Scope.RESOURCE: offer.slug}.get(offer.scope, offer.code)
        for detail in Detail:
            wanted = feeds.Wanted("feed", offer.scope, detail, "en", offer.slug)
            found[f"{called} {detail}"] = f"/feeds/{feeds.create(actor, wanted, now=NOW)}/feed.ics"
    return found


def spelled(answer: TestResponse) -> bytes:
    """Status, headers and body in one."""
    headers = "\n".join(f"{name}: {unquote(value)}" for name, value in answer.headers)
    return f"{answer.status}\n{headers}\n\n".encode() + bytes(answer.data)


def like(answer: TestResponse, asked: str) -> str:
    """An answer without what the viewer typed, and without tokens."""
    text = steady(_COOKIE.sub("", spelled(answer).decode()))
    return text.replace(quote(asked, safe=""), "…").replace(asked, "…")
