"""Whatever changes somebody's rights raises that person's serial, by whichever way it is written: feeds rest on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, inspect, text


@pytest.fixture
def sql(guarded: Engine) -> Iterator[Connection]:
    """Person n holds a role with partner n; agreement n and project n are those of partner n."""
    with guarded.connect() as connection:
        connection.execute(text("UPDATE role_grant SET partner_id = id"))
        for table in inspect(connection).get_table_names():
            if table.startswith("agreement_"):  # what an agreement covers would keep it from being deleted
                connection.execute(text(f"DELETE FROM {table}"))
        yield connection
        connection.rollback()


def _whose_rose(connection: Connection, statement: str) -> set[int]:
    serials = text("SELECT id, rights_serial FROM person")
    before = {row.id: row.rights_serial for row in connection.execute(serials)}
    connection.execute(text(statement))
    return {row.id for row in connection.execute(serials) if row.rights_serial > before[row.id]}


_GRANT = "role_grant (id, person_id, role, partner_id, starts_on)"
_AGREEMENT = "agreement (id, key, partner_id, site_id, starts_on)"


@pytest.mark.parametrize(
    ("statement", "whose"),
    [
        (f"INSERT INTO {_GRANT} VALUES (9, 3, 'staff', NULL, '2026-01-01')", {3}),
        ("UPDATE role_grant SET ends_on = '2026-12-31' WHERE id = 2", {2}),
        ("UPDATE role_grant SET person_id = 1 WHERE id = 2", {1, 2}),
        ("DELETE FROM role_grant WHERE id = 1", {1}),
        (f"INSERT INTO {_AGREEMENT} VALUES (9, 'key-9', 2, 1, '2026-01-01')", {2}),
        ("UPDATE agreement SET ends_on = '2026-12-31' WHERE id = 3", {3}),
        ("UPDATE agreement SET partner_id = 1 WHERE id = 3", {1, 3}),
        ("DELETE FROM agreement WHERE id = 1", {1}),
        ("INSERT INTO project_partner (project_id, partner_id) VALUES (1, 2)", {2}),
        ("UPDATE project_partner SET project_id = 2 WHERE project_id = 1", {1}),
        ("UPDATE project_partner SET partner_id = 3 WHERE project_id = 1", {1, 3}),
        ("DELETE FROM project_partner WHERE project_id = 2", {2}),
        ("UPDATE role_grant SET ends_on = '2026-12-31'", {1, 2, 3}),
        ("UPDATE person SET family_name = 'Other'", set()),
    ],
)
def test_a_change_of_rights_is_never_missed(sql: Connection, statement: str, whose: set[int]) -> None:
    assert _whose_rose(sql, statement) == whose
