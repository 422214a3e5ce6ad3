"""Standard Webhooks 1.0.0: how messages to portals are signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32  # the standard asks for 24 to 64


def signature(secrets: Iterable[bytes], *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header: one `v1` signature for each secret, so that both hold in a rotation."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_sign(secret, content)}" for secret in secrets)


def shown(secret: bytes) -> str:
    """Return *secret* as it is shown to the portal once."""
    return PREFIX + base64.b64encode(secret).decode()


def _sign(secret: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
