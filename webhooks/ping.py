"""Send an endpoint a message that says nothing, by the road of all others, to try it out."""

from __future__ import annotations

import json
from datetime import UTC

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import WebhookEndpointDisabledError
from paygate.domain.ids import PortalId
from paygate.store import audit, outbox
from paygate.store.outbox import OutgoingMessage
from webhooks.endpoints import lock_endpoint

PING = "ping"  # no Notice: it tells nothing of an order


def ping_endpoint(
    tx: sa.Connection, act: Act, portal_id: PortalId, endpoint_id: str
) -> OutgoingMessage:
    """Return the queued ping, which goes to this endpoint alone.

    Raises:
        WebhookEndpointNotFoundError: no such endpoint of this portal.
        WebhookEndpointDisabledError: it would wait for nobody knows how long.
    """
    endpoint = lock_endpoint(tx, portal_id, endpoint_id)
    if not endpoint.enabled:
        raise WebhookEndpointDisabledError
    body = {
        "type": PING,
        "timestamp": act.now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {"object": "endpoint", "id": endpoint.id},
    }
    message = OutgoingMessage(
        id=act.ids.new("evt", act.now),
        portal_id=portal_id,
        endpoint_id=endpoint.id,
        type=PING,
        body=json.dumps(body, separators=(",", ":")),
        created_at=act.now,
    )
    outbox.put(tx, message)
    subject = f"endpoint:{endpoint.id}"
    facts = {"message": message.id}
    audit.note(tx, act, stream=subject, action="endpoint.pinged", subject=subject, facts=facts)
    return message
