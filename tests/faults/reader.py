"""The judge: reads the database with its own driver and its own SQL, and shares no code with what it judges."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

_OVERLAPS = """
SELECT a.id, b.id FROM hold AS a JOIN hold AS b ON a.unit_id = b.unit_id AND a.id < b.id AND a.claim_id <> b.claim_id
WHERE a.starts_at < b.ends_at AND b.starts_at < a.ends_at AND a.unit_id IN
"""
_DOUBLE = """
SELECT a.id, b.id FROM booking AS a JOIN booking AS b ON a.unit_id = b.unit_id AND a.id < b.id
WHERE a.starts_at < b.ends_at AND b.starts_at < a.ends_at
AND a.state IN ('waiting', 'approved', 'running', 'finished')
AND b.state IN ('waiting', 'approved', 'running', 'finished') AND a.unit_id IN
"""
_UNKEPT = """
SELECT b.id FROM booking AS b LEFT JOIN hold AS h ON h.claim_id = b.claim_id AND h.unit_id = b.unit_id
AND h.starts_at <= b.starts_at AND h.ends_at >= b.ends_at
WHERE (h.id IS NULL) = (b.state IN ('waiting', 'approved', 'running', 'finished'))
AND b.state <> 'released' AND b.unit_id IN
"""


def instant(stored: Any) -> datetime:
    """What either database keeps of an instant."""
    return stored if isinstance(stored, datetime) else datetime.fromisoformat(stored).replace(tzinfo=UTC)


class Reader:
    """A connection of its own to the database behind a SQLAlchemy URL; every statement is its own transaction."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite:///")
        self.refusal = sqlite3.IntegrityError if self.is_sqlite else psycopg.errors.ExclusionViolation
        self._url = url
        self._connection: Any = self.connected()

    def connected(self) -> Any:
        """One more connection, in autocommit."""
        if self.is_sqlite:
            path = self._url.removeprefix("sqlite:///")
            return sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        return psycopg.connect(self._url.replace("+psycopg", ""), autocommit=True)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def rows(self, sql: str, *values: object) -> list[Any]:
        """The rows of a statement whose values are marked `?`."""
        cursor = self._connection.execute(sql if self.is_sqlite else sql.replace("?", "%s"), values)
        return list(cursor.fetchall()) if cursor.description else []

    def double_bookings(self, units: Sequence[int]) -> list[Any]:
        """Pairs of overlapping holds, and pairs of overlapping bookings that keep their time, on these units."""
        among = _among(units)
        return self.rows(_OVERLAPS + among) + self.rows(_DOUBLE + among)

    def unkept(self, units: Sequence[int]) -> list[Any]:
        """Bookings that should have a hold around their time and have none, or the reverse; released ones have half."""
        return self.rows(_UNKEPT + _among(units))

    def states(self, units: Sequence[int]) -> dict[str, str]:
        """The state of every booking on these units, by the key of its request."""
        sql = "SELECT r.key, b.state FROM booking AS b JOIN request AS r ON r.id = b.request_id WHERE b.unit_id IN"
        return dict(self.rows(sql + _among(units)))

    def hours_by_partner(self, resource_id: int, first: datetime, last: datetime) -> dict[int, timedelta]:
        """How long those of a resource's bookings last that keep their time and begin then; in all, by partner."""
        rows = self.rows(
            "SELECT r.partner_id, b.starts_at, b.ends_at FROM booking AS b JOIN request AS r ON r.id = b.request_id"
            " WHERE b.resource_id = ? AND b.state IN ('waiting', 'approved', 'running', 'finished')",
            resource_id,
        )
        had: dict[int, timedelta] = {}
        for partner, start, end in ((one, instant(start), instant(end)) for one, start, end in rows):
            if first <= start < last:
                had[partner] = had.get(partner, timedelta()) + (end - start)
        return had

    @contextmanager
    def without_guard(self) -> Iterator[None]:
        """Drop the database's own rule against overlaps; afterwards put it back over an empty table of holds."""
        restore = self._drop_guard()
        try:
            yield
        finally:
            self.rows("DELETE FROM hold")
            for statement in restore:
                self.rows(statement)

    def _drop_guard(self) -> list[str]:
        if self.is_sqlite:
            found = self.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'hold'")
            for name, _ in found:
                self.rows(f"DROP TRIGGER {name}")
            assert found, "there is no guard to drop"
            return [sql for _, sql in found]
        kept = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'hold'::regclass"
        found = self.rows(f"{kept} AND contype = 'x'")
        assert found, "there is no guard to drop"
        for name, _ in found:
            self.rows(f"ALTER TABLE hold DROP CONSTRAINT {name}")
        return [f"ALTER TABLE hold ADD CONSTRAINT {name} {rule}" for name, rule in found]


def _among(units: Sequence[int]) -> str:
    return f" ({', '.join(str(int(unit)) for unit in units)})"
