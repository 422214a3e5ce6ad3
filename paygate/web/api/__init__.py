"""The REST API of portals (DESIGN 5.1): one resource a file, composed to one blueprint."""

from __future__ import annotations

import flask

from paygate.web.api import (
    methods,
    order_acts,
    orders,
    orders_told,
    refunds,
    webhook_endpoints,
    webhook_messages,
)
from paygate.web.api.openapi import described
from paygate.web.api.routes import Route

ROUTES: tuple[Route, ...] = described(
    (
        *orders.routes,
        *order_acts.routes,
        *orders_told.routes,
        *refunds.routes,
        *methods.routes,
        *webhook_endpoints.routes,
        *webhook_messages.routes,
    )
)
blueprint = flask.Blueprint("portal_api", __name__, url_prefix="/v1")
for each in ROUTES:
    blueprint.add_url_rule(each.path, view_func=each.view, methods=[each.method])
