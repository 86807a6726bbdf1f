"""What is told to people's calendars by mail: all of it applied, in whatever order it comes, is what LabBook holds."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.bookings.service import Ask, Part
from labbook.bookings.service.series_ends import end_dates, look_at_ends, seen_of
from labbook.catalogue.queries import places
from labbook.core.interval import Interval
from labbook.core.recurrence import Every, Repeat
from labbook.db import db, transactional
from labbook.feeds.kept import feeds_of
from labbook.feeds.service import making as feeds
from labbook.models import Agreement, Booking, Invited, Letter, Person, Request, Series, Unit
from labbook.models.letter import letter
from labbook.notices.invitations import calendar_for
from tests.bookings import test_series_random as restless
from tests.bookings.test_series_asked import FIRST, SCOPE, ask, bookings, rival, series
from tests.bookings.test_series_changed import shift, the_series, version_of
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast, fresh_key
from tests.core.ical.parsers import Seen, agreed, events_of, seen
from tests.feeds.reading import feed
from tests.notices.applying import Applying

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
TOMORROW = datetime.fromisoformat("2026-11-24T10:00+09:00")
SENDER, BASE_URL = "LabBook <labbook@lab.example>", "https://labbook.example"


@dataclass
class Mail:
    """What somebody's letters about one request tell their calendar."""

    lab: Cast
    name: str
    request_key: str
    now: datetime = NOW
    thread: str = ""
    sender: str = SENDER
    sent: list[str] = field(default_factory=list)
    calendar: Applying = field(default_factory=Applying)

    def fetch(self, after: timedelta = timedelta()) -> list[str]:
        """A letter, and those that follow it; returns the calendars in them, as they were applied."""
        self.now += after
        db.session.remove()
        _write(self)
        found = []
        while (text := _next(self)) is not None:
            if text:
                found.append(text)
                self.calendar.receive(text)
        self.sent += found
        return found

    @property
    def booked(self) -> list[Seen]:
        """What is approved for them in this request and not over, as a calendar shows it."""
        found = [one for one in bookings(self.request_key) if one.person_id == self.lab.people[self.name]]
        return sorted(_shown(one) for one in found if one.state in ("approved", "running") and one.ends_at > self.now)

    @property
    def ahead(self) -> list[Seen]:
        """What their calendar shows that is not over, without words."""
        return [_wordless(one) for one in self.calendar.shown() if one.end > self.now.isoformat()]


@transactional
def _write(mail: Mail) -> None:
    person = db.session.get_one(Person, mail.lab.people[mail.name])
    found = db.session.scalars(select(Request).where(Request.key == mail.request_key)).one()
    mail.thread = f"request-{found.id}-{person.id}"
    about = {"person_id": person.id, "thread": mail.thread}
    db.session.add(letter("booking", person.email, person.language, now=NOW, **about))


@transactional
def _next(mail: Mail) -> str | None:
    """The calendar of the next letter, "" where it has none; None when there is no letter."""
    unsent = select(Letter).where(Letter.sent_at.is_(None), Letter.thread == mail.thread)
    one = db.session.scalars(unsent.order_by(Letter.id)).first()
    if one is None:
        return None
    calendar_for(one, mail.now, sender=mail.sender, base_url=BASE_URL)
    one.sent_at = mail.now
    return one.calendar or ""


def _shown(one: Booking) -> Seen:
    zone = places([one.unit_id])[one.unit_id].zoneinfo if one.by_day else UTC
    start, end = (at.astimezone(zone) for at in (one.starts_at, one.ends_at))
    return seen(start.date(), end.date(), "", "") if one.by_day else seen(start, end, "", "")


def _wordless(one: Seen) -> Seen:
    return one._replace(summary="", location="")


def method(text: str) -> str:
    return str(Calendar.from_ical(text)["METHOD"])


def single(lab: Cast, slug: str = "tsukuba-plain", **more: object) -> Mail:
    """hana's booking of tomorrow, and her letters."""
    wanted = Ask(slug, TOMORROW, TOMORROW + HOUR, lab.partners["aoba"], "Plates, 細胞; 🔬", **more)  # type: ignore[arg-type]
    return Mail(lab, "hana", ask(lab, wanted))


