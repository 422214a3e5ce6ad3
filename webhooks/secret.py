"""The secrets of an endpoint: made here, kept sealed, opened only to sign or to be shown once."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
import structlog

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.store import endpoints, sealed
from paygate.store.endpoints import Endpoint
from webhooks.signature import SECRET_BYTES

log = structlog.get_logger()


def new_secret(
    tx: sa.Connection, act: Act, vault: Vault, endpoint_id: str, secret_no: int
) -> tuple[str, bytes]:
    """Return the name of the sealed value of a new secret, and the secret."""
    secret = secrets.token_bytes(SECRET_BYTES)
    return sealed.seal(tx, vault, _owner(endpoint_id, secret_no), secret, act=act), secret


def open_secret(tx: sa.Connection, vault: Vault, endpoint: Endpoint, sealed_id: str) -> bytes:
    """Return the secret of *endpoint* of that name, while it may still sign.

    Raises:
        SealError: it was replaced for good, or does not open.
    """
    number = endpoint.secret_no - (sealed_id == endpoint.old_secret_sealed)
    return sealed.open_for(tx, vault, _owner(endpoint.id, number), sealed_id)


def signing_secrets(
    tx: sa.Connection, vault: Vault, endpoint: Endpoint, *, now: datetime
) -> tuple[bytes, ...]:
    """Return the secrets that sign at *now*: the newest, and for a while the one before.

    Raises:
        SealError: the newest does not open. An older one that does not is left out.
    """
    first, *older = signing(endpoint, now=now)
    newest = open_secret(tx, vault, endpoint, first)
    try:
        return newest, *(open_secret(tx, vault, endpoint, each) for each in older)
    except sealed.SealError:
        log.exception("old_webhook_secret_does_not_open", endpoint_id=endpoint.id)
        return (newest,)


def signing(endpoint: Endpoint, *, now: datetime) -> tuple[str, ...]:
    """Return the names of the secrets that sign at *now*, the newest first."""
    old, ends_at = endpoint.old_secret_sealed, endpoint.old_secret_ends_at
    if old is None or ends_at is None or ends_at <= now:
        return (endpoint.secret_sealed,)
    return endpoint.secret_sealed, old


def _owner(endpoint_id: str, secret_no: int) -> sealed.Owner:
    # One value for each row and column, so the column of a later secret says which it is.
    column = "secret_sealed" if secret_no == 1 else f"secret_sealed.{secret_no}"
    return sealed.Owner(endpoints.table.name, endpoint_id, column)
