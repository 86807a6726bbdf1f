"""The two engines on the one database, one that writes and one that cannot: their connections and transactions."""

from __future__ import annotations

import sqlite3
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

LOCK_WAIT_MS = 8000
PREPARED = 1000
SORTED_KB = 32 * 1024
# What is mapped of SQLite's file, at most, where connections only read: a feed of 10,000 entries looks at as many pages
# all over the file, and a call to the system for each is a quarter of its time. A larger cache would be lost with every
# write of others. The price: a file that is cut off under its reader ends the process.
MAPPED = 2**30


def options_for(url: str, *, reads: bool = False) -> dict[str, Any]:
    """Options of an engine for a database URL: every wait for a lock is bounded, the isolation level is stated.

    PostgreSQL reads without transactions. Each statement sees what is committed, as it would within one, BEGIN and
    ROLLBACK are no round trips, and the driver keeps its prepared statements, which it drops with every ROLLBACK.
    """
    if not url.startswith("postgresql"):
        return {}
    # A plan costs less than to compile it, and what a large feed sorts goes into memory.
    said = f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC -c jit=off -c work_mem={SORTED_KB}"
    return {
        "skip_autocommit_rollback": True,
        "pool_use_lifo": True,  # the connection used last has its statements prepared
        "pool_pre_ping": False,
        "pool_size": 10,
        "max_overflow": 20,
        "pool_timeout": LOCK_WAIT_MS / 1000,
        "isolation_level": "AUTOCOMMIT" if reads else "READ COMMITTED",
        "connect_args": {
            "options": f"{said} -c default_transaction_read_only=on" if reads else said,
            "connect_timeout": 5,
        },
    }


def forbid_writing(engine: Engine) -> None:
    """Make every connection of an engine one that cannot write; PostgreSQL's are by their options."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _only_read)


def _only_read(connection: sqlite3.Connection, record: Any) -> None:
    for pragma in ("query_only=ON", f"mmap_size={MAPPED}"):
        connection.execute(f"PRAGMA {pragma}")


def watch(engine: Engine) -> None:
    """Note on an engine's connections whether their transaction has written."""
    event.listen(engine, "before_cursor_execute", _note)


def has_written(connection: Connection) -> bool:
    """Whether the transaction that is open on a watched connection has done more than read."""
    return bool(connection.info.get("wrote", True))


def _note(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
    if not statement.startswith("SELECT"):
        connection.info["wrote"] = True


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, record: Any) -> None:
    """SQLite: durable, referential, patient; SQLAlchemy and not the driver decides when a transaction begins."""
    if not type(connection).__module__.startswith("sqlite3"):
        connection.prepared_max = PREPARED  # psycopg keeps 100, and the pages together have more
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={LOCK_WAIT_MS}", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    _keep_log(cursor)
    cursor.close()


def _keep_log(cursor: sqlite3.Cursor) -> None:
    """Give the file a write-ahead log. A new file needs to be alone for that, and SQLite's own patience ends there."""
    give_up_at = monotonic() + LOCK_WAIT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > give_up_at:
                raise
        sleep(0.02)


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """A writing transaction on SQLite takes the write lock at once: checked is then the same as written."""
    options = connection.get_execution_options()
    if connection.dialect.name == "sqlite":
        if options.get("writes"):
            connection.exec_driver_sql(f"PRAGMA busy_timeout={options.get('wait_ms', LOCK_WAIT_MS)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
    elif (wait_ms := options.get("wait_ms")) is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(wait_ms)}")
    if options.get("writes"):
        connection.info["wrote"] = False