def the_booking(mail: Mail) -> Booking:
    return bookings(mail.request_key)[0]


def move(mail: Mail, by: timedelta, number: int = 0) -> None:
    one = bookings(mail.request_key)[number]
    wanted = Interval(one.starts_at + by, one.ends_at + by)
    service.move(mail.lab.actor("hana"), one.key, wanted, unit="", version=one.version, now=mail.now)


def cancel(mail: Mail, number: int = 0) -> None:
    one = bookings(mail.request_key)[number]
    service.cancel(mail.lab.actor("hana"), one.key, reason="", version=one.version, now=mail.now)


def in_any_order(mail: Mail) -> None:
    """However the same mails come, and come again, the calendar ends up the same."""
    dice, wanted = random.Random(len(mail.sent)), mail.calendar.shown()
    for _ in range(20):
        other = Applying()
        for text in dice.sample(mail.sent * 2, k=2 * len(mail.sent)):
            other.receive(text)
        assert other.shown() == wanted


def test_a_booking_comes_changes_and_goes_and_leaves_nothing(app: Flask, lab: Cast) -> None:
    mail = single(lab)
    assert [method(one) for one in mail.fetch()] == ["REQUEST"]
    assert mail.ahead == mail.booked != []
    move(mail, HOUR)
    assert [method(one) for one in mail.fetch()] == ["REQUEST"]
    assert mail.ahead == mail.booked != []
    cancel(mail)
    assert [method(one) for one in mail.fetch()] == ["CANCEL"]
    assert mail.calendar.shown() == mail.booked == []
    [told] = db.session.scalars(select(Invited))
    assert (told.is_cancelled, told.told["dates"]) == (True, {})
    in_any_order(mail)
    [uid] = {str(events_of(one)[0]["UID"]) for one in mail.sent}
    assert uid == the_booking(mail).uid  # as in feeds
    revisions = [(events_of(one)[0]["SEQUENCE"], events_of(one)[0]["DTSTAMP"].dt) for one in mail.sent]
    assert all(one[0] < later[0] and one[1] < later[1] for one, later in pairwise(revisions))
    agreed(one for one in mail.sent if method(one) == "REQUEST")


@on_sqlite
def test_it_says_what_where_and_how_to_reach_the_page(app: Flask, lab: Cast) -> None:
    mail = single(lab, purpose="Counting\nand sorting")
    [text] = mail.fetch()
    [event] = events_of(text)
    assert event["SUMMARY"] == "Plates, 細胞; 🔬 · プレートリーダー"
    assert event["LOCATION"] == "プレートリーダー, つくば"
    assert event["DESCRIPTION"].endswith(f"Counting\nand sorting\n\n{BASE_URL}/requests/{mail.request_key}")
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == ("mailto:labbook@lab.example", "LabBook")
    assert (event["ATTENDEE"], event["ATTENDEE"].params["CN"]) == ("mailto:hana@lab.example", "佐藤 花")


@on_sqlite
def test_another_unit_at_the_same_time_is_news(app: Flask, lab: Cast) -> None:
    mail = single(lab, "tsukuba-hood")
    [before] = mail.fetch()
    one = the_booking(mail)
    other = db.session.scalars(
        select(Unit).where(Unit.resource_id == one.resource_id, Unit.id != one.unit_id).order_by(Unit.id)
    ).first()
    assert other is not None
    service.move(lab.actor("hana"), one.key, one.time, unit=other.key, version=one.version, now=NOW)
    [after] = mail.fetch()
    assert [str(events_of(text)[0]["LOCATION"]) for text in (before, after)] == [
        "ドラフト 1, つくば",
        "ドラフト 2, つくば",
    ]
    assert events_of(after)[0]["SEQUENCE"] > events_of(before)[0]["SEQUENCE"]


@on_sqlite
def test_a_letter_without_news_for_the_calendar_is_a_plain_one(app: Flask, lab: Cast) -> None:
    mail = single(lab)
    mail.fetch()
    assert mail.fetch() == mail.fetch() == []
    letters = db.session.scalars(select(Letter.method).order_by(Letter.id)).all()
    assert letters == ["REQUEST", "", ""]


