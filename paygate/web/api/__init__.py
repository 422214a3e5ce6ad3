"""The REST API of portals (DESIGN 5.1): one resource a file, composed to one blueprint."""

from __future__ import annotations

import flask

from paygate.web.api import methods, order_acts, orders
from paygate.web.api.routes import Route

ROUTES: tuple[Route, ...] = (*orders.routes, *order_acts.routes, *methods.routes)
blueprint = flask.Blueprint("portal_api", __name__, url_prefix="/v1")
for each in ROUTES:
    blueprint.add_url_rule(each.path, view_func=each.view, methods=[each.method])
