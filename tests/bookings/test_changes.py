"""Changes that staff decide on: the booking stands as it is, and both times are kept, until they have."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.bookings import service
from labbook.bookings.flags import raise_flags
from labbook.core.flags import Lost
from labbook.db import db, transactional
from labbook.models import Booking, Event, Hold, PendingChange, Request
from tests.browsing import Visitor, on_sqlite, times
from tests.cast import Cast
from tests.conftest import Clock

OLD, NEW = ("2026-11-24T10:00", "2026-11-24T11:00"), ("2026-11-24T15:00", "2026-11-24T16:00")
TOKYO = ZoneInfo("Asia/Tokyo")
QUARTER = timedelta(minutes=15)


def booking() -> Booking:
    """The one that alan has."""
    db.session.remove()
    return db.session.scalars(select(Booking).order_by(Booking.id)).first() or pytest.fail("no booking")


def held() -> list[tuple[str, str]]:
    """What alan's booking holds, without its buffers, on the wall clock."""
    claim = booking().claim_id
    rows = db.session.scalars(select(Hold).where(Hold.claim_id == claim).order_by(Hold.starts_at, Hold.ends_at))
    return [(wall(one.starts_at + QUARTER), wall(one.ends_at - QUARTER)) for one in rows]


def wall(at: datetime) -> str:
    return at.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M")


def change() -> PendingChange | None:
    """What waits."""
    db.session.remove()
    return db.session.scalars(select(PendingChange)).one_or_none()


def codes() -> list[str]:
    """The steps of the booking, in order."""
    return list(db.session.scalars(select(Event.code).where(Event.booking_id == booking().id).order_by(Event.id)))


def move(visitor: Visitor, start: str, end: str) -> TestResponse:
    """By the form."""
    return visitor.submit(visitor.get(f"/bookings/{booking().key}/move"), "/move", **times(start, end))


def page(visitor: Visitor) -> TestResponse:
    """The request's page."""
    found = db.session.get_one(Request, booking().request_id)
    return visitor.get(f"/requests/{found.key}")


def asked(app: Flask, slug: str = "tsukuba-asked") -> Visitor:
    """alan's booking is approved, and he asks for another time."""
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = alan.book(slug, *OLD).headers["Location"]
    assert sora.submit(sora.get(where), "/approve").status_code == 303
    assert move(alan, *NEW).status_code == 303
    return alan


def test_until_staff_decide_it_stands_as_it_is_and_both_times_are_kept(app: Flask, lab: Cast) -> None:
    alan = asked(app)
    stands = booking()
    assert (stands.state, stands.wall_start, stands.sequence) == ("approved", OLD[0], 1)
    assert held() == [OLD, NEW]
    ben = Visitor(app, "ben")
    for start, end in (OLD, NEW):
        assert ben.book("tsukuba-asked", start, end).status_code == 409
    shown = page(alan)
    assert shown.text.index("A change waits") < shown.text.index("15:00–16:00")
    assert "Both times are kept until staff decide." in shown.text


def test_approved_it_moves_and_frees_the_old_time(app: Flask, lab: Cast) -> None:
    asked(app)
    sora = Visitor(app, "sora")
    assert sora.submit(page(sora), "/change/approve").status_code == 303
    moved = booking()
    assert (moved.state, moved.wall_start, moved.wall_end, moved.sequence) == ("approved", *NEW, 2)
    assert (held(), change()) == ([NEW], None)
    assert codes()[-2:] == ["booking-ask-change", "booking-grant-change"]
    assert "10:00–11:00 → " in page(Visitor(app, "alan")).text  # from where to where, in the history
    assert Visitor(app, "ben").book("tsukuba-asked", *OLD).status_code == 303


@pytest.mark.parametrize("how", ["decline", "withdraw"])
def test_declined_or_withdrawn_everything_stays_as_it_was(app: Flask, lab: Cast, how: str) -> None:
    alan = asked(app)
    who = Visitor(app, "sora") if how == "decline" else alan
    before = booking()
    answer = who.submit(page(who), f"/change/{how}", **({"reason": "Service that day."} if how == "decline" else {}))
    assert answer.status_code == 303
    after = booking()
    assert (after.state, after.wall_start, after.sequence, after.changed_at) == (
        *("approved", OLD[0]),
        *(before.sequence, before.changed_at),
    )
    assert (held(), change()) == ([OLD], None)
    assert Visitor(app, "ben").book("tsukuba-asked", *NEW).status_code == 303
    if how == "decline":
        assert "Service that day." in page(alan).text


