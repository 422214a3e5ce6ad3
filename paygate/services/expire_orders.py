"""Let orders expire whose time to pay is over: the rail is asked first, and a late truth counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.ids import OrderId
from paygate.domain.notice import Notice
from paygate.domain.order import GRACE, LIVE_STATES, OrderState
from paygate.domain.payment import LIVE
from paygate.house import House
from paygate.services.chase_pending import Asked, ask_about
from paygate.services.move_order import move_order
from paygate.store import attempts, audit, live_orders, orders
from paygate.store.attempts import Attempt

BATCH = 50
IN_FLIGHT = timedelta(seconds=90)  # longer than any account may wait for an answer


def expire_orders(house: House, act: Act) -> int:
    """Close every live order whose end and grace are over, and return how many were closed.

    Each rail with an attempt still live is asked once more; what it then does not say does not
    keep the order open (DESIGN 3).
    """
    with house.db.read() as tx:
        due = orders.overdue(tx, ended_by=act.now - GRACE, limit=BATCH)
    closed = 0
    for order_id in due:
        live = house.db.act(_hasten, act, order_id)
        asked = [ask_about(house, act, attempt.id) for attempt in live]
        if not any(map(partial(_is_in_flight, act.now), live, asked)):
            closed += house.db.act(_expire, act, order_id)
    return closed


def _is_in_flight(now: datetime, attempt: Attempt, asked: Asked) -> bool:
    """Return whether another act is asking about *attempt*: its answer is waited for, once more."""
    asked_at = attempt.asked_at
    return asked is Asked.NOT_ASKED and asked_at is not None and asked_at > now - IN_FLIGHT


def _hasten(tx: sa.Connection, act: Act, order_id: OrderId) -> tuple[Attempt, ...]:
    """Let the rails of live attempts be asked now, unless they were after the order's very end."""
    order = orders.lock(tx, order_id)
    if order is None:
        return ()
    live = [each for each in attempts.of_order(tx, order_id) if each.payment_state in LIVE]
    for attempt in live:
        attempts.ask_now(tx, attempt.id, now=act.now, not_since=order.expires_at + GRACE)
    return tuple(live)


def _expire(tx: sa.Connection, act: Act, order_id: OrderId) -> bool:
    order = orders.lock(tx, order_id)
    over = order is not None and order.expires_at + GRACE <= act.now
    if order is None or not over or order.state not in LIVE_STATES:
        return False
    live_orders.release(tx, order.id)
    closed = replace(order, closed_as=OrderState.EXPIRED)
    move_order(tx, act, closed, tell=(Notice.ORDER_EXPIRED,))
    audit.note(
        tx, act, stream=f"order:{order.id}", action="order.expired", subject=f"order:{order.id}"
    )
    return True
