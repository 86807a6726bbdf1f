"""Keeping the texts of calendars that were made for an answer."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from ...db import db, in_passing

AT_ONCE = 500
"""So many texts are made, and kept, in one go."""


class Shelf:
    """Texts that were made for one answer, to be kept in one go with what else is remembered of it."""

    def __init__(self) -> None:
        self._several: list[tuple[Any, list[dict[str, Any]]]] = []

    def put(self, table: Any, rows: list[dict[str, Any]]) -> None:
        """Take rows of one of the tables of texts; so many that it would be a pity to lose them are kept at once."""
        if len(rows) >= AT_ONCE:
            _store(table, rows)
        elif rows:
            self._several.append((table, rows))

    def is_empty(self) -> bool:
        """There is nothing to be kept."""
        return not self._several

    def keep(self) -> None:
        """Write them, in the transaction that is open or in one of their own."""
        for table, rows in self._several:
            _store(table, rows)
        self._several = []


@in_passing
def _store(table: Any, rows: list[dict[str, Any]]) -> None:
    """Keep texts, in place of older ones; left out when that would have to wait."""
    db.session.execute(_upsert(table, db.session.get_bind().dialect.name), rows)


@cache
def _upsert(table: Any, dialect: str) -> Any:
    """The statement, put together once."""
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.__table__.primary_key]
    fresh = {column.name: statement.excluded[column.name] for column in table.__table__.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=fresh)