@on_sqlite
def test_declining_takes_a_reason(app: Flask, lab: Cast) -> None:
    asked(app)
    sora = Visitor(app, "sora")
    answer = sora.submit(page(sora), "/change/decline")
    assert answer.status_code == 422
    assert "-reason-errors" in answer.text  # beside the field
    assert change() is not None


@on_sqlite
@pytest.mark.parametrize("step", ["approve", "decline", "withdraw"])
def test_sent_twice_it_is_done_once(app: Flask, lab: Cast, step: str) -> None:
    alan = asked(app)
    who = alan if step == "withdraw" else Visitor(app, "sora")
    shown = page(who)
    answers = [who.submit(shown, f"/change/{step}", **({} if step == "withdraw" else {"reason": "No"})) for _ in "abc"]
    assert [one.status_code for one in answers] == [303, 409, 409]
    assert len([code for code in codes() if code.endswith("-change")]) == 2  # asked for, and what became of it


@on_sqlite
def test_asked_for_twice_it_is_asked_for_once(app: Flask, lab: Cast) -> None:
    alan = asked(app)
    form = alan.get(f"/bookings/{booking().key}/move")
    assert [alan.submit(form, "/move", **times(*NEW)).status_code for _ in range(2)] == [303, 303]
    assert codes().count("booking-ask-change") == 1


@on_sqlite
@pytest.mark.parametrize(
    ("name", "decides", "withdraws"),
    [
        ("hana", 403, 403),  # a colleague
        ("cora", 403, 303),  # the coordinator
        ("alan", 403, 303),  # nobody decides their own
        ("mio", 303, 303),  # on the staff
        ("sam", 404, 404),  # of another site
        ("ben", 404, 404),  # a rival
        ("chika", 404, 404),
        ("ada", 403, 403),
        (None, 303, 303),  # to the sign-in page
    ],
)
def test_who_may_decide_and_who_may_withdraw(
    app: Flask, lab: Cast, name: str | None, decides: int, withdraws: int
) -> None:
    asked(app)
    found, version = booking().key, str(booking().version)
    visitor = Visitor(app, name)
    for step in ("approve", "decline", "withdraw"):
        assert visitor.get(f"/bookings/{found}/change/{step}").status_code == 405
    declined = visitor.post(f"/bookings/{found}/change/decline", version=version, reason="No")
    assert declined.status_code == decides
    is_done = decides == 303 and name is not None
    assert (change() is None) is is_done
    if not is_done:
        assert visitor.post(f"/bookings/{found}/change/withdraw", version=version).status_code == withdraws


@on_sqlite
def test_staff_see_it_in_the_inbox_and_decide_there(app: Flask, lab: Cast) -> None:
    asked(app)
    sora = Visitor(app, "sora")
    answer = sora.post(f"/bookings/{booking().key}/change/withdraw", version=str(booking().version))
    assert (answer.status_code, change() is None) == (403, False)  # they decline it, with a reason
    assert "/change/withdraw" not in page(sora).text
    inbox = sora.get("/inbox")
    assert "15:00" in inbox.text
    assert "10:00" in inbox.text
    assert sora.submit(inbox, "/change/approve", next="/inbox").headers["Location"] == "/inbox"
    assert booking().wall_start == NEW[0]


@on_sqlite
def test_a_rival_sees_nothing_but_two_busy_times(app: Flask, lab: Cast) -> None:
    asked(app)
    shown = Visitor(app, "ben").get("/sites/tsukuba/day?on=2026-11-24").text
    assert "09:45–11:15" in shown
    assert "14:45–16:15" in shown
    own = Visitor(app, "alan").get("/sites/tsukuba/day?on=2026-11-24").text
    assert own.count("/requests/") == 4  # as it is, and as it may be: first of all, and each on its row


