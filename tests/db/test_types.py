"""What goes into the column types comes out again, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from labbook.column_types import AmountType, CodeType, UtcDateTime, WordsType
from labbook.core.amount import Amount
from labbook.core.language import Words
from labbook.core.lifecycle import State
from labbook.db import db

BOX = Table(
    "box",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime),
    Column("words", WordsType),
    Column("amount", AmountType),
    Column("state", CodeType(State)),
)


@pytest.fixture
def box(app: Flask) -> Iterator[Connection]:
    """A connection that writes, with a table of all our types."""
    with db.engine.connect().execution_options(writes=True) as connection:
        BOX.create(connection)
        yield connection


def through(connection: Connection, column: str, value: object) -> object:
    """A value written and read back."""
    connection.execute(insert(BOX).values({column: value}))
    return connection.scalar(select(BOX.c[column]).order_by(BOX.c.id.desc()))


NINE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        NINE,
        datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo")),
        datetime(2026, 11, 22, 19, 0, tzinfo=ZoneInfo("America/New_York")),
        datetime(2026, 11, 23, 5, 45, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    ],
)
def test_an_instant_comes_back_in_utc_whatever_its_zone_was(box: Connection, given: datetime) -> None:
    back = through(box, "at", given)
    assert isinstance(back, datetime)
    assert (back, back.tzinfo) == (NINE, UTC)


def test_both_passes_of_a_repeated_hour_are_kept_apart_to_the_microsecond(box: Connection) -> None:
    first = datetime(2026, 11, 1, 1, 30, 0, 123456, tzinfo=ZoneInfo("America/New_York"))
    back = [through(box, "at", first.replace(fold=fold)) for fold in (0, 1)]
    assert back == [datetime(2026, 11, 1, hour, 30, 0, 123456, tzinfo=UTC) for hour in (5, 6)]


def test_an_instant_without_a_zone_is_refused_when_written(box: Connection) -> None:
    for statement in (insert(BOX), update(BOX)):
        with pytest.raises(StatementError, match="an instant needs a time zone") as refused:
            box.execute(statement.values(at=datetime(2026, 11, 23, 9, 0)))  # noqa: DTZ001 - that is the mistake
        assert not isinstance(refused.value, DBAPIError), "it is refused before the database hears of it"


def test_an_instant_without_a_zone_is_refused_when_compared(box: Connection) -> None:
    with pytest.raises(StatementError, match="an instant needs a time zone"):
        box.execute(select(BOX).where(BOX.c.at > datetime(2026, 11, 23, 9, 0)))  # noqa: DTZ001 - that is the mistake


def test_instants_are_compared_as_instants(box: Connection) -> None:
    through(box, "at", NINE)
    tokyo = ZoneInfo("Asia/Tokyo")
    assert box.scalar(select(BOX.c.id).where(BOX.c.at == NINE.astimezone(tokyo))) == 1
    assert box.scalar(select(BOX.c.id).where(BOX.c.at < datetime(2026, 11, 23, 9, 1, tzinfo=tokyo))) == 1
    assert box.scalar(select(BOX.c.id).where(BOX.c.at < datetime(2026, 11, 23, 8, 59, tzinfo=tokyo))) is None


@pytest.mark.parametrize(
    "words", [Words("Cell sorter", "セルソーター"), Words("Scope", ""), Words("", "顕微鏡"), Words()]
)
def test_words_keep_both_languages_and_which_of_them_is_missing(box: Connection, words: Words) -> None:
    assert through(box, "words", words) == words


@pytest.mark.parametrize("amount", ["90 min", "3 half-day", "1 d", "12 mo", "0 min"])
def test_an_amount_keeps_its_unit(box: Connection, amount: str) -> None:
    assert through(box, "amount", Amount.parse(amount)) == Amount.parse(amount)


@pytest.mark.parametrize("state", State)
def test_a_code_comes_back_as_its_member_and_is_stored_as_its_value(box: Connection, state: State) -> None:
    assert through(box, "state", state) is state
    assert box.scalar(text("SELECT state FROM box")) == state.value


def test_a_code_that_nobody_knows_is_an_error_and_not_something_else(box: Connection) -> None:
    box.execute(text("INSERT INTO box (state) VALUES ('dreaming')"))
    with pytest.raises((ValueError, KeyError), match="dreaming"):
        box.scalar(select(BOX.c.state))


@pytest.mark.parametrize("column", ["at", "words", "amount", "state"])
def test_nothing_stays_nothing(box: Connection, column: str) -> None:
    assert through(box, column, None) is None
