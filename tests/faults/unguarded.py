"""A test build of the server with parts of its protection taken out; for the positive control, never for people.

FAULTS_LOCKS=off    what decides is read before and outside the writing transaction, as it would be with nothing but
                    the drivers' defaults: no advisory locks on PostgreSQL; on SQLite reads in autocommit and a
                    transaction that only begins with the first write.
FAULTS_PAUSE_MS     how long every writer waits between its check and its write.
FAULTS_LOCK_WAIT_MS how long to wait for a lock, instead of the eight seconds of the real server.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy.event
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

import labbook
from labbook import engines
from labbook.bookings.service import ask, matters, moving, waiving

database: Any = importlib.import_module("labbook.db")  # `labbook.db` names the extension in it
_WRITES = ("INSERT", "UPDATE", "DELETE")


def create_app() -> Flask:
    """The real application, weakened as the environment says."""
    if wait := os.environ.get("FAULTS_LOCK_WAIT_MS"):
        engines.LOCK_WAIT_MS = int(wait)
    if os.environ.get("FAULTS_LOCKS") == "off":
        _take_no_locks()
    if pause := os.environ.get("FAULTS_PAUSE_MS"):
        _pause_after_the_check(int(pause) / 1000)
    return labbook.create_app()


def _take_no_locks() -> None:
    for module in (ask, matters):
        module.take_locks = _no_locks  # type: ignore[attr-defined]
    # Or a change to the request would be written, and the write lock be had, before its rivals are read.
    database.db.session.session_factory.configure(autoflush=False)
    sqlalchemy.event.remove(Engine, "begin", engines._begin)
    sqlalchemy.event.listen(Engine, "before_cursor_execute", _begin_late)


def _no_locks(*wanted: object, **shared: object) -> None:
    pass


def _begin_late(connection: Connection, cursor: Any, statement: str, *rest: object) -> None:
    """What Python's SQLite driver does of its own accord."""
    is_write = statement.lstrip().upper().startswith(_WRITES)
    if connection.dialect.name == "sqlite" and is_write and not cursor.connection.in_transaction:
        cursor.execute("BEGIN IMMEDIATE")


def _pause_after_the_check(seconds: float) -> None:
    def pausing(choose: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            chosen = choose(*arguments)
            time.sleep(seconds)
            return chosen

        return run

    for module in (ask, moving, waiving):
        module.choose = pausing(module.choose)  # type: ignore[attr-defined]
