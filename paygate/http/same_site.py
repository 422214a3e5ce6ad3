"""Forms come from our own pages alone (TRUST S18)."""

from __future__ import annotations

import flask
from werkzeug.exceptions import Forbidden

from paygate.http.context import context


def refuse_foreign_forms() -> None:
    """Refuse a form that another site's page posts; old browsers say neither header."""
    headers = flask.request.headers
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site", "same-origin")
    ours = context().config.gateway.base_url
    if site not in {"same-origin", "none"} or (origin is not None and origin != ours):
        raise Forbidden
