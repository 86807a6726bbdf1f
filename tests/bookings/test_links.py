"""What belongs together is held together: a suite and its benches, a sorter and an operator, a rotor by choice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.bookings.service import RefusedError, closing
from labbook.bookings.service.rebooking import Decision, Fate, Target
from labbook.bookings.wanted import Ask
from labbook.core.closing import ClosureKind
from labbook.core.feeds import Scope
from labbook.core.hours import Cover
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.links import LinkKind
from labbook.core.terms import Asks, ResourceKind
from labbook.db import db, transactional
from labbook.models import Booking, Closure, Hold, OpeningRow, Resource, ResourceLink, ResourcePartner, Unit
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, add_resource, fresh_key
from tests.feeds.reading import feed, fetched
from tests.statements import counted

MONDAY = "2026-11-23T"
PLAIN: dict[str, Any] = {"before": "0 min", "after": "0 min"}


@pytest.fixture(autouse=True)
def linked(app: Flask, lab: Cast) -> None:
    """A wing contains a suite, the suite two benches; a spinner needs an operator and offers a rotor."""
    _link(lab.sites["tsukuba"])


@transactional
def _link(site: int) -> None:
    parts: dict[str, dict[str, Any]] = {
        "wing": {},
        "suite": {"after": "30 min"},
        "benches": {"pieces": 2},
        "spinner": {"pieces": 3},
        "operator": {"pieces": 2, "kind": ResourceKind.SERVICE, "cover": Cover.ALL, "after": "15 min"},
        "rotor": {},
    }
    made = {name: add_resource(site, f"tsukuba-{name}", **{**PLAIN, **more}) for name, more in parts.items()}
    for one, kind, other, pieces in (
        ("wing", LinkKind.CONTAINS, "suite", 1),
        ("suite", LinkKind.CONTAINS, "benches", 1),
        ("spinner", LinkKind.REQUIRES, "operator", 1),
        ("spinner", LinkKind.OFFERS, "rotor", 1),
    ):
        db.session.add(ResourceLink(resource_id=made[one].id, other_id=made[other].id, kind=kind, pieces=pieces))
    db.session.add_all(
        OpeningRow(site_id=site, resource_id=made["operator"].id, weekday=day, opens=9 * 60, closes=18 * 60)
        for day in range(5)
    )


def ask(lab: Cast, who: str, what: str, start: str, end: str, *, unit: str = "", options: tuple[str, ...] = ()) -> str:
    """Book on that Monday by the clocks of Tsukuba; the request's key."""
    partner = {"hana": "aoba", "alan": "aoba", "ben": "birch"}[who]
    times = (at(start), at(end))
    wanted = Ask(f"tsukuba-{what}", *times, lab.partners[partner], "Cells", unit=unit, options=options)
    return str(service.request(lab.actor(who), wanted, key=fresh_key(), now=NOW))


def at(clock: str) -> datetime:
    """A time on that Monday."""
    return datetime.fromisoformat(f"{MONDAY}{clock}+09:00")


def refused(lab: Cast, *asked: Any, **more: Any) -> dict[str, str]:
    """The codes for which it is refused, each with what it names."""
    with pytest.raises(RefusedError) as error:
        ask(lab, *asked, **more)
    return {one.code: getattr(one.said.values.get("name"), "en", "") for one in error.value.verdict.refusals}


def held() -> list[str]:
    """All holds, by the clocks of Tsukuba."""
    db.session.remove()
    zone = timedelta(hours=9)
    rows = db.session.execute(
        select(Hold, Resource.slug, Unit.name)
        .join(Unit, Unit.id == Hold.unit_id)
        .join(Resource, Resource.id == Unit.resource_id)
        .order_by(Hold.starts_at, Resource.id, Unit.position)
    )
    return [
        f"{slug.removeprefix('tsukuba-')} {name} {hold.starts_at + zone:%H:%M}-{hold.ends_at + zone:%H:%M}"
        for hold, slug, name in rows
    ]


