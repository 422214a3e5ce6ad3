"""Add an address to which a portal is told: its secret is shown once and kept sealed."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.ids import PortalId
from paygate.domain.origin import origin_of
from paygate.store import audit, endpoints, sealed
from paygate.store.endpoints import Endpoint
from webhooks.signature import SECRET_BYTES, shown


def add_endpoint(
    tx: sa.Connection, act: Act, vault: Vault, portal_id: PortalId, url: str, *, loopback: bool
) -> tuple[Endpoint, str]:
    """Return the new endpoint and its secret, `whsec_…`, which is never shown again.

    Raises:
        ValueRefusedError: `url_malformed`: not https, or not an address that browsers and we
            read alike; http on 127.0.0.1 is good with *loopback*.
    """
    origin = origin_of(url)
    here = loopback and (origin or "").startswith("http://127.0.0.1:")
    if origin is None or not (origin.startswith("https://") or here):
        raise ValueRefusedError("url_malformed")
    secret = secrets.token_bytes(SECRET_BYTES)
    endpoint_id = act.ids.new("whe", act.now)
    owner = sealed.Owner(endpoints.table.name, endpoint_id, "secret_sealed")
    endpoint = Endpoint(
        id=endpoint_id,
        portal_id=portal_id,
        url=url,
        secret_sealed=sealed.seal(tx, vault, owner, secret, act=act),
        enabled=True,
        created_at=act.now,
    )
    endpoints.add(tx, endpoint)
    audit.note(
        tx,
        act,
        stream=f"endpoint:{endpoint_id}",
        action="endpoint.added",
        subject=f"endpoint:{endpoint_id}",
        facts={"portal": portal_id},
    )
    return endpoint, shown(secret)
