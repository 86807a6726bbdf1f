"""Whoever changes a sealed row is found and the row named; whoever cuts the tail off is found by the mailed seal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from labbook.db import db
from labbook.models import Letter, Seal, Sealed
from labbook.reports.service import mail_seal, seal, verify
from labbook.worker import once
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast
from tests.reports.tampering import (
    book,
    disarm,
    run,
    run_loose,
    seal_as_before,
    sealed_trail,
    slip_in,
    some_event,
)


def faults(*mailed: str) -> str:
    """What a check of the trail finds, as one text."""
    db.session.remove()
    return "\n".join(verify(mailed).faults)


@pytest.mark.parametrize(
    "change",
    [
        "code = 'booking-approve'",
        "actor_id = NULL",
        "state = 'declined'",
        "partner_id = NULL",
        "subject_id = 999",
        "at = '2026-11-22 00:00:00.000000'",
    ],
)
def test_the_changed_row_is_named(lab: Cast, change: str) -> None:
    sealed_trail(lab)
    assert faults() == ""
    disarm()
    number = some_event()
    run(f"UPDATE event SET {change} WHERE id = :id", id=number)
    assert f"event {number} (" in faults()
    assert "was changed after it was sealed" in faults()
    assert faults().count("was changed after") == 1
    assert "seal 2 does not match its events" in faults()


def test_a_removed_row_is_named(lab: Cast) -> None:
    sealed_trail(lab)
    disarm()
    number = some_event()
    run("DELETE FROM notice")
    run("DELETE FROM event_detail WHERE event_id = :id", id=number)
    run_loose("DELETE FROM event WHERE id = :id", id=number)
    assert f"event {number} was removed after it was sealed" in faults()


def test_a_row_slipped_into_an_old_seal_is_named(lab: Cast) -> None:
    sealed_trail(lab)
    number = slip_in(2)
    assert f"event {number} (booking-approve) was slipped into seal 2" in faults()


@on_sqlite
def test_a_row_slipped_in_with_a_digest_breaks_its_seal(lab: Cast) -> None:
    sealed_trail(lab)
    slip_in(2, digest="a" * 64)
    assert "seal 2 does not match its events" in faults()


@on_sqlite
def test_a_row_taken_out_with_all_its_traces_breaks_its_seal(lab: Cast) -> None:
    sealed_trail(lab)
    disarm()
    number = some_event()
    run("DELETE FROM notice")
    for sql in ("DELETE FROM event_detail WHERE event_id = :id", "DELETE FROM sealed WHERE event_id = :id"):
        run(sql, id=number)
    run_loose("DELETE FROM event WHERE id = :id", id=number)
    assert "seal 2 does not match its events" in faults()


@on_sqlite
def test_a_changed_row_with_its_digest_changed_too_breaks_its_seal(lab: Cast) -> None:
    sealed_trail(lab)
    disarm()
    number = some_event()
    run("UPDATE event SET code = 'booking-approve' WHERE id = :id", id=number)
    run("UPDATE sealed SET digest = :digest WHERE event_id = :id", id=number, digest="b" * 64)
    assert "seal 2 does not match its events" in faults()


@on_sqlite
@pytest.mark.parametrize("column", ["at = '2026-11-22 00:00:00.000000'", "count = 7", "digest = 'x'", "previous = 'x'"])
def test_a_changed_seal_is_found(lab: Cast, column: str) -> None:
    sealed_trail(lab)
    disarm()
    run(f"UPDATE seal SET {column} WHERE id = 2")
    assert "seal 2" in faults()


@on_sqlite
def test_a_changed_detail_is_named(lab: Cast) -> None:
    sealed_trail(lab)
    number = some_event()
    run("UPDATE event_detail SET body = '{}' WHERE event_id = :id", id=number)
    assert faults() == f"the detail of event {number} (booking-ask) does not match the event"


def cut_off(after: int) -> None:
    """Remove every seal after one, with all that it covers."""
    disarm()
    run("DELETE FROM notice")
    gone = "(SELECT event_id FROM sealed WHERE seal_id > :after)"
    run_loose(f"DELETE FROM event_detail WHERE event_id IN {gone}", after=after)
    run_loose(f"DELETE FROM event WHERE id IN {gone}", after=after)
    run_loose("DELETE FROM sealed WHERE seal_id > :after", after=after)
    run_loose("DELETE FROM seal WHERE id > :after", after=after)


def test_a_tail_that_was_cut_off_is_found_from_the_mailed_seal(lab: Cast) -> None:
    digests = sealed_trail(lab)
    cut_off(after=2)
    assert faults() == ""
    assert faults(*digests[:2]) == ""
    assert digests[2] in faults(*digests)
    assert "cut off" in faults(digests[2])


@on_sqlite
def test_a_trail_made_anew_is_found_from_the_mailed_seal(lab: Cast) -> None:
    digests = sealed_trail(lab)
    cut_off(after=2)
    book(lab, hours=12)
    seal(now=NOW)
    assert faults() == ""
    assert digests[2] in faults(digests[2])


@on_sqlite
def test_older_seals_without_digests_hold_as_before(lab: Cast) -> None:
    book(lab)
    older = seal_as_before()
    book(lab, hours=3)
    seal(now=NOW)
    assert faults(older) == ""
    assert db.session.scalars(select(Sealed.digest).order_by(Sealed.event_id)).all()[0] == ""
    disarm()
    run("UPDATE event SET state = 'declined' WHERE id = 1")
    assert "seal 1 does not match its events" in faults()


@on_sqlite
def test_digests_cannot_be_taken_away_to_be_judged_as_before(lab: Cast) -> None:
    sealed_trail(lab)
    disarm()
    run("UPDATE sealed SET digest = '' WHERE seal_id = 2")
    run("UPDATE seal SET at = '2026-11-22 00:00:00.000000' WHERE id = 2")
    assert "seal 2 does not match its events" in faults()


@on_sqlite
def test_the_command_names_the_row_and_knows_mailed_seals(app: Flask, lab: Cast) -> None:
    digests = sealed_trail(lab)
    runner = app.test_cli_runner()
    good = runner.invoke(args=["audit", "verify", "--seal", digests[0], "--seal", digests[2]])
    assert (good.exit_code, "3 seals" in good.output) == (0, True)
    bad = runner.invoke(args=["audit", "verify", "--seal", "f" * 64])
    assert (bad.exit_code, "f" * 64 in bad.output) == (1, True)
    disarm()
    number = some_event()
    run("UPDATE event SET actor_id = NULL WHERE id = :id", id=number)
    found = runner.invoke(args=["audit", "verify"])
    assert (found.exit_code, f"event {number} (booking-ask) was changed" in found.output) == (1, True)


def letters() -> list[tuple[str, str | None, str]]:
    """The letters about seals: to whom, under which name, with which digest."""
    db.session.remove()
    rows = db.session.scalars(select(Letter).where(Letter.kind == "seal").order_by(Letter.id))
    return [(one.address, one.once and one.once[:15], one.values["digest"]) for one in rows]


def test_the_newest_seal_is_mailed_to_every_auditor_once_a_day(lab: Cast) -> None:
    assert mail_seal(now=NOW) == 0
    digests = sealed_trail(lab)
    assert mail_seal(now=NOW) == 1
    assert mail_seal(now=NOW + timedelta(hours=23)) == 0
    assert letters() == [("audrey@lab.example", "seal:2026-11-23", digests[2])]
    assert mail_seal(now=NOW + timedelta(hours=24)) == 1
    assert letters()[1][1] == "seal:2026-11-24"


@on_sqlite
def test_whoever_is_no_auditor_any_more_gets_no_seal(lab: Cast) -> None:
    sealed_trail(lab)
    run("UPDATE role_grant SET ends_on = '2026-11-22' WHERE role = 'auditor'")
    assert mail_seal(now=NOW) == 0
    run("UPDATE role_grant SET ends_on = NULL, ended_at = '2026-11-22 00:00:00' WHERE role = 'auditor'")
    assert mail_seal(now=NOW) == 0


@on_sqlite
def test_the_worker_seals_then_mails_the_seal(lab: Cast) -> None:
    book(lab)
    once(NOW)
    newest = db.session.scalar(select(Seal.digest).order_by(Seal.id.desc()).limit(1))
    assert [digest for _, _, digest in letters()] == [newest]
    assert db.session.execute(text("SELECT sum(count) FROM seal")).scalar_one() > 0
