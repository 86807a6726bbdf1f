"""All pages of LabBook, found by themselves: each address of the route table, with the keys of whoever sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tests.browser.lab import HALF, Served
from tests.browsing import links_of
from tests.privacy.crawl import filled
from tests.privacy.routes import ROWS

# Whose page is looked at first: whoever has most on it. `None` has not signed in; HALF has yet to type the code.
VIEWERS = ("hana", "rin", "sora", "cora", "ada", "audrey", "ben", None, HALF)
DAY = "2026-11-24"
AT_TEN = f"from={DAY}T10:00&to={DAY}T11:00&exact=1"

# Addresses that answer no page of their own, and why. Everything else of the table must be a page for somebody.
NO_PAGES = {
    "/static/<version>/<path:filename>": "files",
    "/healthz": "for machines",
    "/robots.txt": "for machines",
    "/sw.js": "for browsers",
    "/resources/<slug>/said": "for the board",
    "/bookings/<key>/said": "for the board",
    "/manifest.webmanifest": "for browsers",
    "/icons/<name>.png": "pictures",
    "/sign-in/openid": "leads to the provider",
    "/sign-in/openid/callback": "leads on from the provider",
    "/trainings": "leads to the trainings of one's own site",
    "/trail/ours": "leads to the trail of one's own partner",
}
DOWNLOADS = (".ics", ".ifb", ".csv", ".json", ".jsonl", ".webmanifest", ".png", ".js", "/files/<file>")

# What some pages need to be asked, or what they show more of when they are.
ASKED = {
    "/sites/<site>/day": (f"on={DAY}", f"on={DAY}&kind=equipment"),
    "/sites/<site>/week": (f"on={DAY}",),
    "/resources": ("", "q=no-such-thing"),
    "/sites/<site>/list": ("", f"on={DAY}&detail=full"),
    "/resources/<slug>/book": ("", AT_TEN),
    "/find": ("what=resource:tsukuba-plain&length=2&unit=h", "", "what=resource:tsukuba-plain&length=0"),
    "/waiting/new": ("what=resource:tsukuba-plain",),
}
# Pages that only links of another page lead to, because what they ask for has no other name.
LINKED = {"/messages/new": ("ben", f"/sites/tsukuba/day?on={DAY}")}


@dataclass(frozen=True)
class Place:
    """A page as somebody sees it."""

    path: str
    viewer: str | None

    def __str__(self) -> str:
        return f"{self.path} as {self.viewer or 'a stranger'}"


def rules_of_pages() -> list[str]:
    """The addresses that are to be pages."""
    return [row.rule for row in ROWS if row.method == "GET" and not _is_no_page(row.rule)]


def _is_no_page(rule: str) -> bool:
    return rule in NO_PAGES or rule.endswith(DOWNLOADS)


def places(served: Served, rule: str) -> Iterator[Place]:
    """Where the pages of an address are: for each viewer, those who see most first, with all keys that are theirs."""
    for viewer in VIEWERS:
        for path in _paths(served, rule):
            if is_page(served, place := Place(path, viewer)):
                yield place


def is_page(served: Served, place: Place) -> bool:
    """Whether there is a page for this viewer."""
    with served.app.app_context():
        answer = served.visitor(place.viewer).get(place.path)
    return answer.status_code == 200 and answer.mimetype == "text/html"


def _paths(served: Served, rule: str) -> Iterator[str]:
    if rule in LINKED:
        viewer, page = LINKED[rule]
        with served.app.app_context():
            yield from [link for link in links_of(served.visitor(viewer).get(page).text) if link.startswith(rule)][:1]
        return
    row = next(row for row in ROWS if row.method == "GET" and row.rule == rule)
    for keys in product(*(served.plants.keys_of[kind] for kind in row.kinds)):
        path = filled(rule, keys)
        yield from (f"{path}?{asked}" if asked else path for asked in ASKED.get(rule, ("",)))
