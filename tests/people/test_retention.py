"""What was kept long enough goes, to the day; events and seals never do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from flask import Flask
from sqlalchemy import func, select

from labbook.core.interval import Interval
from labbook.core.tokens import new_token, token_hash
from labbook.db import db, transactional
from labbook.desk.service.remarks import File, answer, ask_about
from labbook.models import (
    Attachment,
    AttachmentContent,
    Event,
    EventDetail,
    Invited,
    Letter,
    OneTimeLink,
    Remark,
    Request,
    Seal,
    SignIn,
    Try,
)
from labbook.models.access import Purpose
from labbook.models.letter import letter
from labbook.reports.service import Keep, due, remove_daily, remove_due, seal, verify
from labbook.worker import once
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast
from tests.reports.tampering import book
from tests.waiting import line

KEEP = Keep(36, 84, 30, 30, 30, 30, 14)
NONE = dict.fromkeys(
    (
        *("words of bookings", "questions and answers", "files", "names of files", "words of waits"),
        *("details of the trail", "letters", "what calendars were told", "sessions", "tries", "one-time links"),
        "signs taken down",
    ),
    0,
)


@transactional
def old(lab: Cast, at: datetime) -> None:
    """Something of each class that was over at an instant."""
    hana = lab.people["hana"]
    sent = letter("reset", "hana@lab.example", "ja", now=at)
    sent.sent_at = at
    lost = letter("reset", "hana@lab.example", "ja", now=at)
    lost.given_up_at = at
    waiting = letter("reset", "hana@lab.example", "ja", now=at - timedelta(days=99))
    days = {"started_at": at - timedelta(days=20), "person_id": hana}
    ended = SignIn(token_hash=token_hash(new_token()), seen_at=at, ended_at=at, **days)
    idle = SignIn(token_hash=token_hash(new_token()), seen_at=at, **days)
    tried = Try(door="sign-in", account_hash="a", address="::1", at=at, is_good=False)
    links = [
        OneTimeLink(purpose=Purpose.RESET, token_hash=token_hash(new_token()), person_id=hana, made_at=at, **ends)
        for ends in ({"expires_at": at}, {"expires_at": at + timedelta(days=99), "used_at": at})
    ]
    db.session.add_all([sent, lost, waiting, ended, idle, tried, *links])


def count(table: type) -> int:
    """How many rows there are."""
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_exactly_what_is_due_goes(lab: Cast) -> None:
    old(lab, NOW)
    later = NOW + timedelta(days=30)
    assert due(KEEP, now=later) == NONE
    second = later + timedelta(microseconds=1)
    wanted = {**NONE, "letters": 2, "sessions": 2, "tries": 1, "one-time links": 2}
    assert due(KEEP, now=second) == wanted
    assert (count(Letter), count(SignIn), count(Try), count(OneTimeLink)) == (3, 2, 1, 2)  # a dry run removes nothing
    assert remove_due(KEEP, now=second) == wanted
    assert (count(Letter), count(SignIn), count(Try), count(OneTimeLink)) == (1, 0, 0, 0)
    assert remove_due(KEEP, now=second) == NONE


def test_words_of_what_was_waited_for_go_by_months(lab: Cast) -> None:
    reader = Interval(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2))
    line.book(lab, "ben", time=reader)
    key = line.wait_for(lab, "hana", stretch=reader)
    long_ago = reader.end + relativedelta(months=36) + timedelta(seconds=1)
    assert due(KEEP, now=long_ago) == {**NONE, "words of bookings": 1}  # somebody waits still
    line.serve(reader.end)
    assert due(KEEP, now=long_ago - timedelta(seconds=1))["words of waits"] == 0
    assert remove_due(KEEP, now=long_ago)["words of waits"] == 1
    assert line.wait_of(key).title == "—"


def test_words_of_bookings_and_details_go_by_months_and_the_trail_holds(lab: Cast) -> None:
    key = book(lab, title="Secret cells")
    seal(now=NOW)
    events, seals = count(Event), count(Seal)
    ends = NOW + timedelta(days=1, hours=1)
    assert due(KEEP, now=ends + relativedelta(months=36)) == NONE
    after = ends + relativedelta(months=36) + timedelta(seconds=1)
    assert remove_due(KEEP, now=after)["words of bookings"] == 1
    db.session.remove()
    kept = db.session.scalars(select(Request).where(Request.key == key)).one()
    assert (kept.title, kept.purpose) == ("—", "")
    assert due(KEEP, now=NOW + relativedelta(months=84))["details of the trail"] == 0
    much_later = NOW + relativedelta(months=84) + timedelta(seconds=1)
    assert remove_due(KEEP, now=much_later)["details of the trail"] == events
    found = verify()
    assert (found.faults, found.erased) == ([], events)
    assert count(Event) == events + 2  # and the record of having done it, twice
    assert count(Seal) == seals
    bodies = db.session.scalars(select(EventDetail.body).where(EventDetail.erased_at.is_not(None)))
    assert set(bodies) == {None}


def test_what_was_asked_about_bookings_goes_with_their_words(lab: Cast) -> None:
    file = File("Sheet.csv", "text/csv", b"a,b")
    for resource in ("tsukuba-asked", "tsukuba-sorter"):
        key = book(lab, 0 if resource == "tsukuba-asked" else 24, resource=resource)
        ask_about(lab.actor("sora"), key, "Which cells?", is_question=True, now=NOW)
        answer(lab.actor("hana"), key, "HeLa cells", [file], now=NOW)
    first_ends = NOW + timedelta(days=1, hours=1)
    assert due(KEEP, now=first_ends + relativedelta(months=36))["files"] == 0
    gone = remove_due(KEEP, now=first_ends + relativedelta(months=36) + timedelta(seconds=1))
    assert [gone[name] for name in ("questions and answers", "files", "names of files")] == [2, 1, 1]
    db.session.remove()
    assert list(db.session.scalars(select(Remark.body).order_by(Remark.id))) == ["—", "—", "Which cells?", "HeLa cells"]
    assert list(db.session.execute(select(Attachment.name, Attachment.size).order_by(Attachment.id))) == [
        ("—", 0),
        ("Sheet.csv", 3),
    ]
    assert count(AttachmentContent) == 1


def test_what_calendars_were_told_goes_with_the_words_of_bookings(lab: Cast) -> None:
    for hours, uid in ((0, "old"), (24, "new")):
        key = book(lab, hours)
        _invite(lab, key, uid)
    ends = NOW + timedelta(days=1, hours=1) + relativedelta(months=36)
    assert due(KEEP, now=ends)["what calendars were told"] == 0
    assert remove_due(KEEP, now=ends + timedelta(seconds=1))["what calendars were told"] == 1
    db.session.remove()
    assert list(db.session.scalars(select(Invited.uid))) == ["new"]


@transactional
def _invite(lab: Cast, key: str, uid: str) -> None:
    number = db.session.scalars(select(Request.id).where(Request.key == key)).one()
    told = {"request_id": number, "sequence": 0, "told": {}, "at": NOW}
    db.session.add(Invited(person_id=lab.people["hana"], uid=uid, **told))


@on_sqlite
def test_a_booking_that_lies_ahead_keeps_its_words_whenever_it_was_asked_for(lab: Cast) -> None:
    book(lab)
    assert due(Keep(1, 84, 30, 30, 30, 30, 14), now=NOW)["words of bookings"] == 0


@on_sqlite
def test_it_is_done_once_a_day(lab: Cast) -> None:
    old(lab, NOW)
    later = NOW + timedelta(days=31)
    assert remove_daily(KEEP, now=later)["tries"] == 1
    old(lab, NOW)
    assert remove_daily(KEEP, now=later + timedelta(hours=23)) == {}
    assert remove_daily(KEEP, now=later + timedelta(hours=24))["tries"] == 1


@on_sqlite
def test_the_worker_does_it(lab: Cast) -> None:
    old(lab, NOW)
    once(NOW + timedelta(days=31))
    assert count(Try) == 0
    assert verify().unsealed == 0


@on_sqlite
def test_the_command_says_what_would_go_then_what_went(app: Flask, lab: Cast) -> None:
    old(lab, NOW - timedelta(days=4000))
    runner = app.test_cli_runner()
    dry = runner.invoke(args=["retention", "--dry-run"])
    assert "2 letters would go" in dry.output
    assert count(Letter) == 3
    assert "2 letters removed" in runner.invoke(args=["retention"]).output
    assert count(Letter) == 1


@pytest.mark.parametrize("name", ["KEEP_TRIES_DAYS", "KEEP_BOOKINGS_MONTHS"])
def test_nothing_can_be_kept_for_no_time_at_all(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from labbook.settings import config

    read: Callable[..., dict[str, object]] = config.read
    assert read({"LABBOOK_ENV": "development"})[name] in (30, 36)
    with pytest.raises(config.SettingError):
        read({"LABBOOK_ENV": "development", f"LABBOOK_{name}": "0"})
