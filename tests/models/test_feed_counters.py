"""Whatever a feed shows, or is of, raises what feeds count, by whichever way it is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text

COUNTERS = {
    "site": ("places",),
    "resource": ("words", "full_revision", "busy_revision"),
    "person": ("words", "full_revision", "busy_revision", "rights_serial"),
    "partner": ("words", "full_revision"),
    "project": ("full_revision",),
    "series": ("revision",),
    "booking": ("version",),
}


@pytest.fixture
def sql(newest: Engine) -> Iterator[Connection]:
    """Booking n is of request n, resource n, person n, partner n, project n and series n; person n lives at site n.

    Person 3 works at site 3.
    """
    with newest.connect() as connection:
        connection.execute(text("UPDATE booking SET partner_id = id, project_id = id, series_id = id"))
        connection.execute(text("UPDATE person SET home_site_id = id"))
        connection.execute(text("UPDATE role_grant SET partner_id = id WHERE id < 3"))
        connection.execute(text("UPDATE role_grant SET site_id = 3 WHERE id = 3"))
        yield connection
        connection.rollback()


def counted(connection: Connection) -> dict[str, int]:
    """Every counter of every row, as "person 1 words"."""
    return {
        f"{table} {row.id} {counter}": row._mapping[counter]
        for table, counters in COUNTERS.items()
        for row in connection.execute(text(f"SELECT id, {', '.join(counters)} FROM {table}"))
        for counter in counters
    }


def rose(connection: Connection, statement: str) -> set[str]:
    """The counters that rise with a statement."""
    before = counted(connection)
    connection.execute(text(statement))
    return {name for name, count in counted(connection).items() if count > before.get(name, count)}


def full(number: int, *but: str) -> set[str]:
    """What shows booking n to those who see all of it."""
    tables = {"resource", "person", "partner", "project"} - set(but)
    return {f"series {number} revision", *(f"{table} {number} full_revision" for table in tables)}


def place(number: int) -> set[str]:
    """What names resource n to whomsoever."""
    return full(number) | {f"resource {number} words", f"resource {number} busy_revision"}


PLACES_2 = {"site 2 places"}
WORKS_AT_3 = {"person 3 rights_serial"}


@pytest.mark.parametrize(
    ("statement", "which"),
    [
        ("UPDATE partner SET name = '{}' WHERE id = 2", full(2) | {"partner 2 words"}),
        ("UPDATE person SET given_name = 'Other' WHERE id = 2", full(2) | {"person 2 words"}),
        ("UPDATE resource SET name = '{}' WHERE id = 2", place(2)),
        ("UPDATE resource SET kind = 'room' WHERE id = 2", place(2)),
        ("UPDATE unit SET name = 'Other' WHERE id = 2", place(2)),
        (
            "INSERT INTO unit (id, key, resource_id, name, position, is_active) VALUES (9, 'k', 2, 'n', 1, '1')",
            place(2),
        ),
        ("UPDATE site SET name = '{}' WHERE id = 2", place(2)),
        ("UPDATE site SET latitude = 1 WHERE id = 2", place(2)),
        ("UPDATE site SET zone = 'Asia/Seoul' WHERE id = 2", place(2) | {"person 2 rights_serial"}),
        ("UPDATE area SET name = '{}' WHERE id = 2", {"resource 2 busy_revision"}),
        ("UPDATE request SET title = 'Other' WHERE id = 2", full(2) | {"booking 2 version"}),
        ("UPDATE request SET purpose = 'Other' WHERE id = 2", full(2) | {"booking 2 version"}),
        ("UPDATE request SET assigned_to_id = 1 WHERE id = 2", {"resource 2 full_revision"}),
        ("UPDATE request SET asked_at = NULL WHERE id = 2", {"resource 2 full_revision"}),
        *(
            (f"UPDATE resource SET {column} = NOT {column} WHERE id = 2", PLACES_2)
            for column in ("is_hidden", "is_active")
        ),
        ("UPDATE resource SET area_id = 1 WHERE id = 2", PLACES_2),
        ("UPDATE resource SET shares_buffers = NOT shares_buffers WHERE id = 2", PLACES_2),
        ("UPDATE resource SET two_steps = NOT two_steps WHERE id = 2", PLACES_2),
        ("UPDATE site SET merges_busy = NOT merges_busy WHERE id = 2", PLACES_2),
        ("INSERT INTO resource_group_member (group_id, resource_id) VALUES (1, 2)", PLACES_2),
        ("DELETE FROM resource_group_member WHERE resource_id = 2", PLACES_2),
        ("UPDATE resource_group_member SET resource_id = 3 WHERE resource_id = 2", PLACES_2 | {"site 3 places"}),
        ("INSERT INTO resource_partner (resource_id, partner_id) VALUES (1, 2)", {"person 2 rights_serial"}),
        ("DELETE FROM resource_partner WHERE partner_id = 2", {"person 2 rights_serial"}),
        ("UPDATE person SET home_site_id = 1 WHERE id = 2", {"person 2 rights_serial"}),
        ("UPDATE person SET is_active = NOT is_active WHERE id = 3", WORKS_AT_3),
        ("UPDATE person SET is_active = NOT is_active WHERE id = 2", set()),
        ("INSERT INTO resource_approver (resource_id, person_id) VALUES (3, 1)", WORKS_AT_3),
        ("DELETE FROM resource_approver WHERE resource_id = 3", WORKS_AT_3),
        ("INSERT INTO area_approver (area_id, person_id) VALUES (3, 1)", WORKS_AT_3),
        ("UPDATE area_approver SET for_safety = NOT for_safety WHERE area_id = 3", WORKS_AT_3),
        ("UPDATE stand_in SET ended_at = NULL WHERE id = 3", WORKS_AT_3),
        ("UPDATE role_grant SET ends_on = NULL WHERE id = 3", WORKS_AT_3),
        ("UPDATE resource SET position = 9, note = '{}'", set()),
        ("UPDATE person SET language = 'ja', email = 'other@lab.example' WHERE id = 2", set()),
        ("UPDATE request SET decide_by = NULL", set()),
        ("UPDATE site SET first_weekday = 6, description = '{}'", set()),
    ],
)
def test_a_change_of_what_feeds_show_is_never_missed(sql: Connection, statement: str, which: set[str]) -> None:
    assert rose(sql, statement) == which


def test_whoever_is_named_beside_another_colleague_is_judged_with_them(sql: Connection) -> None:
    """Another's role or account decides on whom it falls to decide."""
    sql.execute(
        text("INSERT INTO role_grant (id, person_id, role, site_id, starts_on) VALUES (9, 1, 'staff', 3, '2026-01-01')")
    )
    assert rose(sql, "UPDATE role_grant SET ended_at = NULL WHERE id = 9") == {
        f"person {n} rights_serial" for n in (1, 3)
    }
    assert rose(sql, "UPDATE person SET is_active = NOT is_active WHERE id = 1") == {
        f"person {n} rights_serial" for n in (1, 3)
    }
