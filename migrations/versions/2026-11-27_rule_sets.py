"""Rule sets, groups of resources, waivers, charges, and what of a booking they count.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resource_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_group")),
        sa.UniqueConstraint("slug", name=op.f("uq_resource_group_slug")),
    )
    op.create_table(
        "resource_group_member",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["resource_group.id"], name=op.f("fk_resource_group_member_group_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_group_member_resource_id")),
        sa.PrimaryKeyConstraint("group_id", "resource_id", name=op.f("pk_resource_group_member")),
    )
    op.create_index(
        op.f("ix_resource_group_member_resource_id"), "resource_group_member", ["resource_id"], unique=False
    )
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("agreement_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR starts_on <= ends_on", name=op.f("ck_rule_set_starts_before_ends")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_rule_set_agreement_id")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_rule_set_area_id")),
        sa.ForeignKeyConstraint(["group_id"], ["resource_group.id"], name=op.f("fk_rule_set_group_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_rule_set_resource_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rule_set_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("key", name=op.f("uq_rule_set_key")),
    )
    op.create_index("ix_rule_set_agreement_id", "rule_set", ["agreement_id"], unique=False)
    op.create_index("ix_rule_set_site_id", "rule_set", ["site_id"], unique=False)
    op.create_table(
        "charge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_charge_booking_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_charge_event_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_charge_partner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_charge_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("key", name=op.f("uq_charge_key")),
    )
    op.create_index(op.f("ix_charge_booking_id"), "charge", ["booking_id"], unique=False)
    op.create_index("ix_charge_partner_id_site_id", "charge", ["partner_id", "site_id", "made_at"], unique=False)
    op.create_table(
        "waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("limit_key", sa.String(length=60), server_default="", nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_waiver_booking_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_waiver_event_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_waiver_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    op.create_index(op.f("ix_waiver_booking_id"), "waiver", ["booking_id"], unique=False)
    op.add_column("booking", sa.Column("partner_id", sa.Integer(), server_default="0", nullable=False))
    op.add_column("booking", sa.Column("project_id", sa.Integer(), nullable=True))
    op.add_column("booking", sa.Column("mode", sa.String(length=30), server_default="", nullable=False))
    op.add_column("booking", sa.Column("biosafety", sa.Integer(), server_default="0", nullable=False))
    op.add_column("booking", sa.Column("used_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking", sa.Column("counts_anyway", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("booking", sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True))
    for column in ("partner_id", "project_id"):
        op.execute(
            f"UPDATE booking SET {column} = (SELECT {column} FROM request WHERE request.id = booking.request_id)"
        )
    op.create_index(
        "ix_booking_partner_id_site_id_ends_at",
        "booking",
        ["partner_id", "site_id", "ends_at", "starts_at"],
        unique=False,
    )
    op.add_column("resource", sa.Column("shares_buffers", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("resource", sa.Column("biosafety", sa.Integer(), nullable=True))
    op.add_column("resource", sa.Column("modes", sa.JSON(), nullable=True))
    op.add_column("site", sa.Column("first_weekday", sa.Integer(), server_default="0", nullable=False))
    op.add_column("training_record", sa.Column("is_trainee", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("training_record", "is_trainee")
    op.drop_column("site", "first_weekday")
    op.drop_column("resource", "modes")
    op.drop_column("resource", "biosafety")
    op.drop_column("resource", "shares_buffers")
    op.drop_index("ix_booking_partner_id_site_id_ends_at", table_name="booking")
    op.drop_column("booking", "checked_in_at")
    op.drop_column("booking", "counts_anyway")
    op.drop_column("booking", "used_until")
    op.drop_column("booking", "biosafety")
    op.drop_column("booking", "mode")
    op.drop_column("booking", "project_id")
    op.drop_column("booking", "partner_id")
    op.drop_index(op.f("ix_waiver_booking_id"), table_name="waiver")
    op.drop_table("waiver")
    op.drop_index("ix_charge_partner_id_site_id", table_name="charge")
    op.drop_index(op.f("ix_charge_booking_id"), table_name="charge")
    op.drop_table("charge")
    op.drop_index("ix_rule_set_site_id", table_name="rule_set")
    op.drop_index("ix_rule_set_agreement_id", table_name="rule_set")
    op.drop_table("rule_set")
    op.drop_index(op.f("ix_resource_group_member_resource_id"), table_name="resource_group_member")
    op.drop_table("resource_group_member")
    op.drop_table("resource_group")