@on_sqlite
def test_what_was_put_into_a_letter_stays_as_it_is(app: Flask, lab: Cast) -> None:
    mail = single(lab)
    [before] = mail.fetch()
    move(mail, HOUR)
    again = transactional(lambda: _again(mail))()
    assert again == before


def _again(mail: Mail) -> str | None:
    one = db.session.scalars(select(Letter)).one()
    calendar_for(one, mail.now + HOUR, sender=SENDER, base_url=BASE_URL)
    return one.calendar


def test_what_waits_is_in_no_calendar_until_it_is_approved(app: Flask, lab: Cast) -> None:
    mail = single(lab, "tsukuba-asked")
    assert mail.fetch() == []
    service.approve(lab.actor("sora"), mail.request_key, version=1, now=NOW)
    assert [method(one) for one in mail.fetch()] == ["REQUEST"]
    assert mail.ahead == mail.booked != []


@on_sqlite
def test_those_who_decide_or_book_for_others_are_not_invited(app: Flask, lab: Cast) -> None:
    mine = single(lab)
    assert Mail(lab, "sora", mine.request_key).fetch() == Mail(lab, "cora", mine.request_key).fetch() == []


def test_a_booking_that_is_handed_over_leaves_one_calendar_for_another(app: Flask, lab: Cast) -> None:
    hana = single(lab)
    hana.fetch()
    alan, one = Mail(lab, "alan", hana.request_key), the_booking(hana)
    assert alan.fetch() == []
    to = {name: db.session.get_one(Person, lab.people[name]).key for name in ("alan", "hana")}
    service.hand_over(lab.actor("hana"), one.key, to["alan"], reason="", version=one.version, now=NOW)
    assert [method(text) for text in [*hana.fetch(), *alan.fetch()]] == ["CANCEL", "REQUEST"]
    assert (hana.calendar.shown(), alan.ahead) == ([], alan.booked)
    one = the_booking(hana)
    service.hand_over(lab.actor("alan"), one.key, to["hana"], reason="", version=one.version, now=NOW)
    assert [method(text) for text in [*hana.fetch(), *alan.fetch()]] == ["REQUEST", "CANCEL"]
    assert (hana.ahead, alan.calendar.shown()) == (hana.booked, [])
    in_any_order(hana)


@on_sqlite
@pytest.mark.parametrize(
    ("choice", "follows", "begins"),
    [("auto", False, True), ("auto", True, False), ("yes", True, True), ("no", False, False)],
)
def test_who_follows_a_feed_or_wants_none_is_not_invited(
    app: Flask, lab: Cast, choice: str, follows: bool, begins: bool
) -> None:
    choose(lab, choice)
    if follows:
        feed(lab)
    assert bool(single(lab).fetch()) is begins


@transactional
def choose(lab: Cast, choice: str) -> None:
    db.session.execute(update(Person).where(Person.id == lab.people["hana"]).values(invitations=choice))


@on_sqlite
def test_what_a_calendar_shows_already_is_kept_true_whatever_they_choose_later(app: Flask, lab: Cast) -> None:
    mail = single(lab)
    mail.fetch()
    choose(lab, "no")
    move(mail, HOUR)
    assert [method(one) for one in mail.fetch()] == ["REQUEST"]
    cancel(mail)
    assert [method(one) for one in mail.fetch()] == ["CANCEL"]
    assert mail.calendar.shown() == []


@on_sqlite
def test_a_feed_that_was_revoked_is_none(app: Flask, lab: Cast) -> None:
    feed(lab)
    [own] = feeds_of(lab.people["hana"])
    feeds.revoke(lab.actor("hana"), own.key, now=NOW)
    assert single(lab).fetch()


def test_each_unit_of_a_set_comes_in_a_mail_of_its_own(app: Flask, lab: Cast) -> None:
    also = (Part("tsukuba-hood", TOMORROW + HOUR, TOMORROW + 2 * HOUR, units=2),)
    mail = single(lab, also=also)
    found = mail.fetch()
    assert [method(one) for one in found] == ["REQUEST"] * 3
    assert {len(events_of(one)) for one in found} == {1}
    assert mail.ahead == mail.booked
    cancel(mail, 1)
    assert [method(one) for one in mail.fetch()] == ["CANCEL"]
    assert mail.ahead == mail.booked


