"""Let orders expire whose time to pay is over: the rail is asked first, and a late truth counts."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.ids import OrderId
from paygate.domain.order import GRACE, OrderState
from paygate.house import House
from paygate.services.ask_before_end import ask_before_end
from paygate.services.end_order import end_order
from paygate.store import orders

BATCH = 50


def expire_orders(house: House, act: Act) -> int:
    """Close every live order whose end and grace are over, and return how many were closed.

    Each rail with an attempt still live is asked once more; what it then does not say does not
    keep the order open (DESIGN 3).
    """
    with house.db.read() as tx:
        due = orders.overdue(tx, ended_by=act.now - GRACE, limit=BATCH)
    closed = 0
    for order_id, very_end in due:
        if ask_before_end(house, act, order_id, not_since=very_end + GRACE):
            closed += house.db.act(_expire, act, order_id)
    return closed


def _expire(tx: sa.Connection, act: Act, order_id: OrderId) -> bool:
    order = orders.lock(tx, order_id)
    if order is None or order.expires_at + GRACE > act.now:
        return False
    return end_order(tx, act, order, OrderState.EXPIRED)
