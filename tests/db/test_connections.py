"""How LabBook talks to each database: durably, patiently up to a bound, and locking in one order."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, event, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from labbook.db import BusyError, Lock, OverlapError, db, now_column, take_locks, transactional
from labbook.engines import LOCK_WAIT_MS
from labbook.models import Claim, Hold, Unit
from tests.cast import NOW, Cast
from tests.db.conftest import SHORT_WAIT_MS

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
HOUR = {"starts_at": NOW.replace(hour=1), "ends_at": NOW.replace(hour=2)}


@ON_SQLITE
def test_every_connection_to_sqlite_is_durable_referential_and_patient(app: Flask) -> None:
    """C-22 of the reliability list, read from live connections, the pool's second one too."""
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": LOCK_WAIT_MS}
    with db.engine.connect() as second:
        for connection in (db.session.connection(), second):
            found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in wanted}
            assert found == wanted


def test_the_wait_for_a_lock_is_some_seconds() -> None:
    assert 2000 <= LOCK_WAIT_MS <= 10_000


@ON_SQLITE
def test_a_reader_on_sqlite_does_not_wait_for_a_writer(app: Flask) -> None:
    with db.engine.connect().execution_options(writes=True) as writer, writer.begin():
        writer.execute(text("INSERT INTO claim (kind) VALUES ('booking')"))
        assert db.session.scalar(text("SELECT count(*) FROM claim")) == 0


def test_nothing_can_be_written_outside_of_a_service(app: Flask) -> None:
    db.session.add(Claim())
    with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        db.session.commit()
    db.session.rollback()
    with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        db.session.execute(insert(Claim).values(kind="booking"))
    db.session.rollback()
    assert db.session.scalar(select(func.count(Claim.id))) == 0


def test_a_row_that_refers_to_nothing_is_refused(app: Flask) -> None:
    with db.engine.connect() as connection, pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        connection.execute(insert(Unit).values(key="k", resource_id=99, name="1", position=0, is_active=True))


@ON_POSTGRESQL
def test_postgresql_reads_what_is_committed_and_waits_up_to_a_bound(app: Flask) -> None:
    shown = {name: db.session.scalar(text(f"SHOW {name}")) for name in ("transaction_isolation", "lock_timeout")}
    assert shown == {"transaction_isolation": "read committed", "lock_timeout": f"{LOCK_WAIT_MS // 1000}s"}
    assert db.session.scalar(text("SHOW timezone")) == "UTC"


@ON_POSTGRESQL
def test_the_present_comes_from_the_database_server_on_postgresql(app: Flask) -> None:
    ours, servers = db.session.execute(select(now_column(), text("now()"))).one()
    assert ours == servers


@ON_SQLITE
def test_the_present_comes_from_this_machine_on_sqlite(app: Flask) -> None:
    assert abs((db.session.scalar(select(now_column())) or NOW) - datetime.now(UTC)) < timedelta(seconds=5)


# --- what the database's refusals mean --------------------------------------------------------------------------------


@transactional
def _hold(*rows: tuple[int, int]) -> None:
    db.session.add_all(Hold(unit_id=unit, claim_id=claim, **HOUR) for unit, claim in rows)


def _claims() -> tuple[int, int]:
    @transactional
    def make() -> list[Claim]:
        claims = [Claim(), Claim()]
        db.session.add_all(claims)
        return claims

    first, second = make()
    return first.id, second.id


def test_a_double_booking_that_only_the_database_notices_is_an_overlap(app: Flask, lab: Cast) -> None:
    unit = db.session.scalars(select(Unit.id)).first() or 0
    first, second = _claims()
    _hold((unit, first))
    with pytest.raises(OverlapError):
        _hold((unit, second))
    assert list(db.session.scalars(select(Hold.claim_id))) == [first]


def test_a_hold_of_nothing_is_no_overlap(app: Flask, lab: Cast) -> None:
    """Only the guard's own refusal is: any other is an error of ours, not a lost race."""
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        _hold((99_999, _claims()[0]))


@ON_POSTGRESQL
def test_the_loser_of_a_deadlock_is_told_of_an_overlap(hasty: Flask, other: Connection) -> None:
    other.execute(text("SET LOCAL deadlock_timeout = '5s'"))
    other.execute(text("SET LOCAL lock_timeout = '5s'"))
    other.execute(text("SELECT pg_advisory_xact_lock(5, 2)"))
    waiting = threading.Thread(target=other.execute, args=[text("SELECT pg_advisory_xact_lock(5, 1)")])

    @transactional
    def against_the_order() -> None:
        db.session.execute(text("SET LOCAL deadlock_timeout = '10ms'"))
        take_locks([(Lock.UNIT, 1)])
        waiting.start()
        time.sleep(0.1)
        take_locks([(Lock.UNIT, 2)])

    with pytest.raises(OverlapError):
        against_the_order()
    waiting.join(timeout=5)
    assert not waiting.is_alive(), "the other one got its lock"


