"""Working calendars and fee rules; what an order may be about beside a dossier; reductions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PAPERS = "'fine_decision', 'tax_notice', 'court_notice'"
COLUMNS = (
    (
        "fee_order",
        "payable_type",
        f"TEXT CONSTRAINT ck_fee_order_payable_type_known CHECK (payable_type IN ({PAPERS}))",
    ),
    ("fee_order", "payable_facts", "TEXT"),
    (
        "fee_order",
        "payable_sealed",
        "TEXT CONSTRAINT fk_fee_order_payable_sealed_sealed_value REFERENCES sealed_value (id)",
    ),
    (
        "fee_line",
        "rule_id",
        "TEXT CONSTRAINT fk_fee_line_rule_id_fee_rule REFERENCES fee_rule (id)",
    ),
    ("fee_line", "legal_basis", "TEXT"),
    ("fee_line", "rule_differs", "BOOLEAN DEFAULT false NOT NULL"),
    ("fee_line", "full_amount", "BIGINT"),
    ("fee_line", "reduction_basis", "TEXT"),
)


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('OFF', 'WORKING', 'MAKE_UP')", name=op.f("ck_calendar_day_kind_known")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_calendar_day_version_counts")),
        sa.PrimaryKeyConstraint("calendar", "date", "version", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "fee_rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("fee_code", sa.Text(), nullable=False),
        sa.Column("procedure_code", sa.Text()),
        sa.Column("case_code", sa.Text()),
        sa.Column("agency", sa.Text()),
        sa.Column("channel", sa.Text()),
        sa.Column("applicant_category", sa.Text()),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("lowest", sa.BigInteger(), nullable=False),
        sa.Column("highest", sa.BigInteger()),
        sa.Column("unit", sa.Text()),
        sa.Column("refund_policy", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(), nullable=False),
        sa.Column("replaced_at", sa.DateTime()),
        sa.CheckConstraint(
            "channel IN ('online', 'offline')", name=op.f("ck_fee_rule_channel_known")
        ),
        sa.CheckConstraint(
            "refund_policy IN ('full', 'none', 'unprocessed_only', 'by_reason')",
            name=op.f("ck_fee_rule_refund_policy_known"),
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_fee_rule_valid")
        ),
        sa.CheckConstraint(
            "lowest >= 0 AND (highest IS NULL OR lowest <= highest)",
            name=op.f("ck_fee_rule_price"),
        ),
        sa.CheckConstraint("unit IS NULL OR lowest > 0", name=op.f("ck_fee_rule_unit_costs")),
        sa.ForeignKeyConstraint(
            ["agency"], ["agency.code"], name=op.f("fk_fee_rule_agency_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_rule")),
    )
    op.create_index("ix_fee_rule_fee_code", "fee_rule", ["fee_code"])
    op.create_table(
        "portal_payable",
        sa.Column("portal_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "type IN ('fine_decision', 'tax_notice', 'court_notice')",
            name=op.f("ck_portal_payable_type_known"),
        ),
        sa.ForeignKeyConstraint(
            ["portal_id"], ["portal.id"], name=op.f("fk_portal_payable_portal_id_portal")
        ),
        sa.PrimaryKeyConstraint("portal_id", "type", name=op.f("pk_portal_payable")),
    )
    for table, column, kind in COLUMNS:
        # Alembic would add the key or check in a second statement, which SQLite does not know.
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


def downgrade() -> None:
    for table, column, _ in reversed(COLUMNS):
        op.drop_column(table, column)
    op.drop_table("portal_payable")
    op.drop_index("ix_fee_rule_fee_code", table_name="fee_rule")
    op.drop_table("fee_rule")
    op.drop_table("calendar_day")
