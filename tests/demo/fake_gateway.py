"""A second, small implementation of the gateway's API, as a portal sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from paygate.demo.portal.client import Answer, Request, SilentError

URL = "http://127.0.0.1:8000"
API_KEY = "pk_test_only"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the sample of the Standard Webhooks text
NOW = datetime(2022, 9, 28, 9, 45, tzinfo=UTC)


@dataclass(slots=True)
class FakeGateway:
    """Keeps orders by Idempotency-Key; can be told to fall silent or to refuse."""

    requests: list[Request] = field(default_factory=list)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    silent: bool = False
    loses_answers: bool = False  # it does its work, and the answer never arrives
    refusal: tuple[int, dict[str, Any]] | None = None
    raw: Answer | None = None

    def send(self, request: Request) -> Answer:
        self.requests.append(request)
        if self.silent:
            raise SilentError("ConnectTimeout")
        if self.raw is not None:
            return self.raw
        if request.headers["Authorization"] != f"Bearer {API_KEY}":
            return _answer(401, {"code": "not_authenticated"})
        if self.refusal is not None:
            return _answer(*self.refusal)
        answer = self._issue(request) if request.method == "POST" else self._show(request)
        if self.loses_answers:
            raise SilentError("ReadTimeout")
        return answer

    def turn(self, order_id: str, state: str) -> None:
        """Let the order reach *state*."""
        self.orders[order_id]["state"] = state
        self.orders[order_id]["version"] += 1

    def _issue(self, request: Request) -> Answer:
        key, body = request.headers["Idempotency-Key"], request.body or b""
        if key in self.keys:
            first_body, order_id = self.keys[key]
            if first_body != body:
                return _answer(422, {"code": "idempotency_key_reused"})
            return _answer(201, self.orders[order_id])
        asked = json.loads(body)
        order_id = f"ord_{len(self.orders) + 1}"
        self.orders[order_id] = {
            "id": order_id,
            "code": "PG7K3M92QX",
            "state": "open",
            "amount": sum(line["amount"] for line in asked["lines"]),
            "dossier": asked["dossier"],
            "checkout_url": f"{URL}/pay/token{len(self.orders) + 1}",
            "version": 1,
        }
        self.keys[key] = (body, order_id)
        return _answer(201, self.orders[order_id])

    def _show(self, request: Request) -> Answer:
        order = self.orders.get(request.url.rsplit("/", 1)[1])
        return _answer(404, {"code": "order_not_found"}) if order is None else _answer(200, order)


def an_event(
    order: dict[str, Any], *, state: str, version: int, of: str = "order", **changes: Any
) -> dict[str, Any]:
    """Return the body of a webhook about *order*."""
    return {
        "type": f"{of}.{state}",
        "timestamp": "2022-09-28T09:44:00Z",
        "data": {
            "object": of,
            "id": order["id"],
            "order_id": order["id"],
            "order_code": order["code"],
            "dossier_code": order["dossier"]["code"],
            "state": state,
            "amount": order["amount"],
            "version": version,
            **changes,
        },
    }


def signed(
    body: bytes, *, message_id: str = "evt_1", at: datetime = NOW, secret: str = SECRET
) -> dict[str, str]:
    """Return the headers of a message, signed by the reference library."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


def _answer(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status, json.dumps(body).encode())
