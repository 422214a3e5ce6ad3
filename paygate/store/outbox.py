"""Messages to portals, kept with the change that caused them, numbered within their order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.ids import OrderId, PortalId
from paygate.store import deliveries, driver
from paygate.store.base import InstantColumn, in_turn, many, metadata, one, values
from paygate.store.deliveries import DeliveryState

table = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("portal_id", sa.ForeignKey("portal.id"), nullable=False),
    sa.Column("order_id", sa.ForeignKey("fee_order.id")),
    sa.Column("endpoint_id", sa.ForeignKey("webhook_endpoint.id")),  # of a ping: it alone is told
    sa.Column("version", sa.Integer),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("addressed_at", InstantColumn),  # when deliveries were made of it
    sa.CheckConstraint("(order_id IS NULL) <> (endpoint_id IS NULL)", "of_order_or_endpoint"),
    sa.CheckConstraint("(order_id IS NULL) = (version IS NULL)", "numbered_in_its_order"),
    sa.UniqueConstraint("order_id", "version"),
    sa.Index("ix_outbox_addressed_at_id", "addressed_at", "id"),
    sa.Index("ix_outbox_portal_id_id", "portal_id", "id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A fact for the portal: the very bytes that every delivery of it carries.

    It is of an order, which numbers it, or a ping of one endpoint.
    """

    id: str
    portal_id: PortalId
    order_id: OrderId | None = None
    endpoint_id: str | None = None
    version: int | None = None
    type: str
    body: str
    created_at: datetime
    addressed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSearch:
    """What a portal looks for among its messages; newest first, below the id *before*."""

    portal_id: PortalId
    order_id: OrderId | None = None
    endpoint_id: str | None = None
    state: DeliveryState | None = None
    before: str | None = None
    limit: int


PUT = table.insert()
GET = sa.select(table).where(table.c.id == sa.bindparam("message_id"))
LOCK = GET.with_for_update()
OF_ORDER = (
    sa.select(table).where(table.c.order_id == sa.bindparam("of_order")).order_by(table.c.version)
)
_IS_NEW = table.c.addressed_at.is_(None)
# Each portal's first, then each one's second, …: who has much to be told holds no other back.
_TURNS = (
    sa.select(
        table.c.id,
        in_turn(table.c.portal_id, by=(table.c.id,)).label("turn"),
    )
    .where(_IS_NEW)
    .subquery("turns")
)
CLAIM = (
    sa.select(table)
    .join(_TURNS, _TURNS.c.id == table.c.id)
    .where(_IS_NEW)  # once more, of the row as it is when it is locked
    .order_by(_TURNS.c.turn, table.c.id)
    .limit(sa.bindparam("batch"))
    .with_for_update(skip_locked=True, of=table)
)
ADDRESSED = (
    table.update()
    .where(table.c.id == sa.bindparam("message_id"))
    .values(addressed_at=sa.bindparam("at"))
)


def put(tx: sa.Connection, message: OutgoingMessage) -> None:
    """Queue a message in the same transaction as its cause."""
    driver.later(tx, PUT, values(message))


def get(tx: sa.Connection, message_id: str) -> OutgoingMessage | None:
    """Return the message of that id."""
    return one(OutgoingMessage, tx.execute(GET, {"message_id": message_id}))


def lock(tx: sa.Connection, message_id: str) -> OutgoingMessage | None:
    """Return the message of that id, held until *tx* ends."""
    return one(OutgoingMessage, tx.execute(LOCK, {"message_id": message_id}))


def of_order(tx: sa.Connection, order_id: OrderId) -> tuple[OutgoingMessage, ...]:
    """Return what the portal was to be told of the order, oldest first."""
    return many(OutgoingMessage, tx.execute(OF_ORDER, {"of_order": order_id}))


def claim_unaddressed(tx: sa.Connection, *, limit: int) -> tuple[OutgoingMessage, ...]:
    """Return messages of which no deliveries were made, held until *tx* ends."""
    return many(OutgoingMessage, tx.execute(CLAIM, {"batch": limit}))


def addressed(tx: sa.Connection, message_id: str, *, now: datetime) -> None:
    """Write down that the deliveries of a message exist."""
    tx.execute(ADDRESSED, {"message_id": message_id, "at": now})


def search(tx: sa.Connection, wanted: MessageSearch) -> tuple[OutgoingMessage, ...]:
    """Return the portal's messages that match, newest first.

    A state and an endpoint are sought of one delivery together.
    """
    query = sa.select(table).where(table.c.portal_id == wanted.portal_id)
    if wanted.order_id is not None:
        query = query.where(table.c.order_id == wanted.order_id)
    if wanted.before is not None:
        query = query.where(table.c.id < wanted.before)
    asked = []
    if wanted.endpoint_id is not None:
        asked.append(deliveries.table.c.endpoint_id == wanted.endpoint_id)
    if wanted.state is not None:
        asked.append(deliveries.table.c.state == wanted.state)
    if asked:
        same = deliveries.table.c.message_id == table.c.id
        query = query.where(sa.exists().where(same, *asked))
    query = query.order_by(table.c.id.desc()).limit(wanted.limit)
    return many(OutgoingMessage, tx.execute(query))