@on_sqlite
def test_whoever_may_not_read_it_any_more_reads_no_word_of_it(app: Flask, lab: Cast) -> None:
    mail = single(lab)
    mail.fetch()
    _end_agreement(lab)
    [text] = mail.fetch()
    assert method(text) == "CANCEL"
    assert not {"Plates", "細胞", "Aoba", "アオバ", mail.request_key} & set(text.replace("\\", " ").split())
    assert "Plates" not in text
    assert mail.request_key not in text.replace("\r\n ", "")
    assert mail.calendar.shown() == []


@transactional
def _end_agreement(lab: Cast) -> None:
    ended = update(Agreement).where(Agreement.partner_id == lab.partners["aoba"])
    db.session.execute(ended.values(ends_on=date(2026, 11, 1)))


@on_sqlite
def test_what_is_over_is_left_as_it_is(app: Flask, lab: Cast) -> None:
    mail = single(lab)
    mail.fetch()
    before = mail.calendar.shown()
    for minutes in (61, 150):
        mail.now = TOMORROW + timedelta(minutes=minutes)
        service.tick(now=mail.now)
        assert mail.fetch() == []
    assert mail.calendar.shown() == before != []


@on_sqlite
def test_a_residency_is_of_dates(app: Flask, lab: Cast) -> None:
    start = datetime.fromisoformat("2026-12-01T00:00+09:00")
    wanted = Ask("tsukuba-bench", start, start + 10 * DAY, lab.partners["aoba"], "Stay")
    mail = Mail(lab, "hana", ask(lab, wanted))
    [text] = mail.fetch()
    [[one]] = agreed([text])
    assert (one.start, one.end) == ("2026-12-01", "2026-12-11")
    assert (mail.ahead, "VTIMEZONE" in text) == (mail.booked, False)


@on_sqlite
def test_nobody_is_invited_by_themselves(app: Flask, lab: Cast) -> None:
    mail = single(lab)
    _write(mail)
    one = db.session.scalars(select(Letter)).one()
    calendar_for(one, NOW, sender="Desk <HANA@lab.example>", base_url=BASE_URL)
    assert one.calendar is None
    assert db.session.scalars(select(Invited)).all() == []


@on_sqlite
def test_who_invited_stays_who_invited_though_letters_come_from_elsewhere(app: Flask, lab: Cast) -> None:
    mail = single(lab)
    mail.fetch()
    mail.sender = "Desk <desk@lab.example>"
    cancel(mail)
    [text] = mail.fetch()
    assert events_of(text)[0]["ORGANIZER"] == "mailto:labbook@lab.example"
    another = single(lab)
    another.sender = mail.sender
    assert events_of(another.fetch()[0])[0]["ORGANIZER"] == "mailto:desk@lab.example"


# --- series -----------------------------------------------------------------------------------------------------------


def weekly(lab: Cast) -> Mail:
    """hana's Tuesdays in Cambridge over both changes of the clock, of which three are skipped."""
    rival(lab, date(2027, 2, 16), date(2027, 3, 16), date(2027, 5, 4))
    return Mail(lab, "hana", ask(lab, series(lab, Repeat(Every.WEEK, count=40))))


def test_a_series_with_exceptions_comes_changes_and_goes_and_leaves_nothing(app: Flask, lab: Cast) -> None:
    mail = weekly(lab)
    steps: list[tuple[Callable[[], object], list[str]]] = [
        (lambda: None, ["REQUEST"]),
        (lambda: move(mail, 3 * HOUR, 5), ["REQUEST"]),
        (lambda: cancel(mail, 8), ["CANCEL"]),  # one date
        (lambda: move(mail, 30 * HOUR, 11), ["REQUEST"]),
        (lambda: cancel(mail, 5), ["CANCEL"]),  # one that stands elsewhere
        (lambda: shift(lab, mail.request_key, the_key(mail), since(mail, 20), *later(mail, 20)), ["REQUEST"] * 2),
        (lambda: end_some(mail, 3), ["REQUEST"]),
        (lambda: end_all(mail), ["CANCEL"] * 2),
    ]
    for step, methods in steps:
        step()
        found = mail.fetch()
        assert [method(one) for one in found] == methods
        assert mail.ahead == mail.booked
    assert mail.calendar.shown() == []
    agreed(one for one in mail.sent if method(one) == "REQUEST")
    in_any_order(mail)
    uids = {str(one["UID"]) for text in mail.sent for one in events_of(text)}
    assert len(uids) == 2
    assert not uids & {one.uid for one in bookings(mail.request_key)}


