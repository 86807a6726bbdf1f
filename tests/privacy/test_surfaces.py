"""Every surface on which bookings show, read by a rival: what may stand there, and that nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from labbook.core.feeds import Detail, Scope
from tests.browsing import Visitor, on_sqlite, times
from tests.cast import Cast
from tests.feeds.reading import feed
from tests.messages.conftest import unit_key
from tests.privacy.planting import Plants, told
from tests.privacy.reading import spelled

HELD = times("2026-11-24T10:00", "2026-11-24T11:00")
SOMEONE = "Someone else holds this time, or the buffer around it."
BLOCK = "09:45–12:45"  # of two bookings that touch


@dataclass
class Rival:
    """Ben of Birch, with what he would need to know of Aoba to ask for it."""

    ben: Visitor
    lab: Cast
    plants: Plants

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.ben.get(path.format(**self._keys()))

    def post(self, path: str, **fields: str) -> TestResponse:
        """Send a form."""
        return self.ben.post(path.format(**self._keys()), **fields)

    def _keys(self) -> dict[str, str]:
        return {"request": self.plants.requests["Waiting"], "booking": self.plants.bookings["Approved"]}

    def type_in(self) -> TestResponse:
        """What the rules say while one types a time that is held."""
        page = self.ben.get("/resources/tsukuba-plain/book")
        return self.ben.submit_to("/resources/tsukuba-plain/findings", page, "/book", **HELD)

    def fetch(self, detail: Detail, scope: Scope = Scope.RESOURCE) -> TestResponse:
        """A feed of Ben's."""
        about = "tsukuba-plain" if scope is Scope.RESOURCE else ""
        return self.ben.get(feed(self.lab, "ben", scope, detail, about=about))

    def form(self, at: str = "2026-11-24T10:00") -> TestResponse:
        """The form of a message about a moment of the block."""
        return self.ben.get("/messages/new", query_string={"unit": unit_key("tsukuba-plain"), "at": at})


