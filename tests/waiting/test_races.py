"""Whatever happens at the same moment: a time has one holder, and an offer holds it exactly as long as it is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings.service import RefusedError
from labbook.core.lifecycle import KEEPS_HOLD
from labbook.db import db
from labbook.models import Booking, Hold, Offer, Resource, Unit
from labbook.waiting import service
from tests.cast import NOW, Cast
from tests.waiting.line import LONGEST, TWO_HOURS, book, cancel, kept_for, serve, unlike_offers, wait_for

ROUNDS = 3
SECOND = timedelta(seconds=1)


def at_once(app: Flask, *calls: Callable[[], Any]) -> list[Any]:
    """Each in a thread with a session of its own, begun together; what each returned, or raised."""
    barrier = Barrier(len(calls))
    found: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                found[number] = call()
            except Exception as error:  # whatever it is, the test looks at it
                found[number] = error
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=one) for one in enumerate(calls)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    db.session.remove()
    return found


def holders() -> list[str]:
    """Who holds the plate reader from ten to twelve: bookings and open offers; and everything agrees with its holds."""
    db.session.expire_all()
    assert unlike_offers() == []
    unit = db.session.scalars(select(Unit.id).join(Resource).where(Resource.slug == "tsukuba-plain")).one()
    during = (Hold.unit_id == unit, Hold.starts_at < TWO_HOURS.end, Hold.ends_at > TWO_HOURS.start)
    claims = db.session.scalars(select(Hold.claim_id).where(*during)).all()
    booked = db.session.scalars(select(Booking).where(Booking.claim_id.in_(claims), Booking.state.in_(KEEPS_HOLD)))
    kept = db.session.scalars(select(Offer).where(Offer.claim_id.in_(claims), Offer.answered_at.is_(None)))
    found = [*("booking" for _ in booked), *("offer" for _ in kept)]
    assert len(found) == len(claims)
    return found


def freed(lab: Cast, *names: str) -> None:
    """Somebody has given the time back, and others wait for it in this order."""
    taken = book(lab, "chika")
    for number, name in enumerate(names):
        wait_for(lab, name, now=NOW + number * SECOND)
    cancel(lab, taken)


@pytest.fixture
def offer(app: Flask, lab: Cast) -> str:
    """The time is kept for Hana; the offer's key."""
    freed(lab, "hana", "alan")
    serve(NOW + SECOND)
    return kept_for(lab, "hana")[0].key


@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_workers_and_two_who_wait_make_one_offer_to_the_first(app: Flask, lab: Cast, _: int) -> None:
    freed(lab, "hana", "alan")
    rounds = [lambda: service.serve(longest=LONGEST, now=NOW + SECOND)] * 3
    assert sum(at_once(app, *rounds)) == 1
    assert (len(kept_for(lab, "hana")), len(kept_for(lab, "alan"))) == (1, 0)
    assert holders() == ["offer"]


@pytest.mark.parametrize("_", range(ROUNDS))
def test_accepted_twice_at_once_it_is_one_booking(app: Flask, lab: Cast, offer: str, _: int) -> None:
    hana = lab.actor("hana")
    first, second = at_once(app, *[lambda: service.accept(hana, offer, now=NOW + SECOND)] * 2)
    assert isinstance(first, str)
    assert first == second
    assert holders() == ["booking"]


@pytest.mark.parametrize("_", range(ROUNDS))
def test_accepted_as_it_lapses_it_is_either(app: Flask, lab: Cast, offer: str, _: int) -> None:
    hana, until = lab.actor("hana"), NOW + SECOND + LONGEST
    accepted, _served = at_once(
        app,
        lambda: service.accept(hana, offer, now=until - SECOND),
        lambda: service.serve(longest=LONGEST, now=until),
    )
    if isinstance(accepted, str):
        assert holders() == ["booking"]
        assert kept_for(lab, "alan") == []
    else:
        assert isinstance(accepted, service.GoneError)
        assert holders() == ["offer"]
        assert len(kept_for(lab, "alan")) == 1


@pytest.mark.parametrize("_", range(ROUNDS))
def test_offered_as_somebody_books_it_directly_it_has_one_holder(app: Flask, lab: Cast, _: int) -> None:
    freed(lab, "hana")
    booked, served = at_once(
        app, lambda: book(lab, "ben", now=NOW + SECOND), lambda: service.serve(longest=LONGEST, now=NOW + SECOND)
    )
    if isinstance(booked, str):
        assert (served, holders()) == (0, ["booking"])
    else:
        assert isinstance(booked, RefusedError)
        assert (served, holders()) == (1, ["offer"])


@pytest.mark.parametrize("_", range(ROUNDS))
def test_nobody_slips_in_between_the_offer_and_its_booking(app: Flask, lab: Cast, offer: str, _: int) -> None:
    hana = lab.actor("hana")
    accepted, *others = at_once(
        app,
        lambda: service.accept(hana, offer, now=NOW + SECOND),
        *[lambda: book(lab, "ben", now=NOW + SECOND), lambda: book(lab, "chika", now=NOW + SECOND)] * 2,
    )
    assert isinstance(accepted, str)
    assert [type(one) for one in others] == [RefusedError] * 4
    assert holders() == ["booking"]


@pytest.mark.parametrize("_", range(ROUNDS))
def test_refused_and_accepted_at_once_it_is_either(app: Flask, lab: Cast, offer: str, _: int) -> None:
    hana = lab.actor("hana")
    accepted, refused = at_once(
        app,
        lambda: service.accept(hana, offer, now=NOW + SECOND),
        lambda: service.refuse(hana, offer, now=NOW + SECOND),
    )
    assert isinstance(accepted, str) is isinstance(refused, service.GoneError)
    assert isinstance(accepted, service.GoneError) is (refused is None)
    assert holders() == (["booking"] if isinstance(accepted, str) else [])
