"""Staff, what they are granted, their sessions, and an agency's way to its orders."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("enrolment_id", sa.Text(), nullable=True),
        sa.Column("totp_last_counter", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('invited', 'active', 'disabled')", name=op.f("ck_staff_state_known")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_staff_email_lower")),
        sa.CheckConstraint(
            "state <> 'active' OR (password_hash IS NOT NULL AND enrolment_id IS NOT NULL)",
            name=op.f("ck_staff_active_with_both_factors"),
        ),
        sa.CheckConstraint(
            "(state = 'disabled') = (disabled_at IS NOT NULL)",
            name=op.f("ck_staff_disabled_at_a_time"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "staff_enrolment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("totp_sealed", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'active')", name=op.f("ck_staff_enrolment_state_known")
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> made_by",
            name=op.f("ck_staff_enrolment_approved_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_enrolment_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["totp_sealed"],
            ["sealed_value.id"],
            name=op.f("fk_staff_enrolment_totp_sealed_sealed_value"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_enrolment")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_staff_enrolment_token_sha256")),
    )
    op.create_index(op.f("ix_staff_enrolment_staff_id"), "staff_enrolment", ["staff_id"])
    op.create_table(
        "staff_grant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('admin', 'maker', 'checker', 'reconciler', 'cashier', 'viewer', 'auditor')",
            name=op.f("ck_staff_grant_role_known"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'active')", name=op.f("ck_staff_grant_state_known")
        ),
        sa.CheckConstraint(
            "agency IS NOT NULL OR role IN ('admin', 'auditor')",
            name=op.f("ck_staff_grant_somewhere"),
        ),
        sa.CheckConstraint(
            "(state = 'active') = (since IS NOT NULL)", name=op.f("ck_staff_grant_active_since")
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> granted_by",
            name=op.f("ck_staff_grant_approved_by_another"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> 'user:' || staff_id",
            name=op.f("ck_staff_grant_not_his_own"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_grant_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["agency"], ["agency.code"], name=op.f("fk_staff_grant_agency_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_grant")),
    )
    op.create_index(op.f("ix_staff_grant_staff_id"), "staff_grant", ["staff_id"])
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.Column("stepped_up_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('desk', 'cli')", name=op.f("ck_staff_session_kind_known")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_staff_session_token_sha256")),
    )
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"])
    op.create_table(
        "login_failure",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_login_failure_failures_count")),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_login_failure")),
    )
    op.create_index(op.f("ix_login_failure_last_at"), "login_failure", ["last_at"])
    op.create_index("ix_fee_order_collecting_agency_id", "fee_order", ["collecting_agency", "id"])


def downgrade() -> None:
    op.drop_index("ix_fee_order_collecting_agency_id", table_name="fee_order")
    op.drop_index(op.f("ix_login_failure_last_at"), table_name="login_failure")
    op.drop_table("login_failure")
    op.drop_index(op.f("ix_staff_session_staff_id"), table_name="staff_session")
    op.drop_table("staff_session")
    op.drop_index(op.f("ix_staff_grant_staff_id"), table_name="staff_grant")
    op.drop_table("staff_grant")
    op.drop_index(op.f("ix_staff_enrolment_staff_id"), table_name="staff_enrolment")
    op.drop_table("staff_enrolment")
    op.drop_table("staff")
