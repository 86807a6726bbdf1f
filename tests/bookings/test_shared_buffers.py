"""Where a resource shares buffers, one person's bookings may follow on directly; everybody else keeps away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, pairwise

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from labbook.bookings import service
from labbook.bookings.service import Ask, RefusedError
from labbook.core.buffers import held_in_a_row
from labbook.core.feeds import Scope, Takes
from labbook.core.interval import Interval
from labbook.core.lifecycle import KEEPS_HOLD
from labbook.core.terms import Asks
from labbook.db import db, transactional
from labbook.models import Booking, Hold, Resource
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, add_resource, fresh_key
from tests.conftest import Clock
from tests.core.cases import TOKYO
from tests.feeds.reading import entries, feed, fetched

PLAIN, DAY = "tsukuba-plain", "2026-11-23T"  # a quarter of an hour before and after


@pytest.fixture(autouse=True)
def shared(app: Flask, lab: Cast) -> None:
    """The plate reader shares buffers."""
    _share()


@transactional
def _staff_are_asked() -> None:
    db.session.scalars(select(Resource).where(Resource.slug == PLAIN)).one().asks = Asks.ALWAYS


def one_at(clock: str) -> Booking:
    """The booking that begins then."""
    db.session.remove()
    return db.session.scalars(select(Booking).where(Booking.starts_at == _at(clock))).one()


def _at(clock: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}{clock}+09:00").astimezone(NOW.tzinfo)


@transactional
def _share() -> None:
    db.session.scalars(select(Resource).where(Resource.slug == PLAIN)).one().shares_buffers = True


@pytest.fixture
def at(clock: Clock) -> Callable[[str], None]:
    """Lets it become this time of the Monday in Tsukuba; the worker has looked."""

    def become(wall: str) -> None:
        clock.now = datetime.fromisoformat(f"{DAY}{wall}+09:00").astimezone(NOW.tzinfo)
        service.tick(now=clock.now)

    return become


def book(app: Flask, who: str, start: str, end: str, status: int = 303) -> str:
    """Book the plate reader that Monday; returns the page of the request."""
    answer = Visitor(app, who).book(PLAIN, DAY + start, DAY + end)
    assert answer.status_code == status, answer.text
    return str(answer.headers.get("Location"))


def held() -> list[str]:
    """All holds, by the clocks of Tsukuba."""
    db.session.remove()
    zone = timedelta(hours=9)
    rows = db.session.scalars(select(Hold).order_by(Hold.starts_at))
    return [f"{one.starts_at + zone:%H:%M}-{one.ends_at + zone:%H:%M}" for one in rows]


def cancel(app: Flask, who: str, page: str) -> None:
    """Cancel the one booking of a request, or give its rest back."""
    visitor = Visitor(app, who)
    assert visitor.submit(visitor.get(page), "/cancel").status_code == 303


def test_one_s_own_follow_on_directly_and_a_colleague_keeps_away(app: Flask, lab: Cast) -> None:
    book(app, "hana", "10:00", "11:00")
    book(app, "hana", "11:00", "12:00")
    assert held() == ["09:45-11:00", "11:00-12:15"]
    for who in ("alan", "ben"):
        book(app, who, "12:00", "13:00", 409)
    book(app, "alan", "12:30", "13:00")
    book(app, "hana", "11:30", "12:30", 409)


def test_where_buffers_are_not_shared_one_s_own_keep_away_too(app: Flask, lab: Cast) -> None:
    for start, end, status in (("10:00", "11:00", 303), ("11:00", "12:00", 409), ("11:30", "12:00", 303)):
        answer = Visitor(app, "hana").book("tsukuba-asked", DAY + start, DAY + end)
        assert answer.status_code == status


def test_whoever_stays_has_the_full_buffer_back(app: Flask, lab: Cast) -> None:
    first = book(app, "hana", "10:00", "11:00")
    book(app, "hana", "11:00", "12:00")
    last = book(app, "hana", "12:00", "13:00")
    cancel(app, "hana", first)
    assert held() == ["10:45-12:00", "12:00-13:15"]
    cancel(app, "hana", last)
    assert held() == ["10:45-12:15"]


def test_where_one_of_them_may_be_moved_to_shares_with_the_other_whatever_becomes_of_it(app: Flask, lab: Cast) -> None:
    """The other one is approved, or keeps its time after all, while staff have not decided where the first one goes."""
    _staff_are_asked()
    hana, sora = lab.actor("hana"), lab.actor("sora")
    for start, end in (("10:00", "11:00"), ("15:00", "16:00")):
        book(app, "hana", start, end)
    service.approve(sora, one_at("10:00").request.key, version=1, now=NOW)
    first = one_at("10:00")
    beside = Interval(_at("14:00"), _at("15:00"))
    service.move(hana, first.key, beside, unit="", version=first.version, now=NOW)
    together = ["09:45-11:15", "13:45-15:00", "15:00-16:15"]
    assert held() == together
    service.approve(sora, one_at("15:00").request.key, version=1, now=NOW)
    assert held() == together
    other = one_at("15:00")
    service.move(hana, other.key, Interval(_at("18:00"), _at("19:00")), unit="", version=other.version, now=NOW)
    service.withdraw_change(hana, other.key, version=one_at("15:00").version, now=NOW)
    assert held() == together
    service.withdraw_change(hana, first.key, version=one_at("10:00").version, now=NOW)
    assert held() == ["09:45-11:15", "14:45-16:15"]


def test_a_move_leaves_the_buffer_behind_and_shares_anew(app: Flask, lab: Cast) -> None:
    book(app, "hana", "10:00", "11:00")
    page = book(app, "hana", "11:00", "12:00")
    hana = Visitor(app, "hana")
    key = db.session.scalars(select(Booking.key).order_by(Booking.starts_at.desc())).first()
    form = hana.get(f"/bookings/{key}/move")
    moved = hana.submit(form, "/move", start_at="09:00", end_at="10:00", start_on=DAY[:-1], end_on=DAY[:-1])
    assert moved.status_code == 303, moved.text
    assert held() == ["08:45-10:00", "10:00-11:15"]
    cancel(app, "hana", page)
    assert held() == ["09:45-11:15"]


def test_what_is_given_back_early_is_used_until_then(app: Flask, lab: Cast, at: Callable[[str], None]) -> None:
    page = book(app, "hana", "10:00", "11:00")
    book(app, "hana", "11:00", "12:00")
    at("10:20")
    cancel(app, "hana", page)
    assert held() == ["09:45-10:35", "10:45-12:15"]
    (used,) = db.session.scalars(select(Booking.used_until).where(Booking.used_until.is_not(None)))
    assert used == datetime.fromisoformat(f"{DAY}10:20+09:00")


@on_sqlite
def test_the_board_shows_buffers_as_they_are_held(app: Flask, lab: Cast) -> None:
    book(app, "hana", "10:00", "11:00")
    book(app, "hana", "11:00", "12:00")
    page = Visitor(app, "hana").get("/sites/tsukuba/day?on=2026-11-23").text
    quarter = round(0.25 / 24 * 100, 3)
    assert page.count(f"--p:{quarter};--q:0") == 1
    assert (
        len([one for one in page.split("--p:")[1:] if one.startswith("0;--q:1.04") or one.startswith("0.0;--q:1.04")])
        == 1
    )


# --- any history ------------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(st.sampled_from(("ask", "ask", "ask", "move", "cancel")), st.sampled_from(("hana", "ben"))).flatmap(
        lambda step: st.tuples(st.just(step), st.integers(0, 11), st.integers(1, 3), st.integers(0, 5))
    ),
    min_size=4,
    max_size=14,
)
_NUMBER = count()


@transactional
def _unit(site: int) -> str:
    slug = f"tsukuba-shared-{next(_NUMBER)}"
    add_resource(site, slug, before="20 min", after="45 min").shares_buffers = True
    return slug


def _live(slug: str) -> list[Booking]:
    db.session.remove()
    found = select(Booking).join(Resource, Resource.id == Booking.resource_id).where(Resource.slug == slug)
    return [one for one in db.session.scalars(found.order_by(Booking.starts_at)) if one.state in KEEPS_HOLD]


@given(steps=STEPS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_two_people_do_holds_are_apart_and_as_they_should_be(lab: Cast, steps: list) -> None:  # type: ignore[type-arg]
    slug, start = _unit(lab.sites["tsukuba"]), NOW + timedelta(days=2)
    actors = {name: lab.actor(name) for name in ("hana", "ben")}
    partners = {"hana": lab.partners["aoba"], "ben": lab.partners["birch"]}
    for (what, who), at, length, which in steps:
        wanted = Interval(start + at * timedelta(minutes=30), start + (at + length) * timedelta(minutes=30))
        own = [(one.key, one.version) for one in _live(slug) if one.person_id == lab.people[who]]
        try:
            if what == "ask":
                ask = Ask(slug, wanted.start, wanted.end, partners[who], "Plates")
                service.request(actors[who], ask, key=fresh_key(), now=NOW)
            elif own:
                key, version = own[which % len(own)]
                if what == "move":
                    service.move(actors[who], key, wanted, unit="", version=version, now=NOW)
                else:
                    service.cancel(actors[who], key, reason="", version=version, now=NOW)
        except RefusedError:
            pass
        _is_in_order(lab, slug)


def _is_in_order(lab: Cast, slug: str) -> None:
    live = _live(slug)
    claims = [one.claim_id for one in live]
    holds = {one.claim_id: one for one in db.session.scalars(select(Hold).where(Hold.claim_id.in_(claims)))}
    times = {claim: Interval(one.starts_at, one.ends_at) for claim, one in holds.items()}
    assert all(one.end <= other.start for one, other in pairwise(sorted(times.values())))
    terms = db.session.scalars(select(Resource).where(Resource.slug == slug)).one().terms
    for name in ("hana", "ben"):
        mine = [one for one in live if one.person_id == lab.people[name]]
        assert [times[one.claim_id] for one in mine] == held_in_a_row([one.used for one in mine], terms, TOKYO)


# --- in calendars of staff --------------------------------------------------------------------------------------------


def test_staff_read_of_each_what_is_left_of_its_set_up_and_clean_up(app: Flask, lab: Cast) -> None:
    path = feed(lab, "sora", Scope.RESOURCE, about=PLAIN, takes=Takes(buffers=True))

    def around() -> list[str]:
        found = (one for one in entries(fetched(Visitor(app), path)) if "Set-up" in one["SUMMARY"])
        return sorted(f"{one['DTSTART'][-6:-2]}-{one['DTEND'][-6:-2]}" for one in found)

    first = book(app, "hana", "10:00", "11:00")
    assert around() == ["0945-1000", "1100-1115"]
    book(app, "hana", "11:00", "12:00")
    assert around() == ["0945-1000", "1200-1215"]
    cancel(app, "hana", first)
    assert around() == ["1045-1100", "1200-1215"]
