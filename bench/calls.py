"""What is sent to the gateway: callbacks as the rail signs them, orders, forms; all made before."""

from __future__ import annotations

import json
from datetime import datetime

from bench.ground import ACCOUNT, AMOUNT, BENEFICIARY, MERCHANT
from bench.numbered import attempt_ref
from paygate.domain.clock import to_stamp
from providers.contract import Arrival
from providers.vnptpay.emulator import wire

PATH = f"/webhooks/{ACCOUNT}"
_HEADERS = (("Host", "pay.example"), ("User-Agent", "rail"), ("Accept", "*/*"))


def arrival_of(number: int, secret: str, now: datetime) -> Arrival:
    """Return the callback of order *number* as the door hands it on."""
    more, body = _callback(number, secret, now)
    headers = (*_HEADERS, *more.items(), ("Content-Length", str(len(body))))
    return Arrival(method="POST", path=PATH, query=b"", headers=headers, body=body, arrived_at=now)


def callback_request(number: int, secret: str, now: datetime) -> str:
    """Return the callback of order *number* as it goes over the wire."""
    headers, body = _callback(number, secret, now)
    return _request("POST", PATH, headers, body)


def order_request(number: int, key: str) -> str:
    """Return the portal's request for a new order about a dossier of its own."""
    body = {
        "dossier": {
            "code": f"000.30.27.H23-220928-{number:06d}",
            "procedure_code": "1.001456",
            "procedure_name": "Cấp bản sao trích lục hộ tịch",
        },
        "purpose": "fee",
        "language": "vi",
        "lines": [
            {
                "kind": "le_phi",
                "code": "LP01",
                "name": "Lệ phí hộ tịch",
                "amount": AMOUNT,
                "beneficiary": BENEFICIARY,
            }
        ],
        "payer": {"name": "Trần Thị Minh Họa", "phone": "0900000123"},
        "return_url": "https://portal.example/return",
    }
    headers = {
        "Authorization": f"Bearer {key}",
        "Idempotency-Key": f"bench-{number}",
        "Content-Type": "application/json",
    }
    return _request("POST", "/v1/orders", headers, json.dumps(body).encode())


def checkout_request(token: str) -> str:
    """Return the form that a citizen posts to pay with the wallet."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return _request("POST", f"/pay/{token}", headers, f"method={ACCOUNT}".encode())


def _callback(number: int, secret: str, now: datetime) -> tuple[dict[str, str], bytes]:
    values = {
        "ACTION": "CONFIRM",
        "RESPONSE_CODE": "00",
        "MERCHANT_SERVICE_ID": MERCHANT,
        "MERCHANT_ORDER_ID": attempt_ref(number),
        "AMOUNT": str(AMOUNT),
        "CURRENCY_CODE": "VND",
        "VNPTPAY_TRANSACTION_ID": f"T{number}",
        "PAYMENT_METHOD": "VNPTPAY",
        "PAY_DATE": to_stamp(now),
        "ADDITIONAL_INFO": "",
    }
    signature = wire.secure_code(values, wire.SIGNED_CALLBACK, secret)
    return wire.written((*values.items(), ("SECURE_CODE", signature)), "json")


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    lines = [f"{method} {path} HTTP/1.1"]
    every = (*_HEADERS, *headers.items(), ("Content-Length", str(len(body))))
    lines += [f"{name}: {value}" for name, value in every]
    return "\r\n".join(lines) + "\r\n\r\n" + body.decode()
