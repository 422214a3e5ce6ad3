"""Money that a rail takes back, and orders that their portals cancel."""

import sqlalchemy as sa
from alembic import op

from paygate.store.migrations.recheck import known, recheck

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CASES = (
    "amount_differs",
    "duplicate_payment",
    "late_payment",
    "unknown_attempt",
    "contradiction",
    "key_conflict",
)
ACCOUNTS = ("due_from_provider", "owed_to_beneficiary", "suspense")
CANCELLING = sa.text("cancel_asked_at IS NOT NULL AND closed_as IS NULL AND covered_by IS NULL")


def upgrade() -> None:
    recheck("work_case", "ck_work_case_kind_known", known("kind", *CASES, "payment_reversed"))
    recheck("ledger_leg", "ck_ledger_leg_account_known", known("account", *ACCOUNTS, "chargebacks"))
    op.add_column("collection", sa.Column("taken_back_at", sa.DateTime()))
    op.add_column("fee_order", sa.Column("cancel_asked_at", sa.DateTime()))
    op.create_index(
        "ix_fee_order_cancelling",
        "fee_order",
        ["id"],
        postgresql_where=CANCELLING,
        sqlite_where=CANCELLING,
    )


def downgrade() -> None:
    op.drop_index("ix_fee_order_cancelling", table_name="fee_order")
    op.drop_column("fee_order", "cancel_asked_at")
    op.drop_column("collection", "taken_back_at")
    recheck("ledger_leg", "ck_ledger_leg_account_known", known("account", *ACCOUNTS))
    recheck("work_case", "ck_work_case_kind_known", known("kind", *CASES))
