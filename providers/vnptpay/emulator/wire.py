"""How the wallet signs, reads and writes. Nothing here is shared with the adapter.

Two implementations that agree are evidence; one that agrees with itself is not. So this file
joins, hashes, parses and tells the time in its own way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import cast
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from providers.contract import Arrival, Fields, HttpCall, HttpReply

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FORMS = ("json", "form", "data")

SIGNED_INIT = (
    "ACTION",
    "VERSION",
    "MERCHANT_SERVICE_ID",
    "MERCHANT_ORDER_ID",
    "AMOUNT",
    "AMOUNT_DETAIL",
    "SERVICE_ID",
    "DEVICE",
    "LOCALE",
    "CURRENCY_CODE",
    "PAYMENT_METHOD",
    "DESCRIPTION",
    "CREATE_DATE",
    "CLIENT_IP",
)
# This one and SIGNED_QUERY_REPLY are ours: what the rail signs in its answers is not public.
SIGNED_INIT_REPLY = ("RESPONSE_CODE", "DESCRIPTION", "REDIRECT_URL")
SIGNED_QUERY = (
    "ACTION",
    "VERSION",
    "MERCHANT_SERVICE_ID",
    "MERCHANT_ORDER_ID",
    "CREATE_DATE",
)

SIGNED_QUERY_REPLY = (
    "MERCHANT_ORDER_ID",
    "VNPTPAY_TRANSACTION_ID",
    "AMOUNT",
    "LOCALE",
    "CURRENCY_CODE",
    "PAYMENT_METHOD",
    "PAY_DATE",
    "TRANSACTION_STATUS",
    "ADDITIONAL_INFO",
    "RESPONSE_CODE",
    "DESCRIPTION",
)
SIGNED_CALLBACK = (
    "ACTION",
    "RESPONSE_CODE",
    "MERCHANT_SERVICE_ID",
    "MERCHANT_ORDER_ID",
    "AMOUNT",
    "CURRENCY_CODE",
    "VNPTPAY_TRANSACTION_ID",
    "PAYMENT_METHOD",
    "PAY_DATE",
    "ADDITIONAL_INFO",
)
SIGNED_ANSWER = (
    "RESPONSE_CODE",
    "DESCRIPTION",
    "MERCHANT_SERVICE_ID",
    "MERCHANT_ORDER_ID",
    "CREATE_DATE",
)


def secure_code(values: Mapping[str, str], names: Iterable[str], key: str) -> str:
    """Return the SECURE_CODE over *names* of *values*."""
    digest = sha256()
    for name in names:
        digest.update(values.get(name, "").encode("utf-8"))
        digest.update(b"|")
    digest.update(key.encode("utf-8"))
    return digest.hexdigest()


def is_signed(values: Mapping[str, str], names: Iterable[str], keys: Iterable[str]) -> bool:
    """Tell whether one of *keys* signed *values*."""
    given, listed = values.get("SECURE_CODE", "").lower(), tuple(names)
    return any(secure_code(values, listed, key) == given for key in keys)


def stamp(moment: datetime) -> str:
    """Return *moment* as the wallet writes it, by the wall clock in Ha Noi."""
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


def read_page_form(arrival: Arrival) -> dict[str, str]:
    """Return what the citizen chose on the hosted page."""
    read = parse_qs(arrival.body.decode("utf-8"), keep_blank_values=True)
    return {name: values[-1] for name, values in read.items()}


def json_reply(values: Mapping[str, str], status: int = 200) -> HttpReply:
    """Return *values* as a JSON answer."""
    return HttpReply(status, {"Content-Type": "application/json"}, _json(tuple(values.items())))


def callback_call(url: str, fields: Fields, form: str) -> HttpCall:
    """Return *fields* as a request in one of `FORMS`."""
    headers, body = written(fields, form)
    return HttpCall("POST", url, headers, body)


def written(fields: Fields, form: str) -> tuple[dict[str, str], bytes]:
    """Return headers and body of *fields* in one of `FORMS`."""
    if form == "json":
        return {"Content-Type": "application/json"}, _json(fields)
    pairs = fields if form == "form" else (("data", _json(fields).decode("utf-8")),)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return headers, urlencode(pairs).encode("ascii")


def _json(fields: Fields) -> bytes:
    # Pair by pair, because a dict could not say a name twice, and the suite wants to.
    members = (
        f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(value, ensure_ascii=False)}"
        for name, value in fields
    )
    return ("{" + ",".join(members) + "}").encode("utf-8")
