"""One line in the log for each request: what was asked and how it ended, nothing of whom."""

from __future__ import annotations

import time

import flask
import structlog

from paygate.http.context import request_id

log = structlog.get_logger()
NO_ROUTE = "none"


def begin() -> None:
    """Start the clock, and bind the request's id to whatever is logged from now on."""
    flask.g.began = time.monotonic()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())


def note(response: flask.Response) -> flask.Response:
    """Log the answer: the rule of its route, never the address, which may hold a token."""
    request = flask.request
    log.info(
        "request_answered",
        method=request.method,
        route=NO_ROUTE if request.url_rule is None else request.url_rule.rule,
        status=response.status_code,
        ms=round((time.monotonic() - flask.g.began) * 1_000, 1),
    )
    return response
