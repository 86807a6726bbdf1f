"""What a rival does not see changes nothing in a rival's feed: not its bytes, not its validator, not its pace."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service as bookings
from labbook.core.actor import Role
from labbook.core.feeds import Detail, Scope
from labbook.core.interval import Interval
from labbook.core.lifecycle import NotPossibleError
from labbook.db import db, transactional
from labbook.models import Person, Resource, ResourcePartner, RoleGrant
from tests.bookings.snapshot import taken
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.feeds.reading import feed, fetched
from tests.privacy.subscribing import furnish
from tests.statements import counted

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


# --- decided ----------------------------------------------------------------------------------------------------------


def statements(calendar: Visitor, path: str, tag: str) -> tuple[int, int]:
    """What a poll is answered with, and how many statements that takes."""
    with counted() as sent:
        answer = fetched(calendar, path, tag)
    return answer.status_code, len(sent)


@pytest.mark.parametrize("detail", Detail)
def test_what_is_decided_about_a_held_time_costs_a_rivals_poll_nothing(app: Flask, lab: Cast, detail: Detail) -> None:
    """One look at the counters, before and after: the answer comes as fast as if nothing had happened."""
    page = Visitor(app, "hana").book("tsukuba-asked", *WANTED).headers["Location"]
    calendar, path = Visitor(app), feed(lab, "ben", Scope.RESOURCE, detail, about="tsukuba-asked")
    tag = fetched(calendar, path).headers["ETag"]
    assert statements(calendar, path, tag) == (304, 1)
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(page), "/approve").status_code == 303
    assert statements(calendar, path, tag) == (304, 1)


@on_sqlite
def test_those_who_see_every_word_get_it_and_whoever_becomes_one_of_them_too(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "hana").book("tsukuba-asked", *WANTED).headers["Location"]
    calendar = Visitor(app)
    paths = {name: feed(lab, name, Scope.RESOURCE, about="tsukuba-asked") for name in ("hana", "sora", "ben")}
    tags = {name: fetched(calendar, path).headers["ETag"] for name, path in paths.items()}
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(page), "/approve").status_code == 303
    answers = {name: fetched(calendar, path, tags[name]).status_code for name, path in paths.items()}
    assert answers == {"hana": 200, "sora": 200, "ben": 304}

    @transactional
    def hire() -> None:
        ben = db.session.get_one(Person, lab.people["ben"])
        site, since = lab.sites["tsukuba"], NOW.date()
        db.session.add(RoleGrant(person_id=ben.id, role=Role.STAFF, site_id=site, starts_on=since))
        ben.rights_serial += 1

    hire()
    assert "CONFIRMED" in fetched(calendar, paths["ben"], tags["ben"]).text


# --- hidden -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", Detail)
def test_what_becomes_of_a_hidden_resource_costs_a_rivals_poll_nothing(app: Flask, lab: Cast, detail: Detail) -> None:
    """Nor does it what is booked, or who is shown it: area and group are of those alone that the rival sees."""
    furnish(lab)
    several = ((Scope.AREA, "tsukuba/imaging"), (Scope.GROUP, "several"))
    calendar, paths = Visitor(app), [feed(lab, "ben", scope, detail, about=about) for scope, about in several]
    tags = [fetched(calendar, path).headers["ETag"] for path in paths]
    theirs = feed(lab, "hana", Scope.AREA, detail, about="tsukuba/imaging")
    known = fetched(calendar, theirs).headers["ETag"]
    assert Visitor(app, "hana").book("tsukuba-secret", *WANTED).status_code == 303

    @transactional
    def show_to_cedar() -> None:
        hidden = db.session.scalars(select(Resource.id).where(Resource.is_hidden)).one()
        db.session.add(ResourcePartner(resource_id=hidden, partner_id=lab.partners["cedar"]))

    show_to_cedar()
    assert [statements(calendar, path, tag) for path, tag in zip(paths, tags, strict=True)] == [(304, 1)] * 2
    assert fetched(calendar, theirs, known).status_code == 200


@on_sqlite
def test_what_nobody_sees_moves_no_validator(app: Flask, lab: Cast, clock: Clock) -> None:
    """Not the date beside the tag either, nor the length: all that a poll is answered with is as it was."""
    asked, calendar = Visitor(app, "hana").book("tsukuba-asked", *WANTED).headers["Location"], Visitor(app)
    several = ((Scope.RESOURCE, "tsukuba-asked"), (Scope.AREA, "tsukuba/imaging"), (Scope.MINE, ""))
    paths = [feed(lab, "ben", scope, detail, about=about) for scope, about in several for detail in Detail]
    before = [(dict(one.headers), one.data) for one in (fetched(calendar, path) for path in paths)]
    clock.now += timedelta(minutes=7)
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(asked), "/approve").status_code == 303
    assert [(dict(one.headers), one.data) for one in (fetched(calendar, path) for path in paths)] == before


@on_sqlite
@pytest.mark.parametrize("detail", Detail)
def test_what_is_hidden_is_counted_for_all_who_see_it(app: Flask, lab: Cast, detail: Detail) -> None:
    """A partner whom it is shown to, staff, and who sees all by duty: whoever else of those who may has booked it."""

    @transactional
    def show_to_cedar() -> None:
        hidden = db.session.scalars(select(Resource.id).where(Resource.is_hidden)).one()
        db.session.add(ResourcePartner(resource_id=hidden, partner_id=lab.partners["cedar"]))

    furnish(lab)
    show_to_cedar()
    calendar, paths = Visitor(app), {}
    for scope, about in ((Scope.AREA, "tsukuba/imaging"), (Scope.GROUP, "several")):
        for name in ("hana", "sora", "ada", "ben"):
            paths[name, scope] = feed(lab, name, scope, detail, about=about)
    tags = {one: fetched(calendar, path).headers["ETag"] for one, path in paths.items()}
    assert Visitor(app, "chika").book("tsukuba-secret", *WANTED).status_code == 303
    answers = {one: fetched(calendar, path, tags[one]).status_code for one, path in paths.items()}
    assert answers == {(name, scope): 304 if name == "ben" else 200 for name, scope in paths}
