"""Names of things, made by us before we speak to anyone (DESIGN 2.3).

Ids serve authenticated callers. What opens something without login is a token of at least
128 random bits. What people read aloud is a short code (`paygate/domain/codes.py`).
"""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime, timedelta
from typing import NewType, Protocol

PortalId = NewType("PortalId", str)
OrderId = NewType("OrderId", str)
AttemptId = NewType("AttemptId", str)
AttemptRef = NewType("AttemptRef", str)  # what rails are told: at most 20 of [A-Z0-9]
Token = NewType("Token", str)  # opens a page without login
AccountCode = NewType("AccountCode", str)  # one merchant account at one rail

_REF_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REF_LENGTH = 20
_TOKEN_BYTES = 20  # 160 bits
TOKEN_LENGTH = 32  # characters of base32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Ids(Protocol):
    """Makes every name that the house gives."""

    def new(self, prefix: str, now: datetime) -> str: ...
    def token(self) -> Token: ...
    def attempt_ref(self) -> AttemptRef: ...
    def code_payload(self) -> str: ...


class RandomIds:
    """Ids from the operating system's randomness."""

    def new(self, prefix: str, now: datetime) -> str:
        """Return `{prefix}_` and a UUIDv7 (RFC 9562) of *now*, so that ids sort by time."""
        return f"{prefix}_{uuid7(now, secrets.randbits(74))}"

    def token(self) -> Token:
        """Return 160 random bits in 32 URL-safe characters of base32."""
        return Token(base64.b32encode(secrets.token_bytes(_TOKEN_BYTES)).decode().lower())

    def attempt_ref(self) -> AttemptRef:
        """Return 20 random characters that every rail accepts as an order number."""
        return AttemptRef("".join(secrets.choice(_REF_ALPHABET) for _ in range(_REF_LENGTH)))

    def code_payload(self) -> str:
        """Return the 7 random characters of a short code."""
        return "".join(secrets.choice(_REF_ALPHABET) for _ in range(7))


def uuid7(now: datetime, random_bits: int) -> str:
    """Return the UUIDv7 of *now* (milliseconds) and 74 *random_bits*, in its usual form."""
    # By whole numbers: a float of seconds loses the last millisecond from 2038 on.
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1) & ((1 << 48) - 1)
    high, low = random_bits >> 62, random_bits & ((1 << 62) - 1)
    value = milliseconds << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
