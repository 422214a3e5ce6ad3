"""How the gateway signs, reads and writes. Nothing here is shared with the adapter.

Two implementations that agree are evidence; one that agrees with itself is not. So this file
escapes, joins, hashes, parses and tells the time in its own way.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from string import ascii_letters, digits
from typing import cast
from urllib.parse import parse_qs, parse_qsl
from zoneinfo import ZoneInfo

from paygate.domain.money import Money
from providers.contract import Arrival, Fields, HttpReply

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FORMS = ("plus", "percent")  # how a space is written; both are read as one
_PLAIN = frozenset(f"{ascii_letters}{digits}-_.".encode())

SIGNED_QUERY = (
    "RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo"
)
SIGNED_REFUND = (
    "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo "
    "TransactionDate CreateBy CreateDate IpAddr OrderInfo"
)
SIGNED_REFUND_REPLY = (
    "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate "
    "TransactionNo TransactionType TransactionStatus OrderInfo"
)
SIGNED_QUERY_REPLY = f"{SIGNED_REFUND_REPLY} PromotionCode PromotionAmount"


def escaped(text: str, space: str = "+") -> str:
    """Return *text* as it stands in an address."""
    return "".join(
        space if byte == ord(" ") else chr(byte) if byte in _PLAIN else f"%{byte:02X}"
        for byte in text.encode("utf-8")
    )


def address_hash(fields: Iterable[tuple[str, str]], key: str) -> str:
    """Return the vnp_SecureHash over an address's *fields*; empty ones are left out."""
    told = sorted((name, value) for name, value in fields if value)
    return _hash("&".join(f"{escaped(name)}={escaped(value)}" for name, value in told), key)


def list_hash(values: Mapping[str, str], names: str, key: str) -> str:
    """Return the vnp_SecureHash over the listed *names* of a JSON message."""
    return _hash("|".join(values.get(f"vnp_{name}", "") for name in names.split()), key)


def is_signed(values: Mapping[str, str], names: str, keys: Iterable[str]) -> bool:
    """Tell whether one of *keys* signed a JSON message."""
    given = values.get("vnp_SecureHash", "").lower()
    return any(list_hash(values, names, key) == given for key in keys)


def sign_address(fields: Fields, key: str) -> Fields:
    """Return *fields* of an address with the hash of *key* at their end."""
    return (*fields, ("vnp_SecureHash", address_hash(fields, key)))


def read_address(query: bytes, keys: Iterable[str]) -> dict[str, str]:
    """Return the fields of a signed address; ValueError where nobody of *keys* signed it."""
    told = dict(parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=True))
    given = told.pop("vnp_SecureHash", "").lower()
    if not any(address_hash(told.items(), key) == given for key in keys):
        raise ValueError("not signed")
    return told


def written(fields: Iterable[tuple[str, str]], form: str = "plus") -> str:
    """Return *fields* as a query string in one of `FORMS`."""
    space = "+" if form == "plus" else "%20"
    return "&".join(f"{escaped(name, space)}={escaped(value, space)}" for name, value in fields)


def cents(amount: Money) -> str:
    """Return *amount* as vnp_Amount."""
    return f"{amount.dong}00"


def dong(text: str) -> Money:
    """Return the amount of a vnp_Amount; ValueError where it is none."""
    if not (text.isascii() and text.isdigit() and text.endswith("00")):
        raise ValueError("no amount")
    return Money(int(text[:-2] or "0"))


def stamp(moment: datetime) -> str:
    """Return *moment* as the gateway writes it, by the wall clock in Ha Noi."""
    local = moment.astimezone(HANOI)
    return (
        f"{local.year:04}{local.month:02}{local.day:02}"
        f"{local.hour:02}{local.minute:02}{local.second:02}"
    )


def moment_of(text: str) -> datetime:
    """Return the moment of a stamp, in UTC; ValueError for anything else."""
    if len(text) != len("yyyyMMddHHmmss"):
        raise ValueError("no stamp")
    year, rest = int(text[:4]), [int(text[place : place + 2]) for place in range(4, 14, 2)]
    month, day, hour, minute, second = rest
    return datetime(year, month, day, hour, minute, second, tzinfo=HANOI).astimezone(UTC)


def read_json(body: bytes) -> dict[str, str]:
    """Return the fields of a message; ValueError where it is none."""
    read = json.loads(body.decode("utf-8"))
    if not isinstance(read, dict):
        raise ValueError("no message")  # noqa: TRY004  # callers catch one kind: bad news
    fields = cast("dict[str, object]", read)
    return {name: "" if value is None else str(value) for name, value in fields.items()}


def json_reply(values: Mapping[str, str], names: str, key: str | None) -> HttpReply:
    """Return *values* as a JSON answer, signed over *names* where there is a *key*."""
    said = dict(values)
    if key is not None:
        said["vnp_SecureHash"] = list_hash(said, names, key)
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return HttpReply(200, {"Content-Type": "application/json"}, body)


def read_page_form(arrival: Arrival) -> dict[str, str]:
    """Return what the citizen chose on the hosted page."""
    read = parse_qs(arrival.body.decode("utf-8"), keep_blank_values=True)
    return {name: values[-1] for name, values in read.items()}


def _hash(text: str, key: str) -> str:
    return hmac.digest(key.encode("utf-8"), text.encode("utf-8"), "sha512").hex()
