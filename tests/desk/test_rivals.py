"""Rivals for one time: those whom an approval leaves no place are declined in the same step, if staff say so."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from labbook.bookings import service
from labbook.core.interval import Interval
from labbook.core.lifecycle import NotPossibleError
from labbook.core.rivals import Wish, is_crowded_out
from labbook.db import db, transactional
from labbook.models import Agreement, Booking, Event, EventDetail, Hold, Notice, Resource, Unit
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.waiting.test_races import at_once

SORTER = "tsukuba-sorter"
TEN = "2026-11-24T10:00", "2026-11-24T12:00"
ELEVEN = "2026-11-24T11:00", "2026-11-24T13:00"
THREE = "2026-11-24T15:00", "2026-11-24T16:00"


def wish(app: Flask, name: str, time: tuple[str, str] = TEN, slug: str = SORTER, **fields: str) -> str:
    """Somebody wishes for a time; the address of the request."""
    answer = Visitor(app, name).book(slug, *time, title=f"Of {name}", **fields)
    assert answer.status_code == 303, answer.text
    location: str = answer.headers["Location"]
    return location


def bookings() -> dict[str, Booking]:
    """All there are, by the requests' titles."""
    db.session.remove()
    return {one.request.title: one for one in db.session.scalars(select(Booking).order_by(Booking.id))}


def states() -> dict[str, str]:
    return {title.removeprefix("Of "): str(one.state) for title, one in bookings().items()}


def approve(app: Flask, page: str, *rivals: str, who: str = "sora", **typed: str) -> TestResponse:
    """Staff approve, and let rivals be declined with it."""
    found = bookings()
    version = next(one.request.version for one in found.values() if page.endswith(one.request.key))
    keys = [found[f"Of {name}"].key for name in rivals]
    return Visitor(app, who).post(f"{page}/approve", version=version, rivals=keys, **typed)


def reasons() -> list[object]:
    db.session.remove()
    rows = db.session.scalars(
        select(EventDetail.body).join(Event, Event.id == EventDetail.event_id).where(Event.code == "booking-decline")
    )
    return [body["reason"] for body in rows if body]


def test_who_loses_the_time_is_declined_in_the_same_step_and_told_why(app: Flask, lab: Cast) -> None:
    page = wish(app, "hana")
    for name, time in (("ben", TEN), ("chika", ELEVEN), ("alan", THREE)):
        wish(app, name, time)
    assert approve(app, page, "ben", "chika", "alan").status_code == 303
    assert states() == {"hana": "approved", "ben": "declined", "chika": "declined", "alan": "wished"}
    rows = db.session.execute(
        select(Notice.person_id, Event.at, Event.actor_id)
        .join(Event, Event.id == Notice.event_id)
        .where(Event.code == "booking-decline")
    )
    told = {lab.people[name] for name in ("ben", "chika")}
    assert {tuple(row) for row in rows} == {(one, NOW, lab.people["sora"]) for one in told}
    assert reasons() == [{"en": "Another request for the same time was approved.",
                          "ja": "同じ時間の別の申請が承認されました。"}] * 2  # fmt: skip
    read = Visitor(app, "ben").get(f"/requests/{bookings()['Of ben'].request.key}").text
    assert "Another request for the same time was approved." in read
    assert not {"Of hana", "Aoba", "花"} & {word for word in ("Of hana", "Aoba", "花") if word in read}


@on_sqlite
def test_who_is_not_named_goes_on_waiting_and_staff_may_say_it_in_their_own_words(app: Flask, lab: Cast) -> None:
    page = wish(app, "hana")
    wish(app, "ben")
    wish(app, "chika")
    assert approve(app, page, "ben", rivals_reason="She asked first.").status_code == 303
    assert states() == {"hana": "approved", "ben": "declined", "chika": "wished"}
    assert reasons() == ["She asked first."]


@on_sqlite
def test_who_finds_a_place_on_another_unit_is_not_declined(app: Flask, lab: Cast) -> None:
    second_unit()
    page = wish(app, "hana")
    wish(app, "ben")
    fixed = bookings()["Of hana"].unit_id
    unit = db.session.get_one(Unit, fixed).key
    wish(app, "chika", unit=unit)
    assert approve(app, page, "ben", "chika").status_code == 303
    assert states() == {"hana": "approved", "ben": "wished", "chika": "declined"}  # chika wants this very unit


