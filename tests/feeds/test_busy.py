"""A busy entry is made from the block and not from the booking (calendars.md, criterion 49)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Flask

from labbook.bookings import service
from labbook.core.feeds import Detail, Scope
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.feeds.reading import entries, feed, fetched, only

WANTED = "2026-11-24T10:00", "2026-11-24T12:00"


def test_it_has_constants_and_spans_the_hold(app: Flask, lab: Cast) -> None:
    Visitor(app, "hana").book("tsukuba-plain", *WANTED)
    for detail in Detail:
        path = feed(lab, "ben", Scope.RESOURCE, detail, about="tsukuba-plain")
        found = only(Visitor(app).get(path))
        UUID(found.pop("UID"))
        assert found == {
            "SEQUENCE": "0",
            "DTSTAMP": "20261023T150000Z",
            "LAST-MODIFIED": "20261023T150000Z",
            "DTSTART": "20261124T094500",
            "DTEND": "20261124T121500",
            "STATUS": "CONFIRMED",
            "TRANSP": "OPAQUE",
            "X-MICROSOFT-CDO-BUSYSTATUS": "BUSY",
            "SUMMARY": "Busy",
            "LOCATION": r"Plate reader\, Tsukuba",
        }


@on_sqlite
def test_what_waits_and_what_is_approved_look_alike(app: Flask, lab: Cast) -> None:
    hana, sora, calendar = Visitor(app, "hana"), Visitor(app, "sora"), Visitor(app)
    page = hana.book("tsukuba-asked", *WANTED).headers["Location"]
    paths = [feed(lab, "ben", Scope.RESOURCE, detail, about="tsukuba-asked") for detail in Detail]
    paths.append(feed(lab, "hana", Scope.RESOURCE, Detail.BUSY, about="tsukuba-asked"))
    before = [fetched(calendar, path) for path in paths]
    assert sora.submit(sora.get(page), "/approve").status_code == 303
    for path, seen in zip(paths, before, strict=True):
        assert fetched(calendar, path, seen.headers["ETag"]).status_code == 304
        assert fetched(calendar, path).data == seen.data


@on_sqlite
def test_a_freed_block_vanishes_without_a_tombstone(app: Flask, lab: Cast) -> None:
    hana, calendar = Visitor(app, "hana"), Visitor(app)
    page = hana.book("tsukuba-plain", *WANTED).headers["Location"]
    path = feed(lab, "ben", Scope.RESOURCE, about="tsukuba-plain")
    before = fetched(calendar, path)
    assert hana.submit(hana.get(page), "/cancel").status_code == 303
    after = fetched(calendar, path, before.headers["ETag"])
    assert after.status_code == 200
    assert entries(after) == []


@on_sqlite
def test_neighbours_are_one_block_and_get_the_same_uid_again(app: Flask, lab: Cast) -> None:
    hana, calendar = Visitor(app, "hana"), Visitor(app)
    path = feed(lab, "ben", Scope.RESOURCE, about="tsukuba-plain")
    pages = [
        hana.book("tsukuba-plain", f"2026-11-24T{start}", f"2026-11-24T{end}").headers["Location"]
        for start, end in (("10:00", "11:00"), ("11:30", "12:30"))
    ]
    block = only(fetched(calendar, path))
    assert (block["DTSTART"], block["DTEND"]) == ("20261124T094500", "20261124T124500")
    for page in pages:
        hana.submit(hana.get(page), "/cancel")
    hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:30", title="In one")
    assert only(fetched(calendar, path)) == block


@on_sqlite
def test_its_uid_tells_units_and_times_apart(app: Flask, lab: Cast) -> None:
    hana, alan = Visitor(app, "hana"), Visitor(app, "alan")
    for visitor in (hana, alan):
        assert visitor.book("tsukuba-hood", *WANTED).status_code == 303
    hana.book("tsukuba-hood", "2026-11-25T10:00", "2026-11-25T12:00")
    found = entries(Visitor(app).get(feed(lab, "ben", Scope.RESOURCE, about="tsukuba-hood")))
    assert len({one["UID"] for one in found}) == len(found) == 3


@on_sqlite
def test_a_wish_is_no_block(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "hana").book("tsukuba-sorter", *WANTED).status_code == 303
    assert entries(Visitor(app).get(feed(lab, "ben", Scope.RESOURCE, about="tsukuba-sorter"))) == []


@on_sqlite
def test_a_wished_entry_of_ones_own_is_tentative(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "hana").book("tsukuba-sorter", *WANTED).status_code == 303
    assert only(Visitor(app).get(feed(lab)))["STATUS"] == "TENTATIVE"


@on_sqlite
def test_what_has_ended_stays_in_the_busy_feed_as_it_was(app: Flask, lab: Cast, clock: Clock) -> None:
    Visitor(app, "hana").book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T11:00")
    calendar, path = Visitor(app), feed(lab, "ben", Scope.RESOURCE, about="tsukuba-plain")
    before = fetched(calendar, path)
    clock.now = NOW + timedelta(hours=4)
    service.tick(now=clock.now)
    after = fetched(calendar, path)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
