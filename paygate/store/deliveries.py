"""Deliveries of messages to endpoints, each on its own schedule, and a line for every try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from paygate.store import endpoints
from paygate.store.base import (
    InstantColumn,
    StateColumn,
    add_if_absent,
    many,
    metadata,
    one,
    one_of,
    values,
)


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"  # every try was made; a person may send it again


table = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("message_id", sa.ForeignKey("outbox.id"), nullable=False),
    sa.Column("endpoint_id", sa.ForeignKey("webhook_endpoint.id"), nullable=False),
    sa.Column("state", StateColumn(DeliveryState), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due_at", InstantColumn, nullable=False),
    one_of("state", DeliveryState),
    sa.CheckConstraint("tries >= 0", "tries_count"),
    sa.UniqueConstraint("message_id", "endpoint_id"),
    sa.Index("ix_webhook_delivery_state_due_at", "state", "due_at"),
)
try_table = sa.Table(
    "webhook_try",
    metadata,
    sa.Column("delivery_id", sa.ForeignKey("webhook_delivery.id"), primary_key=True),
    sa.Column("try_no", sa.Integer, primary_key=True),
    sa.Column("at", InstantColumn, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("trouble", sa.Text),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message on its way to one endpoint."""

    id: str
    message_id: str
    endpoint_id: str
    state: DeliveryState
    tries: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTry:
    """What came of one try: an HTTP status, or the kind of trouble on the way."""

    delivery_id: str
    try_no: int
    at: datetime
    status: int | None
    trouble: str | None


GET = sa.select(table).where(table.c.id == sa.bindparam("delivery_id"))
DUE = (
    sa.select(table)
    .join(endpoints.table, endpoints.table.c.id == table.c.endpoint_id)
    .where(
        table.c.state == DeliveryState.WAITING,
        table.c.due_at <= sa.bindparam("by"),
        endpoints.table.c.enabled.is_(True),
    )
    .order_by(table.c.due_at, table.c.id)
    .limit(sa.bindparam("batch"))
    .with_for_update(skip_locked=True, of=table)
)
CLAIM = (
    table.update()
    .where(table.c.id == sa.bindparam("delivery_id"))
    .values(tries=table.c.tries + 1, due_at=sa.bindparam("until"))
)
SETTLE = (
    table.update()
    .where(table.c.id == sa.bindparam("delivery_id"))
    .values(state=sa.bindparam("new_state"), due_at=sa.bindparam("new_due_at"))
)
ADD_TRY = try_table.insert()
TRIES_OF = (
    sa.select(try_table)
    .where(try_table.c.delivery_id == sa.bindparam("of_delivery"))
    .order_by(try_table.c.try_no)
)
OF_MESSAGE = (
    sa.select(table).where(table.c.message_id == sa.bindparam("of_message")).order_by(table.c.id)
)


def make(tx: sa.Connection, delivery: Delivery) -> None:
    """Keep a new delivery, unless that endpoint already has one of the message."""
    add_if_absent(tx, table, values(delivery))


def get(tx: sa.Connection, delivery_id: str) -> Delivery | None:
    """Return the delivery of that id."""
    return one(Delivery, tx.execute(GET, {"delivery_id": delivery_id}))


def claim_due(
    tx: sa.Connection, *, now: datetime, until: datetime, limit: int
) -> tuple[Delivery, ...]:
    """Take deliveries that are due: until *until* nobody else takes them, then they are due again.

    The try is counted now, so that a death on the way does not make it endless.
    """
    taken = many(Delivery, tx.execute(DUE, {"by": now, "batch": limit}))
    for each in taken:
        tx.execute(CLAIM, {"delivery_id": each.id, "until": until})
    return taken


def settle(
    tx: sa.Connection, attempted: DeliveryTry, state: DeliveryState, *, due_at: datetime
) -> None:
    """Write down what came of a try, and when the next is due."""
    tx.execute(ADD_TRY, values(attempted))
    tx.execute(
        SETTLE,
        {"delivery_id": attempted.delivery_id, "new_state": state, "new_due_at": due_at},
    )


def tries_of(tx: sa.Connection, delivery_id: str) -> tuple[DeliveryTry, ...]:
    """Return every try of a delivery, oldest first."""
    return many(DeliveryTry, tx.execute(TRIES_OF, {"of_delivery": delivery_id}))


def of_message(tx: sa.Connection, message_id: str) -> tuple[Delivery, ...]:
    """Return the deliveries of a message."""
    return many(Delivery, tx.execute(OF_MESSAGE, {"of_message": message_id}))
