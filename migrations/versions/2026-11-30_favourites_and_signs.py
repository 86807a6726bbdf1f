"""Favourites, signs on walls, tags of resources, and the zone that somebody lives in.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def added() -> dict[str, tuple[sa.Column[object], ...]]:
    """New columns of tables that stand."""
    return {
        "resource": (sa.Column("tags", sa.String(), server_default="\x1f", nullable=False),),  # no words in either
        "person": (sa.Column("zone", sa.String(length=40), server_default="", nullable=False),),
    }


def upgrade() -> None:
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "favourite",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_favourite_person_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_favourite_resource_id")),
        sa.PrimaryKeyConstraint("person_id", "resource_id", name=op.f("pk_favourite")),
    )
    op.create_index("ix_favourite_resource_id", "favourite", ["resource_id"], unique=False)
    op.create_table(
        "sign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_sign_area_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_sign_made_by_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_sign_resource_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_sign_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign")),
        sa.UniqueConstraint("key", name=op.f("uq_sign_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_token_hash")),
    )
    op.create_index("ix_sign_site_id", "sign", ["site_id"], unique=False)
    op.create_index("ix_sign_made_by_id", "sign", ["made_by_id"], unique=False)


def downgrade() -> None:
    op.drop_table("sign")
    op.drop_table("favourite")
    for table, columns in added().items():
        for column in columns:
            op.drop_column(table, column.name)
