"""Where a portal wants to be told: its webhook endpoints (DESIGN 5.1, 5.2)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import flask
import sqlalchemy as sa
from pydantic import Field

from paygate.config import Vault
from paygate.domain.errors import WebhookEndpointNotFoundError
from paygate.domain.origin import URL_LENGTH_MAX
from paygate.http.api import Gathering, idempotency_key, json_answer, read_json
from paygate.http.auth import authenticated_portal
from paygate.http.context import begin_act, context
from paygate.store import endpoints
from paygate.store.endpoints import Endpoint
from paygate.store.portals import Portal
from paygate.web.api.model import In
from paygate.web.api.once import Json, answer_once, create_once
from paygate.web.api.out import (
    EndpointOut,
    EndpointPage,
    EndpointWithSecretOut,
    MessageOut,
)
from paygate.web.api.pages import page_answer
from paygate.web.api.routes import Routes
from paygate.web.api.webhook_messages import message_json
from paygate.web.times import rfc3339
from webhooks.endpoints import (
    add_endpoint,
    change_endpoint,
    check_url,
    retire_endpoint,
    rotate_secret,
)
from webhooks.ping import ping_endpoint
from webhooks.secret import open_secret, signing
from webhooks.signature import shown

routes = Routes()
Url = Annotated[str, Field(max_length=URL_LENGTH_MAX, examples=["https://portal.example.vn/hooks"])]


class EndpointIn(In):
    """A new endpoint."""

    url: Url


class EndpointChangeIn(In):
    """What is to be changed; what is absent or null stays."""

    url: Url | None = None
    enabled: bool | None = None


@routes.at(
    "POST",
    "/webhook-endpoints",
    body=EndpointIn,
    answer=EndpointWithSecretOut,
    status=HTTPStatus.CREATED,
    creates=True,
    problems=("webhook_endpoint_exists", "webhook_endpoints_full"),
)
def create_endpoint() -> flask.Response:
    """Add an endpoint; its secret is in this answer alone, and in its replays."""
    portal, here = authenticated_portal(), context()
    idempotency_key()  # its absence is told before what is wrong with the body
    body, act = read_json(EndpointIn), begin_act(f"portal:{portal.id}")
    loopback = here.config.gateway.demo
    _check(body.url, loopback=loopback)

    def make(tx: sa.Connection) -> Json:
        endpoint, _ = add_endpoint(
            tx, act, here.house.vault, portal.id, body.url, loopback=loopback
        )
        return endpoint_json(endpoint) | {"secret": endpoint.secret_sealed}

    return create_once(portal, act, "webhook-endpoints", make, show=_show_secret)


@routes.at("GET", "/webhook-endpoints", answer=EndpointPage)
def list_endpoints() -> flask.Response:
    """Return the portal's endpoints, oldest first, all on one page; retired ones are left out."""
    portal = authenticated_portal()
    with context().house.db.read() as tx:
        return page_answer([endpoint_json(each) for each in endpoints.of_portal(tx, portal.id)])


@routes.at(
    "GET",
    "/webhook-endpoints/<endpoint_id>",
    answer=EndpointOut,
    problems=("webhook_endpoint_not_found",),
)
def read_endpoint(endpoint_id: str) -> flask.Response:
    """Return one endpoint of the portal, without its secret."""
    portal = authenticated_portal()
    with context().house.db.read() as tx:
        return json_answer(endpoint_json(_own(tx, portal, endpoint_id)))


@routes.at(
    "PATCH",
    "/webhook-endpoints/<endpoint_id>",
    body=EndpointChangeIn,
    answer=EndpointOut,
    problems=("webhook_endpoint_not_found", "webhook_endpoint_exists"),
)
def patch_endpoint(endpoint_id: str) -> flask.Response:
    """Change address or switch; enabling sends what was held."""
    portal, here = authenticated_portal(), context()
    body, act = read_json(EndpointChangeIn), begin_act(f"portal:{portal.id}")
    loopback = here.config.gateway.demo
    if body.url is not None:
        _check(body.url, loopback=loopback)
    endpoint = here.house.db.act(
        change_endpoint,
        act,
        portal.id,
        endpoint_id,
        url=body.url,
        enabled=body.enabled,
        loopback=loopback,
    )
    return json_answer(endpoint_json(endpoint))


