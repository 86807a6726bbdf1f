"""What stands in a feed besides bookings, whose clock it goes by, and what a fetch leaves behind."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from labbook.bookings import service
from labbook.core.feeds import Detail, Scope, Takes
from labbook.core.language import Words
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.feeds.service import making
from labbook.models import Area, Booking, Feed, Person, Resource, RoleGrant, SeriesText, Site, Unit
from tests.bookings.test_series_asked import ask, series
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.closures.closing import close
from tests.conftest import Clock
from tests.feeds.reading import entries, feed, fetched
from tests.feeds.test_free_busy import address, periods
from tests.feeds.test_offers import group_of
from tests.statements import counted

DAY = "2026-11-24"


def booked(app: Flask, place: str = "tsukuba-plain", start: str = "10:00", end: str = "12:00") -> None:
    """Hana's, on a Tuesday."""
    assert Visitor(app, "hana").book(place, f"{DAY}T{start}", f"{DAY}T{end}").status_code == 303


def set_resource(slug: str, **values: object) -> None:
    """Whoever may changes it."""
    transactional(lambda: db.session.execute(update(Resource).where(Resource.slug == slug).values(**values)))()


def set_site(slug: str, **values: object) -> None:
    """The same of a site."""
    transactional(lambda: db.session.execute(update(Site).where(Site.slug == slug).values(**values)))()


def summaries(app: Flask, path: str) -> list[str]:
    """The titles in a feed, in its order."""
    return [one["SUMMARY"] for one in entries(Visitor(app).get(path))]


# --- what a fetch leaves behind ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scope", "about"), [(Scope.MINE, ""), (Scope.RESOURCE, "tsukuba-plain")])
def test_a_whole_answer_of_what_is_known_writes_nothing(app: Flask, lab: Cast, scope: Scope, about: str) -> None:
    booked(app)
    path, calendar = feed(lab, scope=scope, about=about), Visitor(app)
    first = fetched(calendar, path)
    with counted() as sent:
        assert fetched(calendar, path).data == first.data
    assert [one for one in sent if not one.startswith(("SELECT", "WITH"))] == []


@on_sqlite
def test_a_new_link_has_been_fetched_by_nobody(app: Flask, lab: Cast) -> None:
    path = feed(lab)
    seen = []
    for do in (lambda key: Visitor(app).get(path), lambda key: making.rotate(lab.actor("hana"), key, now=NOW)):
        do(db.session.scalars(select(Feed.key)).one())
        db.session.remove()
        seen.append(tuple(db.session.execute(select(Feed.client, Feed.fetched_at)).one()))
    assert seen == [("other", NOW), ("", None)]


@on_sqlite
def test_what_is_too_far_ahead_comes_into_a_feed_in_time(app: Flask, lab: Cast, clock: Clock) -> None:
    hana, path = Visitor(app, "hana"), feed(lab)
    assert hana.book("cambridge-scope", "2028-01-10T10:00", "2028-01-10T12:00").status_code == 303
    assert summaries(app, path) == []
    clock.now = NOW + timedelta(days=30)
    assert len(summaries(app, path)) == 1


# --- set-up and clean-up ----------------------------------------------------------------------------------------------


@on_sqlite
def test_set_up_is_told_apart_only_while_its_reader_works_at_all_of_its_sites(app: Flask, lab: Cast) -> None:
    group = group_of("tsukuba-plain", "cambridge-scope")
    booked(app)

    @transactional
    def works_in_cambridge() -> None:
        place = {"partner_id": None, "site_id": lab.sites["cambridge"]}
        db.session.add(RoleGrant(person_id=lab.people["sora"], role=Role.STAFF, starts_on=date(2026, 1, 1), **place))

    @transactional
    def leaves() -> None:
        of_sora = (RoleGrant.person_id == lab.people["sora"], RoleGrant.site_id == lab.sites["cambridge"])
        db.session.execute(update(RoleGrant).where(*of_sora).values(ended_at=NOW))

    works_in_cambridge()
    path = feed(lab, "sora", Scope.GROUP, about=group, takes=Takes(buffers=True))
    assert sum("Set-up" in one for one in summaries(app, path)) == 2
    leaves()
    after = summaries(app, path)
    assert len(after) == 1 and not any("Set-up" in one for one in after)


# --- series -----------------------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize("takes", [Takes(), Takes(cancelled=False)])
def test_a_cancelled_date_of_a_series_is_told_for_thirty_days(
    app: Flask, lab: Cast, clock: Clock, takes: Takes
) -> None:
    """Nobody changes anything meanwhile, and no worker removes the text that was stored."""
    ask(lab, series(lab))
    path = feed(lab, takes=takes)
    booking = db.session.scalars(select(Booking).order_by(Booking.starts_at)).all()[2]
    service.cancel(lab.actor("hana"), booking.key, reason="", version=booking.request.version, now=NOW)
    told, stamps = [], []
    for days in (0, 29, 30, 31, 32):
        clock.now = NOW + timedelta(days=days)
        several = entries(Visitor(app).get(path))
        told.append(sum(one["STATUS"] == "CANCELLED" for one in several))
        stamps.append((int(several[0]["SEQUENCE"]), several[0]["LAST-MODIFIED"]))
    assert told == ([1, 1, 0, 0, 0] if takes.cancelled else [0] * 5)
    assert stamps == sorted(stamps) and len(set(stamps)) == (2 if takes.cancelled else 1)
    last = Visitor(app).get(path).data
    transactional(lambda: db.session.execute(delete(SeriesText)))()
    assert Visitor(app).get(path).data == last  # whoever makes the text, and when


