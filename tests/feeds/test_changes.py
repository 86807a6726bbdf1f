"""A change that waits: one's own calendar shows the booking as it stands, a rival's two busy times."""

from __future__ import annotations

from flask import Flask

from labbook.core.feeds import Detail, Scope
from tests.bookings.test_changes import NEW, asked, move, page
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.feeds.reading import feed, fetched


def starts(app: Flask, path: str) -> list[str]:
    """When its entries start, in UTC or on the site's clock."""
    text = fetched(Visitor(app), path).text
    entries = text.split("BEGIN:VEVENT")[1:]
    return sorted(line.rpartition(":")[2] for one in entries for line in one.splitlines() if line.startswith("DTSTART"))


def test_until_it_is_decided_each_sees_what_is_held_and_no_more(app: Flask, lab: Cast) -> None:
    rivals = feed(lab, "ben", Scope.RESOURCE, about="tsukuba-asked")
    own, own_busy = feed(lab, "alan"), feed(lab, "alan", detail=Detail.BUSY)
    asked(app)
    assert starts(app, own) == ["20261124T100000"]
    assert [one[-7:] for one in starts(app, rivals)] == ["T094500", "T144500"]
    assert starts(app, own_busy) == starts(app, rivals)
    sora = Visitor(app, "sora")
    assert sora.submit(page(sora), "/change/approve").status_code == 303
    assert starts(app, own) == ["20261124T150000"]
    assert [one[-7:] for one in starts(app, rivals)] == ["T144500"]


@on_sqlite
def test_withdrawn_the_bytes_are_what_they_were(app: Flask, lab: Cast) -> None:
    alan = asked(app)
    rivals = feed(lab, "ben", Scope.RESOURCE, about="tsukuba-asked")
    alan.submit(page(alan), "/change/withdraw")
    before = fetched(Visitor(app), rivals)
    assert move(alan, *NEW).status_code == 303
    during = fetched(Visitor(app), rivals)
    assert during.headers["ETag"] != before.headers["ETag"]
    alan.submit(page(alan), "/change/withdraw")
    assert [one[-7:] for one in starts(app, rivals)] == ["T094500"]