def the_key(mail: Mail) -> str:
    return the_series(mail.request_key).key


def since(mail: Mail, number: int) -> str:
    return bookings(mail.request_key)[number].recurrence_on or ""


def later(mail: Mail, number: int) -> tuple[str, str]:
    name = since(mail, number)
    return name.replace("T10", "T12"), name.replace("T10", "T14")


def end_some(mail: Mail, count: int) -> None:
    shown = look_at_ends(mail.lab.actor("hana"), first_key(mail), "", now=mail.now)
    end(mail, first_key(mail), [one.day.names[0] for one in shown][:count])


def end_all(mail: Mail) -> None:
    for key in series_keys(mail):
        shown = look_at_ends(mail.lab.actor("hana"), key, "", now=mail.now)
        end(mail, key, [one.day.names[0] for one in shown])


def series_keys(mail: Mail) -> list[str]:
    rows = select(Series.key).join(Request).where(Request.key == mail.request_key).order_by(Series.id)
    return list(db.session.scalars(rows))


def first_key(mail: Mail) -> str:
    return series_keys(mail)[0]


def end(mail: Mail, key: str, names: list[str]) -> None:
    actor, shown = mail.lab.actor("hana"), look_at_ends(mail.lab.actor("hana"), key, "", now=mail.now)
    version = version_of(mail.request_key)
    end_dates(actor, key, "", names, reason="", version=version, seen=seen_of(shown), now=mail.now)


def test_one_date_is_cancelled_by_its_name_and_the_rest_without_one(app: Flask, lab: Cast) -> None:
    mail = Mail(lab, "hana", ask(lab, series(lab)))
    mail.fetch()
    cancel(mail, 8)
    [text] = mail.fetch()
    [event] = events_of(text)
    name = event["RECURRENCE-ID"].dt.strftime("%Y-%m-%dT%H:%M")
    assert (method(text), name) == ("CANCEL", bookings(mail.request_key)[8].recurrence_on)
    end_all(mail)
    [text] = mail.fetch()
    assert method(text) == "CANCEL"
    assert ["RECURRENCE-ID" in one for one in events_of(text)] == [False]


def test_of_a_series_that_is_approved_in_parts_the_calendar_shows_those(app: Flask, lab: Cast) -> None:
    wanted = Ask(
        "tsukuba-asked", TOMORROW, TOMORROW + HOUR, lab.partners["aoba"], "R", repeat=Repeat(Every.WEEK, count=4)
    )
    mail = Mail(lab, "hana", ask(lab, wanted))
    for version, only in ((1, [1]), (2, [0, 3]), (3, [2])):
        keys = [bookings(mail.request_key)[number].key for number in only]
        service.approve(lab.actor("sora"), mail.request_key, version=version, now=NOW, only=keys)
        [text] = mail.fetch()
        assert method(text) == "REQUEST"
        assert mail.ahead == mail.booked
        agreed([text])
    in_any_order(mail)


@on_sqlite
def test_what_of_a_series_is_past_stays_when_the_rest_is_cancelled(app: Flask, lab: Cast) -> None:
    mail = Mail(lab, "hana", ask(lab, series(lab)))
    mail.fetch()
    mail.now = FIRST + 2 * WEEK + DAY
    service.tick(now=mail.now)
    end_all(mail)
    [text] = mail.fetch()
    assert method(text) == "REQUEST"
    assert len(mail.calendar.shown()) == 3
    assert mail.ahead == []


