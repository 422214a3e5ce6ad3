"""Counts of who comes how often, and a narrow way to the attempts that still have no end."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

LIVE = sa.text("payment_state IN ('created', 'redirected', 'pending', 'unknown')")


def upgrade() -> None:
    op.create_table(
        "rate_window",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.DateTime(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.CheckConstraint("spent > 0", name=op.f("ck_rate_window_spent_counts")),
        sa.PrimaryKeyConstraint("bucket", "begins_at", name=op.f("pk_rate_window")),
    )
    op.create_index("ix_rate_window_begins_at", "rate_window", ["begins_at"])
    op.create_index(
        "ix_payment_attempt_live",
        "payment_attempt",
        ["created_at"],
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )


def downgrade() -> None:
    op.drop_index("ix_payment_attempt_live", table_name="payment_attempt")
    op.drop_index("ix_rate_window_begins_at", table_name="rate_window")
    op.drop_table("rate_window")
