"""What a rival does not see changes nothing in a rival's feed: not its bytes, not its validator, not its pace."""

from __future__ import annotations

import pytest
from flask import Flask

from labbook.bookings import service as bookings
from labbook.core.feeds import Scope
from labbook.core.interval import Interval
from labbook.core.lifecycle import NotPossibleError
from tests.bookings.snapshot import taken
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.conftest import Clock
from tests.feeds.reading import feed, fetched

WANTED = "2026-11-24T10:00", "2026-11-24T12:00"


# --- moved to where it stands -----------------------------------------------------------------------------------------


def test_a_move_to_where_it_stands_is_no_step(app: Flask, lab: Cast) -> None:
    """No event, no new version, and the very answer that rivals' calendars know."""
    alan, calendar = Visitor(app, "alan"), Visitor(app)
    page = alan.book("tsukuba-plain", *WANTED).headers["Location"]
    paths = [feed(lab, "ben", Scope.RESOURCE, about="tsukuba-plain"), feed(lab, "alan")]
    before, known = taken(), [fetched(calendar, path).headers["ETag"] for path in paths]
    (key,) = before.bookings
    assert alan.submit(alan.get(f"/bookings/{key}/move"), "/move").headers["Location"] == page
    assert before.differences(taken()) == []
    assert [fetched(calendar, path, tag).status_code for path, tag in zip(paths, known, strict=True)] == [304, 304]


@on_sqlite
def test_what_runs_is_not_moved_to_where_it_stands_either(app: Flask, lab: Cast, clock: Clock) -> None:
    Visitor(app, "alan").book("tsukuba-plain", *WANTED)
    (row,) = taken().bookings.values()
    clock.now = row.starts_at
    bookings.tick(now=clock.now)
    (row,) = taken().bookings.values()
    with pytest.raises(NotPossibleError):
        bookings.move(
            lab.actor("alan"),
            row.key,
            Interval(row.starts_at, row.ends_at),
            unit="",
            version=row.version,
            now=clock.now,
        )


def test_a_move_of_a_wish_changes_nothing_that_is_held(app: Flask, lab: Cast) -> None:
    alan, calendar = Visitor(app, "alan"), Visitor(app)
    alan.book("tsukuba-sorter", *WANTED)
    path = feed(lab, "ben", Scope.RESOURCE, about="tsukuba-sorter")
    known = fetched(calendar, path).headers["ETag"]
    (key,) = taken().bookings
    moved = alan.submit(alan.get(f"/bookings/{key}/move"), "/move", start_at="13:00", end_at="15:00")
    assert moved.status_code == 303
    assert fetched(calendar, path, known).status_code == 304