# Surface, how it is read, status, what a rival reads there, and what must not be there beside the planted words.
TABLE: list[tuple[str, Callable[[Rival], TestResponse], int, tuple[str, ...], tuple[str, ...]]] = [
    ("the day", lambda r: r.get("/sites/tsukuba/day?on=2026-11-24"), 200, (BLOCK, "Busy"), ("waiting<", "Wished<")),
    ("the week", lambda r: r.get("/sites/tsukuba/week?on=2026-11-24"), 200, ("Tue 24 Nov 09:45–12:45",), ()),
    ("the resource's days", lambda r: r.get("/resources/tsukuba-plain"), 200, (BLOCK,), ()),
    ("a pool's units", lambda r: r.get("/resources/tsukuba-hood"), 200, ("Hood",), ()),
    ("what is booked by the day", lambda r: r.get("/resources/tsukuba-bench"), 200, ("Busy",), ()),
    ("a wish", lambda r: r.get("/resources/tsukuba-sorter"), 200, ("Cell sorter",), ("<b>Busy</b>", "wished")),
    (
        "the form's strip and panel",
        lambda r: r.get("/resources/tsukuba-plain/book?from=2026-11-24T10:00&to=2026-11-24T11:00&exact=1"),
        200,
        ('<i class="b busy"', SOMEONE, "Nearest free times"),
        (),
    ),
    (
        "the findings while one types",
        lambda r: r.type_in(),
        200,
        (SOMEONE, "Nearest free times"),
        (),
    ),
    (
        "the findings for somebody else's booking",
        lambda r: r.post("/bookings/{booking}/findings", **HELD),
        404,
        (),
        (),
    ),
    (
        "what is said of a held time on its way over the board",
        lambda r: r.get("/resources/tsukuba-plain/said?from=2026-11-24T10:00&to=2026-11-24T11:00"),
        200,
        (SOMEONE,),
        ("waiting",),
    ),
    ("the same of somebody else's booking", lambda r: r.get("/bookings/{booking}/said"), 404, ("Nothing here",), ()),
    (
        "the clash, with the nearest free times",
        lambda r: r.ben.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00"),
        409,
        (SOMEONE, "Nearest free times"),
        (),
    ),
    (
        "the clash with what waits",
        lambda r: r.ben.book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T11:00"),
        409,
        (SOMEONE,),
        ("Waiting for staff<",),
    ),
    (
        "a wish beside another wish",
        lambda r: r.ben.book("tsukuba-sorter", "2026-11-24T13:00", "2026-11-24T15:00"),
        303,
        (),
        ("rival",),
    ),
    ("a request", lambda r: r.get("/requests/{request}"), 404, ("Nothing here",), ()),
    ("a decision", lambda r: r.post("/requests/{request}/approve", version="1"), 404, ("Nothing here",), ()),
    ("a move", lambda r: r.get("/bookings/{booking}/move"), 404, ("Nothing here",), ()),
    ("a cancellation", lambda r: r.post("/bookings/{booking}/cancel", version="1"), 404, ("Nothing here",), ()),
    ("my bookings", lambda r: r.get("/bookings"), 200, ("My bookings",), ("Plate reader",)),
    ("the inbox", lambda r: r.get("/inbox"), 403, (), ("waiting:",)),
    ("the suspended bookings", lambda r: r.get("/flags"), 403, (), ()),
    ("the list of resources", lambda r: r.get("/resources"), 200, ("Plate reader",), ("Secret suite",)),
    ("the search", lambda r: r.get("/resources?q=Quokka"), 200, ("Nothing found",), ()),
    ("a resource's feed, full", lambda r: r.fetch(Detail.FULL), 200, ("SUMMARY:Busy",), ("STATUS:TENTATIVE",)),
    ("a resource's feed, busy", lambda r: r.fetch(Detail.BUSY), 200, ("SUMMARY:Busy",), ("DESCRIPTION", "/requests/")),
    ("one's own feed", lambda r: r.fetch(Detail.FULL, Scope.MINE), 200, ("BEGIN:VCALENDAR",), ("BEGIN:VEVENT",)),
    ("the feeds' page", lambda r: r.get("/feeds"), 200, ("Plate reader",), ("Secret suite",)),
    ("the question to a holder", lambda r: r.form(), 200, ("Tue 24 Nov 2026, 12:30 JST",), ("12:45 JST", "11:15 JST")),
    ("the question to nobody", lambda r: r.form("2026-11-24T20:00"), 409, ("There is nobody to ask",), ()),
    ("the messages", lambda r: r.get("/messages"), 200, ("No messages",), ()),
    ("an unknown address", lambda r: r.get("/requests/{request}/words"), 404, ("Nothing here",), ()),
    ("the wrong method", lambda r: r.ben.open("/bookings", method="DELETE"), 405, (), ()),
]


@on_sqlite
@pytest.mark.parametrize(("surface", "read", "status", "may", "never"), TABLE, ids=[row[0] for row in TABLE])
def test_a_rival_reads_times_and_nothing_else(
    app: Flask,
    lab: Cast,
    plants: Plants,
    surface: str,
    read: Callable[[Rival], TestResponse],
    status: int,
    may: tuple[str, ...],
    never: tuple[str, ...],
) -> None:
    answer = read(Rival(Visitor(app, "ben"), lab, plants))
    assert answer.status_code == status, surface
    # An error repeats the address that was asked for.
    asked = [] if answer.status_code in (200, 303) else plants.keys
    assert told([word for word in plants.all if word not in asked], spelled(answer)) == []
    assert [words for words in may if words not in answer.text] == []
    main = answer.text.partition('<main id="main"')[2].partition('<ul class="legend"')[0] or answer.text
    assert [words for words in never if words in main] == []


@on_sqlite
def test_staff_of_the_other_site_count_no_wishes_of_this_one(app: Flask, lab: Cast, plants: Plants) -> None:
    page = Visitor(app, "sam").get("/inbox")
    assert page.status_code == 200
    assert told(plants.of("Waiting", "Wished"), spelled(page)) == []
    assert '<b class="count">' not in page.text
