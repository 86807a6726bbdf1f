"""What a series is made of, links between resources, changes that wait, the waiting list, and closures of a unit.

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resource_link",
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("pieces", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("pieces > 0", name=op.f("ck_resource_link_pieces")),
        sa.ForeignKeyConstraint(["other_id"], ["resource.id"], name=op.f("fk_resource_link_other_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_link_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", "other_id", name=op.f("pk_resource_link")),
    )
    op.create_index(op.f("ix_resource_link_other_id"), "resource_link", ["other_id"], unique=False)
    op.create_table(
        "wait",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=2000), nullable=False),
        sa.Column("mode", sa.String(length=30), server_default="", nullable=False),
        sa.Column("biosafety", sa.Integer(), server_default="0", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("takes_it", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), server_default="", nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_wait_starts_before_ends")),
        sa.ForeignKeyConstraint(["group_id"], ["resource_group.id"], name=op.f("fk_wait_group_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_wait_partner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wait_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_wait_project_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_wait_request_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_wait_resource_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_wait_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wait")),
        sa.UniqueConstraint("key", name=op.f("uq_wait_key")),
    )
    op.create_index("ix_wait_person_id", "wait", ["person_id"], unique=False)
    op.create_index("ix_wait_site_id_ended_at", "wait", ["site_id", "ended_at"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("wait_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=20), server_default="", nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_offer_starts_before_ends")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_offer_claim_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_offer_resource_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_offer_unit_id")),
        sa.ForeignKeyConstraint(["wait_id"], ["wait.id"], name=op.f("fk_offer_wait_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_offer_claim_id")),
        sa.UniqueConstraint("key", name=op.f("uq_offer_key")),
    )
    op.create_index("ix_offer_answered_at_until", "offer", ["answered_at", "until"], unique=False)
    op.create_index("ix_offer_wait_id", "offer", ["wait_id"], unique=False)
    op.create_table(
        "pending_change",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_pending_change_starts_before_ends")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_pending_change_asked_by_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_pending_change_booking_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_pending_change_unit_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_pending_change")),
    )
    op.drop_index("ix_booking_state_site_id", table_name="booking")
    columns = ["state", "site_id", "starts_at", "request_id"]
    op.create_index("ix_booking_state_site_id", "booking", columns, unique=False)
    op.add_column("booking", sa.Column("unit_is_fixed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("booking", sa.Column("options", sa.JSON(), nullable=True))
    # What is added to tables that stand has no foreign keys: SQLite would make those tables anew for them.
    op.add_column("closure", sa.Column("unit_id", sa.Integer(), nullable=True))
    op.add_column("closure", sa.Column("batch", sa.String(length=24), nullable=True))
    op.add_column("closure", sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("closure", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index(op.f("ix_closure_batch"), "closure", ["batch"], unique=False)
    op.add_column("flag", sa.Column("closing", sa.String(length=24), nullable=True))
    op.create_index(op.f("ix_flag_closing"), "flag", ["closing"], unique=False)
    op.add_column("series", sa.Column("unit_id", sa.Integer(), nullable=True))
    op.add_column("series", sa.Column("resource_id", sa.Integer(), server_default="0", nullable=False))
    op.add_column("series", sa.Column("wall_end", sa.String(length=16), server_default="", nullable=False))
    op.add_column("series", sa.Column("moves", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("series", sa.Column("mode", sa.String(length=30), server_default="", nullable=False))
    op.add_column("series", sa.Column("biosafety", sa.Integer(), server_default="0", nullable=False))
    op.add_column("series", sa.Column("options", sa.JSON(), nullable=True))
    # There were no series before this; what somebody wrote by hand is of the resource of its request.
    op.execute(
        "UPDATE series SET wall_end = wall_start, resource_id ="
        " coalesce((SELECT min(resource_id) FROM booking WHERE booking.request_id = series.request_id), 0)"
    )
    with _thread_anew() as thread:
        thread.alter_column("booking_id", existing_type=sa.Integer(), nullable=True)
        thread.add_column(sa.Column("offer_id", sa.Integer(), nullable=True))
        thread.create_foreign_key(op.f("fk_thread_offer_id"), "offer", ["offer_id"], ["id"])


@contextmanager
def _thread_anew() -> Iterator[BatchOperations]:
    """Change the table of threads; SQLite makes it anew, which it can only while no message is in any of them."""
    op.execute("CREATE TABLE kept_message AS SELECT * FROM message")
    op.execute("DELETE FROM message")
    with op.batch_alter_table("thread") as thread:
        yield thread
    op.execute("INSERT INTO message SELECT * FROM kept_message")
    op.execute("DROP TABLE kept_message")


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE thread_id IN (SELECT id FROM thread WHERE booking_id IS NULL)")
    op.execute("DELETE FROM thread WHERE booking_id IS NULL")
    with _thread_anew() as thread:
        thread.drop_constraint(op.f("fk_thread_offer_id"), type_="foreignkey")
        thread.drop_column("offer_id")
        thread.alter_column("booking_id", existing_type=sa.Integer(), nullable=False)
    for name in ("options", "biosafety", "mode", "moves", "wall_end", "resource_id", "unit_id"):
        op.drop_column("series", name)
    op.drop_index(op.f("ix_flag_closing"), table_name="flag")
    op.drop_column("flag", "closing")
    op.drop_index(op.f("ix_closure_batch"), table_name="closure")
    for name in ("version", "made_at", "batch", "unit_id"):
        op.drop_column("closure", name)
    op.drop_column("booking", "options")
    op.drop_column("booking", "unit_is_fixed")
    op.drop_index("ix_booking_state_site_id", table_name="booking")
    op.create_index("ix_booking_state_site_id", "booking", ["state", "site_id", "starts_at"], unique=False)
    op.drop_table("pending_change")
    op.drop_index("ix_offer_wait_id", table_name="offer")
    op.drop_index("ix_offer_answered_at_until", table_name="offer")
    op.drop_table("offer")
    op.drop_index("ix_wait_site_id_ended_at", table_name="wait")
    op.drop_index("ix_wait_person_id", table_name="wait")
    op.drop_table("wait")
    op.drop_index(op.f("ix_resource_link_other_id"), table_name="resource_link")
    op.drop_table("resource_link")
