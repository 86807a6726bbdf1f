"""Those who decide have so much working time: they are reminded, managers hear, and the resource says what next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from labbook.bookings.queries import request_by_key
from labbook.bookings.service import restart_clock, stop_clock
from labbook.core.closing import ClosureKind
from labbook.core.language import Words
from labbook.core.lifecycle import State
from labbook.db import OverlapError, db, transactional
from labbook.desk.service import deadlines
from labbook.models import Booking, Closure, Hold, OpeningRow, Person, Request, Resource
from labbook.models.site import Hours
from tests.bookings.test_signed import sign_with
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.desk.proposing import ask, codes, english, first, held, propose, told
from tests.people.test_stand_ins import key_of, staffed
from tests.statements import counted

__all__ = ["staffed"]
# It is Monday 09:00 in Tsukuba; Monday the 23rd is a holiday there, so that work begins on Tuesday.
FAR = ("2026-12-10T10:00", "2026-12-10T12:00")
TUESDAY = datetime.fromisoformat("2026-11-24T09:00+09:00")
DEADLINE = TUESDAY + timedelta(days=1, hours=7)  # 16 working hours of nine a day: Wednesday, 16:00
HALF = TUESDAY + timedelta(hours=8)


def found() -> Request:
    """The one request."""
    db.session.remove()
    return db.session.scalars(select(Request)).one()


@transactional
def says(**values: Any) -> None:
    """What the sequencer says about deciding."""
    db.session.execute(update(Resource).where(Resource.slug == "tsukuba-asked").values(**values))


def watch(at: datetime) -> int:
    db.session.remove()
    return deadlines.watch_deadlines(now=at)


def test_a_request_has_a_deadline_in_working_time_until_it_is_decided(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    where = ask(Visitor(app, "alan"), time=FAR)
    one = found()
    assert (one.decide_by, one.remind_at, one.reminded_at) == (DEADLINE, HALF, None)
    assert sora.submit(sora.get(where), "/approve").status_code == 303
    one = found()
    assert (one.decide_by, one.remind_at) == (None, None)


@on_sqlite
def test_the_hours_in_which_the_site_is_staffed_count_and_not_while_it_is_shut(app: Flask, lab: Cast) -> None:
    _staff_and_shut(lab)
    ask(Visitor(app, "alan"), time=FAR)
    # Tuesday is shut; then six hours a day from Wednesday on: the sixteenth of them on Friday
    assert found().decide_by == datetime.fromisoformat("2026-11-27T14:00+09:00")


@transactional
def _staff_and_shut(lab: Cast) -> None:
    site = lab.sites["tsukuba"]
    db.session.add_all(
        OpeningRow(site_id=site, kind=Hours.STAFFED, weekday=day, opens=10 * 60, closes=16 * 60) for day in range(5)
    )
    reason, day = Words("Inspection", "点検"), timedelta(days=1)
    midnight = TUESDAY - timedelta(hours=9)
    shut = {"site_id": site, "starts_at": midnight, "ends_at": midnight + day, "reason": reason}
    db.session.add(Closure(kind=ClosureKind.CLOSURE, **shut))
    later = {**shut, "starts_at": midnight + day, "ends_at": midnight + 5 * day}
    db.session.add(Closure(kind=ClosureKind.MAINTENANCE, **later))  # staff are there while something is serviced
    area = db.session.scalars(select(Resource.area_id).where(Resource.slug == "tsukuba-asked")).one()
    db.session.add(Closure(kind=ClosureKind.CLOSURE, area_id=area, **later))  # and while only some area is shut


def test_they_are_reminded_at_half_of_the_time_and_once(app: Flask, lab: Cast) -> None:
    ask(Visitor(app, "alan"), time=FAR)
    assert watch(HALF - timedelta(minutes=1)) == 0
    assert [watch(HALF), watch(HALF + timedelta(hours=1))] == [1, 0]
    assert told("request-reminded") == told("booking-ask") == sorted(lab.people[name] for name in ("mio", "sora"))


@on_sqlite
def test_if_it_was_given_to_somebody_only_they_are_reminded(app: Flask, staffed: Cast) -> None:
    sora = Visitor(app, "sora")
    where = ask(Visitor(app, "alan"), time=FAR)
    assert sora.submit(sora.get(where), "/assign", to=key_of(staffed, "sam")).status_code == 303
    watch(HALF)
    assert told("request-reminded") == [staffed.people["sam"]]


def test_at_the_deadline_managers_hear_and_it_goes_on_waiting(app: Flask, lab: Cast) -> None:
    alan = english(Visitor(app, "alan"))
    where = ask(alan, time=FAR)
    assert "If nobody decides by then, it keeps waiting" in alan.get(where).text
    assert [watch(DEADLINE - timedelta(minutes=1)), watch(DEADLINE), watch(DEADLINE + timedelta(days=1))] == [1, 1, 0]
    assert (told("request-escalated"), first().state) == ([lab.people["mio"]], "waiting")
    assert "The managers of the site have been told that it waits." in alan.get(where).text


@on_sqlite
def test_of_a_managers_own_request_those_who_decide_hear(app: Flask, lab: Cast) -> None:
    ask(Visitor(app, "mio"), time=FAR)
    watch(HALF)
    watch(DEADLINE)
    assert told("request-reminded") == told("request-escalated") == [lab.people["sora"]]


def test_where_the_resource_says_so_it_is_declined_for_a_reason_in_the_readers_language(app: Flask, lab: Cast) -> None:
    says(at_deadline="decline")
    alan, hana = english(Visitor(app, "alan")), Visitor(app, "hana")
    where = ask(alan, time=FAR)
    assert "If nobody decides by then, it is declined." in alan.get(where).text
    watch(DEADLINE)
    assert (first().state, held(first()), codes(first())) == ("declined", [], ["ask", "decline"])
    assert told("booking-decline") == [lab.people["alan"]]
    assert "Nobody decided by the deadline; requests for this are then declined." in alan.get(where).text
    assert "期限までに判断がなかったため" in hana.get(where).text
    assert found().decide_by is None


def test_where_the_resource_says_so_it_is_approved(app: Flask, lab: Cast) -> None:
    says(at_deadline="approve")
    where = ask(Visitor(app, "alan"), time=FAR)
    watch(DEADLINE)
    assert (first().state, held(first())) == ("approved", [FAR])
    assert told("booking-approve") == [lab.people["alan"]]
    assert "期限までに判断がなく" in Visitor(app, "hana").get(where).text


@transactional
def _the_place_is_shut(app: Flask, lab: Cast) -> None:
    start = datetime.fromisoformat(f"{FAR[0]}+09:00")
    time = {"starts_at": start, "ends_at": start + timedelta(hours=8)}
    db.session.add(Closure(site_id=lab.sites["tsukuba"], reason=Words("Shut", "休み"), **time))


def _two_are_to_decide(app: Flask, lab: Cast) -> None:
    says(two_steps=True)


def _it_is_signed(app: Flask, lab: Cast) -> None:
    transactional(sign_with)(lab, "aoba")


def _staff_have_proposed_another_time(app: Flask, lab: Cast) -> None:
    assert propose(Visitor(app, "sora"), f"/requests/{found().key}").status_code == 303


def _it_keeps_nothing(app: Flask, lab: Cast) -> None:
    _forget_holds()


@transactional
def _forget_holds() -> None:
    db.session.execute(update(Booking).values(state=State.WISHED))
    db.session.execute(delete(Hold))


@on_sqlite
@pytest.mark.parametrize(
    "what",
    [_the_place_is_shut, _two_are_to_decide, _it_is_signed, _staff_have_proposed_another_time, _it_keeps_nothing],
)
def test_the_clock_approves_nothing_that_wants_a_decision(
    app: Flask, lab: Cast, what: Callable[[Flask, Cast], None]
) -> None:
    says(at_deadline="approve")
    ask(Visitor(app, "alan"), time=FAR)
    what(app, lab)
    watch(DEADLINE)
    assert first().state in ("waiting", "wished")
    assert told("request-escalated") == [lab.people["mio"]]


@on_sqlite
def test_what_starts_too_soon_for_a_decision_is_not_approved_by_the_clock(app: Flask, lab: Cast) -> None:
    says(at_deadline="approve")
    alan = english(Visitor(app, "alan"))
    where = ask(alan, time=SOON)
    assert "If nobody decides by then, it keeps waiting" in alan.get(where).text
    watch(TUESDAY)  # an hour before it: staff have just come to work
    assert (first().state, told("request-escalated")) == ("waiting", [lab.people["mio"]])


@on_sqlite
def test_what_is_moved_to_where_no_time_is_left_to_decide_is_not_approved_by_the_clock(
    app: Flask, lab: Cast, clock: Clock
) -> None:
    says(at_deadline="approve")
    alan = english(Visitor(app, "alan"))
    where = ask(alan, time=FAR)
    assert "If nobody decides by then, it is approved" in alan.get(where).text
    clock.now = DEADLINE - timedelta(minutes=10)
    moved = {"start_on": "2026-11-25", "end_on": "2026-11-25", "start_at": "19:00", "end_at": "20:00"}
    alan = Visitor(app, "alan")
    assert alan.submit(alan.get(f"/bookings/{first().key}/move"), "/move", **moved).status_code == 303
    assert watch(DEADLINE + timedelta(hours=2)) == 1
    assert (first().state, told("request-escalated")) == ("waiting", [lab.people["mio"]])


@on_sqlite
def test_if_its_time_was_lost_the_request_waits_on(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    says(at_deadline="approve")
    ask(Visitor(app, "alan"), time=FAR)

    def lost(*_: object) -> None:
        raise OverlapError

    monkeypatch.setattr(deadlines, "_approved", lost)
    assert watch(DEADLINE) == 1
    assert (first().state, told("request-escalated")) == ("waiting", [lab.people["mio"]])


# --- a question stops the clock ---------------------------------------------------------------------------------------


def _clock(lab: Cast, do: Callable[[Request, datetime], None], at: datetime) -> Request:
    key = found().key
    transactional(lambda: do(request_by_key(lab.actor("sora"), key), at))()
    return found()


def test_while_a_question_is_open_the_clock_stands_and_then_runs_on(app: Flask, lab: Cast) -> None:
    alan = english(Visitor(app, "alan"))
    where = ask(alan, time=FAR)
    noon = TUESDAY + timedelta(hours=3)
    one = _clock(lab, stop_clock, noon)
    assert (one.decide_by, one.minutes_left, one.asked_at) == (None, 13 * 60, noon)
    assert _clock(lab, stop_clock, noon + timedelta(hours=1)).asked_at == noon
    assert "until the question is answered" in alan.get(where).text
    assert watch(DEADLINE + timedelta(days=3)) == 0
    friday = TUESDAY + timedelta(days=3)
    one = _clock(lab, restart_clock, friday)
    assert one.decide_by == datetime.fromisoformat("2026-11-30T13:00+09:00")  # nine hours on Friday, four on Monday
    assert (one.asked_at, one.minutes_left) == (None, None)
    assert _clock(lab, restart_clock, friday + timedelta(hours=5)).decide_by == one.decide_by


@on_sqlite
def test_with_a_later_deadline_they_are_reminded_anew(app: Flask, lab: Cast) -> None:
    ask(Visitor(app, "alan"), time=FAR)
    assert watch(HALF) == 1
    _clock(lab, stop_clock, HALF + timedelta(hours=1))  # seven hours are left
    thursday = TUESDAY + timedelta(days=2)
    assert _clock(lab, restart_clock, thursday).decide_by == thursday + timedelta(hours=7)
    assert [watch(thursday + timedelta(hours=hours)) for hours in (3, 4, 5)] == [0, 1, 0]
    assert told("request-reminded") == sorted(lab.people[name] for name in ("mio", "sora") * 2)


@on_sqlite
def test_to_move_it_meanwhile_leaves_the_clock_standing(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    ask(alan, time=FAR)
    _clock(lab, stop_clock, TUESDAY + timedelta(hours=3))
    form = alan.get(f"/bookings/{first().key}/move")
    assert alan.submit(form, "/move", start_at="14:00", end_at="16:00").status_code == 303
    one = found()
    assert (one.decide_by, one.minutes_left) == (None, 16 * 60)


@on_sqlite
def test_what_is_moved_is_judged_by_its_new_time(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = Visitor(app, "alan")
    ask(alan, time=("2026-11-24T10:00", "2026-11-24T12:00"))
    assert found().decide_by == TUESDAY  # an hour before it
    form = alan.get(f"/bookings/{first().key}/move")
    moved = {"start_on": "2026-12-10", "end_on": "2026-12-10"}
    assert alan.submit(form, "/move", **moved).status_code == 303
    assert found().decide_by == DEADLINE


@on_sqlite
def test_what_waited_before_there_were_deadlines_gets_one(app: Flask, lab: Cast) -> None:
    ask(Visitor(app, "alan"), time=FAR)
    transactional(lambda: db.session.execute(update(Request).values(decide_by=None, remind_at=None)))()
    assert watch(NOW) == 1
    assert found().decide_by == DEADLINE
    assert watch(NOW) == 0


# --- who hears first --------------------------------------------------------------------------------------------------

SOON = ("2026-11-24T10:00", "2026-11-24T12:00")


def test_of_what_is_urgent_hears_first_who_is_at_work_somewhere(app: Flask, staffed: Cast, clock: Clock) -> None:
    """It is 23:30 on Monday in Tsukuba, and 09:30 in Cambridge, where sam is at home, who decides in Tsukuba too."""
    _at_home(staffed, "sam", "cambridge")
    clock.now = datetime.fromisoformat("2026-11-23T23:30+09:00")
    ask(Visitor(app, "alan"), time=SOON)
    assert told("booking-ask") == [staffed.people["sam"]]
    one = found()
    assert one.remind_at is not None
    watch(one.remind_at)
    assert told("request-reminded") == sorted(staffed.people[name] for name in ("sora", "sam", "ada", "mio"))


@on_sqlite
def test_if_nobody_is_at_work_all_hear_and_of_what_has_time_too(app: Flask, staffed: Cast, clock: Clock) -> None:
    _at_home(staffed, "sam", "cambridge")
    everybody = sorted(staffed.people[name] for name in ("sora", "sam", "ada", "mio"))
    clock.now = datetime.fromisoformat("2026-11-23T20:00+09:00")  # 06:00 in Cambridge
    ask(Visitor(app, "alan"), time=SOON)
    assert told("booking-ask") == everybody
    clock.now = datetime.fromisoformat("2026-11-23T23:30+09:00")
    ask(Visitor(app, "alan"), time=FAR)
    assert told("booking-ask") == sorted(2 * everybody)


@transactional
def _at_home(lab: Cast, name: str, site: str) -> None:
    db.session.execute(update(Person).where(Person.id == lab.people[name]).values(home_site_id=lab.sites[site]))


@on_sqlite
def test_an_ask_reads_working_times_with_one_statement_and_a_refused_one_does_not(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    ask(ben, time=FAR)
    with counted() as sent:
        ask(ben, time=("2026-12-11T10:00", "2026-12-11T12:00"))
    assert sum("opening.closes" in one and "person.home_site_id" in one for one in sent) == 1
    with counted() as sent:
        assert ben.book("tsukuba-asked", *FAR).status_code == 409
    assert not any("person.home_site_id" in one and "opening.closes" in one for one in sent)
