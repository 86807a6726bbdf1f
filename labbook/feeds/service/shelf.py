"""Keeping the texts of calendars that were made for an answer."""

from __future__ import annotations

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
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.__table__.primary_key]
    fresh = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh), rows)
