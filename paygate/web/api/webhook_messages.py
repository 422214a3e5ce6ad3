"""What a portal was told, and how each delivery of it went (DESIGN 5.1, 5.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Annotated

import flask
import sqlalchemy as sa
from pydantic import Field

from paygate.domain.ids import OrderId
from paygate.http.api import json_answer, read_query
from paygate.http.auth import authenticated_portal
from paygate.http.context import begin_act, context
from paygate.store import deliveries, outbox
from paygate.store.deliveries import Delivery, DeliveryState, DeliveryTry
from paygate.store.outbox import MessageSearch, OutgoingMessage
from paygate.web.api.model import Page
from paygate.web.api.once import Json
from paygate.web.api.out import MessageOut, MessagePage
from paygate.web.api.pages import cursor_of, page_answer
from paygate.web.api.routes import Routes
from paygate.web.times import rfc3339
from webhooks.resend import resend_message

routes = Routes()


class MessageQuery(Page):
    """What a portal looks for among its messages."""

    status: DeliveryState | None = None
    endpoint: Annotated[str, Field(max_length=100)] | None = None
    order_id: Annotated[str, Field(max_length=100)] | None = None


@routes.at("GET", "/webhook-messages", query=MessageQuery, answer=MessagePage)
def search_messages() -> flask.Response:
    """Return the portal's messages, newest first, each with its deliveries and their tries."""
    portal, query = authenticated_portal(), read_query(MessageQuery)
    wanted = MessageSearch(
        portal_id=portal.id,
        order_id=None if query.order_id is None else OrderId(query.order_id),
        endpoint_id=query.endpoint,
        state=query.status,
        before=cursor_of(query, "evt"),
        limit=query.limit + 1,  # one more tells whether there is a next page
    )
    with context().house.db.read() as tx:
        found = outbox.search(tx, wanted)
        page = messages_json(tx, found[: query.limit])
    return page_answer(page, is_last=len(found) <= query.limit)


@routes.at(
    "POST",
    "/webhook-messages/<message_id>/resend",
    answer=MessageOut,
    status=HTTPStatus.ACCEPTED,
    problems=("webhook_message_not_found", "no_webhook_endpoint"),
)
def resend(message_id: str) -> flask.Response:
    """Send the message again at once, under the same webhook-id, however its deliveries stand."""
    portal, here = authenticated_portal(), context()
    act = begin_act(f"portal:{portal.id}")

    def again(tx: sa.Connection) -> Json:
        return messages_json(tx, [resend_message(tx, act, portal.id, message_id)])[0]

    return json_answer(here.house.db.act(again), status=HTTPStatus.ACCEPTED)


def messages_json(tx: sa.Connection, messages: Sequence[OutgoingMessage]) -> list[Json]:
    """Return the public form of *messages*, by three statements however many they are."""
    ids = [each.id for each in messages]
    made: defaultdict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries.of_messages(tx, ids):
        made[delivery.message_id].append(delivery)
    tries = deliveries.tries_of_messages(tx, ids)
    return [message_json(each, made[each.id], tries) for each in messages]


def message_json(
    message: OutgoingMessage, made: Iterable[Delivery], tries: Iterable[DeliveryTry]
) -> Json:
    """Return the public form of one message: of each try when it was, and what came of it."""
    tried: defaultdict[str, list[Json]] = defaultdict(list)
    for each in tries:
        line = {"at": rfc3339(each.at), "status_code": each.status, "error": each.trouble}
        tried[each.delivery_id].append(line)
    return {
        "object": "webhook_message",
        "id": message.id,
        "type": message.type,
        "order_id": message.order_id,
        "version": message.version,
        "created_at": rfc3339(message.created_at),
        "deliveries": [
            {
                "endpoint_id": each.endpoint_id,
                "status": each.state.value,
                "next_try_at": _next_try(each),
                "tries": tried[each.id],
            }
            for each in made
        ],
    }


def _next_try(delivery: Delivery) -> str | None:
    return rfc3339(delivery.due_at) if delivery.state is DeliveryState.WAITING else None
