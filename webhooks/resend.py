"""Send a message once more, at once and under its own id, however its deliveries stand."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import NobodyToTellError, WebhookMessageNotFoundError
from paygate.domain.ids import PortalId
from paygate.store import audit, deliveries, endpoints, outbox
from paygate.store.deliveries import Delivery, DeliveryState
from paygate.store.endpoints import Endpoint
from paygate.store.outbox import OutgoingMessage


def resend_message(
    tx: sa.Connection, act: Act, portal_id: PortalId, message_id: str
) -> OutgoingMessage:
    """Return the message, due now at every endpoint that the portal has; a ping at its own.

    Its tries begin anew. An endpoint that is newer than the message is told as well; one that is
    disabled is told once it is enabled.

    Raises:
        WebhookMessageNotFoundError: no such message to this portal.
        NobodyToTellError: there is no endpoint, or the ping's was retired.
    """
    message = outbox.lock(tx, message_id)
    if message is None or message.portal_id != portal_id:
        raise WebhookMessageNotFoundError
    told = endpoints_for(tx, message)
    if not told:
        raise NobodyToTellError
    for endpoint in told:
        make_delivery(tx, act, message, endpoint)
        deliveries.resend(tx, message.id, endpoint.id, at=act.now)
    subject = f"event:{message.id}"
    facts = {"endpoints": len(told)}
    audit.note(tx, act, stream=subject, action="event.resent", subject=subject, facts=facts)
    return message


def endpoints_for(tx: sa.Connection, message: OutgoingMessage) -> tuple[Endpoint, ...]:
    """Return the endpoints that are told the message, held so that none is retired meanwhile."""
    return tuple(
        each
        for each in endpoints.hold_of_portal(tx, message.portal_id)
        if message.endpoint_id in {None, each.id}
    )


def make_delivery(
    tx: sa.Connection, act: Act, message: OutgoingMessage, endpoint: Endpoint
) -> None:
    """Let *message* be due at *endpoint* now, unless it has a delivery there already."""
    delivery = Delivery(
        id=act.ids.new("dlv", act.now),
        message_id=message.id,
        endpoint_id=endpoint.id,
        state=DeliveryState.WAITING,
        tries=0,
        due_at=act.now,
    )
    deliveries.make(tx, delivery)
