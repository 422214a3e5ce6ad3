"""Let the rails be asked about an order now, because its portal wants to know (DESIGN 5.1)."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import OrderNotFoundError
from paygate.domain.ids import OrderId
from paygate.store import attempts, audit, orders
from paygate.store.orders import FeeOrder

AGAIN_AFTER = timedelta(seconds=10)  # a portal in a loop must not become a load on a rail


def sync_order(tx: sa.Connection, act: Act, order_id: OrderId) -> FeeOrder:
    """Return the order as it stands; the worker asks about each of its attempts, in every state."""
    order = orders.lock(tx, order_id)
    if order is None:
        raise OrderNotFoundError
    for attempt in attempts.of_order(tx, order.id):
        attempts.ask_now(tx, attempt.id, now=act.now, not_since=act.now - AGAIN_AFTER)
    audit.note(
        tx, act, stream=f"order:{order.id}", action="order.synced", subject=f"order:{order.id}"
    )
    return order
