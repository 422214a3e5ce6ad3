"""Accounts, messages and a third, naive signature for the tests of this rail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from providers.contract import Arrival, AttemptFacts, Checkout, EmulatorPlace, HttpReply
from providers.vnptpay.adapter import VnptPay, build
from providers.vnptpay.emulator.house import VnptMoney, emulate

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "vnptpay.json").read_text(encoding="utf-8")
)
KEY = "36e3c5b5a6d53fce2a2cc23d46ee5988"
SANDBOX_STATUSES = ("00=paid", "01=pending", "99=failed")
NOW = datetime(2022, 9, 28, 3, 15, tzinfo=UTC)
WALLET = "http://127.0.0.1:8001/vnptpay"
PLACE = EmulatorPlace(
    base_url=WALLET,
    callback_url="http://127.0.0.1:8000/webhooks/vnptpay",
    return_url="http://127.0.0.1:8000/return/vnptpay",
)
CALLBACK_FIELDS = (
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
ANSWER_FIELDS = (
    "RESPONSE_CODE",
    "DESCRIPTION",
    "MERCHANT_SERVICE_ID",
    "MERCHANT_ORDER_ID",
    "CREATE_DATE",
)


def settings(**changed: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {
        "merchant_service_id": ("6901",),
        "secret_key": (KEY,),
        "api_key": ("bearer-1",),
        "base_url": (WALLET,),
        "transaction_statuses": SANDBOX_STATUSES,
        **changed,
    }


def a_rail(**changed: tuple[str, ...]) -> VnptPay:
    return build(settings(**changed))


def a_wallet(**changed: tuple[str, ...]) -> VnptMoney:
    return emulate(settings(**changed), PLACE)


def a_checkout(
    ref: str = "7K3M92QFX0WJ4RTN8VZB",
    *,
    dong: int = 5_000,
    description: str = "Thanh toán lệ phí cho hồ sơ 000.30.27.H23-220928-0001",
    created_at: datetime = NOW,
    client_ip: str = "127.0.0.1",
) -> Checkout:
    return Checkout(
        attempt_ref=AttemptRef(ref),
        amount=Money(dong),
        description=description,
        dossier_code="000.30.27.H23-220928-0001",
        bank=None,
        language="vi",
        return_url="http://127.0.0.1:8000/return/token",
        client_ip=client_ip,
        created_at=created_at,
        expires_at=created_at + timedelta(minutes=15),
    )


def facts_of(checkout: Checkout) -> AttemptFacts:
    return AttemptFacts(
        attempt_ref=checkout.attempt_ref,
        amount=checkout.amount,
        created_at=checkout.created_at,
        asked_at=checkout.created_at + timedelta(minutes=1),
    )


def sign(values: Mapping[str, str], names: Sequence[str], key: str = KEY) -> str:
    return hashlib.sha256(
        "|".join([*(values.get(name, "") for name in names), key]).encode()
    ).hexdigest()


def a_confirm(**changed: str) -> dict[str, str]:
    """Return a callback that the rail could have sent, signed after the changes."""
    values = {
        "ACTION": "CONFIRM",
        "RESPONSE_CODE": "00",
        "MERCHANT_SERVICE_ID": "6901",
        "MERCHANT_ORDER_ID": "7K3M92QFX0WJ4RTN8VZB",
        "AMOUNT": "5000",
        "CURRENCY_CODE": "VND",
        "VNPTPAY_TRANSACTION_ID": "220928000123",
        "PAYMENT_METHOD": "VNPTPAY",
        "PAY_DATE": "20220928101620",
        "ADDITIONAL_INFO": "",
        **changed,
    }
    return {**values, "SECURE_CODE": sign(values, CALLBACK_FIELDS)}


def as_json(values: Mapping[str, object], at: datetime = NOW) -> Arrival:
    return arrived(json.dumps(values, ensure_ascii=False).encode(), "application/json", at)


def as_form(values: Mapping[str, str]) -> Arrival:
    return arrived(urlencode(values).encode(), "application/x-www-form-urlencoded")


def as_data(values: Mapping[str, str]) -> Arrival:
    return as_form({"data": json.dumps(values, ensure_ascii=False)})


def arrived(body: bytes, content_type: str = "", at: datetime = NOW) -> Arrival:
    return Arrival("POST", "/webhooks/vnptpay", b"", (("Content-Type", content_type),), body, at)


def a_reply(values: Mapping[str, object], status: int = 200) -> HttpReply:
    return HttpReply(status, {}, json.dumps(values, ensure_ascii=False).encode())