def booking(key: str = "") -> Booking:
    """The one booking, or that of a request."""
    db.session.remove()
    found = [one for one in db.session.scalars(select(Booking)) if not key or one.request.key == key]
    assert len(found) == 1
    return found[0]


def test_whoever_books_the_suite_has_its_benches_and_the_other_way_round(lab: Cast) -> None:
    ask(lab, "hana", "suite", "10:00", "11:00")
    assert held() == ["suite 1 10:00-11:30", "benches 1 10:00-11:30", "benches 2 10:00-11:30"]
    assert refused(lab, "ben", "benches", "11:00", "12:00") == {"taken": ""}
    ask(lab, "ben", "benches", "11:30", "12:00")
    assert refused(lab, "hana", "suite", "11:30", "12:30") == {"linked": "tsukuba-benches"}
    ask(lab, "hana", "suite", "12:00", "12:30")


def test_what_is_contained_at_any_depth_is_held(lab: Cast) -> None:
    ask(lab, "hana", "wing", "10:00", "11:00")
    assert held() == [
        "wing 1 10:00-11:00",
        "suite 1 10:00-11:30",
        "benches 1 10:00-11:00",
        "benches 2 10:00-11:00",
    ]
    assert refused(lab, "ben", "benches", "10:30", "11:30") == {"taken": ""}
    assert refused(lab, "ben", "suite", "11:00", "12:00") == {"taken": ""}


def test_an_operator_is_free_once_and_keeps_hours(lab: Cast) -> None:
    for who in ("hana", "ben"):
        ask(lab, who, "spinner", "10:00", "11:00")
    assert [one for one in held() if "operator" in one] == ["operator 1 10:00-11:15", "operator 2 10:00-11:15"]
    assert refused(lab, "alan", "spinner", "11:00", "12:00") == {"linked": "tsukuba-operator"}
    ask(lab, "alan", "spinner", "11:30", "12:00")
    assert refused(lab, "hana", "spinner", "17:30", "18:30") == {"linked": "tsukuba-operator"}


@transactional
def _away(lab: Cast, number: int) -> None:
    units = db.session.scalars(
        select(Unit).join(Resource).where(Resource.slug == "tsukuba-operator").order_by(Unit.position)
    ).all()
    db.session.add(
        Closure(
            site_id=lab.sites["tsukuba"],
            resource_id=units[0].resource_id,
            unit_id=units[number].id,
            starts_at=at("08:00"),
            ends_at=at("20:00"),
            reason=Words("On leave", "休暇"),
        )
    )


def test_an_operator_who_is_away_runs_nothing(lab: Cast) -> None:
    _away(lab, 0)
    ask(lab, "hana", "spinner", "10:00", "11:00")
    assert "operator 2 10:00-11:15" in held()
    assert refused(lab, "ben", "spinner", "10:00", "11:00") == {"linked": "tsukuba-operator"}


def test_all_is_let_go_together(lab: Cast) -> None:
    ask(lab, "hana", "suite", "10:00", "11:00")
    one = booking()
    service.cancel(lab.actor("hana"), one.key, reason="", version=one.version, now=NOW)
    assert held() == []


def test_a_move_takes_all_along_and_chooses_anew(lab: Cast) -> None:
    key = ask(lab, "hana", "spinner", "10:00", "11:00")
    _away(lab, 0)
    one = booking(key)
    wanted = Interval(at("10:30"), at("11:30"))
    service.move(lab.actor("hana"), one.key, wanted, unit="", version=one.version, now=NOW)
    assert held() == ["spinner 1 10:30-11:30", "operator 2 10:30-11:45"]


def test_what_is_shortened_keeps_the_operator_it_has(lab: Cast) -> None:
    """Though nobody could have that operator anew: a booking that gets shorter takes nothing from anybody."""
    key = ask(lab, "hana", "spinner", "10:00", "12:00")
    _away(lab, 0)
    _away(lab, 1)
    one = booking(key)
    wanted = Interval(at("10:00"), at("11:00"))
    service.move(lab.actor("hana"), one.key, wanted, unit="", version=one.version, now=NOW)
    assert held() == ["spinner 1 10:00-11:00", "operator 1 10:00-11:15"]