# --- which resources, by whose clock ----------------------------------------------------------------------------------


@on_sqlite
def test_what_is_out_of_use_is_in_the_feed_of_its_site_alone(app: Flask, lab: Cast) -> None:
    booked(app)
    paths = [
        feed(lab, "sora", Scope.SITE, about="tsukuba"),
        feed(lab, "sora", Scope.AREA, about="tsukuba/imaging"),
        feed(lab, "sora", Scope.RESOURCE, about="tsukuba-plain"),
    ]
    set_resource("tsukuba-plain", is_active=False)
    answers = [Visitor(app).get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200, 200, 410]
    assert [len(entries(answer)) for answer in answers[:2]] == [1, 0]


@on_sqlite
def test_over_two_sites_the_days_are_those_of_its_owner(app: Flask, lab: Cast) -> None:
    transactional(
        lambda: db.session.execute(
            update(Person).where(Person.id == lab.people["hana"]).values(home_site_id=lab.sites["cambridge"])
        )
    )()
    both, one = group_of("tsukuba-plain", "cambridge-scope"), "tsukuba-plain"
    zones = [
        re.findall(r"^X-WR-TIMEZONE:(\S+)\r$", Visitor(app).get(path).text, re.MULTILINE)
        for path in (feed(lab, scope=Scope.GROUP, about=both), feed(lab, scope=Scope.RESOURCE, about=one))
    ]
    assert zones == [["America/New_York"], ["Asia/Tokyo"]]


@on_sqlite
def test_where_one_of_its_sites_merges_busy_times_all_are_merged(app: Flask, lab: Cast) -> None:
    group = group_of("tsukuba-plain", "cambridge-scope")
    path = feed(lab, "ben", Scope.GROUP, about=group)
    for start, end in (("10:00", "11:00"), ("11:30", "12:30")):
        booked(app, start=start, end=end)
    counts = []
    for tsukuba, cambridge in ((True, False), (False, True), (False, False)):
        set_site("tsukuba", merges_busy=tsukuba)
        set_site("cambridge", merges_busy=cambridge)
        counts.append(summaries(app, path).count("Busy"))
    assert counts == [1, 1, 2]


@on_sqlite
def test_a_busy_feed_of_ones_own_merges_whatever_the_site_says(app: Flask, lab: Cast) -> None:
    set_site("tsukuba", merges_busy=False)
    for start, end in (("10:00", "11:00"), ("11:30", "12:30")):
        booked(app, start=start, end=end)
    assert len(summaries(app, feed(lab, detail=Detail.BUSY))) == 1


# --- closures ---------------------------------------------------------------------------------------------------------


@on_sqlite
def test_a_closure_that_changes_is_another_revision_of_the_same_entry(app: Flask, lab: Cast, clock: Clock) -> None:
    sora, path = Visitor(app, "sora"), feed(lab, "ben", Scope.RESOURCE, about="tsukuba-plain")
    closing = close(sora, "resource:tsukuba-plain", f"{DAY}T09:00", f"{DAY}T12:00")
    (before,) = entries(Visitor(app).get(path))
    clock.now = NOW + timedelta(minutes=5)
    (link,) = re.findall(r'href="(/closures/[0-9a-f]+/change)"', sora.get(closing).text)
    assert sora.submit(sora.get(link), "/change", end_on=DAY, end_at="11:00").status_code == 303
    (after,) = entries(Visitor(app).get(path))
    assert after["UID"] == before["UID"] and after["DTEND"] != before["DTEND"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["DTSTAMP"] == after["LAST-MODIFIED"] > before["DTSTAMP"]


@on_sqlite
def test_free_and_busy_times_know_of_no_other_area(app: Flask, lab: Cast) -> None:
    @transactional
    def apart() -> None:
        area = Area(site_id=lab.sites["tsukuba"], slug="attic", name=Words("Attic", "屋根裏"), position=2)
        db.session.add(area)
        db.session.flush()
        db.session.execute(update(Resource).where(Resource.slug == "tsukuba-plain").values(area_id=area.id))

    apart()
    close(Visitor(app, "mio"), "area:imaging", f"{DAY}T09:00", f"{DAY}T12:00")
    ben = Visitor(app, "ben")
    assert [len(periods(ben.get(address(slug)))) for slug in ("tsukuba-hood", "tsukuba-plain")] == [1, 0]


@on_sqlite
def test_a_piece_that_is_out_of_use_is_not_free(app: Flask, lab: Cast) -> None:
    for hour in (10, 11):
        booked(app, "tsukuba-hood", f"{hour}:00", "15:00")
    hana = Visitor(app, "hana")
    assert periods(hana.get(address("tsukuba-hood"))) == []

    @transactional
    def out_of_use() -> None:
        hood = select(Resource.id).where(Resource.slug == "tsukuba-hood").scalar_subquery()
        db.session.execute(update(Unit).where(Unit.resource_id == hood, Unit.position == 3).values(is_active=False))

    out_of_use()
    assert len(periods(hana.get(address("tsukuba-hood")))) == 1
    set_resource("tsukuba-hood", is_active=False)
    assert hana.get(address("tsukuba-hood")).status_code == 404
