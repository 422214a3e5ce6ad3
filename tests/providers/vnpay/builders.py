"""Accounts, messages and a third, naive signature for the tests of this rail."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from providers.contract import (
    Arrival,
    AttemptFacts,
    Checkout,
    EmulatorPlace,
    HttpReply,
    RefundFacts,
    RefundOrder,
)
from providers.signing import SignatureProfile
from providers.vnpay.adapter import Vnpay, build
from providers.vnpay.emulator.house import Gateway, emulate

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "vnpay.json").read_text(encoding="utf-8")
)
KEY = "PAYGATEVNPAYSANDBOXSECRET0123456"
NOW = datetime(2022, 9, 28, 3, 15, tzinfo=UTC)
GATEWAY = "http://127.0.0.1:8001/vnpay"
HOME = "http://127.0.0.1:8000/return/token"
REF = "7K3M92QFX0WJ4RTN8VZB"
PLACE = EmulatorPlace(
    base_url=GATEWAY,
    callback_url="http://127.0.0.1:8000/webhooks/vnpay",
    return_url="http://127.0.0.1:8000/return/vnpay",
)
QUERY_REPLY_NAMES = [
    "ResponseId",
    "Command",
    "ResponseCode",
    "Message",
    "TmnCode",
    "TxnRef",
    "Amount",
    "BankCode",
    "PayDate",
    "TransactionNo",
    "TransactionType",
    "TransactionStatus",
    "OrderInfo",
    "PromotionCode",
    "PromotionAmount",
]
REFUND_REPLY_NAMES = QUERY_REPLY_NAMES[:-2]


def settings(**changed: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {
        "tmn_code": ("PAYGATE1",),
        "hash_secret": (KEY,),
        "base_url": (GATEWAY,),
        **changed,
    }


def a_rail(**changed: tuple[str, ...]) -> Vnpay:
    return build(settings(**changed))


def a_gateway(**changed: tuple[str, ...]) -> Gateway:
    return emulate(settings(**changed), PLACE)


def a_checkout(
    ref: str = REF,
    *,
    dong: int = 5_000,
    description: str = "Thanh toán lệ phí cho hồ sơ 000.30.27.H23-220928-0001",
    created_at: datetime = NOW,
    client_ip: str = "127.0.0.1",
    bank: str | None = None,
    language: str = "vi",
) -> Checkout:
    return Checkout(
        attempt_ref=AttemptRef(ref),
        amount=Money(dong),
        description=description,
        dossier_code="000.30.27.H23-220928-0001",
        bank=bank,
        language=language,
        return_url=HOME,
        client_ip=client_ip,
        created_at=created_at,
        expires_at=created_at + timedelta(minutes=15),
    )


def facts_of(checkout: Checkout, *, asked_at: datetime | None = None) -> AttemptFacts:
    return AttemptFacts(
        attempt_ref=checkout.attempt_ref,
        amount=checkout.amount,
        created_at=checkout.created_at,
        asked_at=asked_at or checkout.created_at + timedelta(minutes=1),
    )


def a_refund(
    *, dong: int = 5_000, collected: int = 5_000, rail_txn: str | None = None, again: bool = False
) -> RefundOrder:
    return RefundOrder(
        wire_ref="RF7K3M92QF-1",
        attempt_ref=AttemptRef(REF),
        rail_txn=rail_txn,
        amount=Money(dong),
        collected=Money(collected),
        created_at=NOW,
        ordered_at=NOW + timedelta(hours=1),
        officer="Kế toán 1",
        reason="Hoàn tiền lệ phí hồ sơ",
        again=again,
    )


def refund_facts(
    *,
    dong: int = 5_000,
    rail_refund: str | None = None,
    others: tuple[str, ...] = (),
    after: timedelta = timedelta(hours=2),
) -> RefundFacts:
    return RefundFacts(
        wire_ref="RF7K3M92QF-1",
        attempt_ref=AttemptRef(REF),
        amount=Money(dong),
        created_at=NOW,
        asked_at=NOW + after,
        rail_refund=rail_refund,
        others=others,
    )


def hashed(text: str, key: str = KEY) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha512).hexdigest()


def call_fields(**changed: str) -> dict[str, str]:
    """Return the fields of a callback that the rail could send; not signed."""
    return {
        "vnp_Amount": "500000",
        "vnp_BankCode": "NCB",
        "vnp_BankTranNo": "VNP14226112",
        "vnp_CardType": "ATM",
        "vnp_OrderInfo": "Thanh toan le phi",
        "vnp_PayDate": "20220928101620",
        "vnp_ResponseCode": "00",
        "vnp_TmnCode": "PAYGATE1",
        "vnp_TransactionNo": "14226112",
        "vnp_TransactionStatus": "00",
        "vnp_TxnRef": REF,
        **changed,
    }


def query_hash(fields: Mapping[str, str], key: str = KEY) -> str:
    told = sorted((name, value) for name, value in fields.items() if value)
    return hashed("&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in told), key)


def a_call(*, at: datetime = NOW, **changed: str) -> Arrival:
    """Return a callback that the rail could have sent, signed after the changes."""
    fields = call_fields(**changed)
    return arrived(urlencode({**fields, "vnp_SecureHash": query_hash(fields)}), at)


def arrived(query: str | bytes, at: datetime = NOW) -> Arrival:
    raw = query if isinstance(query, bytes) else query.encode()
    return Arrival("GET", "/webhooks/vnpay", raw, (), b"", at)


def list_hash(values: Mapping[str, str], names: Sequence[str], key: str = KEY) -> str:
    return hashed("|".join(values.get(f"vnp_{name}", "") for name in names), key)


def a_reply(
    values: Mapping[str, str], names: Sequence[str], *, key: str | None = KEY, status: int = 200
) -> HttpReply:
    """Return an answer of the rail's server, signed where there is a key."""
    said = dict(values)
    if key is not None:
        said["vnp_SecureHash"] = list_hash(values, names, key)
    return HttpReply(status, {}, json.dumps(said, ensure_ascii=False).encode())


def signed_reply(
    reply: HttpReply, profile: SignatureProfile, key: str, **changed: str
) -> HttpReply:
    """Return *reply* signed again after the changes, as it is where it cannot be read."""
    try:
        told = {**json.loads(reply.body), **changed}
        told["vnp_SecureHash"] = profile.sign(told, key)
    except (TypeError, ValueError):
        return reply
    return replace(reply, body=json.dumps(told).encode())
