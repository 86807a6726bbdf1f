"""One row by one value, as often as calendars ask: compiled once, and then sent through the driver itself.

An unchanged feed is such a row and little else; what SQLAlchemy does around a statement would be half of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Engine, Row, Select


class _Ready(NamedTuple):
    """A statement as a driver takes it."""

    sql: str
    constants: Mapping[str, Any]
    order: Sequence[str] | None  # of its values, where they have no names
    read: Sequence[Callable[[Any], Any] | None]  # one for each column

    def values(self, given: Mapping[str, Any]) -> Any:
        """What goes with it."""
        all_values = {**self.constants, **given}
        return all_values if self.order is None else [all_values[name] for name in self.order]


class LookUp:
    """A SELECT of at most one row, whose values are given as the columns keep them.

    It runs outside of any transaction: no BEGIN, no ROLLBACK, no round trip for them.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._ready: dict[str, _Ready] = {}

    def row(self, engine: Engine, **given: str) -> Row[Any] | tuple[Any, ...] | None:
        """The row, or None. Raises DBAPIError."""
        with suppress(engine.dialect.loaded_dbapi.Error):
            return self._quickly(engine, given)
        # What goes wrong is SQLAlchemy's to tell: it knows a lost connection, and forgets with it all that were.
        with engine.connect() as connection:
            return connection.execute(self._statement, given).one_or_none()

    def _quickly(self, engine: Engine, given: Mapping[str, str]) -> tuple[Any, ...] | None:
        ready = self._ready.get(engine.dialect.name) or self._prepared(engine.dialect)
        values = ready.values(given)
        connection = engine.raw_connection()
        with closing(connection):
            try:
                cursor = connection.cursor()
                for tell in engine.dispatch.before_cursor_execute:  # those who count statements
                    tell(None, cursor, ready.sql, values, None, False)
                cursor.execute(ready.sql, values)
                found = cursor.fetchone()
                cursor.close()
            except Exception:
                connection.invalidate()
                raise
        if found is None:
            return None
        return tuple(read(value) if read else value for read, value in zip(ready.read, found, strict=True))

    def _prepared(self, dialect: Dialect) -> _Ready:
        compiled: Any = self._statement.compile(dialect=dialect)

        def kept(name: str, value: Any) -> Any:
            write = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            return write(value) if write else value

        types = [column.type.dialect_impl(dialect) for column in self._statement.selected_columns]
        made = _Ready(
            str(compiled),
            {name: kept(name, value) for name, value in compiled.params.items() if value is not None},
            compiled.positiontup,
            [one.result_processor(dialect, None) for one in types],
        )
        self._ready[dialect.name] = made
        return made