@on_sqlite
def test_what_had_changed_unheard_before_it_was_past_is_left_too(app: Flask, lab: Cast) -> None:
    mail = Mail(lab, "hana", ask(lab, series(lab)))
    mail.fetch()
    move(mail, HOUR)
    mail.now = FIRST + DAY
    service.tick(now=mail.now)
    assert mail.fetch() == []
    cancel(mail, 3)
    [text] = mail.fetch()
    assert method(text) == "CANCEL"
    assert mail.calendar.shown()[0].start == FIRST.astimezone(UTC).isoformat()


@on_sqlite
def test_a_first_letter_says_nothing_of_what_is_past(app: Flask, lab: Cast) -> None:
    mail = Mail(lab, "hana", ask(lab, series(lab)))
    mail.now = FIRST + 2 * WEEK + DAY
    service.tick(now=mail.now)
    mail.fetch()
    assert len(mail.calendar.shown()) == 17


@on_sqlite
def test_a_series_whose_time_the_clocks_skip_comes_date_by_date(app: Flask, lab: Cast) -> None:
    start = datetime(2027, 3, 7, 2, 30, tzinfo=ZoneInfo("America/New_York"))
    wanted = Ask(SCOPE, start, start + HOUR, lab.partners["aoba"], "Early", repeat=Repeat(Every.WEEK, count=4))
    mail = Mail(lab, "hana", ask(lab, wanted))
    found = mail.fetch()
    assert [method(one) for one in found] == ["REQUEST"] * 3
    assert mail.ahead == mail.booked
    uids = {str(events_of(one)[0]["UID"]) for one in found}
    assert uids == {one.uid for one in bookings(mail.request_key)}
    mail.now = start + DAY
    service.tick(now=mail.now)  # from here on a rule could say it, but the calendar knows them singly
    cancel(mail, 2)
    assert [method(one) for one in mail.fetch()] == ["CANCEL"]
    assert mail.ahead == mail.booked


@on_sqlite
def test_dates_of_a_series_may_be_handed_over_one_by_one(app: Flask, lab: Cast) -> None:
    hana = Mail(lab, "hana", ask(lab, series(lab, Repeat(Every.WEEK, count=6))))
    hana.fetch()
    alan, to = Mail(lab, "alan", hana.request_key), db.session.get_one(Person, lab.people["alan"]).key
    for number in (1, 4):
        one = bookings(hana.request_key)[number]
        service.hand_over(lab.actor("hana"), one.key, to, reason="", version=one.version, now=NOW)
        assert [method(text) for text in [*hana.fetch(), *alan.fetch()]] == ["CANCEL", "REQUEST"]
        assert (hana.ahead, alan.ahead) == (hana.booked, alan.booked)
    in_any_order(hana)
    in_any_order(alan)


@on_sqlite
@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 42))])
def test_whatever_is_done_to_a_series_the_calendar_follows(app: Flask, lab: Cast, seed: int) -> None:
    dice = random.Random(seed)
    for day in dice.sample(range(1, 60), 6):
        start = restless.FIRST + day * DAY
        wanted = Ask(SCOPE, start, start + HOUR, lab.partners["birch"], "Rival")
        service.request(lab.actor("ben"), wanted, key=fresh_key(), now=NOW)
    person = restless.Person(lab, seed)
    mail = Mail(lab, "hana", person.key)
    for _ in range(12):
        person.step()
        if dice.random() < 0.7:
            mail.now = max(mail.now, person.now)
            mail.fetch(timedelta(seconds=dice.choice((0, 0, 1, 90))))
            assert mail.ahead == mail.booked
    mail.now = max(mail.now, person.now)
    mail.fetch()
    assert mail.ahead == mail.booked
    agreed(one for one in mail.sent if method(one) == "REQUEST")
    end_all_ahead(mail)
    mail.fetch()
    assert mail.ahead == []
    in_any_order(mail)


def end_all_ahead(mail: Mail) -> None:
    for one in bookings(mail.request_key):
        if one.state == "approved" and one.starts_at > mail.now:
            now = next(two for two in bookings(mail.request_key) if two.id == one.id)
            service.cancel(mail.lab.actor("hana"), now.key, reason="", version=now.version, now=mail.now)
