"""The database itself refuses double bookings and changes to history: after every revision each guard is attacked.

Plain SQL without the application. Rows 1 to 3 of every table are there, see filling.py; holds are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, bindparam, text
from sqlalchemy.exc import DBAPIError

from labbook.column_types import UtcDateTime

APPEND_ONLY = {"event": "id", "seal": "id", "sealed": "event_id"}
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def sql(guarded: Engine) -> Iterator[Connection]:
    """A transaction that is never committed, with one hold: unit 1 by claim 1 from nine to ten."""
    with guarded.connect() as connection:
        hold(connection, 1, 1, "9-10")
        yield connection
        connection.rollback()


def hours(spelled: str) -> dict[str, datetime]:
    """Start and end of `9-10.5` on the day of these tests."""
    start, end = (NINE + timedelta(hours=float(part) - 9) for part in spelled.split("-"))
    return {"start": start, "end": end}


_TIMES = (bindparam("start", type_=UtcDateTime()), bindparam("end", type_=UtcDateTime()))


def hold(connection: Connection, unit: int, claim: int, time: str, *, verb: str = "INSERT", number: int = 0) -> None:
    """Write a hold by plain SQL."""
    statement = text(
        f"{verb} INTO hold (id, unit_id, claim_id, starts_at, ends_at) VALUES (:id, :unit, :claim, :start, :end)"
    ).bindparams(*_TIMES)
    number = number or (connection.scalar(text("SELECT coalesce(max(id), 0) + 1 FROM hold")) or 1)
    connection.execute(statement, {"id": number, "unit": unit, "claim": claim, **hours(time)})


def change(connection: Connection, assignment: str, *, number: int, time: str = "9-10", verb: str = "UPDATE") -> None:
    """Change a hold by plain SQL."""
    statement = text(f"{verb} hold SET {assignment} WHERE id = {number}")
    used = [one for one in _TIMES if f":{one.key}" in assignment]
    values = {str(one.key): hours(time)[str(one.key)] for one in used}
    connection.execute(statement.bindparams(*used), values)


@contextmanager
def refused(connection: Connection, *said: str) -> Iterator[None]:
    """What is tried here must be refused with one of these: an SQLSTATE of PostgreSQL, or words of the message."""
    attempt = connection.begin_nested()
    with pytest.raises(DBAPIError) as error:
        yield
    attempt.rollback()
    words = f"{getattr(error.value.orig, 'sqlstate', '')} {error.value.orig}"
    assert any(one in words for one in said), words


OVERLAP = ("23P01", "no_overlap")
CHECK = ("ck_hold_starts_before_ends",)
_OVERLAPPING = ["9-10", "8-9.5", "9.5-11", "9.25-9.75", "8-11", "9-9.5", "9.5-10"]


@pytest.mark.parametrize("time", _OVERLAPPING)
def test_an_overlapping_hold_is_refused(sql: Connection, time: str) -> None:
    with refused(sql, *OVERLAP):
        hold(sql, 1, 2, time)


@pytest.mark.parametrize("time", _OVERLAPPING)
def test_a_hold_cannot_be_moved_onto_another(sql: Connection, time: str) -> None:
    hold(sql, 1, 2, "20-21")
    with refused(sql, *OVERLAP):
        change(sql, "starts_at = :start, ends_at = :end", number=2, time=time)


def test_a_hold_cannot_be_stretched_over_another(sql: Connection) -> None:
    hold(sql, 1, 2, "11-12")
    with refused(sql, *OVERLAP):
        change(sql, "starts_at = :start", number=2, time="9.75-12")
    with refused(sql, *OVERLAP):
        change(sql, "ends_at = :end", number=1, time="9-11.25")


def test_a_hold_cannot_be_given_a_taken_unit(sql: Connection) -> None:
    hold(sql, 2, 2, "9.5-11")
    with refused(sql, *OVERLAP):
        change(sql, "unit_id = 1", number=2)


def test_a_hold_cannot_be_given_to_another_claim_while_its_sister_overlaps(sql: Connection) -> None:
    hold(sql, 1, 1, "9.5-11")
    with refused(sql, *OVERLAP):
        change(sql, "claim_id = 2", number=2)


def test_all_holds_at_once_cannot_be_pushed_into_each_other(sql: Connection) -> None:
    hold(sql, 1, 2, "10-11")
    statement = text("UPDATE hold SET starts_at = :start, ends_at = :end").bindparams(*_TIMES)
    with refused(sql, *OVERLAP):
        sql.execute(statement, hours("9-10"))


def test_several_rows_in_one_statement_are_checked_against_each_other(sql: Connection) -> None:
    statement = text(
        "INSERT INTO hold (id, unit_id, claim_id, starts_at, ends_at)"
        " VALUES (8, 2, 2, :start, :end), (9, 2, 3, :start, :end)"
    ).bindparams(*_TIMES)
    with refused(sql, *OVERLAP):
        sql.execute(statement, hours("9-10"))


INSERTS = {"sqlite": ("INSERT OR REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL", "REPLACE"), "postgresql": ("INSERT",)}
UPDATES = {"sqlite": ("UPDATE OR REPLACE", "UPDATE OR IGNORE", "UPDATE OR FAIL"), "postgresql": ("UPDATE ONLY",)}


def test_no_verb_of_the_database_goes_around_the_guard_of_holds(sql: Connection) -> None:
    hold(sql, 1, 2, "20-21")
    for verb in INSERTS[sql.dialect.name]:
        with refused(sql, *OVERLAP):
            hold(sql, 1, 3, "9-10", verb=verb)
    for verb in UPDATES[sql.dialect.name]:
        with refused(sql, *OVERLAP):
            change(sql, "starts_at = :start, ends_at = :end", number=2, verb=verb)


def test_on_conflict_does_not_go_around_it(sql: Connection) -> None:
    hold(sql, 1, 2, "20-21")
    statement = text(
        "INSERT INTO hold (id, unit_id, claim_id, starts_at, ends_at) VALUES (2, 2, 2, :start, :end)"
        " ON CONFLICT (id) DO UPDATE SET unit_id = 1, starts_at = excluded.starts_at, ends_at = excluded.ends_at"
    ).bindparams(*_TIMES)
    with refused(sql, *OVERLAP):
        sql.execute(statement, hours("9-10"))


@pytest.mark.parametrize("time", ["8-9", "10-11", "7-8", "12-13"])
def test_holds_that_merely_touch_are_fine(sql: Connection, time: str) -> None:
    hold(sql, 1, 2, time)
    hold(sql, 1, 3, "20-21")
    change(sql, "starts_at = :start, ends_at = :end", number=3, time="13-14")


def test_holds_of_one_claim_may_overlap_and_other_units_are_free(sql: Connection) -> None:
    hold(sql, 1, 1, "9.5-11")
    hold(sql, 2, 2, "9-10")
    change(sql, "starts_at = :start", number=2, time="9-11")
    assert sql.scalar(text("SELECT count(*) FROM hold")) == 3


def test_what_was_let_go_can_be_held_by_another(sql: Connection) -> None:
    sql.execute(text("DELETE FROM hold WHERE id = 1"))
    hold(sql, 1, 2, "9-10")


@pytest.mark.parametrize("time", ["10-9", "9-9"])
def test_a_hold_ends_after_it_starts(sql: Connection, time: str) -> None:
    with refused(sql, *CHECK):
        hold(sql, 2, 2, time)
    with refused(sql, *CHECK):
        change(sql, "starts_at = :start, ends_at = :end", number=1, time=time)


# --- history ----------------------------------------------------------------------------------------------------------


def _columns(connection: Connection, table: str) -> list[str]:
    return list(connection.execute(text(f"SELECT * FROM {table} WHERE 1 = 0")).keys())


def _rows(connection: Connection, table: str) -> list[tuple[object, ...]]:
    key = APPEND_ONLY[table]
    return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY {key}"))]


def _is_refused(connection: Connection, table: str, *statements: str) -> None:
    before = _rows(connection, table)
    with refused(connection, f"append_only: {table} is never changed"):
        for statement in statements:
            connection.execute(text(statement))
    assert _rows(connection, table) == before, statements


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_column_of_history_can_be_changed(sql: Connection, table: str) -> None:
    for column in _columns(sql, table):
        _is_refused(sql, table, f"UPDATE {table} SET {column} = {column} WHERE {APPEND_ONLY[table]} = 1")
    _is_refused(sql, table, f"UPDATE {table} SET {APPEND_ONLY[table]} = {APPEND_ONLY[table]} + 100")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_row_of_history_can_be_deleted(sql: Connection, table: str) -> None:
    for child in ("sealed",) if table == "seal" else ():
        _is_refused(sql, child, f"DELETE FROM {child}")
    _is_refused(sql, table, f"DELETE FROM {table} WHERE {APPEND_ONLY[table]} = 1")
    _is_refused(sql, table, f"DELETE FROM {table}")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_history_can_neither_be_emptied_nor_replaced_by_a_verb_of_the_database(sql: Connection, table: str) -> None:
    key, columns = APPEND_ONLY[table], ", ".join(_columns(sql, table))
    if sql.dialect.name == "postgresql":
        _is_refused(sql, table, f"TRUNCATE {table} CASCADE")
        with refused(sql, "append_only"):
            sql.execute(text("TRUNCATE person, seal CASCADE"))
        return
    for verb in ("INSERT OR REPLACE", "REPLACE"):
        _is_refused(sql, table, f"{verb} INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE {key} = 1")
    _is_refused(sql, table, f"UPDATE OR REPLACE {table} SET {key} = 2 WHERE {key} = 1")


def test_a_seal_cannot_be_pushed_out_by_another_row_with_its_digest(sql: Connection) -> None:
    if sql.dialect.name == "postgresql":
        with refused(sql, "uq_seal_digest"):
            sql.execute(text("INSERT INTO seal SELECT 99, at, previous, count, digest FROM seal WHERE id = 1"))
        return
    _is_refused(  # REPLACE deletes whatever collides in any unique column, without asking the triggers of DELETE
        sql,
        "seal",
        "PRAGMA defer_foreign_keys = ON",
        "INSERT OR REPLACE INTO seal (id, at, previous, count, digest)"
        " SELECT 99, at, previous, count, digest FROM seal WHERE id = 1",
    )


def test_an_upsert_does_not_change_history(sql: Connection) -> None:
    for table, key in APPEND_ONLY.items():
        columns = ", ".join(_columns(sql, table))
        copy = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE {key} = 1"
        _is_refused(sql, table, f"{copy} ON CONFLICT ({key}) DO UPDATE SET {key} = 77")


def test_history_can_be_added_to(sql: Connection) -> None:
    for table, key in {"event": "id", "seal": "id"}.items():
        rest = [column for column in _columns(sql, table) if column != key]
        taken = ", ".join("'another'" if column == "digest" else column for column in rest)
        sql.execute(
            text(f"INSERT INTO {table} ({key}, {', '.join(rest)}) SELECT 50, {taken} FROM {table} WHERE id = 1")
        )
    sql.execute(text("INSERT INTO sealed (event_id, seal_id) VALUES (50, 50)"))
    assert len(_rows(sql, "sealed")) == 4


def test_the_words_of_an_event_can_be_erased(sql: Connection) -> None:
    erase = text("UPDATE event_detail SET salt = NULL, body = NULL, erased_at = :start WHERE event_id = 1")
    sql.execute(erase.bindparams(_TIMES[0]), {"start": NINE})
    assert sql.scalar(text("SELECT salt FROM event_detail WHERE event_id = 1")) is None
    sql.execute(text("DELETE FROM event_detail WHERE event_id = 2"))
    assert len(_rows(sql, "event")) == 3
