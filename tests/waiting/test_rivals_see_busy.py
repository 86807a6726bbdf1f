"""What is kept for somebody who waits looks to rivals exactly like a booking, and to their own people like theirs."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.core.feeds import Detail, Scope
from labbook.core.limits.apart import Apart
from labbook.core.terms import Asks
from labbook.db import db, transactional
from labbook.models import Offer, Partner, Resource, Unit
from labbook.waiting import service
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import NOW, Cast
from tests.feeds.reading import entries, feed, fetched
from tests.feeds.reading import seen as all_seen
from tests.ruling import add_rules
from tests.waiting.line import book, cancel, kept_for, serve, wait_for

pytestmark = on_sqlite
PAGES = (
    "/sites/tsukuba/day?on=2026-11-24",
    "/sites/tsukuba/week?on=2026-11-24",
    "/resources/tsukuba-plain",
    "/resources/tsukuba-plain/book?from=2026-11-24T10:30&to=2026-11-24T11:30&exact=1",
    "/find?what=resource:tsukuba-plain&length=1&unit=h&first=2026-11-24&last=2026-11-24",
    "/waiting",
    "/bookings",
)


def seen(visitor: Visitor, link: str) -> dict[str, str]:
    """All that somebody reads of the plate reader."""
    return all_seen(visitor, link, PAGES, PAGES[3])


def test_a_rival_cannot_tell_an_offer_from_a_booking(app: Flask, lab: Cast) -> None:
    ben, link = Visitor(app, "ben"), feed(lab, "ben", Scope.RESOURCE, Detail.FULL, about="tsukuba-plain")
    taken = book(lab, "hana")
    wait_for(lab, "alan")
    booked = seen(ben, link)
    cancel(lab, taken)
    free = seen(ben, link)
    serve()
    assert len(kept_for(lab, "alan")) == 1
    kept = seen(ben, link)
    assert [what for what in booked if booked[what] != kept[what]] == []
    assert asking(ben).status_code == 200
    assert {what for what in booked if booked[what] != free[what]} == {*PAGES[:5], "findings", "feed"}


def offered_to_alan(lab: Cast) -> None:
    """Two hours that hana gave back are kept for him."""
    taken = book(lab, "hana")
    wait_for(lab, "alan")
    cancel(lab, taken)
    serve()


@pytest.mark.parametrize("detail", [Detail.FULL, Detail.BUSY])
def test_a_rivals_calendar_is_the_same_after_the_offer_was_taken(app: Flask, lab: Cast, detail: Detail) -> None:
    ben, link = Visitor(app, "ben"), feed(lab, "ben", Scope.RESOURCE, detail, about="tsukuba-plain")
    alan, own = Visitor(app, "alan"), feed(lab, "alan", Scope.RESOURCE, Detail.FULL, about="tsukuba-plain")
    offered_to_alan(lab)
    before, own_before = fetched(ben, link), fetched(alan, own)
    service.accept(lab.actor("alan"), kept_for(lab, "alan")[0].key, now=NOW)
    assert fetched(ben, link, before.headers["ETag"]).status_code == 304
    assert entries(fetched(ben, link)) == entries(before)
    assert fetched(alan, own, own_before.headers["ETag"]).status_code == 200


def test_it_changes_where_less_is_held_than_was_offered(app: Flask, lab: Cast) -> None:
    ben, link = Visitor(app, "ben"), feed(lab, "ben", Scope.RESOURCE, Detail.FULL, about="tsukuba-plain")
    offered_to_alan(lab)
    before = fetched(ben, link)
    hold_nothing_on_request("tsukuba-plain")
    service.accept(lab.actor("alan"), kept_for(lab, "alan")[0].key, now=NOW)
    after = fetched(ben, link, before.headers["ETag"])
    assert after.status_code == 200
    assert (len(entries(before)), entries(after)) == (1, [])


@transactional
def hold_nothing_on_request(slug: str) -> None:
    """From now on staff decide, and until then nothing is held."""
    resource = db.session.scalars(select(Resource).where(Resource.slug == slug)).one()
    resource.asks, resource.holds_on_request = Asks.ALWAYS, False


def asking(visitor: Visitor) -> TestResponse:
    """The form for a message to whoever keeps eleven o'clock."""
    unit = db.session.scalars(select(Unit.key).join(Resource).where(Resource.slug == "tsukuba-plain")).one()
    return visitor.get(f"/messages/new?unit={unit}&at=2026-11-24T11:00")


def test_whoever_time_is_kept_for_can_be_asked_like_any_holder(app: Flask, lab: Cast) -> None:
    ben, alan = Visitor(app, "ben"), Visitor(app, "alan")
    taken = book(lab, "hana")
    wait_for(lab, "alan")
    booked = steady(asking(ben).text)
    cancel(lab, taken)
    serve()
    form = asking(ben)
    assert steady(form.text) == booked
    sent = ben.submit(form, "/messages/new", text="Do you need all of it?")
    assert sent.status_code == 303
    thread = sent.headers["Location"]
    page = alan.get(thread)
    assert "Do you need all of it?" in page.text
    assert 'href="/waiting"' in page.text
    assert alan.submit(page, "/answer", text="Not the last hour.").status_code == 303
    asked = ben.get(thread).text
    assert "Not the last hour." in asked
    assert "Wish of alan" not in asked
    assert thread in ben.get("/messages").text
    assert thread in alan.get("/messages").text
    service.accept(lab.actor("alan"), kept_for(lab, "alan")[0].key, now=NOW)
    assert ben.get(thread).status_code == alan.get(thread).status_code == 200


def test_their_own_people_and_staff_see_what_is_kept_and_for_whom(app: Flask, lab: Cast) -> None:
    taken = book(lab, "ben")
    wait_for(lab, "hana")
    cancel(lab, taken)
    serve()
    day = {name: Visitor(app, name).get(PAGES[0]).text for name in ("hana", "cora", "sora", "chika", "ben")}
    assert {name for name, page in day.items() if "Wish of hana" in page} == {"hana", "cora", "sora"}
    assert 'href="/waiting"' in day["hana"]
    assert 'href="/requests/"' not in "".join(day.values())
    link = feed(lab, "cora", Scope.RESOURCE, Detail.FULL, about="tsukuba-plain")
    [entry] = entries(fetched(Visitor(app, "cora"), link))
    assert (entry["STATUS"], entry["SUMMARY"]) == ("TENTATIVE", "[PENDING] Plate reader · Wish of hana")


def test_partners_kept_apart_cannot_tell_an_offer_from_a_booking(app: Flask, lab: Cast) -> None:
    """Time that is kept for the one refuses the other exactly as a booking would."""
    keys = {one.slug: one.key for one in db.session.scalars(select(Partner))}
    add_rules(lab, Apart(partners=frozenset({keys["aoba"], keys["birch"]})))
    first = book(lab, "alan")
    wait_for(lab, "hana")
    ben = Visitor(app, "ben")
    elsewhere = ("2026-11-24T10:00", "2026-11-24T11:00")
    assert ben.book("tsukuba-hood", *elsewhere).status_code == 409
    cancel(lab, first)
    serve()
    assert db.session.scalars(select(Offer.id)).all()
    assert ben.book("tsukuba-hood", *elsewhere).status_code == 409
