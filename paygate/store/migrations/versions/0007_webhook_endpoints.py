"""Endpoints retire and rotate their secrets, pings belong to no order, deliveries can be dropped.

SQLite changes a column by making its table anew, and no table goes while others point at its rows:
the deliveries and their tries step aside meanwhile. PostgreSQL just alters.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = "state IN ('waiting', 'delivered', 'dead', 'dropped')"
STATES_BEFORE = "state IN ('waiting', 'delivered', 'dead')"
LIVE = sa.text("retired_at IS NULL")
CHECKS = (
    ("of_order_or_endpoint", "(order_id IS NULL) <> (endpoint_id IS NULL)"),
    ("numbered_in_its_order", "(order_id IS NULL) = (version IS NULL)"),
)
ENDPOINT_CHECKS = (
    ("secret_no_counts", "secret_no > 0"),
    ("retired_is_silent", "retired_at IS NULL OR enabled = {false}"),
    ("old_secret_ends", "(old_secret_sealed IS NULL) = (old_secret_ends_at IS NULL)"),
)


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    with _deliveries_aside(STATES):
        with op.batch_alter_table("outbox") as batch:
            batch.alter_column("order_id", existing_type=sa.Text(), nullable=True)
            batch.alter_column("version", existing_type=sa.Integer(), nullable=True)
            batch.add_column(sa.Column("endpoint_id", sa.Text(), nullable=True))
            batch.create_foreign_key(
                "fk_outbox_endpoint_id_webhook_endpoint",
                "webhook_endpoint",
                ["endpoint_id"],
                ["id"],
            )
            for name, rule in CHECKS:
                batch.create_check_constraint(batch.f(f"ck_outbox_{name}"), rule)
        op.create_index("ix_outbox_portal_id_id", "outbox", ["portal_id", "id"])
        with op.batch_alter_table("webhook_endpoint") as batch:
            batch.drop_constraint("uq_webhook_endpoint_portal_id_url", type_="unique")
            batch.add_column(
                sa.Column("secret_no", sa.Integer(), nullable=False, server_default="1")
            )
            batch.add_column(sa.Column("old_secret_sealed", sa.Text(), nullable=True))
            batch.add_column(sa.Column("old_secret_ends_at", sa.DateTime(), nullable=True))
            batch.add_column(sa.Column("retired_at", sa.DateTime(), nullable=True))
            batch.create_foreign_key(
                "fk_webhook_endpoint_old_secret_sealed_sealed_value",
                "sealed_value",
                ["old_secret_sealed"],
                ["id"],
            )
            for name, rule in ENDPOINT_CHECKS:
                text = rule.format(false="false" if postgres else "0")
                batch.create_check_constraint(batch.f(f"ck_webhook_endpoint_{name}"), text)
        op.create_index(
            "uq_webhook_endpoint_live",
            "webhook_endpoint",
            ["portal_id", "url"],
            unique=True,
            postgresql_where=LIVE,
            sqlite_where=LIVE,
        )


def downgrade() -> None:
    pings = "SELECT id FROM outbox WHERE order_id IS NULL"
    op.execute(
        "DELETE FROM webhook_try WHERE delivery_id IN "
        f"(SELECT id FROM webhook_delivery WHERE message_id IN ({pings}))"
    )
    op.execute(f"DELETE FROM webhook_delivery WHERE message_id IN ({pings})")
    op.execute("DELETE FROM outbox WHERE order_id IS NULL")
    op.execute("UPDATE webhook_delivery SET state = 'dead' WHERE state = 'dropped'")
    op.execute("UPDATE webhook_endpoint SET url = url || '#' || id WHERE retired_at IS NOT NULL")
    op.drop_index("uq_webhook_endpoint_live", table_name="webhook_endpoint")
    op.drop_index("ix_outbox_portal_id_id", table_name="outbox")
    with _deliveries_aside(STATES_BEFORE):
        with op.batch_alter_table("outbox") as batch:
            for name, _ in CHECKS:
                batch.drop_constraint(batch.f(f"ck_outbox_{name}"), type_="check")
            batch.drop_constraint("fk_outbox_endpoint_id_webhook_endpoint", type_="foreignkey")
            batch.drop_column("endpoint_id")
            batch.alter_column("version", existing_type=sa.Integer(), nullable=False)
            batch.alter_column("order_id", existing_type=sa.Text(), nullable=False)
        with op.batch_alter_table("webhook_endpoint") as batch:
            for name, _ in ENDPOINT_CHECKS:
                batch.drop_constraint(batch.f(f"ck_webhook_endpoint_{name}"), type_="check")
            batch.drop_constraint(
                "fk_webhook_endpoint_old_secret_sealed_sealed_value", type_="foreignkey"
            )
            for column in ("secret_no", "old_secret_sealed", "old_secret_ends_at", "retired_at"):
                batch.drop_column(column)
            batch.create_unique_constraint(
                "uq_webhook_endpoint_portal_id_url", ["portal_id", "url"]
            )


@contextmanager
def _deliveries_aside(states: str) -> Iterator[None]:
    """Let no row point at a message or an endpoint meanwhile; afterwards *states* hold."""
    if op.get_bind().dialect.name == "postgresql":
        yield
        name = op.f("ck_webhook_delivery_state_known")
        op.drop_constraint(name, "webhook_delivery", type_="check")
        op.create_check_constraint(name, "webhook_delivery", states)
        return
    for table in ("webhook_try", "webhook_delivery"):
        op.execute(f"CREATE TABLE aside_{table} AS SELECT * FROM {table}")
        op.drop_table(table)
    yield
    _make_deliveries(states)
    for table in ("webhook_delivery", "webhook_try"):
        op.execute(f"INSERT INTO {table} SELECT * FROM aside_{table}")
        op.drop_table(f"aside_{table}")


def _make_deliveries(states: str) -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(states, name=op.f("ck_webhook_delivery_state_known")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_webhook_delivery_tries_count")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoint.id"],
            name=op.f("fk_webhook_delivery_endpoint_id_webhook_endpoint"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox.id"], name=op.f("fk_webhook_delivery_message_id_outbox")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint(
            "message_id", "endpoint_id", name=op.f("uq_webhook_delivery_message_id_endpoint_id")
        ),
    )
    op.create_index("ix_webhook_delivery_state_due_at", "webhook_delivery", ["state", "due_at"])
    op.create_table(
        "webhook_try",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("try_no", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["webhook_delivery.id"],
            name=op.f("fk_webhook_try_delivery_id_webhook_delivery"),
        ),
        sa.PrimaryKeyConstraint("delivery_id", "try_no", name=op.f("pk_webhook_try")),
    )
