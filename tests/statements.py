"""Counts the SQL statements that a page sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_AROUND = ("BEGIN", "PRAGMA", "SET LOCAL", "SAVEPOINT", "RELEASE")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent meanwhile through any connection, in order; what only begins a transaction is left out."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(_AROUND):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def unlike(few: list[str], many: list[str]) -> str:
    """What two lists of statements do not have in common, for the message of a failing test."""
    rest, lines = list(few), []
    for statement in many:
        if statement in rest:
            rest.remove(statement)
        else:
            lines.append(f"+ {statement[:300]}")
    return "\n".join([f"{len(few)} statements became {len(many)}:", *lines, *(f"- {one[:300]}" for one in rest)])
