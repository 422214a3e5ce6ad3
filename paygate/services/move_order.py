"""Bring an order to the state that its facts make, and tell the portal what it should know."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.invariants import invariant
from paygate.domain.notice import Notice
from paygate.domain.order import TRANSITIONS, OrderFacts, OrderState, order_state
from paygate.domain.payment import PaymentState
from paygate.store import attempts, orders, outbox
from paygate.store.orders import FeeOrder
from paygate.store.outbox import OutgoingMessage

_STEPS = frozenset((before, after) for (before, _), after in TRANSITIONS.items())


def move_order(
    tx: sa.Connection,
    act: Act,
    order: FeeOrder,
    *,
    tell: tuple[Notice, ...] = (),
    states: tuple[PaymentState, ...] | None = None,
) -> FeeOrder:
    """Return the order in its new state, one version further for every message.

    *order* is under lock and carries the facts decided in this act (`closed_as`, `covered_by`,
    `paid_at`); *states* are those of its attempts as they now stand, read here if not given.
    """
    if states is None:
        states = tuple(each.payment_state for each in attempts.of_order(tx, order.id))
    facts = OrderFacts(
        attempts=states,
        covered=order.covered_by is not None,
        closed_as=order.closed_as,
        exempt=order.state is OrderState.EXEMPT,
    )
    state = order_state(facts)
    invariant(
        state is order.state or (order.state, state) in _STEPS,
        f"{order.id} cannot go from {order.state} to {state}",
    )
    moved = replace(order, state=state, version=order.version + max(1, len(tell)))
    orders.move(tx, moved)
    for number, notice in enumerate(tell, start=1):
        tell_portal(tx, act, replace(moved, version=order.version + number), notice)
    return moved


def tell_portal(tx: sa.Connection, act: Act, order: FeeOrder, notice: Notice) -> None:
    """Queue what Standard Webhooks will carry: the fact, and no personal data (DESIGN 5.2)."""
    body = {
        "type": notice.value,
        "timestamp": act.now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {
            "object": "order",
            "id": order.id,
            "order_id": order.id,
            "order_code": order.code,
            "dossier_code": order.dossier_code,
            **({} if order.payable_type is None else {"payable_type": order.payable_type.value}),
            "state": order.state.value,
            "amount": order.amount.dong,
            "version": order.version,
        },
    }
    message = OutgoingMessage(
        id=act.ids.new("evt", act.now),
        portal_id=order.portal_id,
        order_id=order.id,
        version=order.version,
        type=notice.value,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        created_at=act.now,
    )
    outbox.put(tx, message)
