"""Cancel an order that its portal no longer wants paid: at once, or when its rails were asked.

A portal's wish is committed in the request; the rails are asked by the worker (DESIGN 2.8), and
what they do not say within ten seconds does not keep the order open. Money that comes later is
late money, as after an expiry.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import OrderNotFoundError, OrderPaidError
from paygate.domain.ids import AccountCode, OrderId
from paygate.domain.order import LIVE_STATES, OrderState, any_live
from paygate.house import House
from paygate.services.ask_before_end import alone, ask_before_end
from paygate.services.end_order import end_order
from paygate.services.spread import Spread
from paygate.store import attempts, audit, orders
from paygate.store.orders import FeeOrder

BATCH = 50
PATIENCE = timedelta(seconds=10)  # how long a portal is told `cancelling` (DESIGN 5.1)
# Nothing is owed of these, so there is nothing that a cancellation could stop.
_SETTLED = (OrderState.PAID, OrderState.EXEMPT)


def ask_cancel(tx: sa.Connection, act: Act, order_id: OrderId) -> FeeOrder:
    """Return the order, cancelled, or `is_cancelling` while the rails of live attempts are asked.

    An order that ended unpaid before stays as it is: asking again changes nothing.

    Raises:
        OrderPaidError: the order is paid, or exempt.
    """
    order = orders.lock(tx, order_id)
    if order is None:
        raise OrderNotFoundError
    if order.state in _SETTLED:
        raise OrderPaidError
    if order.state in LIVE_STATES and order.cancel_asked_at is None:
        orders.ask_cancel(tx, order.id, now=act.now)
        audit.note(
            tx,
            act,
            stream=f"order:{order.id}",
            action="order.cancel_asked",
            subject=f"order:{order.id}",
        )
        if not any_live(each.payment_state for each in attempts.of_order(tx, order.id)):
            end_order(tx, act, order, OrderState.CANCELLED)
    changed = orders.get(tx, order.id)
    return order if changed is None else changed


def cancel_orders(house: House, act: Act, *, spread: Spread = map) -> int:
    """Cancel the orders that portals no longer want, unless a rail says paid; return how many."""
    with house.db.read() as tx:
        wanted = orders.to_cancel(tx, limit=BATCH)
    silent: set[AccountCode] = set()  # one silence a round: others wait behind it
    return sum(spread(partial(alone, partial(_cancel, house, act, silent)), wanted))


def _cancel(house: House, act: Act, silent: set[AccountCode], order_id: OrderId) -> int:
    with house.db.read() as tx:
        order = orders.get(tx, order_id)
    if order is None or order.cancel_asked_at is None:
        return 0
    known = ask_before_end(house, act, order_id, not_since=order.cancel_asked_at, silent=silent)
    if not known and act.now < order.cancel_asked_at + PATIENCE:
        return 0
    return int(house.db.act(_end, act, order_id))


def _end(tx: sa.Connection, act: Act, order_id: OrderId) -> bool:
    order = orders.lock(tx, order_id)
    return order is not None and end_order(tx, act, order, OrderState.CANCELLED)
