"""Refunds of portals: announced by the contract, and not built yet (DESIGN 5.1)."""

from __future__ import annotations

import flask

from paygate.domain.errors import NotBuiltYetError
from paygate.http.auth import authenticated_portal
from paygate.http.context import context
from paygate.http.problems import NOT_BUILT
from paygate.web.api.own import order_of
from paygate.web.api.routes import Routes

routes = Routes()
_NONE_YET = ("not_built_yet",)


@routes.at(
    "POST",
    "/orders/<order_id>/refunds",
    status=NOT_BUILT,
    problems=("order_not_found", *_NONE_YET),
)
def request_refund(order_id: str) -> flask.Response:
    """Refuse: an order's money cannot be asked back yet."""
    portal = authenticated_portal()
    with context().house.db.read() as tx:
        order_of(tx, portal, order_id)
    raise NotBuiltYetError


@routes.at("GET", "/refunds", status=NOT_BUILT, problems=_NONE_YET)
def search_refunds() -> flask.Response:
    """Refuse: there are no refunds yet."""
    authenticated_portal()
    raise NotBuiltYetError


@routes.at("GET", "/refunds/<refund_id>", status=NOT_BUILT, problems=_NONE_YET)
def read_refund(refund_id: str) -> flask.Response:
    """Refuse: there are no refunds yet."""
    del refund_id
    authenticated_portal()
    raise NotBuiltYetError


@routes.at("POST", "/refunds/<refund_id>/withdraw", status=NOT_BUILT, problems=_NONE_YET)
def withdraw_refund(refund_id: str) -> flask.Response:
    """Refuse: there are no refunds yet."""
    del refund_id
    authenticated_portal()
    raise NotBuiltYetError
