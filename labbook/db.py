"""The database: connections, locks, and `transactional`, the only place that commits."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Engine, MetaData, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from . import engines
from .column_types import UtcDateTime

P = ParamSpec("P")
R = TypeVar("R")

PASSING_WAIT_MS = 50
READING = "reading"


class Base(DeclarativeBase):
    """Constraint names follow one pattern, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class _ReadingSession(Session):
    """Reads through connections that cannot write; inside of `transactional` everything goes through those that can."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kwargs: Any) -> Engine | Connection:
        return bind or db.engines[None if self.info.get("writing") else READING]


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "class_": _ReadingSession})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


# --- reading ----------------------------------------------------------------------------------------------------------


class _Present(FunctionElement[datetime]):
    """The present, as SQL."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(_Present)
def _present(element: _Present, compiler: SQLCompiler, **options: Any) -> str:
    return "now()"


@compiles(_Present, "sqlite")
def _present_of_sqlite(element: _Present, compiler: SQLCompiler, **options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def now_column() -> ColumnElement[datetime]:
    """The present, as a column: from the server on PostgreSQL, from this machine on SQLite."""
    return _Present().label("now")


def present() -> datetime:
    """The present by the same clock, for those who have no row to read it with."""
    return db.session.execute(select(now_column())).scalar_one()


# --- locks ------------------------------------------------------------------------------------------------------------


class Lock(StrEnum):
    """What a writer locks, in the one order in which everybody locks it."""

    SITE = "site"
    AREA = "area"
    AGREEMENT = "agreement"
    PERSON = "person"
    UNIT = "unit"
    TRAIL = "trail"  # making seals
    TRIES = "tries"  # counting those at a door
    LETTERS = "letters"  # writing those of what has happened: workers take turns


_LOCK_ORDER = {lock: number for number, lock in enumerate(Lock, start=1)}


def take_locks(wanted: Iterable[tuple[Lock, int]], *, shared: Iterable[tuple[Lock, int]] = ()) -> None:
    """Lock things by kind and id until the end of the transaction, sorted, so that writers never deadlock.

    On SQLite the whole database is locked already (BEGIN IMMEDIATE). Raises what `transactional` turns into BusyError
    after LOCK_WAIT_MS.
    """
    if db.session.get_bind().dialect.name != "postgresql":
        return
    keys = sorted(
        [(_LOCK_ORDER[kind], number, False) for kind, number in set(wanted)]
        + [(_LOCK_ORDER[kind], number, True) for kind, number in set(shared)]
    )
    calls = [
        (func.pg_advisory_xact_lock_shared if is_shared else func.pg_advisory_xact_lock)(kind, number)
        for kind, number, is_shared in keys
    ]
    db.session.execute(select(*calls))


# --- the one transaction ----------------------------------------------------------------------------------------------


class OverlapError(Exception):
    """The database refused two claims on one unit, or gave up a deadlock between two that asked for it."""


class BusyError(Exception):
    """A lock could not be had in time, or the database is away: nothing was written, try again."""


class UnknownOutcomeError(Exception):
    """The commit itself failed: it may or may not have been written."""


_OVERLAP_STATES = {"23P01", "40P01"}
_BUSY_STATES = {"55P03", "57P01", "57P02", "57P03", "53100", "53300", "08000", "08003", "08006"}


def transactional(function: Callable[P, R]) -> Callable[P, R]:
    """Run a service in one writing transaction: all of it is committed, or none.

    What the session had read before is forgotten first: facts that decide are read after the locks. A transactional
    service called by another joins the transaction that is open. Raises OverlapError, BusyError, UnknownOutcomeError.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        session = db.session
        if session.info.get("writing"):
            return function(*args, **kwargs)
        session.rollback()
        session.expire_all()  # also what was read in a transaction that has ended
        session.info["writing"] = True
        connection = None
        try:
            connection = session.connection(execution_options={"writes": True, **session.info.get("impatient", {})})
            result = function(*args, **kwargs)
            session.flush()
            _commit()
        except DBAPIError as error:
            session.rollback()
            raise _meaning(error) from error
        except BaseException:
            _undo(connection)
            raise
        finally:
            session.info.pop("writing", None)
        return result

    return run


def _undo(connection: Connection | None) -> None:
    """Leave the transaction without a trace.

    Where nothing was written, as when a request is refused, COMMIT does that too: psycopg drops all its prepared
    statements with every ROLLBACK.
    """
    session = db.session
    with suppress(SQLAlchemyError):
        is_clean = connection is not None and not engines.has_written(connection)
        if is_clean and not (session.new or session.dirty or session.deleted):
            session.commit()
            session.expire_all()
            return
    session.rollback()


def in_passing(function: Callable[P, None]) -> Callable[P, None]:
    """Write something small that nobody waits for: at once, or not at all, and never an error."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        db.session.info["impatient"] = {"wait_ms": PASSING_WAIT_MS}
        try:
            transactional(function)(*args, **kwargs)
        except (OverlapError, BusyError, UnknownOutcomeError):
            return
        finally:
            db.session.info.pop("impatient", None)

    return run


def _commit() -> None:
    try:
        db.session.commit()
    except IntegrityError:
        raise
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        was_answered = state is not None and not state.startswith(("08", "57P"))
        is_locked = "database is locked" in str(error.orig) or "disk is full" in str(error.orig)
        if was_answered or is_locked:  # the database itself said that it did not commit
            raise
        raise UnknownOutcomeError from error


def _meaning(error: DBAPIError) -> Exception:
    if getattr(error.orig, "sqlstate", None) in _OVERLAP_STATES or "no_overlap" in str(error.orig):
        return OverlapError()
    return BusyError() if _is_busy(error) else error


def _is_busy(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    text = str(error.orig)
    locked = isinstance(error, OperationalError) and any(
        word in text for word in ("database is locked", "disk is full", "disk I/O error", "unable to open")
    )
    return (
        locked
        or state in _BUSY_STATES
        or error.connection_invalidated
        or (isinstance(error, OperationalError) and state is None and "sqlite" not in type(error.orig).__module__)
    )
