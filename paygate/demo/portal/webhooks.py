"""Signed messages from the gateway (Standard Webhooks 1.0): verify the bytes, then read them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)  # how far the sender's clock and the road may differ from ours
_PREFIX = "whsec_"
_KEY_SIZES = range(24, 65)
_KEPT_MAX = 2**63  # SQLite's widest integer
_SECONDS = re.compile(r"[0-9]{1,12}")


class ForgedError(Exception):
    """The message does not come from the gateway, or not from now."""


class UnreadableError(Exception):
    """The gateway signed something that is not an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What the gateway told; whatever a message of an unknown type lacks is empty."""

    id: str
    type: str
    happened_at: str
    object: str
    order_id: str
    dossier_code: str
    state: str
    amount: int | None
    version: int
    body: str


def read_secret(text: str) -> bytes:
    """Return the key in *text*, `whsec_` and base64 of 24 to 64 bytes; ValueError for another."""
    coded = text.removeprefix(_PREFIX)
    key = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    if len(key) not in _KEY_SIZES:
        raise ValueError("the webhook secret has not between 24 and 64 bytes")
    return key


def verify(key: bytes, headers: Mapping[str, str], body: bytes, *, now: datetime) -> str:
    """Return the message's id once a signature over exactly these bytes is good.

    Raises:
        ForgedError: no signature fits, or the time is more than five minutes off.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not message_id or not _SECONDS.fullmatch(timestamp):
        raise ForgedError("headers are missing or malformed")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise ForgedError("too old, or from the future")
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = hmac.digest(key, signed, hashlib.sha256)
    # While the secret is being changed, the header lists one signature for each.
    offered = given.get("webhook-signature", "").split(" ")
    if not any(_same(expected, each) for each in offered):
        raise ForgedError("no signature fits")
    return message_id


def read(message_id: str, body: bytes) -> Event:
    """Return the event in a verified *body*.

    Raises:
        UnreadableError: it has no type, or is no JSON object.
    """
    try:
        message = json.loads(body)
        data, kind = message.get("data", {}), _text(message["type"])
        if not kind:
            raise UnreadableError("an event has a type")
        return Event(
            id=message_id,
            type=kind,
            happened_at=_text(message.get("timestamp", "")),
            object=_text(data.get("object", "")),
            order_id=_text(data.get("order_id", "")),
            dossier_code=_text(data.get("dossier_code", "")),
            state=_text(data.get("state", "")),
            amount=_whole(data.get("amount")),
            version=_whole(data.get("version")) or 0,
            body=body.decode(),
        )
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableError("not an event") from error


def _text(value: object) -> str:
    """Return *value* if it is text that can be kept; half a surrogate pair cannot."""
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004  # the sender's mistake, not a programmer's
    value.encode()
    return value


def _whole(value: object) -> int | None:
    """Return *value* if it is a number that can be kept; a bool is none."""
    return value if type(value) is int and 0 <= value < _KEPT_MAX else None


def _same(expected: bytes, offered: str) -> bool:
    version, _, signature = offered.partition(",")
    if version != "v1":
        return False
    return hmac.compare_digest(base64.b64encode(expected), signature.encode())
