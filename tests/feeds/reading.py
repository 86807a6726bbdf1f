"""What a calendar client sees of a feed."""

from __future__ import annotations

from collections.abc import Sequence

from icalendar import Calendar
from werkzeug.test import TestResponse

from labbook.core.feeds import USUAL, Detail, Scope, Takes
from labbook.feeds.service import making as service
from tests.browsing import Visitor, steady
from tests.cast import NOW, Cast


def feed(
    lab: Cast,
    name: str = "hana",
    scope: Scope = Scope.MINE,
    detail: Detail = Detail.FULL,
    *,
    about: str = "",
    language: str = "en",
    title: str = "My phone",
    takes: Takes = USUAL,
) -> str:
    """A new feed of somebody; returns the path behind its link. `about` is a slug (labbook.feeds.offers)."""
    wanted = service.Wanted(title, scope, detail, language, about, takes)
    return f"/feeds/{service.create(lab.actor(name), wanted, now=NOW)}/a.ics"


def entries(answer: TestResponse) -> list[dict[str, str]]:
    """The entries of a feed, each as its properties' text."""
    assert answer.status_code == 200, answer.text
    return [
        {name: _text(value) for name, value in event.property_items(recursive=False) if name not in ("BEGIN", "END")}
        for event in Calendar.from_ical(answer.data).walk("VEVENT")
    ]


def only(answer: TestResponse) -> dict[str, str]:
    """The one entry of a feed."""
    found = entries(answer)
    assert len(found) == 1, found
    return found[0]


def fetched(app_visitor: Visitor, path: str, etag: str = "") -> TestResponse:
    """A poll, as a client that remembers the validator of its last one."""
    return app_visitor.get(path, headers={"If-None-Match": etag} if etag else {})


def _text(value: object) -> str:
    to_ical = getattr(value, "to_ical", None)
    written = to_ical() if to_ical else value
    return written.decode() if isinstance(written, bytes) else str(written)


def seen(visitor: Visitor, link: str, pages: Sequence[str], form: str) -> dict[str, str]:
    """All that somebody reads of a resource: pages, what a form for a time that is refused says, and a feed."""
    found = {path: steady(visitor.get(path).text) for path in pages}
    refused = visitor.submit(visitor.get(form), "/book", title="")  # either way: it is never booked
    return {**found, "findings": steady(refused.text), "feed": str(entries(fetched(visitor, link)))}
