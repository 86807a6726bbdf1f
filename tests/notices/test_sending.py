"""Letters go out once; what a server refuses or loses goes out later; nothing is lost and nothing blocks the rest."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from stat import S_IMODE

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db, transactional
from labbook.models import Letter
from labbook.models.letter import letter
from labbook.notices.post import Server
from labbook.notices.service import FIRST_PAUSE, LONGEST_PAUSE, Office, send_due, sending
from tests.browsing import on_sqlite
from tests.cast import NOW
from tests.notices.server import OK, Mailbox, free_port, text_of


@transactional
def write(*addresses: str, kind: str = "test", language: str = "en", at: datetime = NOW, **values: object) -> None:
    """A letter to each address."""
    told = {"what": "cells", **values}
    db.session.add_all(letter(kind, address, language, now=at, **told) for address in addresses)


def letters() -> list[Letter]:
    """All letters as they stand."""
    db.session.remove()
    return list(db.session.scalars(select(Letter).order_by(Letter.id)))


def test_a_letter_goes_out_once(own_templates: Office, mailbox: Mailbox) -> None:
    write("ann@lab.example")
    assert send_due(own_templates, now=NOW) == 1
    assert send_due(own_templates, now=NOW + timedelta(days=9)) == 0
    (mail,) = mailbox.arrived
    assert (mail["Subject"], mail["To"], mail["From"]) == (
        "About cells",
        "ann@lab.example",
        "LabBook <labbook@lab.example>",
    )
    assert mail["Message-ID"] == f"<{letters()[0].key}@127.0.0.1>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert text_of(mail) == "Hello cells, see http://127.0.0.1:8000\r\n"
    assert letters()[0].sent_at is not None


@on_sqlite
def test_it_is_in_the_language_of_its_reader(own_templates: Office, mailbox: Mailbox) -> None:
    write("hana@lab.example", language="ja")
    send_due(own_templates, now=NOW)
    assert mailbox.arrived[0]["Subject"] == "cellsについて"
    assert text_of(mailbox.arrived[0]) == "cellsです。\r\n"


@on_sqlite
def test_nothing_goes_out_before_its_time(own_templates: Office, mailbox: Mailbox) -> None:
    write("ann@lab.example", at=NOW + timedelta(hours=1))
    assert send_due(own_templates, now=NOW) == 0
    assert send_due(own_templates, now=NOW + timedelta(hours=1)) == 1


@on_sqlite
def test_without_a_server_in_the_settings_letters_wait(own_templates: Office) -> None:
    write("ann@lab.example")
    assert send_due(replace(own_templates, url=""), now=NOW) == 0
    assert letters()[0].tries == 0


def test_what_is_refused_for_now_is_sent_later_with_growing_pauses(own_templates: Office, mailbox: Mailbox) -> None:
    write("ann@lab.example", "bob@lab.example")
    mailbox.data = lambda address: "451 Try again later" if address.startswith("ann") else OK
    assert send_due(own_templates, now=NOW) == 1  # Bob's letter is not held up
    pauses, at = [], NOW
    for _ in range(4):
        waiting = letters()[0]
        assert "451" in waiting.fault
        pauses.append(round((waiting.due_at - at) / FIRST_PAUSE))
        assert send_due(own_templates, now=waiting.due_at - timedelta(seconds=5)) == 0
        at = waiting.due_at
        send_due(own_templates, now=at)
    assert pauses == [1, 2, 4, 8]
    mailbox.data = lambda address: OK
    assert send_due(own_templates, now=letters()[0].due_at) == 1
    assert mailbox.recipients == ["bob@lab.example", "ann@lab.example"]
    assert (letters()[0].fault, letters()[0].tries) == ("", 6)


@on_sqlite
def test_a_refused_recipient_does_not_hold_up_the_rest(own_templates: Office, mailbox: Mailbox) -> None:
    write("ann@lab.example", "bob@lab.example")
    mailbox.recipient = lambda address: "550 No such user" if address.startswith("ann") else OK
    assert send_due(own_templates, now=NOW) == 1
    assert mailbox.recipients == ["bob@lab.example"]


@on_sqlite
def test_a_server_that_is_away_leaves_all_as_they_are(own_templates: Office) -> None:
    write("ann@lab.example", "bob@lab.example")
    nobody = replace(own_templates, url=f"smtp://127.0.0.1:{free_port()}")
    assert send_due(nobody, now=NOW) == 0
    assert [(one.tries, one.due_at) for one in letters()] == [(0, NOW)] * 2


@on_sqlite
def test_a_connection_that_is_cut_costs_one_letter_one_try(own_templates: Office, mailbox: Mailbox) -> None:
    write("ann@lab.example", "bob@lab.example", "cyd@lab.example")
    mailbox.cuts_after_data = True
    assert send_due(own_templates, now=NOW) == 0
    assert [one.tries for one in letters()] == [1, 0, 0]
    mailbox.cuts_after_data = False
    assert send_due(own_templates, now=NOW + timedelta(hours=1)) == 3
    assert sorted(set(mailbox.recipients)) == ["ann@lab.example", "bob@lab.example", "cyd@lab.example"]
    assert mailbox.recipients.count("ann@lab.example") == 2  # whether it had been taken could not be known


@on_sqlite
def test_after_the_last_try_it_is_given_up(own_templates: Office, mailbox: Mailbox) -> None:
    write("ann@lab.example")
    mailbox.data = lambda address: "451 Never"
    at, tried = NOW, 0
    while letters()[0].given_up_at is None:
        send_due(own_templates, now=at)
        tried += 1
        assert letters()[0].due_at - at <= LONGEST_PAUSE + timedelta(minutes=1)
        at = letters()[0].due_at
    assert tried == own_templates.tries == 14
    mailbox.data = lambda address: OK
    assert send_due(own_templates, now=at + timedelta(days=99)) == 0
    assert mailbox.arrived == []


# --- what cannot be a letter ------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize(
    "what",
    [
        "a\r\nBcc: spy@elsewhere.example",
        "a\nBcc: spy@elsewhere.example",
        "a\rBcc: spy@elsewhere.example",
        "a\u2028Bcc: spy@elsewhere.example",
        "a\x0bBcc: spy@elsewhere.example",
        "a\r\n\r\nDear customer",
        "a\x00b",
    ],
)
def test_values_make_no_headers_and_no_recipients(own_templates: Office, mailbox: Mailbox, what: str) -> None:
    write("ann@lab.example", what=what)
    write("bob@lab.example")
    assert send_due(own_templates, now=NOW) == 2
    mail = mailbox.arrived[0]
    assert set(mail.keys()) == set(mailbox.arrived[1].keys())
    assert mailbox.recipients == ["ann@lab.example", "bob@lab.example"]


@on_sqlite
@pytest.mark.parametrize(
    "address",
    [
        "ann@lab.example\r\nBcc: spy@elsewhere.example",
        "ann@lab.example, spy@elsewhere.example",
        "Ann <ann@lab.example>, spy@elsewhere.example",
        "<ann@lab.example> SIZE=1",
        "no address",
        "",
    ],
)
def test_what_is_no_single_address_gets_nothing_and_blocks_nobody(
    own_templates: Office, mailbox: Mailbox, address: str
) -> None:
    write(address, "bob@lab.example")
    assert send_due(own_templates, now=NOW) == 1
    assert mailbox.recipients == ["bob@lab.example"]
    assert letters()[0].fault != ""


@on_sqlite
def test_a_letter_that_cannot_be_written_blocks_nobody(own_templates: Office, mailbox: Mailbox) -> None:
    write("ann@lab.example", kind="unknown-kind")
    write("cyd@lab.example", what="a\ud800b")
    write("bob@lab.example")
    assert send_due(own_templates, now=NOW) == 1
    assert mailbox.recipients == ["bob@lab.example"]
    faults = [one.fault.partition(":")[0] for one in letters()]
    assert faults == ["TemplateNotFound", "UnicodeEncodeError", ""]


# --- several at once --------------------------------------------------------------------------------------------------


def test_two_workers_at_once_send_each_letter_once(app: Flask, own_templates: Office, mailbox: Mailbox) -> None:
    wanted = [f"one{number}@lab.example" for number in range(24)]
    write(*wanted)
    start = threading.Barrier(3)

    def work() -> None:
        with app.app_context():
            start.wait()
            send_due(own_templates, now=NOW)
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(mailbox.recipients) == sorted(wanted)


@on_sqlite
def test_a_claim_is_counted_from_when_it_is_made(
    own_templates: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round that has taken long already does not leave its next letter to another worker."""
    write("ann@lab.example", "bob@lab.example")
    passed = iter([0.0, *[3600.0] * 50])
    monkeypatch.setattr(sending, "monotonic", lambda: next(passed))
    monkeypatch.setattr(sending, "ROUND_SECONDS", 7200)
    send = Server.send
    seen: list[int] = []

    def slow(self: Server, message: object) -> None:
        seen.append(send_due(own_templates, now=NOW + timedelta(hours=1, minutes=5)) if not seen else 0)
        send(self, message)  # type: ignore[arg-type]

    monkeypatch.setattr(Server, "send", slow)
    send_due(own_templates, now=NOW)
    assert sorted(mailbox.recipients) == ["ann@lab.example", "bob@lab.example"]


# --- a folder in the place of a server --------------------------------------------------------------------------------


@on_sqlite
def test_a_folder_takes_letters_for_its_owner_alone(own_templates: Office, tmp_path: Path) -> None:
    folder = tmp_path / "out box" / "mail"
    write("ann@lab.example", "bob@lab.example")
    assert send_due(replace(own_templates, url=f"file://{tmp_path}/out%20box/mail"), now=NOW) == 2
    files = sorted(folder.iterdir())
    assert {file.name for file in files} == {f"{one.key}.eml" for one in letters()}
    assert {S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert S_IMODE(folder.stat().st_mode) == 0o700
    assert b"Subject: About cells\r\n" in files[0].read_bytes()


@on_sqlite
def test_a_folder_that_cannot_be_written_keeps_letters_waiting(own_templates: Office, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    write("ann@lab.example", "bob@lab.example")
    assert send_due(replace(own_templates, url=f"file://{tmp_path}/file"), now=NOW) == 0
    assert [one.sent_at for one in letters()] == [None, None]
    assert send_due(replace(own_templates, url=f"file://{tmp_path}/other"), now=NOW + timedelta(hours=1)) == 2
