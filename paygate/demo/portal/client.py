"""The gateway's REST API, as far as a portal needs it: issue an order, ask about an order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, urlsplit

import requests

CONNECT_SECONDS = 3
READ_SECONDS = 10
_CREATED_OR_REPLAYED = (200, 201)
# The first request with this key is still running, or we ask too often: neither is a refusal.
_LATER = (408, 425, 429)
_STILL_RUNNING = "idempotency_key_running"
_REFUSALS = range(400, 500)


class SilentError(Exception):
    """The gateway gave no answer that we can use: what it did is unknown, so ask again."""


@dataclass(frozen=True, slots=True)
class Request:
    """What we send."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


class Transport(Protocol):
    """Carries a request to the gateway and its answer back."""

    def send(self, request: Request) -> Answer:
        """Return the answer; SilentError when none came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A fee order, as far as a portal cares."""

    id: str
    code: str
    state: str
    amount: int
    dossier_code: str
    checkout_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal in the gateway's words (RFC 9457), in both languages."""

    status: int
    code: str
    detail: str
    message_vi: str
    request_id: str
    pointers: tuple[str, ...]


class HttpTransport:
    """HTTP by requests: no redirects, no retries, three seconds to connect and ten to answer."""

    def send(self, request: Request) -> Answer:
        try:
            response = requests.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                data=request.body,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise SilentError(type(error).__name__) from error
        return Answer(response.status_code, response.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Speaks with one gateway as one portal."""

    url: str
    api_key: str = field(repr=False)
    transport: Transport

    def issue(self, body: str, *, idempotency_key: str) -> Order | Refusal:
        """Ask for an order. The same key and body give the same order, however often one asks.

        Raises:
            SilentError: no usable answer; ask again with the same key and the same body.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        answer = self._send("POST", "/v1/orders", headers, body.encode())
        if answer.status in _CREATED_OR_REPLAYED:
            return self._order(answer)
        if answer.status not in _REFUSALS or answer.status in _LATER:
            raise SilentError(f"status {answer.status}")
        refusal = _refusal(answer)
        if refusal.code == _STILL_RUNNING:
            raise SilentError(refusal.code)
        return refusal

    def ask(self, order_id: str) -> Order:
        """Return the order as it stands now.

        Raises:
            SilentError: no usable answer.
        """
        answer = self._send("GET", f"/v1/orders/{quote(order_id, safe='')}", {}, None)
        if answer.status not in _CREATED_OR_REPLAYED:
            raise SilentError(f"status {answer.status}")
        return self._order(answer)

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        common = {"Authorization": f"Bearer {self.api_key}", "Accept": "application/json"}
        return self.transport.send(Request(method, self.url + path, {**common, **headers}, body))

    def _order(self, answer: Answer) -> Order:
        try:
            data = json.loads(answer.body)
            order = Order(
                id=data["id"],
                code=data["code"],
                state=data["state"],
                amount=data["amount"],
                dossier_code=data["dossier"]["code"],
                checkout_url=data.get("checkout_url"),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SilentError("the answer is not an order") from error
        # We send a citizen there with a press of our own button: it must be the gateway's door.
        if order.checkout_url and origin(order.checkout_url) != origin(self.url):
            raise SilentError("checkout_url leads away from the gateway")
        return order


def origin(url: str) -> str:
    """Return scheme, host and port of *url*."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _refusal(answer: Answer) -> Refusal:
    try:
        problem = json.loads(answer.body)
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    errors = problem.get("errors") or []
    return Refusal(
        status=answer.status,
        code=str(problem.get("code", "")),
        detail=str(problem.get("detail") or problem.get("title") or ""),
        message_vi=str(problem.get("message_vi", "")),
        request_id=str(problem.get("request_id", "")),
        pointers=tuple(str(each.get("pointer", "")) for each in errors if isinstance(each, dict)),
    )
