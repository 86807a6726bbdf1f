"""Feeds of every scope with what they take in, the stored texts of calendars, and what these are made of.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def counter(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def flag(name: str, default: bool) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), server_default=sa.true() if default else sa.false(), nullable=False)


def added() -> dict[str, tuple[sa.Column[object], ...]]:
    """New columns of tables that stand; without foreign keys, for which SQLite would make those tables anew."""
    return {
        "feed": (
            sa.Column("partner_id", sa.Integer(), nullable=True),
            sa.Column("group_id", sa.Integer(), nullable=True),
            sa.Column("area_id", sa.Integer(), nullable=True),
            *(flag(name, True) for name in ("waiting", "cancelled", "closures")),
            *(flag(name, False) for name in ("buffers", "expands")),
            sa.Column("history_days", sa.Integer(), server_default="30", nullable=False),
            sa.Column("alarm_minutes", sa.Integer(), nullable=True),
            sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("client", sa.String(length=20), server_default="", nullable=False),
            sa.Column("known_changed_at", sa.DateTime(timezone=True), nullable=True),
        ),
        "partner": (counter("words"),),
        "person": (counter("words"),),
        "resource": (counter("words"),),
        "series": (counter("revision"),),
        "site": (flag("free_busy", False),),
        "closure": (sa.Column("source", sa.String(length=64), nullable=True),),
    }


def upgrade() -> None:
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index(op.f("ix_closure_source"), "closure", ["source"], unique=False)
    for of, more in (("booking", ()), ("series", (sa.Column("until", sa.DateTime(timezone=True), nullable=True),))):
        op.create_table(
            f"{of}_text",
            sa.Column(f"{of}_id", sa.Integer(), nullable=False),
            sa.Column("manner", sa.String(length=40), nullable=False),
            sa.Column("made_of", sa.String(length=60), nullable=False),
            *more,
            sa.Column("tzid", sa.String(length=40), nullable=True),
            sa.Column("text", sa.Text(), nullable=False),
            sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}.id"], name=op.f(f"fk_{of}_text_{of}_id")),
            sa.PrimaryKeyConstraint(f"{of}_id", "manner", name=op.f(f"pk_{of}_text")),
            sqlite_with_rowid=False,
        )
    watch()


def downgrade() -> None:
    forget()
    op.drop_table("series_text")
    op.drop_table("booking_text")
    op.drop_index(op.f("ix_closure_source"), table_name="closure")
    for table, columns in added().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)


# --- counters raised by the database itself, by hand for each dialect -------------------------------------------------

RAISE = "UPDATE {table} SET {counter} = {counter} + 1 WHERE {which}"
OF_RESOURCE = RAISE.format(table="resource", counter="words", which="id = {row}.resource_id")

# What calendars call something; whoever changes it, the texts that say it are made anew.
WORDS = {
    "partner": (("name",), RAISE.format(table="partner", counter="words", which="id = {row}.id")),
    "person": (("family_name", "given_name"), RAISE.format(table="person", counter="words", which="id = {row}.id")),
    "resource": (("name", "slug", "kind"), RAISE.format(table="resource", counter="words", which="id = {row}.id")),
    "site": (
        ("name", "zone", "latitude", "longitude"),
        RAISE.format(table="resource", counter="words", which="site_id = {row}.id"),
    ),
    "unit": (("name", "resource_id"), OF_RESOURCE),
    "request": (
        ("title", "purpose"),
        RAISE.format(table="booking", counter="version", which="request_id = {row}.id"),
    ),
}
MORE_OR_LESS = {"unit": OF_RESOURCE}  # a unit is called by its name where there are several


def triggers() -> list[tuple[str, str, str, str]]:
    """The name, the event, the table and the statement of each."""
    found = []
    for table, (columns, statement) in WORDS.items():
        found.append((f"{table}_words", f"AFTER UPDATE OF {', '.join(columns)}", table, statement.format(row="NEW")))
    for table, statement in MORE_OR_LESS.items():
        found.append((f"{table}_words_more", "AFTER INSERT", table, statement.format(row="NEW")))
        found.append((f"{table}_words_less", "AFTER DELETE", table, statement.format(row="OLD")))
    return found


def watch() -> None:
    """Raise the counters with every change of words."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, event, table, statement in triggers():
        if is_postgresql:
            body = f"BEGIN {statement}; RETURN NULL; END"
            op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
            op.execute(f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            op.execute(f"CREATE TRIGGER {name} {event} ON {table} BEGIN {statement}; END")


def forget() -> None:
    """Leave no trigger behind."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, _, table, _ in triggers():
        if is_postgresql:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
