"""Fills a migrated database with the large lab, quickly: rows go to the driver as they are, COPY on PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.orm import Session

from ..core.lifecycle import Action, State
from ..models import Booking, Claim, Event, EventDetail, Hold, Request, Series
from ..models.audit import digest_of
from .dealing import SEED, Dealt, Repeating, deal
from .lab import Lab, write_lab

DECIDED_AFTER, CANCELLED_AFTER = timedelta(hours=3), timedelta(hours=27)
SCRATCH = "bench_scratch"  # for the bare commit
Row = tuple[Any, ...]
Step = tuple[Action, State, datetime, int | None]  # and when, and by whom


def load(engine: Engine, *, resources: int, now: datetime, **sizes: int) -> tuple[Lab, list[Dealt]]:
    """Write the lab, with `sizes` as `deal` takes them, in one transaction. Raises ValueError when they do not fit."""
    with Session(engine) as session, session.begin():
        connection = session.connection(execution_options={"writes": True})
        lab = write_lab(session, resources=resources, now=now)
        dealt = deal(lab, **sizes)
        _write_bookings(connection, lab, dealt)
        connection.execute(text(f"CREATE TABLE {SCRATCH} (said VARCHAR(40))"))
    if engine.dialect.name == "postgresql":  # as autovacuum would soon; SQLite has nothing that would
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return lab, dealt


def _write_bookings(connection: Connection, lab: Lab, dealt: Sequence[Dealt]) -> None:
    dice = random.Random(SEED)
    numbered = list(enumerate(dealt, start=1))
    for number, one in numbered:
        if one.series and not one.series.request_id:
            one.series.request_id = number
    firsts = [(number, one) for number, one in numbered if _request_of(number, one) == number]
    _write(connection, Request, (_request(number, one, dice) for number, one in firsts))
    _write(connection, Series, (_series(one, one.series, dice) for _, one in firsts if one.series))
    _write(connection, Claim, ((number, "booking") for number, _ in numbered))
    _write(connection, Booking, (_booking(number, one, dice) for number, one in numbered))
    holds = ((number, one.unit_id, number, one.held.start, one.held.end) for number, one in numbered if one.held)
    _write(connection, Hold, holds)
    events = list(_events(lab, numbered, dice))
    _write(connection, Event, (event for event, _ in events))
    _write(connection, EventDetail, (detail for _, detail in events))


COLUMNS: dict[Any, str] = {
    Request: "id key site_id partner_id person_id asked_by_id title purpose created_at version",
    Claim: "id kind",
    Booking: "id key uid request_id claim_id site_id resource_id unit_id person_id partner_id state starts_at ends_at"
    " by_day wall_start wall_end series_id recurrence_on findings sequence created_at changed_at version",
    Series: "id key uid request_id rule wall_start wall_end zone resource_id",
    Hold: "id unit_id claim_id starts_at ends_at",
    Event: "id at code actor_id subject subject_id site_id partner_id request_id booking_id state digest",
    EventDetail: "event_id salt body",
}


def _key(dice: random.Random) -> str:
    return f"{dice.getrandbits(96):024x}"


def _request(number: int, one: Dealt, dice: random.Random) -> Row:
    title, purpose = f"Fixed cells, plate {number}", "Time series of the third batch, with controls."
    whose = (one.resource.site_id, one.partner_id, one.person_id, one.person_id)
    return number, _key(dice), *whose, title, purpose, one.asked_at, 1


def _booking(number: int, one: Dealt, dice: random.Random) -> Row:
    steps, walls = _steps(one, staff_id=0), _walls(one)
    one.key, one.version = _key(dice), len(steps)
    seen = [step for step in steps if step[0] not in (Action.START, Action.FINISH)]  # by calendars
    whose = (one.person_id, one.partner_id)
    request_id = _request_of(number, one)
    ids = (number, one.key, _uid(dice), request_id, number, one.resource.site_id, one.resource.id, one.unit_id, *whose)
    when = (one.time.start, one.time.end, one.resource.by_day, *walls)
    date = (one.series.id, walls[0]) if one.series else (None, None)
    return *ids, one.state, *when, *date, [], len(seen) - 1, one.asked_at, seen[-1][2], one.version


def _series(first: Dealt, series: Repeating, dice: random.Random) -> Row:
    walls, zone = _walls(first), first.resource.zone.key
    return series.id, _key(dice), _uid(dice), series.request_id, series.rule, *walls, zone, first.resource.id


def _request_of(number: int, one: Dealt) -> int:
    """Each booking has one of its own, all dates of a series have that of the first."""
    return one.series.request_id if one.series else number


def _uid(dice: random.Random) -> str:
    return str(UUID(int=dice.getrandbits(128), version=4))


def _walls(one: Dealt) -> tuple[str, str]:
    start, end = (f"{at.astimezone(one.resource.zone):%Y-%m-%dT%H:%M}" for at in (one.time.start, one.time.end))
    return start, end


def _steps(one: Dealt, *, staff_id: int) -> list[Step]:
    """What led to its state."""
    first = State.WAITING if one.resource.asks else State.APPROVED
    steps: list[Step] = [(Action.ASK, first, one.asked_at, one.person_id)]
    decided_at = one.asked_at + DECIDED_AFTER
    if one.state is State.DECLINED:
        steps.append((Action.DECLINE, State.DECLINED, decided_at, staff_id))
    elif one.state is not State.WAITING and one.resource.asks:
        steps.append((Action.APPROVE, State.APPROVED, decided_at, staff_id))
    if one.state is State.CANCELLED:
        steps.append((Action.CANCEL, State.CANCELLED, one.asked_at + CANCELLED_AFTER, one.person_id))
    if one.state in (State.RUNNING, State.FINISHED):
        steps.append((Action.START, State.RUNNING, one.time.start, None))
    if one.state is State.FINISHED:
        steps.append((Action.FINISH, State.FINISHED, one.time.end, None))
    return steps


def _events(lab: Lab, numbered: Iterable[tuple[int, Dealt]], dice: random.Random) -> Iterator[tuple[Row, Row]]:
    """The events of all bookings, with their details."""
    number = 0
    for booking, one in numbered:
        times = {"starts": one.time.start.isoformat(), "ends": one.time.end.isoformat()}
        for action, state, at, actor_id in _steps(one, staff_id=lab.staff_id):
            number += 1
            said = times if action is Action.ASK else {}
            salt = f"{dice.getrandbits(128):032x}"
            about = (one.resource.site_id, one.partner_id, _request_of(booking, one), booking, str(state))
            step = (number, at, f"booking-{action}", actor_id, "booking", booking, *about, digest_of(salt, said))
            yield step, (number, salt, said)


def _write(connection: Connection, model: Any, rows: Iterable[Row]) -> None:
    """Rows into a table, each value spelled as the model's column types spell it."""
    table: Table = model.__table__
    names, dialect = COLUMNS[model].split(), connection.dialect
    spell = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    spelled = ([by(value) if by else value for by, value in zip(spell, row, strict=True)] for row in rows)
    into = f"{table.name} ({', '.join(names)})"
    if dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", [tuple(row) for row in spelled])  # noqa: S608
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in spelled:
            copy.write_row(row)
    if names[0] == "id":
        sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
        connection.execute(text(f"SELECT setval({sequence}, (SELECT max(id) FROM {table.name}))"))  # noqa: S608
