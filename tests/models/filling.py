"""Fills any schema with rows, knowing only what the database itself tells: it works at every revision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, MetaData, Table

import labbook.models  # noqa: F401 - fills the metadata
from labbook.column_types import AmountType, CodeType, WordsType
from labbook.core.amount import Amount
from labbook.core.language import Words
from labbook.db import Base

ROWS = 3
_START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Row = dict[str, Any]


def schema(connection: Connection) -> MetaData:
    """What the database has now, without Alembic's own table."""
    found = MetaData()
    found.reflect(connection)
    return found


def tables(connection: Connection) -> list[Table]:
    """The lab's tables, parents before children."""
    return [table for table in schema(connection).sorted_tables if table.name != "alembic_version"]


def fill(connection: Connection) -> None:
    """Three rows in every table, numbered from 1; row n refers to row n of other tables."""
    for table in tables(connection):
        connection.execute(table.insert(), [_row(table, number) for number in range(1, ROWS + 1)])


def content(connection: Connection) -> dict[str, list[Row]]:
    """All rows of all tables."""
    return {
        table.name: [dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()]
        for table in tables(connection)
    }


def _row(table: Table, number: int) -> Row:
    return {column.name: _value(table.name, column, number) for column in table.columns}


def _value(table: str, column: Column[Any], number: int) -> Any:
    if column.foreign_keys:
        return None if column.nullable else number
    if (stored := _as_modelled(table, column.name, number)) is not None:
        return stored
    for kind, make in _PLAIN.items():
        if isinstance(column.type, kind):
            return make(column, number)
    raise AssertionError(f"{table}.{column.name}: say in _PLAIN what a {column.type!r} is filled with")


_PLAIN: dict[type[sa.types.TypeEngine[Any]], Callable[[Column[Any], int], Any]] = {
    sa.Boolean: lambda column, number: False,
    sa.Integer: lambda column, number: number + (600 if column.name == "closes" else 0),
    sa.Float: lambda column, number: number / 2,
    sa.DateTime: lambda column, number: _START + timedelta(days=number, hours=column.name.startswith("ends")),
    sa.Date: lambda column, number: date(2026, 11, number + 10 * column.name.startswith(("ends", "expires"))),
    sa.LargeBinary: lambda column, number: bytes([number]),
    sa.JSON: lambda column, number: {"number": number},
    sa.String: lambda column, number: f"{number}-{column.name}"[: column.type.length],  # type: ignore[attr-defined]
}


def _as_modelled(table: str, column: str, number: int) -> str | None:
    """Codes, amounts and words in the spelling that today's models read; None for every other column."""
    known = Base.metadata.tables.get(table)
    kind = known.columns[column].type if known is not None and column in known.columns else None
    if isinstance(kind, CodeType):
        return str(next(iter(kind.codes)))
    if isinstance(kind, AmountType):
        return str(Amount.parse("90 min"))
    if isinstance(kind, WordsType):
        words = Words(f"word {number}", f"語 {number}")
        return f"{words.en}{WordsType.separator}{words.ja}"
    return None
