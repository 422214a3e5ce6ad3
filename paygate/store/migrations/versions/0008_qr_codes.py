"""What was shown to the citizen of an attempt that is paid by a QR code."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "qr_code",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("bank_bin", sa.Text(), nullable=False),
        sa.Column("account_number", sa.Text(), nullable=False),
        sa.Column("account_holder", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.CheckConstraint("length(payload) > 0", name=op.f("ck_qr_code_payload_says_something")),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["payment_attempt.id"],
            name=op.f("fk_qr_code_attempt_id_payment_attempt"),
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_qr_code")),
    )


def downgrade() -> None:
    op.drop_table("qr_code")
