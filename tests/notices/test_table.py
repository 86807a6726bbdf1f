"""Every row of the table of letters through a real mail server: the right people, language, zone, one letter each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from jinja2 import Environment, FileSystemLoader
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from labbook.bookings.flags import future_bookings, raise_flags
from labbook.core.hearing import Audience
from labbook.core.letters import EVENTS
from labbook.core.limits.bookings import Bookings
from labbook.core.limits.no_show import NoShow
from labbook.db import db, transactional
from labbook.models import Booking, Partner, Person, Request, Resource, ResourceApprover, TrainingRecord
from labbook.notices.service import Office, send_due
from labbook.worker import once
from tests.bookings.ruling import rule
from tests.browsing import Visitor, times
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.notices.server import Mailbox
from tests.rules.setting import a_set, add

ASKED, PLAIN = "tsukuba-asked", "tsukuba-plain"
TEN, TWO = ("2026-11-24T10:00", "2026-11-24T11:00"), ("2026-11-24T14:00", "2026-11-24T15:00")
LONGER, SHORTER = ("2026-11-24T10:00", "2026-11-24T12:00"), ("2026-11-24T10:00", "2026-11-24T10:30")
BEGINS = NOW + timedelta(hours=25)  # ten o'clock on the next day
JAPANESE = {"hana", "sora", "mio", "chika"}
PERSON, DECIDERS = Audience.PERSON, Audience.DECIDERS


class Stage:
    """The lab, its post, and what the people of the scenes do."""

    def __init__(self, app: Flask, lab: Cast, office: Office, mailbox: Mailbox, clock: Clock) -> None:
        self.app, self.lab, self.office, self.mailbox, self.clock = app, lab, office, mailbox, clock

    def visitor(self, name: str) -> Visitor:
        return Visitor(self.app, name)

    def booked(self, slug: str = ASKED, time: tuple[str, str] = TEN, name: str = "alan", **fields: str) -> str:
        answer = self.visitor(name).book(slug, *time, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"] or ""

    def approved(self) -> str:
        path = self.booked()
        self.does("sora", path, "/approve")
        return path

    def does(self, name: str, page: str, action: str, **fields: str) -> TestResponse:
        """Somebody opens a page and sends one of its forms."""
        visitor = self.visitor(name)
        answer = visitor.submit(visitor.get(page), action, **fields)
        assert answer.status_code == 303, answer.text
        return answer

    @property
    def booking(self) -> Booking:
        db.session.remove()
        return db.session.scalars(select(Booking).order_by(Booking.id)).all()[0]

    def moves(self, name: str, time: tuple[str, str]) -> None:
        self.does(name, f"/bookings/{self.booking.key}/move", "/move", **times(*time))

    def posted(self, at: datetime | None = None) -> None:
        """The worker does all its duties, and letters go out, once nobody can take anything back."""
        at = at or self.clock.now + timedelta(minutes=2)
        once(at)
        send_due(self.office, now=at)

    def begins(self) -> None:
        """What went out until here does not count, nor does what happened in the same moment."""
        self.posted()
        self.mailbox.arrived.clear()
        self.clock.now += timedelta(minutes=3)

    def key(self, name: str) -> str:
        db.session.remove()
        return db.session.get_one(Person, self.lab.people[name]).key


Scene = Callable[[Stage], set[str]]
SCENES: dict[tuple[str, Audience], Scene] = {}


def scene(code: str, side: Audience) -> Callable[[Scene], Scene]:
    def kept(one: Scene) -> Scene:
        SCENES[code, side] = one
        return one

    return kept


# --- what happens; each scene returns who is to hear ------------------------------------------------------------------


@scene("booking-ask", DECIDERS)
def asked(on: Stage) -> set[str]:
    on.booked()
    return {"sora", "mio"}


@scene("booking-ask", PERSON)
def booked_for_somebody(on: Stage) -> set[str]:
    partner = db.session.get_one(Partner, on.lab.partners["aoba"]).key
    on.booked(PLAIN, name="cora", for_person=f"{partner}/{on.key('alan')}")
    return {"alan"}


@scene("booking-approve", PERSON)
def approve(on: Stage) -> set[str]:
    path = on.booked()
    on.begins()
    on.does("sora", path, "/approve")
    return {"alan"}


@scene("booking-decline", PERSON)
def decline(on: Stage) -> set[str]:
    path = on.booked()
    on.begins()
    on.does("sora", path, "/decline", reason="Out of order.")
    return {"alan"}


@scene("booking-withdraw", PERSON)
def withdraw(on: Stage) -> set[str]:
    path = on.booked()
    on.begins()
    on.does("cora", path, "/withdraw")
    return {"alan"}


@scene("booking-cancel", PERSON)
def cancel(on: Stage) -> set[str]:
    path = on.approved()
    on.begins()
    on.does("cora", path, "/cancel")
    return {"alan"}


@scene("booking-move", PERSON)
def move(on: Stage) -> set[str]:
    on.booked(PLAIN)
    on.begins()
    on.moves("cora", TWO)
    return {"alan"}


@scene("booking-extend", PERSON)
def extend(on: Stage) -> set[str]:
    on.booked(PLAIN)
    on.begins()
    on.moves("cora", LONGER)
    return {"alan"}


@scene("booking-shorten", PERSON)
def shorten(on: Stage) -> set[str]:
    on.booked(PLAIN)
    on.begins()
    on.moves("cora", SHORTER)
    return {"alan"}


@scene("booking-move", DECIDERS)
def move_what_waits(on: Stage) -> set[str]:
    on.booked()
    on.begins()
    on.moves("alan", TWO)
    return {"sora", "mio"}


@scene("booking-extend", DECIDERS)
def extend_what_waits(on: Stage) -> set[str]:
    on.booked()
    on.begins()
    on.moves("alan", LONGER)
    return {"sora", "mio"}


@scene("booking-shorten", DECIDERS)
def shorten_what_waits(on: Stage) -> set[str]:
    on.booked()
    on.begins()
    on.moves("alan", SHORTER)
    return {"sora", "mio"}


@scene("booking-hand-over", PERSON)
def hand_over(on: Stage) -> set[str]:
    on.booked(PLAIN)
    on.begins()
    on.does("cora", f"/bookings/{on.booking.key}/hand-over", "/hand-over", to=on.key("hana"))
    return {"alan", "hana"}  # whose it was, and whose it is


@scene("booking-ask-change", PERSON)
@scene("booking-ask-change", DECIDERS)
def ask_change(on: Stage) -> set[str]:
    on.approved()
    on.begins()
    on.moves("cora", TWO)
    return {"alan", "sora", "mio"}


def change_asked(on: Stage) -> str:
    path = on.approved()
    on.moves("alan", TWO)
    on.begins()
    return path


@scene("booking-grant-change", PERSON)
def grant_change(on: Stage) -> set[str]:
    on.does("sora", change_asked(on), "/change/approve")
    return {"alan"}


@scene("booking-decline-change", PERSON)
def decline_change(on: Stage) -> set[str]:
    on.does("sora", change_asked(on), "/change/decline", reason="Too late.")
    return {"alan"}


@scene("booking-withdraw-change", PERSON)
def withdraw_change(on: Stage) -> set[str]:
    on.does("cora", change_asked(on), "/change/withdraw")
    return {"alan"}


@scene("booking-end-change", PERSON)
def end_change(on: Stage) -> set[str]:
    change_asked(on)
    on.posted(BEGINS + timedelta(minutes=1))
    return {"alan"}


@transactional
def two_steps(on: Stage) -> None:
    resource = db.session.scalars(select(Resource).where(Resource.slug == ASKED)).one()
    resource.two_steps = True
    db.session.add_all(
        ResourceApprover(resource_id=resource.id, person_id=on.lab.people[name], for_safety=is_safe)
        for name, is_safe in (("sora", True), ("mio", False))
    )


@scene("booking-clear", DECIDERS)
def clear(on: Stage) -> set[str]:
    two_steps(on)
    path = on.booked()
    on.begins()
    on.does("sora", path, "/clear")
    return {"mio"}


def proposed(on: Stage) -> str:
    path = on.booked()
    on.begins()
    on.does("sora", f"{path}/propose", "/propose", **times(*TWO), note="The laser is warm then.")
    return path


@scene("booking-propose", PERSON)
def propose(on: Stage) -> set[str]:
    proposed(on)
    return {"alan"}


@scene("booking-accept-proposal", DECIDERS)
def accept(on: Stage) -> set[str]:
    path = proposed(on)
    on.begins()
    on.does("alan", path, "/accept")
    return {"sora"}


@scene("booking-refuse-proposal", DECIDERS)
def refuse(on: Stage) -> set[str]:
    path = proposed(on)
    on.begins()
    alan = on.visitor("alan")
    assert alan.submit_to(f"/proposals/{on.booking.key}/refuse", alan.get(path), "/accept").status_code == 303
    return {"sora"}


@scene("booking-end-proposal", PERSON)
@scene("booking-end-proposal", DECIDERS)
def end_proposal(on: Stage) -> set[str]:
    still_ahead = ("2026-12-08T10:00", "2026-12-08T11:00")
    path = on.booked(time=still_ahead)
    on.begins()
    on.does("sora", f"{path}/propose", "/propose", **times("2026-12-08T14:00", "2026-12-08T15:00"))
    on.begins()
    no_deadline()
    on.posted(NOW + timedelta(hours=60))
    return {"alan", "sora"}


@transactional
def no_deadline() -> None:
    """Nobody is reminded of a request: that is another row."""
    db.session.execute(update(Request).values(decide_by=None, remind_at=None))


@scene("booking-expire", PERSON)
def expire(on: Stage) -> set[str]:
    on.booked()
    on.begins()
    no_deadline()
    on.posted(BEGINS + timedelta(minutes=1))
    return {"alan"}


@scene("booking-release", PERSON)
def release(on: Stage) -> set[str]:
    path = on.booked(PLAIN)
    on.clock.now = BEGINS + timedelta(minutes=10)
    on.begins()
    on.does("cora", path, "/cancel")
    return {"alan"}


@scene("booking-no-show", PERSON)
def no_show(on: Stage) -> set[str]:
    rule(PLAIN, NoShow())
    on.booked(PLAIN)
    on.clock.now = BEGINS + timedelta(minutes=1)
    on.begins()
    on.posted(BEGINS + timedelta(minutes=31))
    return {"alan"}


@scene("booking-reminded", PERSON)
def remind(on: Stage) -> set[str]:
    on.booked(PLAIN)
    on.does("alan", "/account/letters", "/account/letters", reminder="60")
    on.begins()
    on.posted(BEGINS - timedelta(minutes=60))
    return {"alan"}


@scene("booking-flagged", PERSON)
@scene("booking-flagged", DECIDERS)
def flag(on: Stage) -> set[str]:
    for time in (TEN, TWO):
        on.booked("tsukuba-confocal-1", time, name="hana")
    on.begins()
    training_lapses(on.lab.people["hana"], on.clock.now)
    return {"hana", "sora", "mio"}  # one letter each, of both


@transactional
def training_lapses(person_id: int, now: datetime) -> None:
    db.session.execute(delete(TrainingRecord).where(TrainingRecord.person_id == person_id))
    raise_flags(future_bookings(now=now, person_id=person_id), "training-lapsed", now=now)


@scene("booking-against-rule", PERSON)
@scene("booking-against-rule", DECIDERS)
def against_rule(on: Stage) -> set[str]:
    for time in (TEN, TWO):
        on.booked(PLAIN, time)
    on.begins()
    mio = on.visitor("mio")
    add(mio, a_set(mio, resource=PLAIN), Bookings(most=1))
    return {"alan", "sora", "mio"}


@scene("request-questioned", PERSON)
def question(on: Stage) -> set[str]:
    path = on.booked()
    on.begins()
    on.does("sora", path, "/ask", text="Which serum?")
    return {"alan"}


@scene("request-answered", DECIDERS)
def answer(on: Stage) -> set[str]:
    path = on.booked()
    on.does("sora", path, "/ask", text="Which serum?")
    on.begins()
    on.does("alan", path, "/answer", text="Bovine.")
    return {"sora"}


@scene("request-remarked", PERSON)
def remark(on: Stage) -> set[str]:
    path = on.booked()
    on.begins()
    assert on.visitor("sora").post(f"{path}/ask", text="The new laser is in.").status_code == 303
    return {"alan"}


@scene("request-remarked", DECIDERS)
def remark_of_theirs(on: Stage) -> set[str]:
    path = on.booked()
    on.begins()
    assert on.visitor("alan").post(f"{path}/answer", text="I bring the dye.").status_code == 303
    return {"sora", "mio"}


@scene("request-assigned", DECIDERS)
def assign(on: Stage) -> set[str]:
    path = on.booked()
    on.begins()
    on.does("sora", path, "/assign", to=on.key("mio"))
    return {"mio"}


@scene("request-reminded", DECIDERS)
def reminded(on: Stage) -> set[str]:
    path = on.booked(time=("2026-12-08T10:00", "2026-12-08T11:00"))
    on.begins()
    on.posted(deadline(path)[0])
    return {"sora", "mio"}


@scene("request-escalated", DECIDERS)
def escalated(on: Stage) -> set[str]:
    path = on.booked(time=("2026-12-08T10:00", "2026-12-08T11:00"))
    on.posted(deadline(path)[0])
    on.mailbox.arrived.clear()
    on.posted(deadline(path)[1])
    return {"mio"}


def deadline(path: str) -> tuple[datetime, datetime]:
    """When those who decide are reminded, and by when they are to decide."""
    db.session.remove()
    found = db.session.scalars(select(Request).where(Request.key == path.rpartition("/")[2])).one()
    assert found.decide_by is not None
    return found.remind_at or found.decide_by, found.decide_by


# --- and who hears ----------------------------------------------------------------------------------------------------

OTHER_NAMES = {  # what is told by a letter of its own, or in other words
    ("booking-ask", PERSON): "booked-for",
    ("booking-hand-over", PERSON): r"LabBook(: a booking was handed over|：予約が引き継がれました)",
    ("booking-no-show", PERSON): r"LabBook: your booking was not used",
}
TEMPLATES = Environment(loader=FileSystemLoader("templates/mail"), autoescape=False)


def subject_of(code: str, side: Audience, language: str) -> str:
    """A pattern of the subject that the reader of a language gets."""
    name = OTHER_NAMES.get((code, side), code)
    if name.startswith("LabBook"):
        return name
    kind = "booking" if side is PERSON else "desk"
    words: Any = TEMPLATES.get_template(f"_{kind}_{language}.txt").module
    return re.escape(f"LabBook{'：' if language == 'ja' else ': '}{words.subjects[name]}")


def test_there_is_a_scene_for_every_row() -> None:
    assert set(SCENES) == {(code, side) for code, sides in EVENTS.items() for side in sides}


@transactional
def without_invitations() -> None:
    """What reaches calendars is another matter."""
    db.session.execute(update(Person).values(invitations="no"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("code", "side"), SCENES, ids=str)
def test_the_right_people_hear_once_in_their_language_and_the_sites_time(
    app: Flask, lab: Cast, office: Office, mailbox: Mailbox, clock: Clock, code: str, side: Audience
) -> None:
    without_invitations()
    on = Stage(app, lab, office, mailbox, clock)
    hear = SCENES[code, side](on)
    on.posted()
    mailbox.arrived[:] = [mail for mail in mailbox.arrived if mail["To"] != "audrey@lab.example"]  # the trail's seals
    arrived = Counter(str(mail["To"]).partition("@")[0] for mail in mailbox.arrived)
    assert arrived == dict.fromkeys(hear, 1), [(mail["To"], mail["Subject"]) for mail in mailbox.arrived]
    asks = sum(1 for one in (PERSON, DECIDERS) if SCENES.get((code, one)) is SCENES[code, side])
    seen = 0
    for mail in mailbox.arrived:
        language = "ja" if str(mail["To"]).partition("@")[0] in JAPANESE else "en"
        if asks == 1 or (str(mail["To"]).partition("@")[0] in ("alan", "hana")) is (side is PERSON):
            assert re.match(subject_of(code, side, language), mail["Subject"]), mail["Subject"]
            seen += 1
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert office.base_url + "/" in text
        assert ("(JST)" in text) or (code in {"booking-hand-over", "booking-no-show"})
        assert "Plates" not in mail["Subject"] and "Aoba" not in mail["Subject"]
    assert seen
