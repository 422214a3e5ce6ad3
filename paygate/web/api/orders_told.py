"""What a portal was told of one order, and the papers of it (DESIGN 5.1)."""

from __future__ import annotations

import json

import flask
import sqlalchemy as sa

from paygate.domain.errors import NotBuiltYetError
from paygate.http.auth import authenticated_portal
from paygate.http.context import context
from paygate.http.problems import NOT_BUILT
from paygate.store import outbox
from paygate.store.orders import FeeOrder
from paygate.web.api.once import Json
from paygate.web.api.out import EventPage, ReceiptPage
from paygate.web.api.own import order_of
from paygate.web.api.pages import page_answer
from paygate.web.api.routes import Routes
from paygate.web.api.webhook_messages import messages_json

routes = Routes()


@routes.at("GET", "/orders/<order_id>/events", answer=EventPage, problems=("order_not_found",))
def read_events(order_id: str) -> flask.Response:
    """Return what the portal was to be told of the order, oldest first, all on one page."""
    portal = authenticated_portal()
    with context().house.db.read() as tx:
        return page_answer(_events(tx, order_of(tx, portal, order_id)))


@routes.at("GET", "/orders/<order_id>/receipts", answer=ReceiptPage, problems=("order_not_found",))
def read_receipts(order_id: str) -> flask.Response:
    """Return the receipts of the order: none are issued yet."""
    portal = authenticated_portal()
    with context().house.db.read() as tx:
        order_of(tx, portal, order_id)
    return page_answer([])


@routes.at(
    "GET",
    "/orders/<order_id>/proof",
    status=NOT_BUILT,
    problems=("order_not_found", "not_built_yet"),
)
def read_proof(order_id: str) -> flask.Response:
    """Refuse: the proof of a payment is not built yet."""
    portal = authenticated_portal()
    with context().house.db.read() as tx:
        order_of(tx, portal, order_id)
    raise NotBuiltYetError


def _events(tx: sa.Connection, order: FeeOrder) -> list[Json]:
    """Return each message as it is sent, and where it stands at each endpoint."""
    messages = outbox.of_order(tx, order.id)
    shown = zip(messages, messages_json(tx, messages), strict=True)
    return [_event(json.loads(message.body), public) for message, public in shown]


def _event(body: Json, public: Json) -> Json:
    return {
        "object": "event",
        "id": public["id"],
        "type": body["type"],
        "version": public["version"],
        "timestamp": body["timestamp"],
        "data": body["data"],
        "deliveries": [
            {"endpoint_id": each["endpoint_id"], "status": each["status"]}
            for each in public["deliveries"]
        ],
    }
