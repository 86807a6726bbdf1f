"""The approval desk, letters of notices and their calendar parts, proposals, questions and their files.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def added() -> dict[str, tuple[sa.Column[object], ...]]:
    """New columns of tables that stand; without foreign keys, for which SQLite would make those tables anew."""
    return {
        "notice": (
            sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),  # notices of before are not mailed now
            sa.Column("letter_id", sa.Integer(), nullable=True),
        ),
        "letter": (
            sa.Column("thread", sa.String(length=80), nullable=True),
            sa.Column("site_id", sa.Integer(), nullable=True),
            sa.Column("way", sa.String(length=10), server_default="now", nullable=False),
            sa.Column("digest_id", sa.Integer(), nullable=True),
            sa.Column("calendar", sa.Text(), nullable=True),
            sa.Column("method", sa.String(length=10), server_default="", nullable=False),
        ),
        "person": (
            sa.Column("invitations", sa.String(length=5), server_default="auto", nullable=False),
            sa.Column("reminder_minutes", sa.Integer(), nullable=True),
            sa.Column("mail_refused_at", sa.DateTime(timezone=True), nullable=True),
        ),
        "request": (
            sa.Column("assigned_to_id", sa.Integer(), nullable=True),
            sa.Column("decide_by", sa.DateTime(timezone=True), nullable=True),
            sa.Column("minutes_left", sa.Integer(), nullable=True),
            sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        ),
        "pending_change": (
            sa.Column("until", sa.DateTime(timezone=True), nullable=True),
            sa.Column("note", sa.String(length=1000), server_default="", nullable=False),
        ),
        "resource": (
            sa.Column("decide_hours", sa.Integer(), server_default="16", nullable=False),
            sa.Column("at_deadline", sa.String(length=10), server_default="stay", nullable=False),
            sa.Column("two_steps", sa.Boolean(), server_default=sa.false(), nullable=False),
        ),
        "area_approver": (sa.Column("for_safety", sa.Boolean(), server_default=sa.false(), nullable=False),),
        "resource_approver": (sa.Column("for_safety", sa.Boolean(), server_default=sa.false(), nullable=False),),
    }


INDEXES = (
    ("ix_notice_sent_at_due_at", "notice", ["sent_at", "due_at"]),
    ("ix_letter_thread_id", "letter", ["thread", "id"]),
    ("ix_letter_given_up_at", "letter", ["given_up_at"]),
    ("ix_request_decide_by", "request", ["decide_by"]),
    ("ix_pending_change_until", "pending_change", ["until"]),
)


IS_DECISION = sa.text(
    "code IN ('booking-approve', 'booking-decline', 'booking-decline-change', 'booking-grant-change',"
    " 'booking-propose')"
)


def upgrade() -> None:
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    for name, table, names in INDEXES:
        op.create_index(name, table, names, unique=False)
    op.create_index(
        "ix_event_decisions",
        "event",
        ["site_id", "at"],
        unique=False,
        sqlite_where=IS_DECISION,
        postgresql_where=IS_DECISION,
    )
    op.create_table(
        "letter_choice",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_letter_choice")),
    )
    op.create_table(
        "invited",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invited_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_invited_request_id")),
        sa.PrimaryKeyConstraint("person_id", "uid", name=op.f("pk_invited")),
    )
    op.create_index("ix_invited_request_id", "invited", ["request_id"], unique=False)
    op.create_table(
        "clearance",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_clearance_booking_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_clearance_person_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_clearance")),
    )
    op.create_table(
        "canned_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_canned_reason_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reason")),
        sa.UniqueConstraint("key", name=op.f("uq_canned_reason_key")),
    )
    op.create_index("ix_canned_reason_site_id_position", "canned_reason", ["site_id", "position"], unique=False)
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("is_question", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_remark_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_remark_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
        sa.UniqueConstraint("key", name=op.f("uq_remark_key")),
    )
    op.create_index("ix_remark_request_id_id", "remark", ["request_id", "id"], unique=False)
    op.create_index("ix_remark_person_id", "remark", ["person_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("remark_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["remark_id"], ["remark.id"], name=op.f("fk_attachment_remark_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("key", name=op.f("uq_attachment_key")),
    )
    op.create_index("ix_attachment_remark_id", "attachment", ["remark_id"], unique=False)
    op.create_table(
        "attachment_content",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_content_attachment_id")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment_content")),
    )


def downgrade() -> None:
    for table in (
        "attachment_content",
        "attachment",
        "remark",
        "canned_reason",
        "clearance",
        "invited",
        "letter_choice",
    ):
        op.drop_table(table)
    # What staff have proposed is no change that anybody asked for; its holds go with the booking's next step.
    op.execute("DELETE FROM pending_change WHERE until IS NOT NULL")
    op.drop_index("ix_event_decisions", table_name="event")
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table, columns in added().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)
