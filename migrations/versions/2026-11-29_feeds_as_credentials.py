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


def instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def added() -> dict[str, tuple[sa.Column[object], ...]]:
    """New columns of tables that stand; without foreign keys, for which SQLite would make those tables anew."""
    return {
        "booking": (instant("named_at"),),
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
        "series": (counter("revision"), counter("sequence"), instant("changed_at")),
        "site": (flag("free_busy", False), counter("places")),
        "closure": (sa.Column("source", sa.String(length=64), nullable=True),),
    }


PERSONAL = "ix_booking_person_id_starts_at"
OF_FEEDS = (
    *("id", "ends_at", "state", "version", "changed_at"),
    *("resource_id", "partner_id", "site_id", "project_id", "series_id"),
)


def upgrade() -> None:
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index(op.f("ix_closure_source"), "closure", ["source"], unique=False)
    op.drop_index(PERSONAL, table_name="booking")
    op.create_index(PERSONAL, "booking", ["person_id", "starts_at", *OF_FEEDS], unique=False)
    for of, more in (("booking", ()), ("series", (sa.Column("until", sa.DateTime(timezone=True), nullable=True),))):
        op.create_table(
            f"{of}_text",
            sa.Column(f"{of}_id", sa.Integer(), nullable=False),
            sa.Column("manner", sa.String(length=40), nullable=False),
            sa.Column("made_of", sa.BigInteger(), nullable=False),
            *more,
            sa.Column("tzid", sa.String(length=40), nullable=True),
            sa.Column("text", sa.Text(), nullable=False),
            sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}.id"], name=op.f(f"fk_{of}_text_{of}_id")),
            sa.PrimaryKeyConstraint(f"{of}_id", "manner", name=op.f(f"pk_{of}_text")),
        )
    op.create_table(
        "former_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_former_link_feed_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_former_link")),
    )
    op.create_index(op.f("ix_former_link_feed_id"), "former_link", ["feed_id"], unique=False)
    watch()


def downgrade() -> None:
    forget()
    op.drop_index(op.f("ix_former_link_feed_id"), table_name="former_link")
    op.drop_table("former_link")
    op.drop_table("series_text")
    op.drop_table("booking_text")
    op.drop_index(PERSONAL, table_name="booking")
    op.create_index(PERSONAL, "booking", ["person_id", "starts_at"], unique=False)
    op.drop_index(op.f("ix_closure_source"), table_name="closure")
    for table, columns in added().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)


# --- counters raised by the database itself, by hand for each dialect -------------------------------------------------


def raised(table: str, *counters: str, where: str) -> str:
    return f"UPDATE {table} SET {', '.join(f'{one} = {one} + 1' for one in counters)} WHERE {where}"


def of_bookings(which: str, *tables: str) -> list[str]:
    """Whoever gets these bookings in full gets them anew, and series that any of them is a date of."""
    return [
        raised(
            table,
            "revision" if table == "series" else "full_revision",
            where=f"id IN (SELECT {table}_id FROM booking WHERE {which})",
        )
        for table in tables or ("resource", "person", "partner", "project", "series")
    ]


def of_places(resources: str, bookings: str) -> list[str]:
    """A place is named to everybody, with busy times too."""
    counters = ("words", "full_revision", "busy_revision")
    return [
        raised("resource", *counters, where=resources),
        *of_bookings(bookings, "person", "partner", "project", "series"),
    ]


def judged_anew(people: str) -> list[str]:
    return [raised("person", "rights_serial", where=f"id IN ({people})")]


def working_at(sites: str) -> list[str]:
    return judged_anew(f"SELECT person_id FROM role_grant WHERE site_id IN ({sites})")


def other_places(site: str) -> list[str]:
    return [raised("site", "places", where=f"id IN ({site})")]


