"""The whole way: what people do, the letters that come of it, a real mail server, and their readers' calendars."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import pairwise

from flask import Flask

from labbook.bookings import service
from labbook.bookings.service import Ask, Part
from labbook.core.recurrence import Every, Repeat
from labbook.db import db
from labbook.models import Person
from labbook.notices.service import Office, compose, send_due
from tests.bookings.test_series_asked import ask, bookings, series
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast
from tests.core.ical.parsers import agreed, events_of
from tests.notices.applying import Applying
from tests.notices.server import OK, Mailbox
from tests.notices.test_invitations import Mail

HOUR = timedelta(hours=1)
TOMORROW = datetime.fromisoformat("2026-11-24T10:00+09:00")


@dataclass
class Round:
    """The worker's rounds, and what arrives in whose calendar."""

    office: Office
    mailbox: Mailbox
    now: datetime = NOW
    calendars: dict[str, Applying] = field(default_factory=dict)
    arrived: list[EmailMessage] = field(default_factory=list)

    def go(self, minutes: int = 3) -> list[EmailMessage]:
        """Some minutes later everything due is written and sent; returns what arrived."""
        self.now += timedelta(minutes=minutes)
        db.session.remove()
        compose(now=self.now)
        send_due(self.office, now=self.now)
        found, self.mailbox.arrived = self.mailbox.arrived, []
        for mail in found:
            if text := calendar_in(mail):
                self.calendars.setdefault(str(mail["To"]), Applying()).receive(text)
        self.arrived += found
        return found


def calendar_in(mail: EmailMessage) -> str:
    """The calendar part of a mail, which is there twice with the same bytes; "" where it has none."""
    again = message_from_bytes(mail.as_bytes(), policy=default)
    parts = [one for one in again.walk() if one.get_content_type() in ("text/calendar", "application/ics")]
    if not parts:
        return ""
    inner, enclosed = parts
    body = inner.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body == enclosed.get_payload(decode=True)
    assert f"METHOD:{inner.get_param('method')}\r\n".encode() in body
    assert again.get_content_type() == "multipart/mixed"
    assert [one.get_content_type() for one in next(again.iter_parts()).iter_parts()][-1] == "text/calendar"
    return body.decode()


def methods(mails: list[EmailMessage]) -> list[tuple[str, str]]:
    """To whom, and what their calendars are to do."""
    found = ((str(one["To"]).partition("@")[0], one) for one in mails)
    return sorted((to, calendar_in(one).partition("METHOD:")[2].partition("\r")[0]) for to, one in found)


def holds(round_: Round, lab: Cast, name: str, key: str) -> bool:
    """Whether somebody's calendar shows what they have of a request, and something of it."""
    booked = Mail(lab, name, key, round_.now).booked
    shown = round_.calendars[f"{name}@lab.example"].shown()
    return [(one.start, one.end) for one in shown] == [(one.start, one.end) for one in booked] != []


def test_approved_moved_and_cancelled_by_staff(app: Flask, lab: Cast, office: Office, mailbox: Mailbox) -> None:
    rounds = Round(office, mailbox)
    key = ask(lab, Ask("tsukuba-asked", TOMORROW, TOMORROW + HOUR, lab.partners["aoba"], "Secret 細胞, A; B"))
    assert ("hana", "REQUEST") not in methods(rounds.go())
    service.approve(lab.actor("sora"), key, version=1, now=rounds.now)
    assert methods(rounds.go()) == [("hana", "REQUEST")]
    assert holds(rounds, lab, "hana", key)
    [one] = bookings(key)
    service.cancel(lab.actor("sora"), one.key, reason="Leak", version=one.version, now=rounds.now)
    [mail] = rounds.go()
    assert methods([mail]) == [("hana", "CANCEL")]
    assert rounds.calendars["hana@lab.example"].shown() == []
    assert not any("Secret" in str(mail["Subject"]) for mail in rounds.arrived)


def test_what_one_does_oneself_reaches_the_calendar_too(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    rounds = Round(office, mailbox)
    key = ask(lab, series(lab, Repeat(Every.WEEK, count=8)))
    assert methods(rounds.go()) == [("hana", "REQUEST")]
    assert holds(rounds, lab, "hana", key)
    for number in (2, 5):
        one = bookings(key)[number]
        service.cancel(lab.actor("hana"), one.key, reason="", version=one.version, now=rounds.now)
        assert methods(rounds.go()) == [("hana", "CANCEL")]
        assert holds(rounds, lab, "hana", key)
    texts = [calendar_in(one) for one in rounds.arrived]
    revisions = [(events_of(one)[0]["SEQUENCE"], events_of(one)[0]["DTSTAMP"].dt) for one in texts]
    assert all(one[0] < later[0] and one[1] < later[1] for one, later in pairwise(revisions))
    agreed(texts[:1])


def test_handing_over_moves_it_from_one_calendar_to_another(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    rounds = Round(office, mailbox)
    key = ask(lab, Ask("tsukuba-plain", TOMORROW, TOMORROW + HOUR, lab.partners["aoba"], "Plates"))
    rounds.go()
    [one] = bookings(key)
    alan = db.session.get_one(Person, lab.people["alan"]).key
    service.hand_over(lab.actor("hana"), one.key, alan, reason="", version=one.version, now=rounds.now)
    assert set(methods(rounds.go())) >= {("alan", "REQUEST"), ("hana", "CANCEL")}
    assert rounds.calendars["hana@lab.example"].shown() == []
    assert holds(rounds, lab, "alan", key)


@on_sqlite
def test_a_set_comes_in_a_mail_for_each_of_its_units(app: Flask, lab: Cast, office: Office, mailbox: Mailbox) -> None:
    rounds = Round(office, mailbox)
    also = (Part("tsukuba-hood", TOMORROW, TOMORROW + HOUR, units=2),)
    key = ask(lab, Ask("tsukuba-plain", TOMORROW, TOMORROW + HOUR, lab.partners["aoba"], "Plates", also=also))
    found = rounds.go()
    assert methods(found) == [("hana", "REQUEST")] * 3
    assert len({str(events_of(calendar_in(one))[0]["UID"]) for one in found}) == 3
    assert holds(rounds, lab, "hana", key)


@on_sqlite
def test_a_letter_that_is_tried_again_carries_the_same_calendar(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox
) -> None:
    rounds = Round(office, mailbox)
    key = ask(lab, Ask("tsukuba-plain", TOMORROW, TOMORROW + HOUR, lab.partners["aoba"], "Plates"))
    mailbox.data = lambda address: "451 Try again later"
    assert rounds.go() == []
    [one] = bookings(key)
    service.cancel(lab.actor("hana"), one.key, reason="", version=one.version, now=rounds.now)
    mailbox.data = lambda address: OK
    found = [*rounds.go(30), *rounds.go()]
    assert [calendar_in(mail).partition("METHOD:")[2][:6] for mail in found] == ["REQUES", "CANCEL"]
    assert rounds.calendars["hana@lab.example"].shown() == []
