"""Ask the rails once more before an order ends: no end is decided beside the truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
import structlog

from paygate.domain.act import Act
from paygate.domain.ids import AccountCode, OrderId
from paygate.domain.payment import LIVE
from paygate.house import House
from paygate.services.chase_pending import Asked, ask_about
from paygate.store import attempts, orders
from paygate.store.attempts import Attempt
from paygate.store.jobs import LeaseLostError

log = structlog.get_logger()
IN_FLIGHT = timedelta(seconds=90)  # longer than any account may wait for an answer


def ask_before_end(
    house: House,
    act: Act,
    order_id: OrderId,
    *,
    not_since: datetime,
    silent: set[AccountCode] | None = None,
) -> bool:
    """Ask about every live attempt that was not asked about since *not_since*.

    Return whether all that can be known is known; not while another act waits for an answer.
    Rails of the accounts in *silent* are not waited for again, and those that are silent now join.
    """
    silent = set() if silent is None else silent
    live = house.db.act(_hasten, act, order_id, not_since=not_since)
    if any(attempt.account in silent for attempt in live):
        return False
    asked = [ask_about(house, act, attempt.id) for attempt in live]
    told = zip(live, asked, strict=True)
    silent |= {attempt.account for attempt, word in told if word is Asked.SILENT}
    return not any(map(partial(_is_in_flight, act.now), live, asked))


def alone(end: Callable[[OrderId], int], order_id: OrderId) -> int:
    """Return how many orders *end* ended; one that breaks is none, and keeps no other waiting.

    Raises:
        LeaseLostError: another process acts now.
    """
    try:
        return end(order_id)
    except LeaseLostError:
        raise
    except Exception:
        # The edge: orders are ended one by one, and this one is tried again.
        log.exception("order_not_ended", order_id=order_id)
        return 0


def _is_in_flight(now: datetime, attempt: Attempt, asked: Asked) -> bool:
    """Return whether another act is asking about *attempt*: its answer is waited for, once more."""
    asked_at = attempt.asked_at
    return asked is Asked.NOT_ASKED and asked_at is not None and asked_at > now - IN_FLIGHT


def _hasten(
    tx: sa.Connection, act: Act, order_id: OrderId, *, not_since: datetime
) -> tuple[Attempt, ...]:
    if orders.lock(tx, order_id) is None:
        return ()
    live = [each for each in attempts.of_order(tx, order_id) if each.payment_state in LIVE]
    for attempt in live:
        attempts.ask_now(tx, attempt.id, now=act.now, not_since=not_since)
    return tuple(live)