def test_a_move_that_is_refused_keeps_everything(lab: Cast) -> None:
    key = ask(lab, "hana", "suite", "10:00", "11:00")
    ask(lab, "ben", "benches", "13:00", "14:00")
    before, one = held(), booking(key)
    with pytest.raises(RefusedError):
        wanted = Interval(at("13:00"), at("14:00"))
        service.move(lab.actor("hana"), one.key, wanted, unit="", version=one.version, now=NOW)
    assert held() == before


def test_what_is_given_back_early_gives_back_all_of_it(lab: Cast) -> None:
    ask(lab, "hana", "suite", "10:00", "12:00")
    service.tick(now=at("10:00"))
    one = booking()
    service.cancel(lab.actor("hana"), one.key, reason="", version=one.version, now=at("10:40"))
    assert held() == ["suite 1 10:00-11:10", "benches 1 10:00-11:10", "benches 2 10:00-11:10"]


def test_an_option_is_held_by_whoever_takes_it(lab: Cast) -> None:
    ask(lab, "hana", "spinner", "10:00", "11:00")
    assert not [one for one in held() if "rotor" in one]
    ask(lab, "ben", "spinner", "10:00", "11:00", options=("tsukuba-rotor",))
    assert "rotor 1 10:00-11:00" in held()


def test_a_closure_moves_a_booking_only_to_where_its_option_is_free(lab: Cast) -> None:
    one = booking(ask(lab, "hana", "spinner", "10:00", "11:00", options=("tsukuba-rotor",)))
    ask(lab, "ben", "rotor", "14:00", "15:00")
    unit = db.session.get_one(Unit, one.unit_id).key
    shut = closing.Date(Interval(at("10:00"), at("11:00")), Words("Cleaning", "清掃"))
    draft = closing.Draft("b" * 24, "resource:tsukuba-spinner", ClosureKind.MAINTENANCE, (shut,))
    moved = Decision(Fate.MOVE, Target(unit, Interval(at("14:00"), at("15:00"))))
    done = closing.close(lab.actor("sora"), "tsukuba", draft, {one.key: moved}, now=NOW)
    assert (list(done.outcome.problems), done.open) == ([one.key], 1)


@on_sqlite
def test_only_the_booked_resource_counts_as_used(lab: Cast) -> None:
    ask(lab, "hana", "suite", "10:00", "11:00")
    db.session.remove()
    assert [one.resource_id for one in db.session.scalars(select(Booking))] == [
        db.session.scalar(select(Resource.id).where(Resource.slug == "tsukuba-suite"))
    ]


@on_sqlite
def test_the_free_times_that_are_offered_have_all_that_it_needs(app: Flask, lab: Cast) -> None:
    ask(lab, "ben", "benches", "09:00", "13:00")
    alan = Visitor(app, "alan")
    answer = alan.book("tsukuba-suite", MONDAY + "09:00", MONDAY + "10:00")
    assert answer.status_code == 409
    assert "It needs tsukuba-benches, which is taken or closed then." in answer.text
    assert "13:00" in answer.text and "09:30" not in answer.text


@on_sqlite
def test_a_search_finds_when_all_of_it_is_free(app: Flask, lab: Cast) -> None:
    ask(lab, "ben", "benches", "09:00", "13:00")
    page = Visitor(app, "alan").get("/find?what=resource:tsukuba-suite&length=1&unit=h&last=2026-11-23")
    assert page.status_code == 200
    assert "from=2026-11-23T13:00" in page.text and "from=2026-11-23T12:30" not in page.text


@on_sqlite
def test_the_schedule_shows_it_to_those_who_may_and_busy_times_to_others(app: Flask, lab: Cast) -> None:
    ask(lab, "hana", "suite", "10:00", "11:00")
    day = "/sites/tsukuba/day?on=2026-11-23"
    assert Visitor(app, "alan").get(day).text.count("Cells") >= 3  # on the suite and on both benches
    page = Visitor(app, "ben").get(day).text
    assert "Cells" not in page
    assert re.search(r"tsukuba-benches.{0,900}busy", page, re.DOTALL)
    assert "Cells" in Visitor(app, "alan").get("/resources/tsukuba-benches").text
    page = Visitor(app, "ben").get("/resources/tsukuba-benches").text
    assert "Cells" not in page and page.count("busy") > 2


