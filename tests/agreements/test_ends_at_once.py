"""Rights end with the agreement, the membership, the role, the session or the account: on the very next request, of
whichever process, calendar feeds included.

Two applications on one database stand for two processes: what one of them does, the other has not been told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from labbook.core.feeds import Scope
from labbook.db import db, transactional
from labbook.models import Agreement, Person, RoleGrant, SignIn
from tests.agreements.making import agreement_of, leave_aoba
from tests.browsing import Visitor
from tests.cast import NOW, Cast
from tests.conftest import Clock, application, let_go
from tests.feeds.reading import entries, feed

TIMES = ("2026-11-24T10:00", "2026-11-24T11:00")


@pytest.fixture
def other(app: Flask, database: str, clock: Clock) -> Iterator[Flask]:
    """A second application on the same database."""
    second = application(database, CLOCK=clock)
    yield second
    with second.app_context():
        let_go()


@pytest.fixture
def everywhere(app: Flask, other: Flask) -> tuple[Flask, Flask]:
    """Both."""
    return app, other


class Watched:
    """What somebody has open in both processes: pages, and calendars that have been fetched before."""

    def __init__(self, apps: tuple[Flask, Flask], name: str, feeds: dict[str, str]) -> None:
        self.visitors = [Visitor(app, name) for app in apps]
        self.calendars = [Visitor(app) for app in apps]
        self.feeds = feeds
        self.etags = {
            path: [calendar.get(path).headers["ETag"] for calendar in self.calendars] for path in feeds.values()
        }

    def statuses(self, path: str) -> list[int]:
        """How both answer a page."""
        return [visitor.get(path).status_code for visitor in self.visitors]

    def fetched(self, feed_name: str) -> list[TestResponse]:
        """What both give a calendar that knows the feed already."""
        path = self.feeds[feed_name]
        return [
            calendar.get(path, headers={"If-None-Match": etag})
            for calendar, etag in zip(self.calendars, self.etags[path], strict=True)
        ]


@transactional
def _set(table: type[Agreement | RoleGrant | SignIn | Person], condition: object, **values: object) -> None:
    db.session.execute(update(table).where(condition).values(values))  # type: ignore[arg-type]


def end_membership(lab: Cast, app: Flask) -> None:
    _set(RoleGrant, RoleGrant.person_id == lab.people["hana"], ended_at=NOW)


def end_agreement(lab: Cast, app: Flask) -> None:
    path = f"/agreements/{agreement_of(lab).key}"
    leave_aoba(lab)
    mio = Visitor(app, "mio")
    assert mio.submit(mio.get(path), "/end", reason="Moved out").status_code == 303


def close_account(lab: Cast, app: Flask) -> None:
    _set(Person, Person.id == lab.people["hana"], is_active=False)


def end_by_date(lab: Cast, app: Flask) -> None:
    _set(Agreement, Agreement.id == agreement_of(lab).id, ends_on=date(2026, 11, 22))


@pytest.mark.parametrize("do", [end_agreement, end_by_date, end_membership, close_account])
def test_a_scientist_loses_the_site_on_the_next_request(
    everywhere: tuple[Flask, Flask], lab: Cast, do: Callable[[Cast, Flask], None]
) -> None:
    app, _ = everywhere
    hana = Visitor(app, "hana")
    path = hana.book("tsukuba-plain", *TIMES).headers["Location"]
    watched = Watched(
        everywhere, "hana", {"mine": feed(lab), "resource": feed(lab, scope=Scope.RESOURCE, about="tsukuba-plain")}
    )
    pages = ("/sites/tsukuba/day", "/resources/tsukuba-plain", "/resources/tsukuba-plain/book", path)
    for page in pages:
        assert watched.statuses(page) == [200, 200], page
    assert [one.status_code for one in watched.fetched("mine") + watched.fetched("resource")] == [304] * 4

    do(lab, app)

    gone = [303, 303] if do is close_account else [404, 404]
    for page in pages:
        assert watched.statuses(page) == gone, page
    for visitor in watched.visitors:
        assert visitor.post("/resources/tsukuba-plain/book", title="x").status_code in (303, 404)
    assert [one.status_code for one in watched.fetched("resource")] == [410, 410]
    for answer in watched.fetched("mine"):
        if do in (end_membership, close_account):
            assert answer.status_code == 410
        else:  # the agreement with the other site goes on
            assert (answer.status_code, list(entries(answer))) == (200, [])


def test_staff_lose_the_inbox_and_the_sites_feed_with_their_role(everywhere: tuple[Flask, Flask], lab: Cast) -> None:
    Visitor(everywhere[0], "hana").book("tsukuba-plain", *TIMES)
    watched = Watched(everywhere, "sora", {"site": feed(lab, "sora", Scope.SITE, about="tsukuba")})
    assert watched.statuses("/inbox") == watched.statuses("/agreements") == watched.statuses("/flags") == [200, 200]
    _set(RoleGrant, RoleGrant.person_id == lab.people["sora"], ended_at=NOW)
    assert watched.statuses("/inbox") == watched.statuses("/agreements") == watched.statuses("/flags") == [403, 403]
    assert watched.statuses("/sites/tsukuba/day") == [404, 404]
    assert [one.status_code for one in watched.fetched("site")] == [410, 410]


def test_a_session_that_is_ended_is_ended_in_every_process(everywhere: tuple[Flask, Flask], lab: Cast) -> None:
    watched = Watched(everywhere, "hana", {})
    assert watched.statuses("/bookings") == [200, 200]
    _set(SignIn, SignIn.person_id == lab.people["hana"], ended_at=NOW)
    assert watched.statuses("/bookings") == [303, 303]
    for visitor in watched.visitors:
        assert "/sign-in" in visitor.get("/bookings").headers["Location"]


def test_one_who_signs_out_is_signed_out_in_every_process(everywhere: tuple[Flask, Flask], lab: Cast) -> None:
    here, there = (Visitor(app) for app in everywhere)
    here.post("/sign-in", email="hana@lab.example", password="correct horse battery staple", next="/")
    cookie = here.client.get_cookie("labbook")
    assert cookie is not None
    there.client.set_cookie(cookie.key, cookie.value, path="/")
    assert there.get("/bookings").status_code == 200
    here.token = ""
    assert here.post("/sign-out").status_code == 303
    assert there.get("/bookings").status_code == 303


def test_what_a_partner_has_elsewhere_goes_on(everywhere: tuple[Flask, Flask], lab: Cast) -> None:
    watched = Watched(everywhere, "hana", {})
    end_agreement(lab, everywhere[0])
    assert watched.statuses("/sites/cambridge/day") == [200, 200]
    assert watched.statuses("/sites/tsukuba/day") == [404, 404]