@routes.at(
    "DELETE",
    "/webhook-endpoints/<endpoint_id>",
    status=HTTPStatus.NO_CONTENT,
    problems=("webhook_endpoint_not_found",),
)
def delete_endpoint(endpoint_id: str) -> flask.Response:
    """Retire the endpoint: nothing more is sent to it, and what was sent stays on record."""
    portal, here = authenticated_portal(), context()
    here.house.db.act(retire_endpoint, begin_act(f"portal:{portal.id}"), portal.id, endpoint_id)
    return flask.Response(status=HTTPStatus.NO_CONTENT)


@routes.at(
    "POST",
    "/webhook-endpoints/<endpoint_id>/ping",
    answer=MessageOut,
    status=HTTPStatus.ACCEPTED,
    creates=True,
    problems=("webhook_endpoint_not_found", "webhook_endpoint_disabled"),
)
def ping(endpoint_id: str) -> flask.Response:
    """Queue a `ping` for this endpoint, by the road of all messages; return the message."""
    portal = authenticated_portal()
    act = begin_act(f"portal:{portal.id}")

    def make(tx: sa.Connection) -> Json:
        return message_json(ping_endpoint(tx, act, portal.id, endpoint_id), (), ())

    return answer_once(portal, act, make, status=HTTPStatus.ACCEPTED)


@routes.at(
    "POST",
    "/webhook-endpoints/<endpoint_id>/rotate-secret",
    answer=EndpointWithSecretOut,
    creates=True,
    problems=("webhook_endpoint_not_found",),
)
def rotate(endpoint_id: str) -> flask.Response:
    """Make a new secret, which is in this answer alone; the old one signs beside it for 24 h."""
    portal, here = authenticated_portal(), context()
    act = begin_act(f"portal:{portal.id}")

    def make(tx: sa.Connection) -> Json:
        endpoint, _ = rotate_secret(tx, act, here.house.vault, portal.id, endpoint_id)
        return endpoint_json(endpoint) | {"secret": endpoint.secret_sealed}

    return answer_once(portal, act, make, status=HTTPStatus.OK, show=_show_secret)


def endpoint_json(endpoint: Endpoint) -> Json:
    """Return the public form of *endpoint*: no secret, and nothing that leads to one."""
    ends_at = endpoint.old_secret_ends_at
    return {
        "object": "webhook_endpoint",
        "id": endpoint.id,
        "url": endpoint.url,
        "enabled": endpoint.enabled,
        "created_at": rfc3339(endpoint.created_at),
        "old_secret_ends_at": None if ends_at is None else rfc3339(ends_at),
    }


def _show_secret(tx: sa.Connection, kept: Json) -> Json:
    """Put the secret where the kept answer names its sealed value; null once it signs no more."""
    endpoint = endpoints.get(tx, kept["id"])
    secret = None
    if endpoint is not None and endpoint.retired_at is None:
        secret = _opened(tx, context().house.vault, endpoint, kept["secret"])
    return kept | {"secret": secret}


def _opened(tx: sa.Connection, vault: Vault, endpoint: Endpoint, sealed_id: str) -> str | None:
    if sealed_id not in signing(endpoint, now=context().clock.now()):
        return None
    return shown(open_secret(tx, vault, endpoint, sealed_id))


def _own(tx: sa.Connection, portal: Portal, endpoint_id: str) -> Endpoint:
    endpoint = endpoints.get(tx, endpoint_id)
    if endpoint is None or endpoint.portal_id != portal.id or endpoint.retired_at is not None:
        raise WebhookEndpointNotFoundError
    return endpoint


def _check(url: str, *, loopback: bool) -> None:
    gathering = Gathering()
    with gathering.at("/url"):
        check_url(url, loopback=loopback)
    gathering.check()