# --- locks ------------------------------------------------------------------------------------------------------------


@contextmanager
def statements() -> Iterator[list[tuple[str, object]]]:
    """What is sent to the database meanwhile, with the parameters."""
    sent: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


SITE, AREA, UNIT_1, UNIT_2 = (Lock.SITE, 7), (Lock.AREA, 7), (Lock.UNIT, 1), (Lock.UNIT, 2)


def test_locks_are_taken_in_one_order_in_one_statement_whatever_they_are_asked_in(app: Flask) -> None:
    everything = [UNIT_2, UNIT_1, UNIT_2, (Lock.PERSON, 9), (Lock.AGREEMENT, 3)]

    @transactional
    def lock(wanted: list[tuple[Lock, int]]) -> list[tuple[str, object]]:
        with statements() as sent:
            take_locks(wanted, shared=[AREA, SITE])
        return sent

    sent = lock(everything)
    if db.engine.dialect.name == "sqlite":
        assert sent == [], "BEGIN IMMEDIATE has locked everything"
        return
    ((statement, parameters),) = sent
    assert isinstance(parameters, dict)
    assert list(parameters.values()) == [1, 7, 2, 7, 3, 3, 4, 9, 5, 1, 5, 2]
    assert statement.count("pg_advisory_xact_lock_shared(") == 2
    assert lock(everything[::-1]) == sent


@ON_SQLITE
def test_sqlite_locks_everything_before_a_service_looks_at_anything(app: Flask) -> None:
    @transactional
    def try_to_write_elsewhere() -> None:
        with closing(sqlite3.connect(db.engine.url.database or "", timeout=0)) as elsewhere:
            elsewhere.execute("BEGIN IMMEDIATE")

    with statements() as sent, pytest.raises(sqlite3.OperationalError, match="locked"):
        try_to_write_elsewhere()
    assert [statement for statement, _ in sent if not statement.startswith("PRAGMA")] == ["BEGIN IMMEDIATE"]


def _exclusive() -> None:
    take_locks([SITE])


def _shared() -> None:
    take_locks([], shared=[SITE])


@ON_POSTGRESQL
@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        (_shared, _shared, False),
        (_shared, _exclusive, True),
        (_exclusive, _shared, True),
        (_exclusive, _exclusive, True),
    ],
)
def test_who_waits_for_whom(hasty: Flask, first: Callable[[], None], second: Callable[[], None], waits: bool) -> None:
    """A closure waits for those who book at the site, and they for it; those who book do not wait for each other."""
    assert _second_is_refused(hasty, first, second) is waits


@ON_POSTGRESQL
def test_locks_of_other_things_or_other_kinds_are_not_waited_for(hasty: Flask) -> None:
    assert not _second_is_refused(hasty, lambda: take_locks([UNIT_1, SITE]), lambda: take_locks([UNIT_2, AREA]))


def _second_is_refused(app: Flask, first: Callable[[], None], second: Callable[[], None]) -> bool:
    """Whether another process would wait in vain for its locks while this one keeps its own."""
    told: list[bool] = []

    def elsewhere() -> None:
        with app.app_context():
            try:
                transactional(second)()
                told.append(False)
            except BusyError:
                told.append(True)
            finally:
                db.session.remove()

    @transactional
    def keep() -> float:
        first()
        began = time.monotonic()
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(timeout=5)
        return time.monotonic() - began

    waited = keep()
    assert told, "it never came back"
    assert not told[0] or SHORT_WAIT_MS / 1000 * 0.9 < waited < 1.5
    return told[0]


@ON_POSTGRESQL
def test_locks_end_with_the_transaction(hasty: Flask, other: Connection) -> None:
    transactional(_exclusive)()

    def fail() -> None:
        take_locks([UNIT_1])
        raise ValueError

    with pytest.raises(ValueError):
        transactional(fail)()
    assert other.scalar(text("SELECT pg_try_advisory_xact_lock(1, 7) AND pg_try_advisory_xact_lock(5, 1)")) is True


def test_the_first_connections_to_a_new_file_wait_for_each_other(tmp_path: Path) -> None:
    """Turning a new file into one with a write-ahead log needs it alone, and SQLite itself does not wait for that."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as first:
        first.execute("CREATE TABLE something (id INTEGER)")
        first.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, first.execute, ["COMMIT"])
        release.start()
        engine = create_engine(f"sqlite:///{path}")
        try:
            with engine.connect() as second:
                assert second.scalar(text("PRAGMA journal_mode")) == "wal"
        finally:
            release.join()
            engine.dispose()
