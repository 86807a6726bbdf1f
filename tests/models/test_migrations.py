"""The database comes from nothing, and from every earlier revision, to what the models say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import Session

from labbook.core.searching import search_text
from labbook.db import Base
from labbook.models import Resource
from tests.models.filling import ROWS, content, fill, tables
from tests.models.revisions import MIGRATIONS, move, plain_engine, revisions, scripts

HEAD = revisions()[-1]
# What a revision works out anew from what else is in the row.
WORKED_OUT = {("resource", "search_text")}


def test_there_is_one_line_of_revisions_in_files_that_begin_with_their_date() -> None:
    assert len(scripts().get_heads()) == 1
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    assert all(name[:10].count("-") == 2 and name[:4].isdigit() for name in names), names
    in_order = [Path(scripts().get_revision(revision).path).name for revision in revisions()]
    assert in_order == names


def test_from_nothing_the_database_becomes_what_the_models_say(blank: str) -> None:
    move(blank, "head")
    with plain_engine(blank).connect() as connection:
        assert differences(connection) == []
        assert names_in(connection) == names_of_models(connection.dialect.name)
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [HEAD]


@pytest.mark.parametrize("revision", revisions())
def test_from_each_revision_data_survive_the_way_up(blank: str, revision: str) -> None:
    move(blank, revision)
    engine = plain_engine(blank)
    with engine.begin() as connection:
        fill(connection)
        before = content(connection)
    move(blank, "head")
    with engine.connect() as connection:
        after = content(connection)
        assert differences(connection) == []
        assert names_in(connection) == names_of_models(connection.dialect.name)
    assert all(len(rows) == ROWS for rows in before.values())
    for table, rows in before.items():
        for old, new in zip(rows, after.get(table, rows), strict=True):
            kept = [key for key in old if key in new and (table, key) not in WORKED_OUT]
            assert {key: new[key] for key in kept} == {key: old[key] for key in kept}, table
    with Session(engine) as session:
        for mapper in Base.registry.mappers:
            session.scalars(select(mapper.class_)).all()  # today's types can read what yesterday's wrote
        for one in session.scalars(select(Resource)) if revision < "0007" else ():
            assert one.search_text == search_text(one.kind, one.name, one.model, one.slug, one.tags)


def test_down_to_nothing_and_up_again_gives_the_same_schema_even_with_data_in_it(blank: str) -> None:
    move(blank, "head")
    engine = plain_engine(blank)
    with engine.begin() as connection:
        fill(connection)
        first = _definitions(connection)
    move(blank, "base")
    with engine.connect() as connection:
        assert tables(connection) == []
        assert _definitions(connection) == [], "a guard, an index or a function was left behind"
    move(blank, "head")
    with engine.connect() as connection:
        assert _definitions(connection) == first
        assert differences(connection) == []
        assert sum(len(rows) for rows in content(connection).values()) == 0


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(blank: str) -> None:
    move(blank, "head")
    engine = plain_engine(blank)
    with engine.begin() as connection:
        fill(connection)
        before = content(connection)
    move(blank, "head")
    with engine.connect() as connection:
        assert content(connection) == before


_AT_ONCE = """
import sys
from flask_migrate import upgrade
from tests.conftest import application
app = application(sys.argv[1])
with app.app_context():
    print("ready", flush=True)
    sys.stdin.readline()
    upgrade()
"""


def test_three_processes_that_upgrade_at_once_do_not_collide(blank: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _AT_ONCE, blank],
            cwd=MIGRATIONS.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"LABBOOK_ENV": "development", "PATH": "/usr/bin:/bin"},
        )
        for _ in range(3)
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n", one.communicate()[1]
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.communicate(timeout=30)[1] for one in started]
    assert [one.returncode for one in started] == [0, 0, 0], "\n".join(said)
    with plain_engine(blank).connect() as connection:
        assert differences(connection) == []
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [HEAD]


# --- what the schema is, and what it should be ------------------------------------------------------------------------


def differences(connection: Connection) -> list[Any]:
    """What Alembic would change to bring the database to the models: types and defaults too."""
    options = {"compare_type": True, "compare_server_default": _is_another_default}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def _is_another_default(*compared: Any) -> bool | None:
    """None leaves it to Alembic, for which ('') of SQLite is no empty text."""
    in_database, in_models = compared[3], compared[5]
    return False if in_database == f"('{in_models}')" else None


Names = dict[str, dict[str, Any]]


def names_in(connection: Connection) -> Names:
    """Keys, foreign keys, uniques, indexes and checks by name, which Alembic compares only in part."""
    look, found = inspect(connection), {}
    for table in tables(connection):
        indexes = {
            str(one["name"]): (tuple(one["column_names"]), bool(one["unique"]))
            for one in look.get_indexes(table.name)
            if not one.get("duplicates_constraint")
        }
        indexes.pop("no_overlap", None)  # the index of the guard, which models do not know; see test_guards.py
        found[table.name] = {
            "key": look.get_pk_constraint(table.name)["name"],
            "foreign": {one["name"] for one in look.get_foreign_keys(table.name)},
            "unique": {str(one["name"]): tuple(one["column_names"]) for one in look.get_unique_constraints(table.name)},
            "index": indexes,
            "check": {one["name"] for one in look.get_check_constraints(table.name)},
        }
    return found


def names_of_models(dialect: str) -> Names:
    """The same, as the models say it."""
    return {table.name: _names_of(table, dialect) for table in Base.metadata.sorted_tables}


def _names_of(table: Table, dialect: str) -> dict[str, Any]:
    def named(kind: type[Any]) -> set[Any]:
        return {one.name for one in table.constraints if isinstance(one, kind)}

    (key,) = named(PrimaryKeyConstraint)
    return {
        "key": key,
        "foreign": named(ForeignKeyConstraint),
        "unique": {
            one.name: tuple(column.name for column in one.columns)
            for one in table.constraints
            if isinstance(one, UniqueConstraint)
        },
        "index": {one.name: (tuple(column.name for column in one.columns), bool(one.unique)) for one in table.indexes},
        "check": named(CheckConstraint),
    }


def _definitions(connection: Connection) -> list[str]:
    """Every table, index, trigger, constraint and function that is ours, as the database spells it."""
    if connection.dialect.name == "sqlite":
        wanted = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
        return sorted(_in_order(spelled) for spelled in connection.scalars(text(wanted)))
    parts = (
        "SELECT 'column ' || table_name || column_name || data_type || is_nullable || coalesce(column_default, '')"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass",
        "SELECT proname || prosrc FROM pg_proc p WHERE pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
    )
    return sorted(line for part in parts for line in connection.scalars(text(part)))


def _in_order(spelled: str) -> str:
    """A definition of SQLite without the order in which a rebuilt table has its constraints."""
    return "\n".join(sorted(line.strip(" \t,()") for line in spelled.replace('"', "").splitlines()))