@on_sqlite
def test_what_has_to_be_signed_and_ones_own_are_left_alone(app: Flask, lab: Cast) -> None:
    signed(lab, "birch")
    page = wish(app, "hana")
    wish(app, "ben")
    wish(app, "mio")
    wish(app, "chika")
    assert approve(app, page, "ben", "mio", "chika", who="mio").status_code == 303
    assert states() == {"hana": "approved", "ben": "wished", "mio": "wished", "chika": "declined"}


@on_sqlite
@pytest.mark.parametrize("what", ["waiting", "elsewhere", "approved", "unknown"])
def test_nothing_else_is_declined_with_an_approval(app: Flask, lab: Cast, what: str) -> None:
    page = wish(app, "hana")
    slug = {"waiting": "tsukuba-asked", "elsewhere": "cambridge-scope", "approved": "tsukuba-plain"}.get(what, SORTER)
    wish(app, "ben", THREE if what == "unknown" else TEN, slug)
    before = states()["ben"]
    keys = [bookings()["Of ben"].key, "x", "\x00", "0" * 24]
    answer = Visitor(app, "sora").post(f"{page}/approve", version=1, rivals=keys)
    assert answer.status_code == 303
    assert states() == {"hana": "approved", "ben": before}


@on_sqlite
def test_when_nothing_is_approved_nobody_is_declined(app: Flask, lab: Cast) -> None:
    page, first = wish(app, "hana"), wish(app, "ben")
    wish(app, "chika")
    assert approve(app, first).status_code == 303
    assert approve(app, page, "chika").status_code == 409
    assert states() == {"hana": "wished", "ben": "approved", "chika": "wished"}


@on_sqlite
def test_dates_of_a_series_are_declined_one_by_one(app: Flask, lab: Cast) -> None:
    page = wish(app, "hana")
    wish(app, "ben", every="week", count="3")
    dates = [one for one in db.session.scalars(select(Booking).order_by(Booking.starts_at)) if one.series_id]
    assert Visitor(app, "sora").post(f"{page}/approve", version=1, rivals=[one.key for one in dates]).status_code == 303
    db.session.remove()
    found = db.session.scalars(select(Booking).where(Booking.series_id.is_not(None)).order_by(Booking.starts_at))
    assert [str(one.state) for one in found] == ["declined", "wished", "wished"]


@pytest.mark.parametrize("_", range(3))
def test_of_two_staff_who_each_choose_another_rival_at_once_one_wins(app: Flask, lab: Cast, _: int) -> None:
    pages = {"ben": wish(app, "ben"), "chika": wish(app, "chika")}
    keys = {name: bookings()[f"Of {name}"].key for name in pages}
    staff = {"ben": lab.actor("sora"), "chika": lab.actor("mio")}
    db.session.remove()

    def choose(name: str, other: str) -> None:
        rivals = service.Rivals([keys[other]])
        service.approve(staff[name], pages[name].rsplit("/", 1)[1], version=1, now=NOW, rivals=rivals)

    found = at_once(app, lambda: choose("ben", "chika"), lambda: choose("chika", "ben"))
    assert sorted(states().values()) == ["approved", "declined"]
    assert [type(one) for one in found if one is not None] == [NotPossibleError]
    held = db.session.scalars(select(Hold.claim_id)).all()
    assert held == [one.claim_id for one in bookings().values() if one.holds_time]


def test_a_wish_is_crowded_out_where_no_unit_is_left() -> None:
    ten, eleven, noon, one = (NOW.replace(hour=hour) for hour in (10, 11, 12, 13))
    early, late = Interval(ten, noon), Interval(noon, one)
    either = Wish(Interval(eleven, noon), (1, 2))
    assert not is_crowded_out(either, {}, [(1, early)])
    assert is_crowded_out(either, {}, [(1, early), (2, early)])
    assert is_crowded_out(either, {2: [early]}, [(1, early)])
    assert not is_crowded_out(either, {2: [early]}, [(1, late)])
    assert not is_crowded_out(either, {1: [early], 2: [early]}, [(1, early)])  # it was already


@transactional
def second_unit() -> None:
    resource = db.session.scalars(select(Resource).where(Resource.slug == SORTER)).one()
    db.session.add(Unit(resource_id=resource.id, name="B", position=2))


@transactional
def signed(lab: Cast, partner: str) -> None:
    """Decisions about this partner's requests are signed."""
    db.session.execute(update(Agreement).where(Agreement.partner_id == lab.partners[partner]).values(signs=True))
