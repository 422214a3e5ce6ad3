"""Messages to portals, kept with the change that caused them, numbered within their order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.ids import OrderId, PortalId
from paygate.store import driver
from paygate.store.base import InstantColumn, many, metadata, one, values

table = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("portal_id", sa.ForeignKey("portal.id"), nullable=False),
    sa.Column("order_id", sa.ForeignKey("fee_order.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("addressed_at", InstantColumn),  # when deliveries were made of it
    sa.UniqueConstraint("order_id", "version"),
    sa.Index("ix_outbox_addressed_at_id", "addressed_at", "id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A fact for the portal: the very bytes that every delivery of it carries."""

    id: str
    portal_id: PortalId
    order_id: OrderId
    version: int
    type: str
    body: str
    created_at: datetime
    addressed_at: datetime | None = None


PUT = table.insert()
GET = sa.select(table).where(table.c.id == sa.bindparam("message_id"))
OF_ORDER = (
    sa.select(table).where(table.c.order_id == sa.bindparam("of_order")).order_by(table.c.version)
)
CLAIM = (
    sa.select(table)
    .where(table.c.addressed_at.is_(None))
    .order_by(table.c.id)
    .limit(sa.bindparam("batch"))
    .with_for_update(skip_locked=True)
)
ADDRESSED = (
    table.update()
    .where(table.c.id == sa.bindparam("message_id"))
    .values(addressed_at=sa.bindparam("at"))
)


def put(tx: sa.Connection, message: OutgoingMessage) -> None:
    """Queue a message in the same transaction as its cause."""
    driver.run(tx, PUT, values(message))


def get(tx: sa.Connection, message_id: str) -> OutgoingMessage | None:
    """Return the message of that id."""
    return one(OutgoingMessage, tx.execute(GET, {"message_id": message_id}))


def of_order(tx: sa.Connection, order_id: OrderId) -> tuple[OutgoingMessage, ...]:
    """Return what the portal was to be told of the order, oldest first."""
    return many(OutgoingMessage, tx.execute(OF_ORDER, {"of_order": order_id}))


def claim_unaddressed(tx: sa.Connection, *, limit: int) -> tuple[OutgoingMessage, ...]:
    """Return messages of which no deliveries were made, held until *tx* ends."""
    return many(OutgoingMessage, tx.execute(CLAIM, {"batch": limit}))


def addressed(tx: sa.Connection, message_id: str, *, now: datetime) -> None:
    """Write down that the deliveries of a message exist."""
    tx.execute(ADDRESSED, {"message_id": message_id, "at": now})
