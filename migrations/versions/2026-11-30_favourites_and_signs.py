"""Favourites, signs on walls, tags of resources, and the zone that somebody lives in.

Revision ID: 0007
Revises: 0006
"""

import re
import unicodedata

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


KIND_WORDS = {
    "bench": "bench ベンチ 実験台",
    "equipment": "instrument equipment 機器 装置 設備",
    "room": "room 部屋",
    "storage": "storage 保管",
    "service": "service サービス 支援",
}


def searchable(*texts: str) -> str:
    """What core.searching makes of it, as it was when this was written."""
    text = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    text = text.translate({code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)})
    text = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", text))
    text = re.sub("[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFC", text)).replace("・", " ")
    return " ".join(re.sub("(?<=[\u3041-\u3096])-", "ー", text).split())


def find_more() -> None:
    """Resources that are there already are found by their kinds too, and whatever dashes and accents are typed."""
    resource = sa.table(
        "resource", *(sa.column(name) for name in ("id", "kind", "name", "model", "slug", "search_text"))
    )
    rows = op.get_bind().execute(sa.select(resource)).all()
    for row in rows:
        text = searchable(*row.name.split("\x1f"), row.model, row.slug, KIND_WORDS[row.kind])
        op.execute(resource.update().where(resource.c.id == row.id).values(search_text=text))


def upgrade() -> None:
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    find_more()
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
