"""Letters of one matter keep their order; an address that refuses for good is tried once, and its owner is told."""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db, transactional
from labbook.models import Letter, Person
from labbook.models.letter import letter
from labbook.notices import post
from labbook.notices.service import Office, send_due, sending
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.notices.server import OK, Mailbox

LATER = timedelta(hours=1)


@transactional
def write(person_id: int | None, address: str, *subjects: str, thread: str | None = None) -> None:
    """Letters to somebody, one after the other."""
    for what in subjects:
        db.session.add(letter("test", address, "en", now=NOW, person_id=person_id, thread=thread, what=what))
        db.session.flush()


def subjects(mailbox: Mailbox) -> list[str]:
    """What arrived, in its order."""
    return [str(mail["Subject"]).removeprefix("About ") for mail in mailbox.arrived]


def letters() -> list[Letter]:
    """All letters as they stand."""
    db.session.remove()
    return list(db.session.scalars(select(Letter).order_by(Letter.id)))


def refused_since(lab: Cast, name: str = "hana") -> bool:
    """Whether the person's address is known to take no mail."""
    db.session.remove()
    return db.session.get_one(Person, lab.people[name]).mail_refused_at is not None


# --- order ------------------------------------------------------------------------------------------------------------


def test_no_letter_of_a_matter_overtakes_an_earlier_one(own_templates: Office, mailbox: Mailbox) -> None:
    write(None, "ann@lab.example", "first", "second", "third", thread="matter-1")
    write(None, "bob@lab.example", "other", thread="matter-2")
    mailbox.data = lambda address: "451 Later" if address.startswith("ann") else OK
    assert send_due(own_templates, now=NOW) == 1
    assert [one.tries for one in letters()] == [1, 0, 0, 1]
    mailbox.data = lambda address: OK
    assert send_due(own_templates, now=NOW + LATER) == 3
    assert subjects(mailbox) == ["other", "first", "second", "third"]


@on_sqlite
def test_a_letter_that_is_given_up_holds_up_its_matter_no_longer(own_templates: Office, mailbox: Mailbox) -> None:
    write(None, "ann@lab.example", "first", thread="matter-1")
    write(None, "new@lab.example", "second", thread="matter-1")
    mailbox.recipient = lambda address: "550 No such user" if address.startswith("ann") else OK
    assert send_due(own_templates, now=NOW) == 1
    assert subjects(mailbox) == ["second"]


