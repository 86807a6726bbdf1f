"""Freed time is offered in the order of asking, one after the other, to those whom the rules would allow."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook.bookings import service as bookings
from labbook.bookings.service import RefusedError
from labbook.core.interval import Interval
from labbook.core.lifecycle import State
from labbook.core.limits.bookings import Bookings
from labbook.core.offering import kept_until
from labbook.db import db, transactional
from labbook.models import Agreement, Booking, Event, Offer, Person, Resource, RoleGrant, TrainingRecord, Wait
from labbook.waiting import service
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast
from tests.ruling import add_group, add_rules
from tests.statements import counted
from tests.waiting.line import (
    LONGEST,
    TEN,
    TWO_HOURS,
    book,
    booking_of,
    cancel,
    kept_for,
    letters_to,
    serve,
    unlike_offers,
    wait_for,
    wait_of,
)

HOUR = timedelta(hours=1)


def test_freed_time_is_kept_for_whoever_asked_first_then_for_the_next(app: Flask, lab: Cast) -> None:
    taken = book(lab, "ben")
    first, second = wait_for(lab, "hana"), wait_for(lab, "chika", now=NOW + HOUR)
    assert serve(NOW + HOUR) == 0
    assert kept_for(lab, "hana") == kept_for(lab, "chika") == []
    cancel(lab, taken, NOW + 2 * HOUR)
    assert serve(NOW + 2 * HOUR) == 1
    [offer] = kept_for(lab, "hana")
    assert (offer.starts_at, offer.ends_at, offer.until) == (TWO_HOURS.start, TWO_HOURS.end, NOW + 6 * HOUR)
    assert kept_for(lab, "chika") == []
    assert unlike_offers() == []
    with pytest.raises(RefusedError) as refused:
        book(lab, "ben", now=NOW + 3 * HOUR)
    assert [one.code for one in refused.value.verdict.refusals] == ["taken"]
    serve(NOW + 6 * HOUR - timedelta(seconds=1))
    assert kept_for(lab, "hana") != []
    assert serve(NOW + 6 * HOUR) >= 2  # it lapses, and goes to the next one in the same round
    assert kept_for(lab, "hana") == []
    assert len(kept_for(lab, "chika")) == 1
    assert letters_to(lab, "hana") == ["offer", "offer-lapsed"]
    assert letters_to(lab, "chika") == ["offer"]
    assert wait_of(first).outcome == "passed"  # that very time was all that would have done
    assert wait_of(second).ended_at is None
    assert unlike_offers() == []


def test_an_accepted_offer_becomes_a_booking_and_twice_is_once(app: Flask, lab: Cast) -> None:
    taken = book(lab, "ben")
    key = wait_for(lab, "hana", purpose="For the paper")
    cancel(lab, taken)
    serve()
    [offer] = kept_for(lab, "hana")
    made = service.accept(lab.actor("hana"), offer.key, now=NOW + HOUR)
    booking = booking_of(made)
    assert (booking.state, booking.time, booking.request.title) == (State.APPROVED, TWO_HOURS, "Wish of hana")
    assert service.accept(lab.actor("hana"), offer.key, now=NOW + HOUR) == made
    wait = wait_of(key)
    assert (wait.outcome, wait.request_id) == ("taken", booking.request_id)
    assert kept_for(lab, "hana") == []
    assert unlike_offers() == []
    codes = db.session.scalars(select(Event.code).where(Event.subject == "wait").order_by(Event.id)).all()
    assert codes == ["wait-joined", "offer-made", "offer-taken", "wait-ended"]


def test_whoever_says_no_thanks_is_not_asked_again_and_the_next_one_is(app: Flask, lab: Cast) -> None:
    taken = book(lab, "ben")
    week = Interval(TEN, TEN + timedelta(hours=4))
    book(lab, "ben", time=Interval(TEN + timedelta(hours=2, minutes=30), TEN + timedelta(hours=5)))
    wait_for(lab, "hana", stretch=week)
    wait_for(lab, "chika", now=NOW + HOUR)
    cancel(lab, taken, NOW + HOUR)
    serve(NOW + HOUR)
    [offer] = kept_for(lab, "hana")
    service.refuse(lab.actor("hana"), offer.key, now=NOW + HOUR)
    service.refuse(lab.actor("hana"), offer.key, now=NOW + HOUR)
    serve(NOW + HOUR)
    assert len(kept_for(lab, "chika")) == 1
    service.leave(lab.actor("chika"), wait_key("chika", lab), now=NOW + HOUR)
    assert unlike_offers() == []
    serve(NOW + 2 * HOUR)
    assert kept_for(lab, "hana") == kept_for(lab, "chika") == []
    with pytest.raises(service.GoneError):
        service.accept(lab.actor("hana"), offer.key, now=NOW + 2 * HOUR)


def wait_key(who: str, lab: Cast) -> str:
    return db.session.scalars(select(Wait.key).where(Wait.person_id == lab.people[who])).one()


def test_only_whom_the_rules_allow_is_offered_anything(app: Flask, lab: Cast) -> None:
    taken = book(lab, "ben")
    wait_for(lab, "hana")
    wait_for(lab, "chika", now=NOW + HOUR)
    add_rules(lab, Bookings(most=1), partner="aoba")
    book(lab, "hana", "tsukuba-hood", Interval(TEN + timedelta(hours=4), TEN + timedelta(hours=6)))
    cancel(lab, taken, NOW + HOUR)
    serve(NOW + HOUR)
    assert kept_for(lab, "hana") == []
    assert len(kept_for(lab, "chika")) == 1


@on_sqlite
def test_what_the_rules_do_not_allow_any_more_cannot_be_accepted_and_stays_kept(app: Flask, lab: Cast) -> None:
    taken = book(lab, "ben", "tsukuba-confocal-1")
    wait_for(lab, "hana", "resource:tsukuba-confocal-1")
    cancel(lab, taken)
    serve()
    [offer] = kept_for(lab, "hana")
    transactional(lambda: db.session.execute(update(TrainingRecord).values(revoked_at=NOW)))()
    with pytest.raises(RefusedError):
        service.accept(lab.actor("hana"), offer.key, now=NOW + HOUR)
    assert len(kept_for(lab, "hana")) == 1
    assert unlike_offers() == []


@on_sqlite
def test_take_it_for_me_books_at_once_and_tells(app: Flask, lab: Cast) -> None:
    taken = book(lab, "ben")
    key = wait_for(lab, "hana", takes_it=True)
    cancel(lab, taken)
    assert serve() == 1
    wait = wait_of(key)
    assert (wait.outcome, db.session.scalar(select(func.count(Offer.id)))) == ("taken", 0)
    assert letters_to(lab, "hana") == ["taken-for-you"]
    assert serve(NOW + HOUR) == 0


@on_sqlite
@pytest.mark.parametrize("takes_it", [False, True])
def test_where_staff_decide_it_becomes_a_request(app: Flask, lab: Cast, takes_it: bool) -> None:
    taken = book(lab, "ben", "tsukuba-asked")
    key = wait_for(lab, "hana", "resource:tsukuba-asked", takes_it=takes_it)
    withdraw(lab, taken)
    serve()
    if not takes_it:
        service.accept(lab.actor("hana"), kept_for(lab, "hana")[0].key, now=NOW)
    found = select(Booking.state).where(Booking.request_id == wait_of(key).request_id)
    assert db.session.scalars(found).all() == [State.WAITING]
    assert unlike_offers() == []


def withdraw(lab: Cast, key: str) -> None:
    bookings.withdraw(lab.actor("ben"), key, version=booking_of(key).request.version, now=NOW)


@on_sqlite
def test_any_of_a_group_and_any_time_of_a_stretch_will_do(app: Flask, lab: Cast) -> None:
    add_group("tsukuba-plain", "tsukuba-daytime")
    day = Interval(TEN - HOUR, TEN + 8 * HOUR)  # all of the workshop's day, 09:00 to 18:00
    book(lab, "ben", "tsukuba-plain", Interval(TEN - HOUR, TEN + 7 * HOUR))
    early = book(lab, "ben", "tsukuba-daytime", Interval(TEN - HOUR, TEN + 3 * HOUR))
    book(lab, "ben", "tsukuba-daytime", Interval(TEN + timedelta(hours=3, minutes=30), TEN + 8 * HOUR))
    wait_for(lab, "hana", "group:tsukuba-plain-tsukuba-daytime:tsukuba", day, minutes=180)
    assert serve() == 0
    cancel(lab, early)
    assert serve() == 1
    [offer] = kept_for(lab, "hana")
    resource = db.session.get_one(Resource, offer.resource_id)
    assert (resource.slug, offer.starts_at, offer.ends_at) == ("tsukuba-daytime", TEN - HOUR, TEN + 2 * HOUR)


@on_sqlite
def test_nobody_waits_for_what_is_free_or_never_to_be_had(app: Flask, lab: Cast) -> None:
    with pytest.raises(service.FreeNowError) as free:
        wait_for(lab, "hana")
    assert (free.value.slug, free.value.time) == ("tsukuba-plain", TWO_HOURS)
    book(lab, "ben", "tsukuba-confocal-1")
    with pytest.raises(service.NeverError):
        wait_for(lab, "alan", "resource:tsukuba-confocal-1")
    with pytest.raises(service.PastError):
        wait_for(lab, "hana", now=TEN - timedelta(minutes=10))
    assert db.session.scalar(select(func.count(Wait.id))) == 0


@on_sqlite
def test_waiting_for_the_same_twice_is_waiting_once_and_there_is_a_most(app: Flask, lab: Cast) -> None:
    book(lab, "ben")
    assert wait_for(lab, "hana") == wait_for(lab, "hana")
    later = [Interval(TEN, TEN + timedelta(minutes=90) + number * timedelta(seconds=60)) for number in range(20)]
    for stretch in later[:19]:
        wait_for(lab, "hana", stretch=stretch, minutes=90)
    with pytest.raises(service.TooManyWaitsError):
        wait_for(lab, "hana", stretch=later[19], minutes=90)


@on_sqlite
@pytest.mark.parametrize("lost", ["account", "membership", "agreement"])
def test_waiting_ends_with_the_right_to_book(app: Flask, lab: Cast, lost: str) -> None:
    taken = book(lab, "ben")
    key = wait_for(lab, "hana")
    cancel(lab, taken)
    serve()
    assert len(kept_for(lab, "hana")) == 1
    lose(lab, lost)
    serve(NOW + HOUR)
    assert wait_of(key).outcome == "rights"
    assert kept_for(lab, "hana") == []
    assert unlike_offers() == []


@transactional
def lose(lab: Cast, what: str) -> None:
    hana, aoba = lab.people["hana"], lab.partners["aoba"]
    if what == "account":
        db.session.execute(update(Person).where(Person.id == hana).values(is_active=False))
    elif what == "membership":
        db.session.execute(update(RoleGrant).where(RoleGrant.person_id == hana).values(ended_at=NOW))
    else:
        ended = {"ends_on": date(2026, 11, 22)}
        db.session.execute(update(Agreement).where(Agreement.partner_id == aoba).values(ended))


@on_sqlite
def test_waiting_ends_when_its_time_is_past(app: Flask, lab: Cast) -> None:
    book(lab, "ben")
    key = wait_for(lab, "hana")
    serve(TEN - timedelta(minutes=31))
    assert wait_of(key).ended_at is None
    serve(TEN - timedelta(minutes=29))
    assert wait_of(key).outcome == "passed"


@on_sqlite
def test_a_round_costs_two_statements_where_nobody_waits_or_nothing_has_changed(app: Flask, lab: Cast) -> None:
    book(lab, "ben")
    with counted() as none:
        serve()
    wait_for(lab, "hana")
    serve()
    with counted() as nothing_new:
        serve(NOW + timedelta(minutes=1))
    assert (len(none), len(nothing_new)) == (2, 2)


def test_an_offer_is_shorter_when_the_start_is_near() -> None:
    assert kept_until(NOW, NOW + timedelta(days=1), LONGEST) == NOW + LONGEST
    assert kept_until(NOW, NOW + 2 * HOUR, LONGEST) == NOW + HOUR
    assert kept_until(NOW, NOW + timedelta(minutes=30), LONGEST) == NOW + timedelta(minutes=15)
    assert kept_until(NOW, NOW + timedelta(minutes=29), LONGEST) is None