def test_of_what_holds_nothing_until_it_is_approved_the_change_holds_nothing_either(app: Flask, lab: Cast) -> None:
    alan = asked(app, "tsukuba-sorter")
    assert held() == [OLD]
    assert "the new time is not kept" in page(alan).text
    ben, sora = Visitor(app, "ben"), Visitor(app, "sora")
    wish = ben.book("tsukuba-sorter", *NEW).headers["Location"]
    assert sora.submit(sora.get(wish), "/approve").status_code == 303
    refused = sora.submit(page(sora), "/change/approve")
    assert refused.status_code == 409
    assert booking().wall_start == OLD[0]
    assert change() is not None


# --- what ends it -----------------------------------------------------------------------------------------------------


def test_cancelled_the_booking_takes_its_change_with_it(app: Flask, lab: Cast) -> None:
    alan = asked(app)
    assert alan.submit(page(alan), "/cancel").status_code == 303
    assert (held(), change()) == ([], None)
    assert codes()[-2:] == ["booking-end-change", "booking-cancel"]


def test_another_move_takes_its_place(app: Flask, lab: Cast) -> None:
    alan = asked(app)
    assert move(alan, "2026-11-25T10:00", "2026-11-25T11:00").status_code == 303
    assert held() == [OLD, ("2026-11-25T10:00", "2026-11-25T11:00")]
    assert codes()[-2:] == ["booking-end-change", "booking-ask-change"]
    assert move(alan, OLD[0], "2026-11-24T10:30").status_code == 303  # shorter: nobody need approve that
    assert held() == [(OLD[0], "2026-11-24T10:30")]
    assert codes()[-2:] == ["booking-end-change", "booking-shorten"]


def test_when_it_begins_what_was_asked_for_instead_ends(app: Flask, lab: Cast, clock: Clock) -> None:
    asked(app)
    clock.now = booking().starts_at
    service.tick(now=clock.now)
    assert (booking().state, held(), change()) == ("running", [OLD], None)


def test_when_the_new_time_has_begun_nobody_decides_any_more(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = asked(app)
    assert move(alan, "2026-11-24T08:00", "2026-11-24T09:00").status_code == 303
    clock.now = booking().starts_at - timedelta(hours=2)
    service.tick(now=clock.now)
    assert (booking().state, held(), change()) == ("approved", [OLD], None)
    assert codes()[-1] == "booking-end-change"


def test_what_is_suspended_is_not_moved(app: Flask, lab: Cast, clock: Clock) -> None:
    asked(app)
    number = booking().id
    transactional(raise_flags)([number], Lost.AGREEMENT, now=clock.now)
    assert (held(), change()) == ([OLD], None)


# --- what needs approval again, and what does not ---------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize(
    ("start", "end", "asks"),
    [
        ("10:00", "10:30", False),  # shorter
        ("10:30", "11:00", False),
        ("10:00", "11:30", True),  # longer
        ("09:30", "11:00", True),
        ("10:30", "11:30", True),  # moved, though part of it stays
    ],
)
def test_only_what_grows_or_moves_is_approved_again(app: Flask, lab: Cast, start: str, end: str, asks: bool) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = alan.book("tsukuba-asked", *OLD).headers["Location"]
    sora.submit(sora.get(where), "/approve")
    assert move(alan, f"2026-11-24T{start}", f"2026-11-24T{end}").status_code == 303
    assert (change() is not None) is asks
    assert booking().wall_start == (OLD[0] if asks else f"2026-11-24T{start}")


@on_sqlite
def test_an_extension_is_kept_from_where_it_is_to_where_it_may_be(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = alan.book("tsukuba-asked", *OLD).headers["Location"]
    sora.submit(sora.get(where), "/approve")
    assert move(alan, OLD[0], "2026-11-24T12:00").status_code == 303
    assert held() == [OLD, (OLD[0], "2026-11-24T12:00")]
    shown = alan.get("/bookings").text
    assert shown.count(f"/bookings/{booking().key}/move") == 1  # one booking, although it holds twice on its unit
    assert sora.submit(page(sora), "/change/approve").status_code == 303
    assert held() == [(OLD[0], "2026-11-24T12:00")]
