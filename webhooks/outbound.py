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
from paygate.services.spread import Spread
from paygate.store import deliveries, endpoints, outbox, sealed
from paygate.store.deliveries import Answer, Delivery, DeliveryState
from paygate.store.endpoints import Endpoint
from paygate.store.outbox import OutgoingMessage
from webhooks.egress import NotDeliveredError, Post
from webhooks.endpoints import close_gone
from webhooks.resend import endpoints_for, make_delivery
from webhooks.secret import signing_secrets
from webhooks.signature import signature

log = structlog.get_logger()
BATCH = 20
ADDRESSED_MAX = 100  # messages in a tick: no network is spoken to
# A claim ends by itself, later than a batch takes whose messages are sent side by side.
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
TRIES_MAX = len(WAITS) + 1
JITTER = 0.1  # of each wait, so that a portal that comes back is not met by all at once
Chance = Callable[[], float]
"""Returns a number from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    """All that one try needs, read before the network is spoken to."""

    message: OutgoingMessage
    endpoint: Endpoint
    secrets: tuple[bytes, ...]


def deliver_due(
    house: House,
    act: Act,
    post: Post,
    chance: Chance,
    *,
    spread: Spread = map,
    busy: set[str] | None = None,
) -> int:
    """Send what is due, and return how many deliveries arrived.

    *busy* are endpoints whose answers other runs wait for: a portal that keeps silent makes the
    runs that come after wait no longer, and the same set must be given to all of them.
    """
    busy = set() if busy is None else busy
    house.db.act(_address, act)
    claimed = house.db.act(_claim, act, frozenset(busy))
    waited_for = {each.endpoint_id for each in claimed} - busy
    busy |= waited_for
    try:
        with house.db.read() as tx:
            parcels = [_pack(tx, house.vault, delivery, now=act.now) for delivery in claimed]
        answers = spread(lambda parcel: _send(act, parcel, post), parcels)
        arrived = 0
        for delivery, parcel, answer in zip(claimed, parcels, answers, strict=True):
            url = None if parcel is None else parcel.endpoint.url
            house.db.act(_settle, act, delivery, answer, url=url, chance=chance())
            arrived += answer.is_success
    finally:
        busy -= waited_for
    return arrived


def _address(tx: sa.Connection, act: Act) -> None:
    """Make a delivery of each new message for each endpoint of its portal."""
    for message in outbox.claim_unaddressed(tx, limit=ADDRESSED_MAX):
        for endpoint in endpoints_for(tx, message):
            make_delivery(tx, act, message, endpoint)
        outbox.addressed(tx, message.id, now=act.now)


def _claim(tx: sa.Connection, act: Act, busy: frozenset[str]) -> tuple[Delivery, ...]:
    """Take what is due, and give up what died on the way of its last try."""
    spent = deliveries.end_spent(tx, tries_max=TRIES_MAX, now=act.now)
    if spent:
        log.error("webhooks_dead_on_the_way", count=spent)
    return deliveries.claim_due(tx, now=act.now, until=act.now + CLAIM, limit=BATCH, busy=busy)


def _pack(tx: sa.Connection, vault: Vault, delivery: Delivery, *, now: datetime) -> _Parcel | None:
    """Return what is to be sent, or None where it cannot be made: no other may wait for it."""
    message = outbox.get(tx, delivery.message_id)
    endpoint = endpoints.get(tx, delivery.endpoint_id)
    if message is None or endpoint is None:
        raise LookupError(f"{delivery.id} has lost its message or its endpoint")
    try:
        secrets = signing_secrets(tx, vault, endpoint, now=now)
    except sealed.SealError:
        log.exception("webhook_secret_does_not_open", endpoint_id=endpoint.id)
        return None
    return _Parcel(message=message, endpoint=endpoint, secrets=secrets)


def _send(act: Act, parcel: _Parcel | None, post: Post) -> Answer:
    """Post once, and return what came of it."""
    if parcel is None:
        return Answer(trouble="secret_does_not_open")
    body = parcel.message.body.encode()
    timestamp = int(act.now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "paygate",
        "webhook-id": parcel.message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(
            parcel.secrets, message_id=parcel.message.id, timestamp=timestamp, body=body
        ),
    }
    try:
        answer = Answer(status=post(parcel.endpoint.url, headers, body))
    except NotDeliveredError as error:
        answer = Answer(trouble=error.trouble)
    except Exception:
        # The edge: a fault at one message must not end the others.
        log.exception("webhook_fault", message_id=parcel.message.id)
        answer = Answer(trouble="fault")
    log.info(
        "webhook_tried",
        message_id=parcel.message.id,
        status=answer.status,
        trouble=answer.trouble,
    )
    return answer


def _settle(
    tx: sa.Connection,
    act: Act,
    delivery: Delivery,
    answer: Answer,
    *,
    url: str | None,
    chance: float,
) -> None:
    """Write down the try at *url*; 410 disables the endpoint, whose messages then wait for it."""
    tries, state, due_at = delivery.tries + 1, DeliveryState.WAITING, None
    if answer.is_success:
        state = DeliveryState.DELIVERED
    elif answer.status == GONE:
        # The portal asked for silence: that costs its message none of its tries.
        close_gone(tx, act, delivery.endpoint_id, url=url)
        log.warning("webhook_endpoint_gone", endpoint_id=delivery.endpoint_id)
        tries = delivery.tries
    else:
        due_at = next_due(tries, act.now, chance)
        if due_at is None:
            state = DeliveryState.DEAD
            log.error(
                "webhook_dead", message_id=delivery.message_id, endpoint_id=delivery.endpoint_id
            )
    deliveries.settle(
        tx,
        delivery.id,
        answer=answer,
        at=act.now,
        state=state,
        tries=tries,
        due_at=due_at or act.now,
    )


def next_due(tries: int, now: datetime, chance: float) -> datetime | None:
    """Return when to try again after *tries* tries, None after the last; *chance* is 0 to 1."""
    if tries >= TRIES_MAX:
        return None
    wait = WAITS[tries - 1]
    return now + wait + wait * JITTER * chance
