"""Let orders expire whose time to pay is over: the rail is asked first, and a late truth counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.ids import OrderId
from paygate.domain.order import GRACE, OrderState
from paygate.house import House
from paygate.services.ask_before_end import alone, ask_before_end
from paygate.services.end_order import end_order
from paygate.services.spread import Spread
from paygate.store import orders

BATCH = 50


def expire_orders(house: House, act: Act, *, spread: Spread = map) -> int:
    """Close every live order whose end and grace are over, and return how many were closed.

    Each rail with an attempt still live is asked once more; what it then does not say does not
    keep the order open (DESIGN 3).
    """
    with house.db.read() as tx:
        due = orders.overdue(tx, ended_by=act.now - GRACE, limit=BATCH)
    very_ends = dict(due)
    return sum(spread(partial(alone, partial(_ask_and_expire, house, act, very_ends)), very_ends))


def _ask_and_expire(
    house: House, act: Act, very_ends: Mapping[OrderId, datetime], order_id: OrderId
) -> int:
    known = ask_before_end(house, act, order_id, not_since=very_ends[order_id] + GRACE)
    return int(known and house.db.act(_expire, act, order_id))


def _expire(tx: sa.Connection, act: Act, order_id: OrderId) -> bool:
    order = orders.lock(tx, order_id)
    if order is None or order.expires_at + GRACE > act.now:
        return False
    return end_order(tx, act, order, OrderState.EXPIRED)
