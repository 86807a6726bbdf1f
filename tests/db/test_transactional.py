"""`transactional`: all of a service is written, or nothing; whoever reads in it reads what is true now."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from labbook.core.language import Words
from labbook.db import BusyError, Lock, UnknownOutcomeError, db, take_locks, transactional
from labbook.models import Training

ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite has one writer at a time


def training(slug: str) -> Training:
    return Training(slug=slug, level=1, name=Words(slug, ""))


@transactional
def add(*slugs: str, then: Callable[[], object] = lambda: None) -> int:
    db.session.add_all(training(slug) for slug in slugs)
    then()
    return len(slugs)


def stored() -> list[str]:
    """What another connection sees."""
    with db.engine.connect() as connection:
        return list(connection.scalars(select(Training.slug).order_by(Training.slug)))


class Ends:
    """Counts how transactions end."""

    def __init__(self, engine: Engine) -> None:
        self.commits = self.rollbacks = 0
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "rollback", self._rollback)

    def _commit(self, connection: Connection) -> None:
        self.commits += 1

    def _rollback(self, connection: Connection) -> None:
        self.rollbacks += 1


def test_a_service_commits_once_and_returns_what_it_made(app: Flask) -> None:
    ends = Ends(db.engine)
    assert add("laser", "fire") == 2
    assert (ends.commits, ends.rollbacks) == (1, 0)
    assert stored() == ["fire", "laser"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_any_exception_takes_everything_back_and_goes_on_upwards(app: Flask, error: type[BaseException]) -> None:
    def fail() -> None:
        db.session.flush()
        raise error("in the middle")

    ends = Ends(db.engine)
    with pytest.raises(error, match="in the middle"):
        add("laser", then=fail)
    assert (ends.commits, ends.rollbacks) == (0, 1)
    assert stored() == []
    assert add("fire") == 1, "the session works on"
    assert stored() == ["fire"]


@transactional
def refuse(made: Callable[[], object] = lambda: None) -> None:
    assert db.session.scalar(select(func.count(Training.id))) == 0
    made()
    raise ValueError("refused")


@ON_POSTGRESQL
def test_a_refusal_that_wrote_nothing_leaves_the_prepared_statements(app: Flask) -> None:
    """psycopg drops them with every ROLLBACK, and each statement would be planned anew."""
    ends = Ends(db.engine)
    for _ in range(8):
        with pytest.raises(ValueError, match="refused"):
            refuse()
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 1
    assert (ends.commits, ends.rollbacks) == (8, 1)  # the one is of the look just now


@pytest.mark.parametrize(
    "made",
    [
        lambda: db.session.add(training("laser")),
        lambda: db.session.execute(insert(Training).values(slug="laser", level=1, name=Words("Laser", ""))),
        lambda: db.session.connection().exec_driver_sql("UPDATE claim SET kind = 'booking'"),
    ],
    ids=["not yet flushed", "by a statement", "past the session"],
)
def test_a_refusal_after_any_writing_is_rolled_back(app: Flask, made: Callable[[], object]) -> None:
    ends = Ends(db.engine)
    with pytest.raises(ValueError, match="refused"):
        refuse(made)
    assert (ends.commits, ends.rollbacks) == (0, 1)
    assert stored() == []


def test_what_the_database_refuses_at_the_last_flush_takes_everything_back(app: Flask) -> None:
    with pytest.raises(IntegrityError):
        add("laser", "fire", "laser")
    assert stored() == []


def test_a_service_in_a_service_joins_its_transaction(app: Flask) -> None:
    ends = Ends(db.engine)
    seen: list[list[str]] = []

    def inner() -> None:
        add("inner")
        db.session.flush()
        seen.append(stored() if db.engine.dialect.name == "postgresql" else [])

    add("outer", then=inner)
    assert seen == [[]], "nothing is visible before the outer one commits"
    assert (ends.commits, stored()) == (1, ["inner", "outer"])


def test_the_outer_service_takes_back_what_an_inner_one_wrote(app: Flask) -> None:
    def inner() -> None:
        add("inner")
        raise ValueError("after the inner one")

    with pytest.raises(ValueError, match="after the inner one"):
        add("outer", then=inner)
    assert stored() == []


def test_an_inner_failure_that_the_outer_one_handles_ends_nothing(app: Flask) -> None:
    def fail() -> None:
        raise ValueError

    def inner() -> None:
        with pytest.raises(ValueError):
            add("inner", then=fail)

    add("outer", then=inner)
    assert "outer" in stored()


def test_what_was_begun_before_and_not_committed_is_dropped(app: Flask) -> None:
    db.session.add(training("loose"))
    add("laser")
    assert stored() == ["laser"]


# --- reads ------------------------------------------------------------------------------------------------------------


def _renamed_elsewhere(slug: str, name: str) -> None:
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(update(Training).where(Training.slug == slug).values(name=Words(name, "")))


@transactional
def _laser_now() -> Training:
    return db.session.scalars(select(Training).where(Training.slug == "laser")).one()


def test_a_session_that_had_read_before_sees_the_newest_row(app: Flask) -> None:
    add("laser")
    db.session.remove()
    kept = db.session.scalars(select(Training)).one()
    assert kept.name.en == "laser"
    _renamed_elsewhere("laser", "renamed")
    assert _laser_now().name.en == "renamed"
    assert kept.name.en == "renamed"


def test_a_session_that_had_just_committed_sees_the_newest_row(app: Flask) -> None:
    add("laser")
    kept = _laser_now()  # committed, so that no transaction is open whose end would make it forget
    assert kept.name.en == "laser"
    _renamed_elsewhere("laser", "renamed")
    assert _laser_now().name.en == "renamed"
    assert kept.name.en == "renamed"


@ON_POSTGRESQL
def test_every_statement_after_the_locks_sees_what_others_committed(hasty: Flask, other: Connection) -> None:

    @transactional
    def look_twice() -> tuple[int | None, int | None]:
        count = select(func.count(Training.id))
        before = db.session.scalar(count)
        other.execute(insert(Training).values(slug="new", level=1, name=Words("new", ""), description=Words()))
        other.commit()
        take_locks([(Lock.UNIT, 1)])
        return before, db.session.scalar(count)

    assert look_twice() == (0, 1)


# --- when it cannot be had --------------------------------------------------------------------------------------------


def test_busy_within_the_bound_while_somebody_else_holds_the_lock(hasty: Flask, other: Connection) -> None:
    if db.engine.dialect.name == "sqlite":
        other = other.execution_options(writes=True)
        other.execute(text("SELECT 1"))
    else:
        other.execute(text("SELECT pg_advisory_xact_lock(5, 1)"))
    began = time.monotonic()
    with pytest.raises(BusyError):
        add("laser", then=lambda: take_locks([(Lock.UNIT, 1)]))
    assert 0.2 < time.monotonic() - began < 1.5
    other.rollback()
    assert stored() == []
    assert add("laser") == 1, "the session works on"


@ON_POSTGRESQL
def test_busy_when_a_row_is_locked_by_somebody_else(hasty: Flask, other: Connection) -> None:
    add("laser")
    other.execute(text("SELECT 1 FROM training FOR UPDATE"))
    with pytest.raises(BusyError):
        _rename("laser")


@transactional
def _rename(slug: str) -> None:
    db.session.execute(update(Training).where(Training.slug == slug).values(name=Words("new", "")))


@ON_POSTGRESQL
def test_busy_when_the_database_goes_away_in_the_middle(hasty: Flask, other: Connection) -> None:

    def cut_off() -> None:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": _backend(db.session.connection())})
        other.commit()
        time.sleep(0.05)

    with pytest.raises(BusyError):
        add("laser", then=cut_off)
    assert stored() == []
    assert add("laser") == 1, "the session has found itself a new connection"


def _backend(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)


def test_the_outcome_is_unknown_when_the_connection_breaks_in_the_commit(hasty: Flask, other: Connection) -> None:
    """The database commits, and the answer to that is lost on the way."""

    def lose_the_answer(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute("COMMIT")
        if connection.dialect.name == "postgresql":
            driver.close()
        else:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    event.listen(db.engine, "commit", lose_the_answer)
    with pytest.raises(UnknownOutcomeError):
        add("laser")
    event.remove(db.engine, "commit", lose_the_answer)
    assert stored() == ["laser"], "that is why nobody may say that nothing was written"
    assert add("fire") == 1, "the session works on"