OF_UNIT = of_places("id = {row}.resource_id", "resource_id = {row}.resource_id")
OF_REQUEST = "request_id = {row}.id"
SITE_OF_RESOURCE = "SELECT site_id FROM resource WHERE id = {row}.resource_id"
SITE_OF_AREA = "SELECT site_id FROM area WHERE id = {row}.area_id"
WITH_PARTNER = "SELECT person_id FROM role_grant WHERE partner_id = {row}.partner_id"
SITES_OF_PERSON = "SELECT site_id FROM role_grant WHERE person_id = {row}.id"

# Whoever changes these columns, by whichever way: what calendars call something; what feeds are of; whose turn it is.
COLUMNS = {
    "partner_words": (
        ("partner", "name"),
        [raised("partner", "words", "full_revision", where="id = {row}.id"), *of_bookings("partner_id = {row}.id")],
    ),
    "person_words": (
        ("person", "family_name, given_name"),
        [raised("person", "words", where="id = {row}.id"), *of_bookings("person_id = {row}.id")],
    ),
    "resource_words": (("resource", "name, slug, kind"), of_places("id = {row}.id", "resource_id = {row}.id")),
    "site_words": (
        ("site", "name, zone, latitude, longitude"),
        of_places("site_id = {row}.id", "site_id = {row}.id"),
    ),
    "area_words": (("area", "name"), [raised("resource", "busy_revision", where="area_id = {row}.id")]),  # of closures
    "request_words": (
        ("request", "title, purpose"),
        [
            raised("booking", "version", where=OF_REQUEST),
            *of_bookings(OF_REQUEST),
        ],
    ),
    "resource_places": (
        ("resource", "site_id, area_id, is_hidden, is_active, shares_buffers, two_steps"),
        other_places("{row}.site_id"),
    ),
    "site_places": (("site", "merges_busy"), other_places("{row}.id")),
    "site_homes": (("site", "zone"), judged_anew("SELECT id FROM person WHERE home_site_id = {row}.id")),
    "person_home": (("person", "home_site_id"), judged_anew("{row}.id")),
    "person_turn": (("person", "is_active"), working_at(SITES_OF_PERSON)),
    "request_turn": (("request", "assigned_to_id, asked_at"), of_bookings(OF_REQUEST, "resource")),
}

# The same for whole rows, which come and go, too.
ROWS = {
    "unit_words": ("unit", OF_UNIT),  # it is called by its name where there are several
    "member_places": ("resource_group_member", other_places(SITE_OF_RESOURCE)),
    "named_rights": ("resource_partner", judged_anew(WITH_PARTNER)),
    "grant_turn": ("role_grant", working_at("{row}.site_id")),
    "approver_turn": ("resource_approver", working_at(SITE_OF_RESOURCE)),
    "area_approver_turn": ("area_approver", working_at(SITE_OF_AREA)),
    "stand_in_turn": ("stand_in", working_at("{row}.site_id")),
}
COMING = {"resource_come": ("resource", other_places("{row}.site_id"))}


def triggers() -> list[tuple[str, str, str, list[str]]]:
    """The name, the event, the table and the statements of each."""
    found = [
        (name, f"AFTER UPDATE OF {columns}", table, of_row(statements, "NEW"))
        for name, ((table, columns), statements) in COLUMNS.items()
    ]
    for name, (table, statements) in (ROWS | COMING).items():
        found.append((f"{name}_more", "AFTER INSERT", table, of_row(statements, "NEW")))
    for name, (table, statements) in ROWS.items():
        both = of_row(statements, "NEW") + of_row(statements, "OLD")
        found.append((name, "AFTER UPDATE", table, both))
        found.append((f"{name}_less", "AFTER DELETE", table, of_row(statements, "OLD")))
    return found


def of_row(statements: list[str], row: str) -> list[str]:
    return [one.format(row=row) for one in statements]


def watch() -> None:
    """Raise the counters with every such change."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, event, table, statements in triggers():
        done = "; ".join(statements)
        if is_postgresql:
            body = f"BEGIN {done}; RETURN NULL; END"
            op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
            op.execute(f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            op.execute(f"CREATE TRIGGER {name} {event} ON {table} BEGIN {done}; END")


def forget() -> None:
    """Leave no trigger behind."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, _, table, _ in triggers():
        if is_postgresql:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
