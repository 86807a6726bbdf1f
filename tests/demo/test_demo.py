"""The demo lab is made through the services, believable, the same every time, and lives on from day to day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.core.clients import CLIENTS
from labbook.core.closing import ClosureKind
from labbook.core.feeds import Detail, Scope
from labbook.core.language import Words
from labbook.core.lifecycle import KEEPS_HOLD, OPEN, State
from labbook.core.permissions import Role
from labbook.db import db
from labbook.demo import DEMO_PASSWORD, NotADemoError, accounts, load
from labbook.feeds.queries import zones
from labbook.feeds.service.subject import subject_of
from labbook.models import (
    Agreement,
    Area,
    Attachment,
    Booking,
    CannedReason,
    Clearance,
    Closure,
    Event,
    EventDetail,
    Feed,
    Flag,
    Message,
    Notice,
    Partner,
    PendingChange,
    Remark,
    Request,
    Resource,
    RoleGrant,
    Thread,
)
from labbook.people.queries import actor_of
from labbook.people.service import checked
from tests.cast import Cast
from tests.demo.books import asked, at_odds, everything, overlaps
from tests.demo.conftest import NOW, Made

TODAY = datetime(2026, 11, 23, tzinfo=UTC)

NEXT_DAY, NEXT_WEEK = NOW + timedelta(days=1), NOW + timedelta(days=8)


# --- what it holds ----------------------------------------------------------------------------------------------------


def test_the_demo_is_there_within_half_a_minute(on_sqlite: Made) -> None:
    assert on_sqlite.seconds < 30  # of the ninety in which `make demo` answers from nothing; cores differ


def test_a_lived_in_lab_is_there(demo: Made) -> None:
    summary = demo.summary
    assert (summary.sites, summary.resources, summary.partners, summary.people) == (2, 97, 12, 40)
    assert 1200 <= summary.bookings == summary.added <= 1500
    assert sum(summary.states.values()) == summary.bookings


def test_every_state_is_present(demo: Made) -> None:
    assert {name for name, count in demo.summary.states.items() if count >= 3} == set(State)
    assert demo.summary.states["waiting"] + demo.summary.states["wished"] >= 15


def test_nothing_overlaps_and_states_go_with_holds_and_clock(inside: Made) -> None:
    assert overlaps() == 0
    assert at_odds(NOW) == []


@pytest.mark.soak
def test_both_databases_hold_the_same_lab(on_sqlite: Made, on_postgresql: Made) -> None:
    assert held(on_sqlite) == held(on_postgresql)


def test_both_databases_hold_the_same_young_lab(young: list[Made]) -> None:
    on_sqlite, on_postgresql = (held(lab) for lab in young)
    assert len(on_sqlite) > 200
    assert on_sqlite == on_postgresql


def held(lab: Made) -> list[tuple[object, ...]]:
    """All its bookings; nothing of it overlaps, and states go with holds and clock."""
    with lab.app.app_context():
        assert overlaps() == 0
        assert at_odds(NOW) == []
        found = asked()
        db.session.remove()
    return found


def test_everything_can_be_booked_at_both_sites(inside: Made) -> None:
    sites = Counter(db.session.scalars(select(Booking.site_id)))
    assert len(sites) == 2 and min(sites.values()) > 500
    unused = select(Resource.slug).where(Resource.id.not_in(select(Booking.resource_id)))
    assert len(list(db.session.scalars(unused))) < 5


def test_the_week_has_a_rhythm_and_the_nights_are_used(inside: Made) -> None:
    timed = db.session.scalars(select(Booking.wall_start).where(Booking.by_day.is_(False)))
    days = Counter(date.fromisoformat(wall[:10]).weekday() for wall in timed)
    assert min(days[1], days[2], days[3]) > 3 * max(days[5], days[6])
    nights = select(Booking.wall_start, Booking.wall_end).where(Booking.by_day.is_(False))
    overnight = [row for row in db.session.execute(nights) if row.wall_start[:10] < row.wall_end[:10]]
    assert len(overnight) > 40


def test_ten_weeks_lie_around_today(inside: Made) -> None:
    timed = select(Booking.starts_at).where(Booking.by_day.is_(False))
    weeks = Counter((start - TODAY) // timedelta(weeks=1) for start in db.session.scalars(timed))
    assert min(weeks) >= -6 and max(weeks) <= 9
    assert min(weeks[number] for number in range(-5, 0)) > 100
    assert min(weeks[number] for number in range(5)) > 3


def test_rivals_talk_about_busy_times_one_answered_and_one_waiting(inside: Made) -> None:
    named, waiting = db.session.scalars(select(Thread).order_by(Thread.id))
    assert (named.asker_is_named, named.holder_is_named) == (True, True)
    assert (waiting.asker_is_named, waiting.holder_is_named) == (False, False)
    sides = select(Message.is_from_asker).order_by(Message.id)
    assert list(db.session.scalars(sides.where(Message.thread_id == named.id))) == [True, False, True, False]
    assert list(db.session.scalars(sides.where(Message.thread_id == waiting.id))) == [True]


def test_benches_suites_and_shelves_are_let_by_the_month(inside: Made) -> None:
    running = select(Booking).where(Booking.by_day, Booking.state == State.RUNNING)
    stays = list(db.session.scalars(running))
    assert len(stays) > 40
    assert max(one.ends_at - one.starts_at for one in stays) > timedelta(days=150)


def test_the_rivals_are_busy_on_the_same_instruments(inside: Made) -> None:
    used = {
        slug: set(
            db.session.scalars(
                select(Booking.resource_id)
                .join(Request, Request.id == Booking.request_id)
                .join(Partner, Partner.id == Request.partner_id)
                .where(Partner.slug == slug)
            )
        )
        for slug in ("kazemori", "quillfern")
    }
    assert len(used["kazemori"] & used["quillfern"]) > 20


def test_rivals_wish_for_the_same_hours_of_a_sorter(inside: Made) -> None:
    wished = db.session.execute(
        select(Booking, Request.partner_id)
        .join(Request, Request.id == Booking.request_id)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(Booking.state == State.WISHED, Resource.slug.contains("sorter"))
    ).all()
    rivals = [
        (one, other)
        for (one, partner), (other, another) in combinations(wished, 2)
        if partner != another and one.unit_id == other.unit_id and one.time.overlaps(other.time)
    ]
    assert rivals


def test_joint_projects_have_bookings_of_both_partners(inside: Made) -> None:
    rows = db.session.execute(
        select(Request.project_id, Request.partner_id, func.count())
        .where(Request.project_id.is_not(None))
        .group_by(Request.project_id, Request.partner_id)
    ).all()
    assert len({row.project_id for row in rows}) == 3
    assert len(rows) == 6


def test_who_declines_or_cancels_says_why(inside: Made) -> None:
    codes = ("booking-decline", "booking-cancel", "booking-release")
    bodies = db.session.execute(
        select(Event.code, EventDetail.body)
        .join(EventDetail, EventDetail.event_id == Event.id)
        .where(Event.code.in_(codes))
    ).all()
    assert {row.code for row in bodies} == set(codes)
    assert all(row.body["reason"] for row in bodies)


def test_every_booking_was_asked_for_before_it_began_and_has_its_history(inside: Made) -> None:
    rows = db.session.execute(select(Event.booking_id, Event.at).where(Event.code == "booking-ask"))
    asks = {row.booking_id: row.at for row in rows}
    bookings = list(db.session.scalars(select(Booking)))
    assert all(asks[one.id] == one.created_at < one.starts_at for one in bookings)


def test_holidays_shut_what_depends_on_staff(inside: Made) -> None:
    rows = db.session.execute(
        select(Area.slug, Closure.starts_at, Closure.reason).join(Area, Area.id == Closure.area_id)
    ).all()
    shut = {(row.slug, row.starts_at): row.reason for row in rows}
    midnight = datetime(2026, 11, 22, 15, tzinfo=UTC)  # in Tsukuba
    assert shut["tsukuba-chemistry", midnight] == Words("Labor Thanksgiving Day", "勤労感謝の日")
    midnight = datetime(2026, 11, 26, 5, tzinfo=UTC)  # in Cambridge
    assert shut["cambridge-desk", midnight] == Words("Thanksgiving Day", "感謝祭")
    assert all(reason.en and reason.ja for reason in shut.values())
    assert not [slug for slug, _ in shut if slug.endswith(("-culture", "-storage", "-benches", "-suites"))]


def test_nobody_holds_a_time_at_which_it_is_shut(inside: Made) -> None:
    closures = db.session.scalars(select(Closure).where(Closure.made_at.is_(None))).all()
    held = db.session.execute(
        select(Booking, Resource)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(Booking.state.in_(KEEPS_HOLD))
    ).all()
    assert {str(one.kind) for one in closures} >= {"holiday", "maintenance"}
    assert not [
        (resource.slug, closure.reason)
        for booking, resource in held
        for closure in closures
        if closure.site_id == resource.site_id
        and closure.area_id in (None, resource.area_id)
        and closure.resource_id in (None, resource.id)
        and booking.starts_at < closure.ends_at
        and closure.starts_at < booking.ends_at
    ]


def test_something_is_out_of_order_and_a_unit_is_looked_after_every_week(inside: Made) -> None:
    fault = db.session.scalars(select(Closure).where(Closure.kind == ClosureKind.FAULT)).one()
    assert (db.session.scalar(select(func.count(Flag.id)).where(Flag.closing == fault.batch)) or 0) >= 2
    care = db.session.scalars(select(Closure).where(Closure.unit_id.is_not(None))).all()
    assert len(care) == 10 and len({one.batch for one in care}) == 1


def test_the_desk_is_lively(inside: Made) -> None:
    sites = Counter(db.session.scalars(select(CannedReason.site_id)))
    assert len(sites) == 2 and min(sites.values()) >= 3
    asked = db.session.execute(
        select(Request.asked_at, func.count(Remark.id).label("said"))
        .join(Remark, Remark.request_id == Request.id)
        .group_by(Request.id, Request.asked_at)
        .order_by(func.count(Remark.id))
    ).all()
    assert [(row.asked_at is not None, row.said) for row in asked] == [(True, 1), (False, 2)]
    assert [one.name.endswith(".csv") for one in db.session.scalars(select(Attachment))] == [True]
    assert db.session.scalar(select(func.count()).where(PendingChange.until > NOW)) == 1
    assert db.session.scalar(select(func.count(Resource.id)).where(Resource.two_steps)) == 1
    assert db.session.scalar(select(func.count(Clearance.booking_id))) == 1


def test_few_deadlines_have_passed(inside: Made) -> None:
    waits = select(Booking.request_id).where(Booking.state.in_(OPEN))
    late = db.session.scalars(select(Request).where(Request.id.in_(waits), Request.decide_by < NOW)).all()
    assert 1 <= len(late) <= 5


def test_the_worker_has_no_old_letters_to_send(inside: Made) -> None:
    assert db.session.scalar(select(func.count(Notice.id)))
    assert not list(db.session.scalars(select(Notice).where(Notice.sent_at.is_(None), Notice.created_at < TODAY)))


def test_people_follow_something_of_every_scope_in_calendars_of_many_kinds(inside: Made) -> None:
    feeds = list(db.session.scalars(select(Feed)))
    assert {one.scope for one in feeds} == set(Scope)
    assert {one.detail for one in feeds} == set(Detail)
    clients = {one.client for one in feeds} - {""}
    assert len(clients) > 4 and clients <= set(CLIENTS)
    assert sum(one.revoked_at is not None for one in feeds) == sum(one.rotated_at is not None for one in feeds) == 1
    for one in feeds:
        owner = actor_of(one.person_id, NOW)
        assert owner is not None and subject_of(one, owner, zones(), NOW) is not None, one.name


# --- who is in it -----------------------------------------------------------------------------------------------------


def test_the_printed_accounts_have_all_roles_and_the_printed_password(inside: Made) -> None:
    printed = accounts("en")
    roles: set[Role] = set()
    for account in printed:
        person = checked(account.email, DEMO_PASSWORD)
        assert person is not None
        roles |= set(db.session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person.id)))
        assert actor_of(person.id, NOW) is not None
    assert roles == set(Role)
    assert len({account.role for account in printed}) == len(printed)


def test_accounts_are_printed_in_the_readers_language() -> None:
    english, japanese = accounts("en"), accounts("ja")
    assert [one.email for one in english] == [one.email for one in japanese]
    assert ("Staff, Tsukuba", "スタッフ、つくば") in [
        (one.role, other.role) for one, other in zip(english, japanese, strict=True)
    ]


# --- and it lives on --------------------------------------------------------------------------------------------------


def test_a_second_run_on_the_same_day_changes_nothing(inside: Made) -> None:
    before = everything()
    summary = load(NOW + timedelta(hours=9))
    assert summary.added == 0
    assert everything() == before


def test_later_runs_add_the_missing_days(later: Flask) -> None:
    first, agreements = (
        set(db.session.scalars(select(Booking.key))),
        db.session.scalar(select(func.count(Agreement.id))),
    )
    after_a_day = load(NEXT_DAY)
    assert 10 < after_a_day.added < 80
    new = list(db.session.scalars(select(Booking).where(Booking.key.not_in(first))))
    assert all(TODAY <= one.created_at < TODAY + timedelta(days=1) for one in new)
    assert first <= set(db.session.scalars(select(Booking.key)))
    assert overlaps() == 0 and at_odds(NEXT_DAY) == []
    assert load(NEXT_DAY).added == 0
    after_a_week = load(NEXT_WEEK)
    assert 100 < after_a_week.added < 400
    assert overlaps() == 0 and at_odds(NEXT_WEEK) == []
    assert db.session.scalar(select(func.count(Agreement.id))) == agreements
    assert after_a_week.states["waiting"] and after_a_week.states["wished"]


def test_what_is_no_demo_is_left_alone(lab: Cast) -> None:
    before = everything()
    with pytest.raises(NotADemoError):
        load(NOW)
    assert everything() == before
