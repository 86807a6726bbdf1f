"""The first tables, with the guards that refuse double bookings and changes to history.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("full_revision", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("key", name=op.f("uq_partner_key")),
        sa.UniqueConstraint("slug", name=op.f("uq_partner_slug")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("full_revision", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("key", name=op.f("uq_project_key")),
        sa.UniqueConstraint("slug", name=op.f("uq_project_slug")),
    )
    op.create_table(
        "seal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
        sa.UniqueConstraint("digest", name=op.f("uq_seal_digest")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("subdivision", sa.String(length=10), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("slug", name=op.f("uq_site_slug")),
    )
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_agreement_starts_before_ends")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_agreement_partner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_agreement_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("key", name=op.f("uq_agreement_key")),
    )
    op.create_index("ix_agreement_partner_id_site_id", "agreement", ["partner_id", "site_id"], unique=False)
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("biosafety", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_area_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
    )
    op.create_index("uq_area_site_id_slug", "area", ["site_id", "slug"], unique=True)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("reading", sa.String(length=160), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("home_site_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("full_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("busy_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rights_serial", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["home_site_id"], ["site.id"], name=op.f("fk_person_home_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("key", name=op.f("uq_person_key")),
    )
    op.create_table(
        "project_partner",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_project_partner_partner_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_partner_project_id")),
        sa.PrimaryKeyConstraint("project_id", "partner_id", name=op.f("pk_project_partner")),
    )
    op.create_index(op.f("ix_project_partner_partner_id"), "project_partner", ["partner_id"], unique=False)
    op.create_table(
        "training",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_training_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
        sa.UniqueConstraint("slug", name=op.f("uq_training_slug")),
    )
    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_request_asked_by_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_request_partner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_request_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_request_project_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_request_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("key", name=op.f("uq_request_key")),
    )
    op.create_index("ix_request_partner_id", "request", ["partner_id"], unique=False)
    op.create_index("ix_request_person_id", "request", ["person_id"], unique=False)
    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("icon", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=20), nullable=False),
        sa.Column("shortest", sa.String(length=20), nullable=False),
        sa.Column("longest", sa.String(length=20), nullable=False),
        sa.Column("buffer_before", sa.String(length=20), nullable=False),
        sa.Column("buffer_after", sa.String(length=20), nullable=False),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("horizon", sa.String(length=20), nullable=False),
        sa.Column("cover", sa.String(length=30), nullable=False),
        sa.Column("asks", sa.String(length=30), nullable=False),
        sa.Column("holds_on_request", sa.Boolean(), nullable=False),
        sa.Column("by_day", sa.Boolean(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("full_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("busy_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_resource_area_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_resource_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("slug", name=op.f("uq_resource_slug")),
    )
    op.create_index(op.f("ix_resource_area_id"), "resource", ["area_id"], unique=False)
    op.create_index("ix_resource_site_id_position", "resource", ["site_id", "position"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_role_grant_starts_before_ends")),
        sa.CheckConstraint("partner_id IS NULL OR site_id IS NULL", name=op.f("ck_role_grant_one_place")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_role_grant_partner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_role_grant_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index("ix_role_grant_partner_id", "role_grant", ["partner_id"], unique=False)
    op.create_index("ix_role_grant_person_id", "role_grant", ["person_id"], unique=False)
    op.create_index("ix_role_grant_site_id", "role_grant", ["site_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_person_id"), "sign_in", ["person_id"], unique=False)
    op.create_table(
        "training_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_training_record_person_id")),
        sa.ForeignKeyConstraint(["training_id"], ["training.id"], name=op.f("fk_training_record_training_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_record")),
    )
    op.create_index(
        "ix_training_record_person_id_training_id", "training_record", ["person_id", "training_id"], unique=False
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_closure_starts_before_ends")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_closure_area_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_closure_resource_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_closure_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
        sa.UniqueConstraint("key", name=op.f("uq_closure_key")),
    )
    op.create_index("ix_closure_site_id_ends_at", "closure", ["site_id", "ends_at"], unique=False)
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=30), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=30), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("known_state", sa.String(length=255), server_default="", nullable=False),
        sa.Column("known_etag", sa.String(length=64), server_default="", nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feed_person_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_feed_resource_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_feed_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("key", name=op.f("uq_feed_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_token_hash")),
    )
    op.create_index(op.f("ix_feed_person_id"), "feed", ["person_id"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_idempotency_key_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_idempotency_key_request_id")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_made_at"), "idempotency_key", ["made_at"], unique=False)
    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opens >= 0 AND opens < closes AND closes <= 1440", name=op.f("ck_opening_opens_before_closes")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_weekday")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_opening_area_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_opening_resource_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_opening_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    op.create_index(op.f("ix_opening_site_id"), "opening", ["site_id"], unique=False)
    op.create_table(
        "resource_approver",
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_approver_person_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_approver_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", "person_id", name=op.f("pk_resource_approver")),
    )
    op.create_table(
        "resource_partner",
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_resource_partner_partner_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_partner_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", "partner_id", name=op.f("pk_resource_partner")),
    )
    op.create_table(
        "resource_training",
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_training_resource_id")),
        sa.ForeignKeyConstraint(["training_id"], ["training.id"], name=op.f("fk_resource_training_training_id")),
        sa.PrimaryKeyConstraint("resource_id", "training_id", name=op.f("pk_resource_training")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("continues_id", sa.Integer(), nullable=True),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("wall_start", sa.String(length=16), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["continues_id"], ["series.id"], name=op.f("fk_series_continues_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_series_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("key", name=op.f("uq_series_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_series_uid")),
    )
    op.create_index(op.f("ix_series_request_id"), "series", ["request_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_unit_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("key", name=op.f("uq_unit_key")),
    )
    op.create_index("uq_unit_resource_id_name", "unit", ["resource_id", "name"], unique=True)
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("recurrence_on", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_day", sa.Boolean(), nullable=False),
        sa.Column("wall_start", sa.String(length=16), nullable=False),
        sa.Column("wall_end", sa.String(length=16), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_booking_starts_before_ends")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_booking_claim_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_booking_request_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_booking_resource_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_booking_series_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_booking_site_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_booking_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_booking_claim_id")),
        sa.UniqueConstraint("key", name=op.f("uq_booking_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_booking_uid")),
    )
    op.create_index("ix_booking_person_id_starts_at", "booking", ["person_id", "starts_at"], unique=False)
    op.create_index("ix_booking_request_id", "booking", ["request_id"], unique=False)
    op.create_index("ix_booking_resource_id_ends_at", "booking", ["resource_id", "ends_at"], unique=False)
    op.create_index(
        "ix_booking_site_id_by_day_ends_at", "booking", ["site_id", "by_day", "ends_at", "starts_at"], unique=False
    )
    op.create_index(
        "ix_booking_site_id_by_day_starts_at", "booking", ["site_id", "by_day", "starts_at", "ends_at"], unique=False
    )
    op.create_index("ix_booking_state_site_id", "booking", ["state", "site_id", "starts_at"], unique=False)
    op.create_index("uq_booking_series_id_recurrence_on", "booking", ["series_id", "recurrence_on"], unique=True)
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_hold_starts_before_ends")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_hold_claim_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hold_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index("ix_hold_claim_id_unit_id", "hold", ["claim_id", "unit_id", "starts_at", "ends_at"], unique=False)
    op.create_index("ix_hold_unit_id_ends_at", "hold", ["unit_id", "ends_at", "starts_at"], unique=False)
    op.create_table(
        "skipped_date",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("recurrence_on", sa.String(length=16), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_skipped_date_series_id")),
        sa.PrimaryKeyConstraint("series_id", "recurrence_on", name=op.f("pk_skipped_date")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=30), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_event_actor_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_event_booking_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_event_partner_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_event_request_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_event_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_booking_id", "event", ["booking_id"], unique=False)
    op.create_index("ix_event_request_id", "event", ["request_id"], unique=False)
    op.create_table(
        "event_detail",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_detail_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_detail")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_notice_event_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_person_id_read_at", "notice", ["person_id", "read_at"], unique=False)
    op.create_index("uq_notice_event_id_person_id_channel", "notice", ["event_id", "person_id", "channel"], unique=True)
    op.create_table(
        "sealed",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("seal_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_sealed_event_id")),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name=op.f("fk_sealed_seal_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_sealed")),
    )
    op.create_index(op.f("ix_sealed_seal_id"), "sealed", ["seal_id"], unique=False)
    guard()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_never_emptied ON {table}")
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP FUNCTION refuse_change()")
        for table in RIGHTS:
            op.execute(f"DROP FUNCTION {table}_rights() CASCADE")
    op.drop_index(op.f("ix_sealed_seal_id"), table_name="sealed")
    op.drop_table("sealed")
    op.drop_index("uq_notice_event_id_person_id_channel", table_name="notice")
    op.drop_index("ix_notice_person_id_read_at", table_name="notice")
    op.drop_table("notice")
    op.drop_table("event_detail")
    op.drop_index("ix_event_request_id", table_name="event")
    op.drop_index("ix_event_booking_id", table_name="event")
    op.drop_table("event")
    op.drop_table("skipped_date")
    op.drop_index("ix_hold_unit_id_ends_at", table_name="hold")
    op.drop_index("ix_hold_claim_id_unit_id", table_name="hold")
    op.drop_table("hold")
    op.drop_index("uq_booking_series_id_recurrence_on", table_name="booking")
    op.drop_index("ix_booking_state_site_id", table_name="booking")
    op.drop_index("ix_booking_site_id_by_day_starts_at", table_name="booking")
    op.drop_index("ix_booking_site_id_by_day_ends_at", table_name="booking")
    op.drop_index("ix_booking_resource_id_ends_at", table_name="booking")
    op.drop_index("ix_booking_request_id", table_name="booking")
    op.drop_index("ix_booking_person_id_starts_at", table_name="booking")
    op.drop_table("booking")
    op.drop_index("uq_unit_resource_id_name", table_name="unit")
    op.drop_table("unit")
    op.drop_index(op.f("ix_series_request_id"), table_name="series")
    op.drop_table("series")
    op.drop_table("resource_training")
    op.drop_table("resource_partner")
    op.drop_table("resource_approver")
    op.drop_index(op.f("ix_opening_site_id"), table_name="opening")
    op.drop_table("opening")
    op.drop_index(op.f("ix_idempotency_key_made_at"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_index(op.f("ix_feed_person_id"), table_name="feed")
    op.drop_table("feed")
    op.drop_index("ix_closure_site_id_ends_at", table_name="closure")
    op.drop_table("closure")
    op.drop_index("ix_training_record_person_id_training_id", table_name="training_record")
    op.drop_table("training_record")
    op.drop_index(op.f("ix_sign_in_person_id"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index("ix_role_grant_site_id", table_name="role_grant")
    op.drop_index("ix_role_grant_person_id", table_name="role_grant")
    op.drop_index("ix_role_grant_partner_id", table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index("ix_resource_site_id_position", table_name="resource")
    op.drop_index(op.f("ix_resource_area_id"), table_name="resource")
    op.drop_table("resource")
    op.drop_index("ix_request_person_id", table_name="request")
    op.drop_index("ix_request_partner_id", table_name="request")
    op.drop_table("request")
    op.drop_table("training")
    op.drop_index(op.f("ix_project_partner_partner_id"), table_name="project_partner")
    op.drop_table("project_partner")
    op.drop_table("person")
    op.drop_index("uq_area_site_id_slug", table_name="area")
    op.drop_table("area")
    op.drop_index("ix_agreement_partner_id_site_id", table_name="agreement")
    op.drop_table("agreement")
    op.drop_table("site")
    op.drop_table("seal")
    op.drop_table("project")
    op.drop_table("partner")
    op.drop_table("claim")


# --- guards, written by hand for each dialect -------------------------------------------------------------------------

APPEND_ONLY = {  # table: when a new row would push out an old one
    "event": "id = NEW.id",
    "seal": "id = NEW.id OR digest = NEW.digest",
    "sealed": "event_id = NEW.event_id",
}


# Whose rights a row is about; whoever changes it, feeds find the serial raised and judge their owner anew.
RIGHTS = {
    "role_grant": "id IN ({person_id})",
    "agreement": "id IN (SELECT person_id FROM role_grant WHERE partner_id IN ({partner_id}))",
    "project_partner": "id IN (SELECT person_id FROM role_grant WHERE partner_id IN ({partner_id}))",
}


def guard() -> None:
    """No two claims overlap on a unit; history is only ever added to; a change of rights is never missed."""
    if op.get_bind().dialect.name == "postgresql":
        statements = guards_of_postgresql() + serials_of_postgresql()
    else:
        statements = guards_of_sqlite() + serials_of_sqlite()
    for statement in statements:
        op.execute(statement)


def serials_of_postgresql() -> list[str]:
    statements = []
    for table, whose in RIGHTS.items():
        people = whose.format(person_id="NEW.person_id, OLD.person_id", partner_id="NEW.partner_id, OLD.partner_id")
        statements.append(
            f"CREATE FUNCTION {table}_rights() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" UPDATE person SET rights_serial = rights_serial + 1 WHERE {people}; RETURN NULL; END $$"
        )
        statements.append(
            f"CREATE TRIGGER {table}_rights AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_rights()"
        )
    return statements


def serials_of_sqlite() -> list[str]:
    sides = {"INSERT": ("NEW",), "UPDATE": ("NEW", "OLD"), "DELETE": ("OLD",)}
    statements = []
    for table, whose in RIGHTS.items():
        for verb, rows in sides.items():
            columns = {name: ", ".join(f"{row}.{name}" for row in rows) for name in ("person_id", "partner_id")}
            statements.append(
                f"CREATE TRIGGER {table}_rights_{verb.lower()} AFTER {verb} ON {table} BEGIN"
                f" UPDATE person SET rights_serial = rights_serial + 1 WHERE {whose.format(**columns)}; END"
            )
    return statements


def guards_of_postgresql() -> list[str]:
    statements = [
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        "ALTER TABLE hold ADD CONSTRAINT no_overlap EXCLUDE USING gist"
        " (unit_id WITH =, claim_id WITH <>, tstzrange(starts_at, ends_at) WITH &&)",
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'append_only: % is never changed', TG_TABLE_NAME; END $$",
    ]
    for table in APPEND_ONLY:
        statements.append(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        statements.append(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    return statements


def guards_of_sqlite() -> list[str]:
    statements = [
        f"CREATE TRIGGER hold_no_overlap_{verb.lower()} BEFORE {verb} ON hold BEGIN"
        " SELECT RAISE(ABORT, 'no_overlap') WHERE EXISTS (SELECT 1 FROM hold AS other"
        " WHERE other.unit_id = NEW.unit_id AND other.claim_id <> NEW.claim_id"
        " AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at); END"
        for verb in ("INSERT", "UPDATE")
    ]
    for table, collides in APPEND_ONLY.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, 'append_only: {table} is never changed'); END"
        statements.append(f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} {refuse}")
        statements.append(f"CREATE TRIGGER {table}_append_only_delete BEFORE DELETE ON {table} {refuse}")
        statements.append(  # INSERT OR REPLACE deletes without asking the trigger above
            f"CREATE TRIGGER {table}_append_only_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {collides}) {refuse}"
        )
    return statements
