"""Who calls the API: a portal, by its bearer key."""

from __future__ import annotations

import base64
import secrets

import flask

from paygate.domain.errors import NotAuthenticatedError
from paygate.http.context import context
from paygate.http.rate import refuse_hasty_portal
from paygate.store import portals
from paygate.store.portals import Portal

PREFIX = "pgk"
ID_BYTES = 6
SECRET_BYTES = 32  # 256 bits, so that a plain hash is kept and none is slow (TRUST S50)
KEY_LENGTH_MAX = 200


def new_key() -> tuple[str, str, str]:
    """Return a new key as it is shown once, the part that names it, and the secret part."""
    key_id = secrets.token_hex(ID_BYTES)
    secret = base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode()
    return f"{PREFIX}.{key_id}.{secret}", key_id, secret


def authenticated_portal() -> Portal:
    """Return the portal whose key the request carries.

    Raises:
        NotAuthenticatedError: no key, or none that is valid now.
        TooManyRequests: the key writes more often than it may.
    """
    here = context()
    scheme, _, key = flask.request.headers.get("Authorization", "").partition(" ")
    prefix, _, rest = key.strip().partition(".")
    key_id, _, secret = rest.partition(".")
    if scheme.lower() != "bearer" or prefix != PREFIX or len(key) > KEY_LENGTH_MAX:
        raise NotAuthenticatedError
    with here.house.db.read() as tx:
        portal = portals.by_key(tx, key_id, secret, now=here.clock.now())
    if portal is None:
        raise NotAuthenticatedError
    refuse_hasty_portal(key_id)
    return portal
