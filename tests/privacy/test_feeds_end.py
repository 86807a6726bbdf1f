"""A feed is dead from the very next poll on: of every scope and detail, whatever the client remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.core.feeds import Detail, Scope
from labbook.db import db, transactional
from labbook.feeds.service import making
from labbook.models import Agreement, Feed, Person, RoleGrant
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.privacy.subscribing import Subscriber, furnish

ABOUT = {
    Scope.MINE: "",
    Scope.PARTNER: "aoba",
    Scope.RESOURCE: "tsukuba-plain",
    Scope.GROUP: "several",
    Scope.AREA: "tsukuba/imaging",
    Scope.SITE: "tsukuba",
    Scope.WAITING: "",
}
GONE = "This calendar is no longer available.\n"


@pytest.fixture
def hers(app: Flask, lab: Cast) -> list[Subscriber]:
    """Feeds of every scope and detail of Mio, who works for a partner and manages a site; each was fetched."""
    furnish(lab)
    found = [
        Subscriber.of(app, lab, "mio", scope, detail, about) for scope, about in ABOUT.items() for detail in Detail
    ]
    for one in found:
        assert one.polls().status_code == 200
        assert one.whichever().status_code == 304
    return found


def are_gone(several: list[Subscriber]) -> None:
    """None of them tells anything any more, nor that it ever did."""
    for one in several:
        answer = one.whichever()
        assert (answer.status_code, answer.text) == (410, GONE), one.path
        assert not {"ETag", "Last-Modified"} & set(answer.headers.keys())


def of_mio(lab: Cast, *statements: Callable[[int], object]) -> None:
    """Change something of Mio's."""

    @transactional
    def change() -> None:
        for one in statements:
            db.session.execute(one(lab.people["mio"]))  # type: ignore[call-overload]

    change()


def test_each_that_is_revoked_and_no_other(lab: Cast, hers: list[Subscriber]) -> None:
    keys = list(db.session.scalars(select(Feed.key).order_by(Feed.id)))
    for key, number in zip(keys, range(len(keys)), strict=True):
        making.revoke(lab.actor("mio"), key, now=NOW)
        are_gone(hers[: number + 1])
        assert [one.whichever().status_code for one in hers[number + 1 :]] == [304] * (len(keys) - number - 1)


def test_each_whose_link_was_changed_but_not_the_new_link(app: Flask, lab: Cast, hers: list[Subscriber]) -> None:
    for key, old in zip(list(db.session.scalars(select(Feed.key).order_by(Feed.id))), hers, strict=True):
        before = old.poll(tags=False, dates=False)
        _, token = making.rotate(lab.actor("mio"), key, now=NOW)
        are_gone([old])
        assert Subscriber(app, f"/feeds/{token}/a.ics").polls().data == before.data


def test_all_of_a_closed_account(lab: Cast, hers: list[Subscriber]) -> None:
    of_mio(lab, lambda number: update(Person).where(Person.id == number).values(is_active=False))
    are_gone(hers)


def test_all_of_whoever_has_no_role_any_more(lab: Cast, hers: list[Subscriber]) -> None:
    of_mio(lab, lambda number: update(RoleGrant).where(RoleGrant.person_id == number).values(ended_at=NOW))
    are_gone(hers)


@on_sqlite
def test_all_when_the_last_day_of_the_roles_is_over(
    app: Flask, lab: Cast, hers: list[Subscriber], clock: Clock
) -> None:
    last = date(2026, 11, 25)
    of_mio(lab, lambda number: update(RoleGrant).where(RoleGrant.person_id == number).values(ends_on=last))
    for one in hers:
        one.polls()
    clock.now = NOW + timedelta(days=2, hours=14, minutes=59)  # 23:59 in Tsukuba
    assert {one.polls().status_code for one in hers} <= {200, 304}
    clock.now += timedelta(minutes=1)
    are_gone([one for one, scope in zip(hers, _scopes(), strict=True) if scope in (Scope.SITE, Scope.WAITING)])
    clock.now += timedelta(hours=14)  # and in Cambridge, where Aoba works too
    are_gone(hers)


@on_sqlite
def test_those_that_rest_on_an_agreement(app: Flask, lab: Cast) -> None:
    furnish(lab)
    kept = {scope: about for scope, about in ABOUT.items() if scope not in (Scope.SITE, Scope.WAITING)}
    hers = [Subscriber.of(app, lab, "hana", scope, detail, about) for scope, about in kept.items() for detail in Detail]
    for one in hers:
        assert one.polls().status_code == 200
    of_aoba = update(Agreement).where(Agreement.partner_id == lab.partners["aoba"])

    @transactional
    def end() -> None:
        db.session.execute(of_aoba.values(ended_at=NOW))

    end()
    are_gone(hers)


def _scopes() -> list[Scope]:
    return [scope for scope in ABOUT for _ in Detail]