def _feed(app: Flask, who: str, detail: str) -> str:
    """The text of a feed of the benches."""
    visitor = Visitor(app, who)
    about = {"name": "B", "about": "resource:tsukuba-benches", "waiting": "y", "detail": detail, "language": "en"}
    (path,) = set(re.findall(r"/feeds/[\w-]{20,}/[\w-]+\.ics", visitor.post("/feeds", **about).text))
    return str(Visitor(app).get(path).text)


@on_sqlite
def test_a_feed_of_what_is_linked_says_the_same(app: Flask, lab: Cast) -> None:
    before = _feed(app, "ben", "busy")
    assert "BEGIN:VEVENT" not in before
    ask(lab, "hana", "suite", "10:00", "11:00")
    full, busy = _feed(app, "alan", "full"), _feed(app, "ben", "full")
    assert full.count("BEGIN:VEVENT") == 1 and "Cells" in full and "tsukuba-benches" in full
    assert busy.count("BEGIN:VEVENT") == 2 and "Cells" not in busy


def test_a_feed_of_what_is_linked_is_read_anew(app: Flask, lab: Cast) -> None:
    def revisions() -> list[int]:
        db.session.remove()
        row = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-benches")).one()
        return [row.full_revision, row.busy_revision]

    before = revisions()
    ask(lab, "hana", "wing", "10:00", "11:00")
    assert all(new > old for new, old in zip(revisions(), before, strict=True))


@on_sqlite
def test_the_request_and_its_history_say_what_goes_with_it(app: Flask, lab: Cast) -> None:
    key = ask(lab, "alan", "spinner", "10:00", "11:00", options=("tsukuba-rotor",))
    page = Visitor(app, "alan").get(f"/requests/{key}").text
    assert page.count("Together with tsukuba-operator 1, tsukuba-rotor.") == 2  # beside the booking, and in its history
    _away(lab, 0)
    one = booking(key)
    wanted = Interval(at("12:00"), at("13:00"))
    service.move(lab.actor("alan"), one.key, wanted, unit="", version=one.version, now=NOW)
    page = Visitor(app, "alan").get(f"/requests/{key}").text
    assert page.count("Together with tsukuba-operator 2, tsukuba-rotor.") == 2
    assert page.count("Together with tsukuba-operator 1, tsukuba-rotor.") == 1


@transactional
def _hide(slug: str) -> None:
    db.session.scalars(select(Resource).where(Resource.slug == slug)).one().is_hidden = True


@on_sqlite
def test_nothing_is_said_of_what_is_hidden(app: Flask, lab: Cast) -> None:
    _hide("tsukuba-benches")
    key = ask(lab, "alan", "suite", "10:00", "11:00")
    alan = Visitor(app, "alan")
    for path in (f"/requests/{key}", "/resources/tsukuba-suite", "/sites/tsukuba/day?on=2026-11-23"):
        assert "tsukuba-benches" not in alan.get(path).text
    assert "benches 1 10:00-11:30" in held()
    answer = alan.book("tsukuba-wing", MONDAY + "11:00", MONDAY + "12:00")
    assert "tsukuba-benches" not in answer.text


@on_sqlite
def test_the_suite_is_shown_shut_while_a_part_of_it_is_taken(app: Flask, lab: Cast) -> None:
    def lanes(who: str) -> str:
        return Visitor(app, who).get("/resources/tsukuba-suite").text

    assert "Part of it is taken" not in lanes("ben")
    ask(lab, "hana", "suite", "14:00", "15:00")
    assert "Part of it is taken" not in lanes("ben")  # that it holds its own parts is nothing to be said
    ask(lab, "hana", "benches", "10:00", "11:00")
    assert "Part of it is taken" in lanes("ben")
    assert "Part of it is taken" in Visitor(app, "ben").get("/sites/tsukuba/day?on=2026-11-23").text


