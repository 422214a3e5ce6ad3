"""End an order unpaid: its key is free for another one, and money that still comes is late."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.notice import Notice
from paygate.domain.order import LIVE_STATES, OrderState
from paygate.services.move_order import move_order
from paygate.store import audit, live_orders
from paygate.store.orders import FeeOrder

_NOTICES = {
    OrderState.EXPIRED: Notice.ORDER_EXPIRED,
    OrderState.CANCELLED: Notice.ORDER_CANCELLED,
}


def end_order(
    tx: sa.Connection,
    act: Act,
    order: FeeOrder,
    ended_as: Literal[OrderState.EXPIRED, OrderState.CANCELLED],
) -> bool:
    """Return whether *order*, which is under lock, was live and has now ended."""
    if order.state not in LIVE_STATES:
        return False
    live_orders.release(tx, order.id)
    notice = _NOTICES[ended_as]
    move_order(tx, act, replace(order, closed_as=ended_as), tell=(notice,))
    audit.note(
        tx, act, stream=f"order:{order.id}", action=notice.value, subject=f"order:{order.id}"
    )
    return True
