"""Tell portals what happened: at least once, each message on its own, every try written down.

The worker calls `deliver_due`. A delivery is claimed before it is sent, so a death on the way
costs one try and loses nothing: the receiver knows a repeated message by its id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.house import House
from paygate.store import deliveries, endpoints, outbox, sealed
from paygate.store.deliveries import Delivery, DeliveryState, DeliveryTry
from paygate.store.endpoints import Endpoint
from paygate.store.outbox import OutgoingMessage
from webhooks.egress import NotDeliveredError, Post
from webhooks.signature import signature

log = structlog.get_logger()
BATCH = 20
# A claim ends by itself, later than any post can take.
CLAIM = timedelta(seconds=60)
GONE = 410
# Before the second try, the third, …: the schedule of Standard Webhooks, whose first wait is 0.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.1  # of each wait, so that a portal that comes back is not met by all at once
Chance = Callable[[], float]
"""Returns a number from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    """All that one try needs, read before the network is spoken to."""

    delivery: Delivery
    message: OutgoingMessage
    endpoint: Endpoint
    secret: bytes


def deliver_due(house: House, act: Act, post: Post, chance: Chance) -> int:
    """Send what is due, and return how many deliveries arrived."""
    house.db.act(_address, act)
    claimed = house.db.act(deliveries.claim_due, now=act.now, until=act.now + CLAIM, limit=BATCH)
    arrived = 0
    for delivery in claimed:
        with house.db.read() as tx:
            parcel = _pack(tx, house.vault, delivery)
        attempted = _send(act, parcel, post)
        house.db.act(_settle, act, parcel, attempted, chance())
        arrived += attempted.status is not None and _is_success(attempted.status)
    return arrived


def _address(tx: sa.Connection, act: Act) -> None:
    """Make a delivery of each new message for each endpoint of its portal."""
    for message in outbox.claim_unaddressed(tx, limit=BATCH):
        for endpoint in endpoints.of_portal(tx, message.portal_id):
            delivery = Delivery(
                id=act.ids.new("dlv", act.now),
                message_id=message.id,
                endpoint_id=endpoint.id,
                state=DeliveryState.WAITING,
                tries=0,
                due_at=act.now,
            )
            deliveries.make(tx, delivery)
        outbox.addressed(tx, message.id, now=act.now)


def _pack(tx: sa.Connection, vault: Vault, delivery: Delivery) -> _Parcel:
    message = outbox.get(tx, delivery.message_id)
    endpoint = endpoints.get(tx, delivery.endpoint_id)
    if message is None or endpoint is None:
        raise LookupError(f"{delivery.id} has lost its message or its endpoint")
    secret = sealed.unseal(tx, vault, endpoint.secret_sealed)
    return _Parcel(delivery=delivery, message=message, endpoint=endpoint, secret=secret)


def _send(act: Act, parcel: _Parcel, post: Post) -> DeliveryTry:
    """Post once, and return what came of it."""
    body = parcel.message.body.encode()
    timestamp = int(act.now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "paygate",
        "webhook-id": parcel.message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(
            (parcel.secret,), message_id=parcel.message.id, timestamp=timestamp, body=body
        ),
    }
    status = trouble = None
    try:
        status = post(parcel.endpoint.url, headers, body)
    except NotDeliveredError as error:
        trouble = error.trouble
    log.info("webhook_tried", message_id=parcel.message.id, status=status, trouble=trouble)
    return DeliveryTry(
        delivery_id=parcel.delivery.id,
        try_no=parcel.delivery.tries + 1,
        at=act.now,
        status=status,
        trouble=trouble,
    )


def _settle(
    tx: sa.Connection, act: Act, parcel: _Parcel, attempted: DeliveryTry, chance: float
) -> None:
    """Write down the try; 410 disables the endpoint, whose messages then wait for it."""
    if attempted.status is not None and _is_success(attempted.status):
        deliveries.settle(tx, attempted, DeliveryState.DELIVERED, due_at=act.now)
        return
    if attempted.status == GONE:
        endpoints.switch(tx, parcel.endpoint.id, on=False)
        deliveries.settle(tx, attempted, DeliveryState.WAITING, due_at=act.now)
        return
    due_at = next_due(attempted.try_no, act.now, chance)
    if due_at is None:
        log.error("webhook_dead", message_id=parcel.message.id, endpoint_id=parcel.endpoint.id)
    state = DeliveryState.DEAD if due_at is None else DeliveryState.WAITING
    deliveries.settle(tx, attempted, state, due_at=due_at or act.now)


def next_due(tries: int, now: datetime, chance: float) -> datetime | None:
    """Return when to try again after *tries* tries, None after the last; *chance* is 0 to 1."""
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1]
    return now + wait + wait * JITTER * chance


def _is_success(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004  # RFC 9110: a redirect is a failure
