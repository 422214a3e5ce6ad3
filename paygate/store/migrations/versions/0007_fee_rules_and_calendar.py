"""Working calendars and fee rules; what an order may be about beside a dossier; reductions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None


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


def downgrade() -> None:
    op.drop_table("calendar_day")