@transactional
def _asks(slug: str) -> None:
    db.session.scalars(select(Resource).where(Resource.slug == slug)).one().asks = Asks.ALWAYS


def test_a_change_that_waits_keeps_both_times_with_all_that_goes_with_them(lab: Cast) -> None:
    _asks("tsukuba-suite")
    key = ask(lab, "hana", "suite", "10:00", "11:00")
    service.approve(lab.actor("sora"), key, version=1, now=NOW)
    one = booking(key)
    wanted = Interval(at("14:00"), at("15:00"))
    service.move(lab.actor("hana"), one.key, wanted, unit="", version=one.version, now=NOW)
    both = [
        f"{what} {time}" for time in ("10:00-11:30", "14:00-15:30") for what in ("suite 1", "benches 1", "benches 2")
    ]
    assert held() == both
    assert refused(lab, "ben", "benches", "14:00", "15:00") == {"taken": ""}
    one = booking(key)
    service.cancel(lab.actor("hana"), one.key, reason="", version=one.version, now=NOW)
    assert held() == []


# --- in the calendars of what is linked -------------------------------------------------------------------------------


@dataclass
class Calendar:
    """Ben's, of what is taken somewhere."""

    app: Flask
    path: str
    etag: str = ""

    def polled(self) -> tuple[int, int]:
        """With what a poll is answered, and how many statements that takes; it remembers."""
        with counted() as sent:
            answer = fetched(Visitor(self.app), self.path, self.etag)
        self.etag = answer.headers["ETag"]
        return answer.status_code, len(sent)


def calendar(app: Flask, lab: Cast, what: str) -> Calendar:
    """One that has looked before."""
    found = Calendar(app, feed(lab, "ben", Scope.RESOURCE, about=f"tsukuba-{what}"))
    found.polled()
    return found


@transactional
def _keep_to(slug: str, partner_id: int) -> None:
    hidden = db.session.scalars(select(Resource).where(Resource.slug == slug)).one()
    hidden.is_hidden = True
    db.session.add(ResourcePartner(resource_id=hidden.id, partner_id=partner_id))


def test_what_could_be_taken_and_is_not_costs_a_poll_nothing(app: Flask, lab: Cast) -> None:
    """Else the pace of a rotor's calendar would tell when a spinner is booked that nobody may know of."""
    _keep_to("tsukuba-spinner", lab.partners["aoba"])
    rotor = calendar(app, lab, "rotor")
    for options, expected in (((), (304, 1)), (("tsukuba-rotor",), (200, ANY))):
        key = ask(lab, "hana", "spinner", "10:00", "11:00", options=options)
        assert rotor.polled() == expected
        one = booking(key)
        service.cancel(lab.actor("hana"), one.key, reason="", version=one.version, now=NOW)
        assert rotor.polled() == expected


@pytest.mark.parametrize(("what", "with_it"), [("suite", "benches"), ("spinner", "rotor")])
def test_what_a_booking_leaves_when_it_is_moved_elsewhere_is_free_in_calendars(
    app: Flask, lab: Cast, what: str, with_it: str
) -> None:
    options = ("tsukuba-rotor",) if with_it == "rotor" else ()
    key = booking(ask(lab, "hana", what, "10:00", "11:00", options=options)).key
    left = calendar(app, lab, with_it)
    to = db.session.scalars(select(Unit.key).join(Resource).where(Resource.slug == "tsukuba-plain")).one()
    shut = closing.Date(Interval(at("10:00"), at("11:00")), Words("Cleaning", "清掃"))
    draft = closing.Draft("b" * 24, f"resource:tsukuba-{what}", ClosureKind.MAINTENANCE, (shut,))
    moved = Decision(Fate.MOVE, Target(to, Interval(at("10:00"), at("11:00"))))
    done = closing.close(lab.actor("sora"), "tsukuba", draft, {key: moved}, now=NOW)
    assert (list(done.outcome.problems), done.open) == ([], 0)
    assert not [time for time in held() if with_it in time]
    assert left.polled()[0] == 200
