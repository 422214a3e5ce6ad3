"""The door of rails: any method that rails use, the raw bytes, the rail's own answer."""

from __future__ import annotations

import flask
import structlog
from werkzeug.exceptions import MethodNotAllowed, NotFound

from paygate.domain.ids import AccountCode
from paygate.http.context import begin_act, context
from paygate.http.limits import read_body
from providers.contract import Arrival
from webhooks.inbox import receive, receive_stray

blueprint = flask.Blueprint("webhooks", __name__)
CALLBACK_BYTES_MAX = 64 * 1024  # TRUST S35
METHODS = ("GET", "POST")
log = structlog.get_logger()


@blueprint.route("/webhooks/<account>", methods=METHODS, provide_automatic_options=False)
def arrive(account: str) -> flask.Response:
    """Hand the message to the inbox as it came, and answer what the rail wants to read."""
    request, here = flask.request, context()
    if request.method not in METHODS:  # Flask lets HEAD in beside GET, and no rail sends it
        raise MethodNotAllowed(METHODS)
    body = read_body(CALLBACK_BYTES_MAX)
    merchant = here.house.merchants.get(AccountCode(account))
    act = begin_act("provider:?" if merchant is None else f"provider:{merchant.code}")
    arrival = Arrival(
        method=request.method,
        path=request.path,
        query=request.query_string,
        headers=tuple(request.headers.items()),
        body=body,
        arrived_at=act.now,
    )
    if merchant is None:
        log.warning("callback_for_unknown_account")
        receive_stray(here.house, act, arrival)
        raise NotFound
    reply = receive(here.house, act, merchant, arrival)
    response = flask.Response(reply.body, status=reply.status)
    response.headers.clear()
    response.headers.update(reply.headers)
    return response