@on_sqlite
@pytest.mark.parametrize("way", ["daily", "none"])
def test_what_is_not_mailed_on_its_own_holds_up_nothing(own_templates: Office, mailbox: Mailbox, way: str) -> None:
    write(None, "ann@lab.example", "first", "second", thread="matter-1")

    @transactional
    def choose() -> None:
        db.session.scalars(select(Letter).order_by(Letter.id)).first().way = way  # type: ignore[union-attr]

    choose()
    assert send_due(own_templates, now=NOW) == 1
    assert subjects(mailbox) == ["second"]


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["550 No such user", "550 5.1.1 No such user", "552 5.2.2 Mailbox full"])
def test_an_address_that_refuses_for_good_is_tried_once(
    lab: Cast, own_templates: Office, mailbox: Mailbox, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(lab.people["hana"], "hana@lab.example", "cells")
    mailbox.recipient = lambda address: answer
    with caplog.at_level(logging.WARNING):
        send_due(own_templates, now=NOW)
    (one,) = letters()
    assert (one.tries, one.given_up_at is not None, answer[:3] in one.fault) == (1, True, True)
    assert refused_since(lab)
    assert one.key in caplog.text
    assert "hana@lab.example" not in caplog.text.replace(one.fault, "")


@on_sqlite
def test_a_server_that_refuses_a_recipient_after_the_text_says_the_same(
    lab: Cast, own_templates: Office, mailbox: Mailbox
) -> None:
    write(lab.people["hana"], "hana@lab.example", "cells")
    mailbox.data = lambda address: "550 5.1.1 No such user"
    send_due(own_templates, now=NOW)
    assert letters()[0].given_up_at is not None
    assert refused_since(lab)


@on_sqlite
@pytest.mark.parametrize(
    ("at", "answer"),
    [
        ("recipient", "554 5.7.1 Relay access denied"),
        ("recipient", "451 4.7.1 Greylisted"),
        ("data", "554 5.7.1 Looks like spam"),
        ("data", "552 5.3.4 Too big"),
    ],
)
def test_what_says_nothing_about_the_address_is_tried_again(
    lab: Cast, own_templates: Office, mailbox: Mailbox, at: str, answer: str
) -> None:
    write(lab.people["hana"], "hana@lab.example", "cells")
    setattr(mailbox, at, lambda address: answer)
    send_due(own_templates, now=NOW)
    assert letters()[0].given_up_at is None
    assert not refused_since(lab)
    setattr(mailbox, at, lambda address: OK)
    assert send_due(own_templates, now=NOW + LATER) == 1


@on_sqlite
def test_an_address_that_takes_mail_again_is_not_said_to_refuse_it(
    lab: Cast, own_templates: Office, mailbox: Mailbox
) -> None:
    hana = lab.people["hana"]
    write(hana, "hana@lab.example", "cells")
    mailbox.recipient = lambda address: "550 No such user"
    send_due(own_templates, now=NOW)
    mailbox.recipient = lambda address: OK
    write(hana, "former@lab.example", "to another address")
    send_due(own_templates, now=NOW)
    assert refused_since(lab)
    write(hana, "hana@lab.example", "plates")
    send_due(own_templates, now=NOW)
    assert not refused_since(lab)


@on_sqlite
def test_a_refusal_of_a_former_address_says_nothing_about_the_present_one(
    lab: Cast, own_templates: Office, mailbox: Mailbox
) -> None:
    write(lab.people["hana"], "former@lab.example", "cells")
    mailbox.recipient = lambda address: "550 No such user"
    send_due(own_templates, now=NOW)
    assert not refused_since(lab)


@on_sqlite
def test_whoever_gets_no_mail_reads_so_on_their_account_s_page(
    app: Flask, lab: Cast, own_templates: Office, mailbox: Mailbox
) -> None:
    visitor, said = Visitor(app, "alan"), "has been refused since"
    assert said not in visitor.get("/account").text
    write(lab.people["alan"], "alan@lab.example", "cells")
    mailbox.recipient = lambda address: "550 No such user"
    send_due(own_templates, now=NOW)
    assert said in visitor.get("/account").text


# --- a server that is in a bad way ------------------------------------------------------------------------------------


@on_sqlite
def test_a_server_that_says_it_closes_costs_one_letter_one_try(own_templates: Office, mailbox: Mailbox) -> None:
    write(None, "ann@lab.example", "one")
    write(None, "bob@lab.example", "two")
    mailbox.recipient = lambda address: "421 Going down"
    assert send_due(own_templates, now=NOW) == 0
    assert [one.tries for one in letters()] == [1, 0]
    mailbox.recipient = lambda address: OK
    assert send_due(own_templates, now=NOW + LATER) == 2


@on_sqlite
def test_a_server_that_drips_is_cut_off(
    own_templates: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(None, "ann@lab.example", "one")
    monkeypatch.setattr(post, "LETTER_SECONDS", 0.3)
    mailbox.pause = 30.0
    assert send_due(own_templates, now=NOW) == 0
    assert (letters()[0].tries, letters()[0].fault.partition(":")[0]) == (1, "SMTPServerDisconnected")


@on_sqlite
def test_a_slow_server_does_not_keep_the_worker_from_its_other_duties(
    own_templates: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        write(None, f"one{number}@lab.example", "cells")
    passed = count()
    monkeypatch.setattr(sending, "monotonic", lambda: float(next(passed)))  # a second at each look at the clock
    sent = send_due(own_templates, now=NOW)
    assert 3 < sent < 9
    assert send_due(own_templates, now=NOW) == 9 - sent


@on_sqlite
def test_the_tries_are_a_setting(app: Flask, own_templates: Office, mailbox: Mailbox) -> None:
    app.config["MAIL_TRIES"] = 2
    office = Office.of({**app.config, "SMTP_URL": mailbox.url}, own_templates.templates)
    write(None, "ann@lab.example", "one")
    mailbox.data = lambda address: "451 Later"
    send_due(office, now=NOW)
    assert letters()[0].given_up_at is None
    send_due(office, now=NOW + LATER)
    assert letters()[0].given_up_at is not None
