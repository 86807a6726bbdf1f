"""Joining, signing in, agreements, trainings, letters, messages and evidence.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("account_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_good", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_try")),
    )
    op.create_index("ix_try_at", "try", ["at"], unique=False)
    op.create_index("ix_try_door_account_hash_at", "try", ["door", "account_hash", "at"], unique=False)
    op.create_index("ix_try_door_address_at", "try", ["door", "address", "at"], unique=False)
    op.create_table(
        "conditions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_conditions_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditions")),
        sa.UniqueConstraint("key", name=op.f("uq_conditions_key")),
    )
    op.create_index("uq_conditions_site_id_edition", "conditions", ["site_id", "edition"], unique=True)
    op.create_table(
        "join_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("organisation", sa.String(length=120), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_join_request_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_request")),
        sa.UniqueConstraint("key", name=op.f("uq_join_request_key")),
    )
    op.create_index(op.f("ix_join_request_email"), "join_request", ["email"], unique=False)
    op.create_index(
        "ix_join_request_partner_id_answered_at", "join_request", ["partner_id", "answered_at"], unique=False
    )
    op.create_table(
        "acceptance",
        sa.Column("conditions_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conditions_id"], ["conditions.id"], name=op.f("fk_acceptance_conditions_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_acceptance_person_id")),
        sa.PrimaryKeyConstraint("conditions_id", "person_id", name=op.f("pk_acceptance")),
    )
    op.create_index(op.f("ix_acceptance_person_id"), "acceptance", ["person_id"], unique=False)
    op.create_table(
        "agreement_area",
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_area_agreement_id")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_agreement_area_area_id")),
        sa.PrimaryKeyConstraint("agreement_id", "area_id", name=op.f("pk_agreement_area")),
    )
    op.create_table(
        "area_approver",
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_approver_area_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_area_approver_person_id")),
        sa.PrimaryKeyConstraint("area_id", "person_id", name=op.f("pk_area_approver")),
    )
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_person_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identity")),
    )
    op.create_index(op.f("ix_identity_person_id"), "identity", ["person_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invited_by_id"], ["person.id"], name=op.f("fk_invitation_invited_by_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_invitation_partner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_invitation_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("key", name=op.f("uq_invitation_key")),
    )
    op.create_index(op.f("ix_invitation_email"), "invitation", ["email"], unique=False)
    op.create_index("ix_invitation_partner_id", "invitation", ["partner_id"], unique=False)
    op.create_index("ix_invitation_site_id", "invitation", ["site_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"], unique=False)
    op.create_table(
        "stand_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("absent_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_stand_in_starts_before_ends")),
        sa.ForeignKeyConstraint(["absent_id"], ["person.id"], name=op.f("fk_stand_in_absent_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_stand_in_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stand_in_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_in")),
        sa.UniqueConstraint("key", name=op.f("uq_stand_in_key")),
    )
    op.create_index(op.f("ix_stand_in_absent_id"), "stand_in", ["absent_id"], unique=False)
    op.create_index(op.f("ix_stand_in_person_id"), "stand_in", ["person_id"], unique=False)
    op.create_index(op.f("ix_stand_in_site_id"), "stand_in", ["site_id"], unique=False)
    op.create_table(
        "training_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_training_session_starts_before_ends")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_training_session_site_id")),
        sa.ForeignKeyConstraint(["trainer_id"], ["person.id"], name=op.f("fk_training_session_trainer_id")),
        sa.ForeignKeyConstraint(["training_id"], ["training.id"], name=op.f("fk_training_session_training_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
        sa.UniqueConstraint("key", name=op.f("uq_training_session_key")),
    )
    op.create_index("ix_training_session_site_id_starts_at", "training_session", ["site_id", "starts_at"], unique=False)
    op.create_table(
        "training_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_training_wish_partner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_training_wish_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_training_wish_site_id")),
        sa.ForeignKeyConstraint(["training_id"], ["training.id"], name=op.f("fk_training_wish_training_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_wish")),
        sa.UniqueConstraint("key", name=op.f("uq_training_wish_key")),
    )
    op.create_index(op.f("ix_training_wish_person_id"), "training_wish", ["person_id"], unique=False)
    op.create_index("ix_training_wish_site_id_settled_at", "training_wish", ["site_id", "settled_at"], unique=False)
    op.create_table(
        "agreement_resource",
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_resource_agreement_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_agreement_resource_resource_id")),
        sa.PrimaryKeyConstraint("agreement_id", "resource_id", name=op.f("pk_agreement_resource")),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("once", sa.String(length=80), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fault", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_letter_invitation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_key")),
        sa.UniqueConstraint("once", name=op.f("uq_letter_once")),
    )
    op.create_index(op.f("ix_letter_person_id"), "letter", ["person_id"], unique=False)
    op.create_index("ix_letter_sent_at_due_at", "letter", ["sent_at", "due_at"], unique=False)
    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_one_time_link_invitation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_one_time_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    op.create_index(op.f("ix_one_time_link_invitation_id"), "one_time_link", ["invitation_id"], unique=False)
    op.create_index(op.f("ix_one_time_link_person_id"), "one_time_link", ["person_id"], unique=False)
    op.create_table(
        "training_place",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_training_place_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name=op.f("fk_training_place_session_id")),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_training_place")),
    )
    op.create_index(op.f("ix_training_place_person_id"), "training_place", ["person_id"], unique=False)
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choice", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_flag_booking_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_flag_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("key", name=op.f("uq_flag_key")),
    )
    op.create_index(op.f("ix_flag_site_id"), "flag", ["site_id"], unique=False)
    op.create_index("uq_flag_booking_id_code", "flag", ["booking_id", "code"], unique=True)
    op.create_table(
        "thread",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("asker_partner_id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("asker_is_named", sa.Boolean(), nullable=False),
        sa.Column("holder_is_named", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asker_id"], ["person.id"], name=op.f("fk_thread_asker_id")),
        sa.ForeignKeyConstraint(["asker_partner_id"], ["partner.id"], name=op.f("fk_thread_asker_partner_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_thread_booking_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name=op.f("fk_thread_holder_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_thread_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("key", name=op.f("uq_thread_key")),
    )
    op.create_index("ix_thread_asker_id", "thread", ["asker_id"], unique=False)
    op.create_index("ix_thread_holder_id", "thread", ["holder_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("is_from_asker", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_message_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_thread_id"), "message", ["thread_id"], unique=False)
    op.add_column("agreement", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("agreement", sa.Column("signs", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("agreement", sa.Column("entitlements", sa.JSON(), nullable=True))
    op.add_column("agreement", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("person", sa.Column("totp_secret", sa.String(length=200), server_default="", nullable=False))
    op.add_column("person", sa.Column("totp_step", sa.Integer(), server_default="0", nullable=False))
    op.add_column("person", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("role_grant", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_event_partner_id_id", "event", ["partner_id", "id"], unique=False)
    op.create_index("ix_event_actor_id", "event", ["actor_id"], unique=False)
    op.create_index("ix_event_subject_subject_id", "event", ["subject", "subject_id"], unique=False)
    op.add_column("sealed", sa.Column("digest", sa.String(length=64), server_default="", nullable=False))
    op.add_column("sign_in", sa.Column("is_complete", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("sign_in", sa.Column("address", sa.String(length=45), server_default="", nullable=False))
    op.add_column("sign_in", sa.Column("browser", sa.String(length=60), server_default="", nullable=False))
    op.add_column("site", sa.Column("merges_busy", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("training", sa.Column("valid_days", sa.Integer(), nullable=True))
    op.add_column("training", sa.Column("disuse_days", sa.Integer(), nullable=True))
    op.add_column("training_record", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_index("ix_event_subject_subject_id", table_name="event")
    op.drop_index("ix_event_actor_id", table_name="event")
    op.drop_index("ix_event_partner_id_id", table_name="event")
    op.drop_column("training_record", "revoked_at")
    op.drop_column("training", "disuse_days")
    op.drop_column("training", "valid_days")
    op.drop_column("site", "merges_busy")
    op.drop_column("sign_in", "browser")
    op.drop_column("sign_in", "address")
    op.drop_column("sign_in", "is_complete")
    op.drop_column("sealed", "digest")
    op.drop_column("role_grant", "ended_at")
    op.drop_column("person", "erased_at")
    op.drop_column("person", "totp_step")
    op.drop_column("person", "totp_secret")
    op.drop_column("agreement", "version")
    op.drop_column("agreement", "entitlements")
    op.drop_column("agreement", "signs")
    op.drop_column("agreement", "ended_at")
    op.drop_index(op.f("ix_message_thread_id"), table_name="message")
    op.drop_table("message")
    op.drop_index("ix_thread_holder_id", table_name="thread")
    op.drop_index("ix_thread_asker_id", table_name="thread")
    op.drop_table("thread")
    op.drop_index("uq_flag_booking_id_code", table_name="flag")
    op.drop_index(op.f("ix_flag_site_id"), table_name="flag")
    op.drop_table("flag")
    op.drop_index(op.f("ix_training_place_person_id"), table_name="training_place")
    op.drop_table("training_place")
    op.drop_index(op.f("ix_one_time_link_person_id"), table_name="one_time_link")
    op.drop_index(op.f("ix_one_time_link_invitation_id"), table_name="one_time_link")
    op.drop_table("one_time_link")
    op.drop_index("ix_letter_sent_at_due_at", table_name="letter")
    op.drop_index(op.f("ix_letter_person_id"), table_name="letter")
    op.drop_table("letter")
    op.drop_table("agreement_resource")
    op.drop_index("ix_training_wish_site_id_settled_at", table_name="training_wish")
    op.drop_index(op.f("ix_training_wish_person_id"), table_name="training_wish")
    op.drop_table("training_wish")
    op.drop_index("ix_training_session_site_id_starts_at", table_name="training_session")
    op.drop_table("training_session")
    op.drop_index(op.f("ix_stand_in_site_id"), table_name="stand_in")
    op.drop_index(op.f("ix_stand_in_person_id"), table_name="stand_in")
    op.drop_index(op.f("ix_stand_in_absent_id"), table_name="stand_in")
    op.drop_table("stand_in")
    op.drop_index(op.f("ix_recovery_code_person_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_index("ix_invitation_site_id", table_name="invitation")
    op.drop_index("ix_invitation_partner_id", table_name="invitation")
    op.drop_index(op.f("ix_invitation_email"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_index(op.f("ix_identity_person_id"), table_name="identity")
    op.drop_table("identity")
    op.drop_table("area_approver")
    op.drop_table("agreement_area")
    op.drop_index(op.f("ix_acceptance_person_id"), table_name="acceptance")
    op.drop_table("acceptance")
    op.drop_index("ix_join_request_partner_id_answered_at", table_name="join_request")
    op.drop_index(op.f("ix_join_request_email"), table_name="join_request")
    op.drop_table("join_request")
    op.drop_index("uq_conditions_site_id_edition", table_name="conditions")
    op.drop_table("conditions")
    op.drop_index("ix_try_door_address_at", table_name="try")
    op.drop_index("ix_try_door_account_hash_at", table_name="try")
    op.drop_index("ix_try_at", table_name="try")
    op.drop_table("try")
