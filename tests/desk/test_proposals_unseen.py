"""What is kept for a proposal looks to rivals exactly like a booking: on pages, in calendars, to whoever asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.bookings.queries import rows_of_request
from labbook.bookings.scheduled import rows_of_changes
from labbook.core.feeds import Detail, Scope
from labbook.core.interval import Interval
from labbook.core.limits.apart import Apart
from labbook.db import db
from labbook.models import Partner, Resource, Thread, Unit
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import NOW, Cast
from tests.desk.proposing import PROPOSED, answer, ask, first, propose, wished
from tests.feeds.reading import entries, feed, fetched
from tests.feeds.reading import seen as all_seen
from tests.ruling import add_rules

pytestmark = on_sqlite
WISHED = ("2026-12-02T10:00", "2026-12-02T12:00")
PAGES = (
    "/sites/tsukuba/day?on=2026-11-24",
    "/sites/tsukuba/week?on=2026-11-24",
    "/resources/tsukuba-asked",
    "/resources/tsukuba-asked/book?from=2026-11-24T15:30&to=2026-11-24T16:30&exact=1",
    "/find?what=resource:tsukuba-asked&length=1&unit=h&first=2026-11-24&last=2026-11-24",
    "/waiting",
    "/bookings",
)


def seen(visitor: Visitor, link: str) -> dict[str, str]:
    """All that somebody reads of the sequencer."""
    return all_seen(visitor, link, PAGES, PAGES[3])


def asking(visitor: Visitor) -> TestResponse:
    """The form for a message to whoever keeps four o'clock."""
    unit = db.session.scalars(select(Unit.key).join(Resource).where(Resource.slug == "tsukuba-asked")).one()
    return visitor.get(f"/messages/new?unit={unit}&at=2026-11-24T16:00")


@pytest.mark.parametrize("is_wish", [True, False])
def test_a_rival_cannot_tell_a_proposal_from_a_booking(app: Flask, lab: Cast, is_wish: bool) -> None:
    if is_wish:
        wished()
    hana, ben, sora = (Visitor(app, name) for name in ("hana", "ben", "sora"))
    link = feed(lab, "ben", Scope.RESOURCE, Detail.FULL, about="tsukuba-asked")
    other = ask(hana, time=WISHED)  # is there in any case
    free = seen(ben, link)
    here = ask(hana, time=PROPOSED)
    sora.submit(sora.get(here), "/approve")
    booked, asked = seen(ben, link), steady(asking(ben).text)
    hana.submit(hana.get(here), "/cancel")
    assert seen(ben, link) == free
    assert propose(sora, other).status_code == 303
    kept = seen(ben, link)
    assert [what for what in booked if booked[what] != kept[what]] == []
    assert steady(asking(ben).text) == asked
    assert {what for what in booked if booked[what] != free[what]} == {*PAGES[:4], "findings", "feed"}
    assert answer(hana, hana.get(other), "refuse").status_code == 303
    assert seen(ben, link) == free


@pytest.mark.parametrize("detail", [Detail.FULL, Detail.BUSY])
def test_a_rivals_calendar_does_not_change_as_it_is_taken(app: Flask, lab: Cast, detail: Detail) -> None:
    wished()
    hana, ben, sora = (Visitor(app, name) for name in ("hana", "ben", "sora"))
    link = feed(lab, "ben", Scope.RESOURCE, detail, about="tsukuba-asked")
    own = feed(lab, "hana", Scope.RESOURCE, Detail.FULL, about="tsukuba-asked")
    where = ask(hana, time=WISHED)
    nothing = fetched(ben, link)
    propose(sora, where)
    before, own_before = fetched(ben, link, nothing.headers["ETag"]), fetched(hana, own)
    assert before.status_code == 200
    assert answer(hana, hana.get(where), "accept").status_code == 303
    assert fetched(ben, link, before.headers["ETag"]).status_code == 304
    assert entries(fetched(ben, link)) == entries(before)
    assert fetched(hana, own, own_before.headers["ETag"]).status_code == 200


def test_ones_own_calendar_shows_what_was_asked_for_once_and_where_it_stands(app: Flask, lab: Cast) -> None:
    wished()
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    link = feed(lab, "hana", Scope.MINE, Detail.FULL)
    where = ask(hana, time=WISHED)
    propose(sora, where)
    [entry] = entries(fetched(hana, link))
    assert "20261202T100000" in str(entry["DTSTART"])
    assert entry["STATUS"] == "TENTATIVE"
    answer(hana, hana.get(where), "accept")
    [entry] = entries(fetched(hana, link))
    assert "20261124T150000" in str(entry["DTSTART"])
    assert entry["STATUS"] == "CONFIRMED"


def test_whoever_it_is_kept_for_can_be_asked_like_any_holder(app: Flask, lab: Cast) -> None:
    wished()
    hana, ben, sora = (Visitor(app, name) for name in ("hana", "ben", "sora"))
    where = ask(hana, time=WISHED, title="Secret work")
    propose(sora, where)
    sent = ben.submit(asking(ben), "/messages/new", text="Do you need all of it?")
    assert sent.status_code == 303
    db.session.remove()
    assert db.session.scalars(select(Thread.booking_id)).one() == first().id
    assert "Do you need all of it?" in hana.get(sent.headers["Location"]).text
    asked = ben.get(sent.headers["Location"]).text
    assert "Secret work" not in asked
    assert "propos" not in asked.lower()


def test_partners_kept_apart_cannot_tell_it_from_a_booking(app: Flask, lab: Cast) -> None:
    keys = {one.slug: one.key for one in db.session.scalars(select(Partner))}
    add_rules(lab, Apart(partners=frozenset({keys["aoba"], keys["birch"]})))
    wished()
    hana, ben, sora = (Visitor(app, name) for name in ("hana", "ben", "sora"))
    where = ask(hana, time=WISHED)
    elsewhere = ("2026-11-24T15:30", "2026-11-24T16:30")
    propose(sora, where)
    assert ben.book("tsukuba-hood", *elsewhere).status_code == 409
    answer(hana, hana.get(where), "refuse")
    assert ben.book("tsukuba-hood", *elsewhere).status_code == 303


def test_their_own_people_and_staff_see_it(app: Flask, lab: Cast) -> None:
    wished()
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    propose(sora, ask(hana, time=WISHED, title="Own work"))
    day = {name: Visitor(app, name).get(PAGES[0]).text for name in ("hana", "cora", "sora", "chika", "ben")}
    assert {name for name, page in day.items() if "Own work" in page} == {"hana", "cora", "sora"}


def test_a_wish_itself_keeps_nothing_though_something_is_kept_for_it(app: Flask, lab: Cast) -> None:
    wished()
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    propose(sora, ask(hana, time=WISHED))
    [row] = rows_of_request(first().request_id)
    assert (row.state, row.hold) == ("wished", None)
    [proposed] = rows_of_changes(Interval(NOW, NOW + timedelta(days=3)))
    assert (proposed.state, proposed.time.length) == ("waiting", timedelta(hours=2))
    assert proposed.hold is not None
    assert proposed.hold.covers(proposed.time)
