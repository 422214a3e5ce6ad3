"""One object of the calling portal, or the answer that hides whether another portal has it."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.errors import OrderNotFoundError
from paygate.domain.ids import OrderId
from paygate.logs import about
from paygate.store import orders
from paygate.store.orders import FeeOrder
from paygate.store.portals import Portal


def order_of(tx: sa.Connection, portal: Portal, order_id: str) -> FeeOrder:
    """Return the portal's order as it was committed last.

    Raises:
        OrderNotFoundError: no such order, or another portal's.
    """
    order = orders.get(tx, OrderId(order_id))
    if order is None or order.portal_id != portal.id:
        raise OrderNotFoundError
    about(order_id=order.id)
    return order
