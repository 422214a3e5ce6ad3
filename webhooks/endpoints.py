"""Addresses to which a portal is told: added, changed, retired, given new secrets.

A secret is shown once and kept sealed. Who adds or moves an address holds the portal's row, so
two at once see each other; every other act holds the endpoint's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.errors import (
    TooManyWebhookEndpointsError,
    ValueRefusedError,
    WebhookEndpointExistsError,
    WebhookEndpointNotFoundError,
)
from paygate.domain.ids import PortalId
from paygate.domain.origin import origin_of
from paygate.store import audit, deliveries, endpoints, portals
from paygate.store.endpoints import Endpoint
from webhooks.egress import is_public
from webhooks.secret import new_secret
from webhooks.signature import shown

ENDPOINTS_MAX = 10  # each gets every message
OVERLAP = timedelta(hours=24)  # for which the old secret still signs beside the new


def check_url(url: str, *, loopback: bool) -> None:
    """Refuse an address to which we would not speak; names are looked at when they are used.

    Raises:
        ValueRefusedError: `url_malformed`: not https, or not an address that browsers and we
            read alike; `url_not_public`: an address in numbers of no public machine (TRUST
            S16). http on 127.0.0.1 is good with *loopback*.
    """
    origin = origin_of(url)
    if loopback and (origin or "").startswith("http://127.0.0.1:"):
        return
    if origin is None or not origin.startswith("https://"):
        raise ValueRefusedError("url_malformed")
    host = urlsplit(url).hostname or ""
    try:
        numbers = ip_address(host)
    except ValueError:
        return
    if not is_public(str(numbers)):
        raise ValueRefusedError("url_not_public")


def add_endpoint(
    tx: sa.Connection, act: Act, vault: Vault, portal_id: PortalId, url: str, *, loopback: bool
) -> tuple[Endpoint, str]:
    """Return the new endpoint and its secret, `whsec_…`, which is never shown again.

    Raises:
        ValueRefusedError: as `check_url`.
        WebhookEndpointExistsError, TooManyWebhookEndpointsError: of this portal.
    """
    check_url(url, loopback=loopback)
    portals.hold(tx, portal_id)
    if len(_others(tx, portal_id, url)) >= ENDPOINTS_MAX:
        raise TooManyWebhookEndpointsError
    endpoint_id = act.ids.new("whe", act.now)
    secret_sealed, secret = new_secret(tx, act, vault, endpoint_id, 1)
    endpoint = Endpoint(
        id=endpoint_id,
        portal_id=portal_id,
        url=url,
        secret_sealed=secret_sealed,
        enabled=True,
        created_at=act.now,
    )
    endpoints.add(tx, endpoint)
    _note(tx, act, endpoint, "added", portal=portal_id)
    return endpoint, shown(secret)


def change_endpoint(
    tx: sa.Connection,
    act: Act,
    portal_id: PortalId,
    endpoint_id: str,
    *,
    url: str | None,
    enabled: bool | None,
    loopback: bool,
) -> Endpoint:
    """Return the endpoint with another address, or switched; None leaves a thing as it is.

    What was held while it was off is due as soon as it is on.

    Raises:
        ValueRefusedError: as `check_url`.
        WebhookEndpointNotFoundError, WebhookEndpointExistsError: of this portal.
    """
    portals.hold(tx, portal_id)
    endpoint = lock_endpoint(tx, portal_id, endpoint_id)
    if url is not None and url != endpoint.url:
        check_url(url, loopback=loopback)
        _others(tx, portal_id, url)
        endpoint = replace(endpoint, url=url)
        _note(tx, act, endpoint, "moved")
    if enabled is not None and enabled is not endpoint.enabled:
        endpoint = replace(endpoint, enabled=enabled)
        _note(tx, act, endpoint, "enabled" if enabled else "disabled")
    endpoints.change(tx, endpoint)
    return endpoint


def retire_endpoint(tx: sa.Connection, act: Act, portal_id: PortalId, endpoint_id: str) -> Endpoint:
    """Return the endpoint, to which nothing is sent any more; what it was sent stays on record.

    Raises:
        WebhookEndpointNotFoundError: no such endpoint of this portal.
    """
    endpoint = lock_endpoint(tx, portal_id, endpoint_id)
    retired = replace(endpoint, enabled=False, retired_at=act.now)
    endpoints.change(tx, retired)
    dropped = deliveries.drop_of(tx, endpoint.id)
    _note(tx, act, retired, "retired", dropped=dropped)
    return retired


def rotate_secret(
    tx: sa.Connection, act: Act, vault: Vault, portal_id: PortalId, endpoint_id: str
) -> tuple[Endpoint, str]:
    """Return the endpoint and its new secret; the one before still signs for `OVERLAP`.

    A secret before that one ends at once: two rotations end a secret that somebody has seen.

    Raises:
        WebhookEndpointNotFoundError: no such endpoint of this portal.
    """
    endpoint = lock_endpoint(tx, portal_id, endpoint_id)
    secret_sealed, secret = new_secret(tx, act, vault, endpoint.id, endpoint.secret_no + 1)
    rotated = replace(
        endpoint,
        secret_sealed=secret_sealed,
        secret_no=endpoint.secret_no + 1,
        old_secret_sealed=endpoint.secret_sealed,
        old_secret_ends_at=act.now + OVERLAP,
    )
    endpoints.change(tx, rotated)
    _note(tx, act, rotated, "secret_rotated", secret_no=rotated.secret_no)
    return rotated, shown(secret)


def close_gone(tx: sa.Connection, act: Act, endpoint_id: str, *, url: str | None) -> None:
    """Disable an endpoint whose *url* answered 410: what comes meanwhile waits for it.

    One that its portal has moved meanwhile stays: it is the old address that is gone.
    """
    endpoint = endpoints.lock(tx, endpoint_id)
    if endpoint is not None and endpoint.enabled and endpoint.url == url:
        endpoints.switch(tx, endpoint_id, on=False)
        _note(tx, act, endpoint, "disabled", status=410)


def lock_endpoint(tx: sa.Connection, portal_id: PortalId, endpoint_id: str) -> Endpoint:
    """Return the portal's endpoint, held until *tx* ends.

    Raises:
        WebhookEndpointNotFoundError: no such endpoint, a retired one, or another portal's.
    """
    endpoint = endpoints.lock(tx, endpoint_id)
    if endpoint is None or endpoint.portal_id != portal_id or endpoint.retired_at is not None:
        raise WebhookEndpointNotFoundError
    return endpoint


def _others(tx: sa.Connection, portal_id: PortalId, url: str) -> tuple[Endpoint, ...]:
    """Return the portal's endpoints, none of which has the address *url*."""
    found = endpoints.of_portal(tx, portal_id)
    for each in found:
        if each.url == url:
            raise WebhookEndpointExistsError(endpoint_id=each.id)
    return found


def _note(tx: sa.Connection, act: Act, endpoint: Endpoint, what: str, **facts: str | int) -> None:
    subject = f"endpoint:{endpoint.id}"
    audit.note(tx, act, stream=subject, action=f"endpoint.{what}", subject=subject, facts=facts)
