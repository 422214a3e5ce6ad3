"""Error pages for people: what happened, what to do, whom to call."""

from __future__ import annotations

import flask
from werkzeug.exceptions import HTTPException

from paygate.http.context import context, request_id
from paygate.http.problems import status_of
from paygate.web.error_pages import error_page
from paygate.web.language import page_language
from paygate.web.render import render

HEADERS_KEPT = frozenset({"Allow", "Retry-After"})


def page_for(error: Exception) -> flask.Response:
    """Return the page that tells a citizen of *error*, and nothing of our inside."""
    status = status_of(error)
    page = error_page(
        language=page_language(None),
        status=status,
        request_id=request_id(),
        support_phone=context().config.gateway.support_phone,
    )
    response = flask.Response(render("error.html", page), status=status, mimetype="text/html")
    if isinstance(error, HTTPException):
        response.headers.update({k: v for k, v in error.get_headers() if k in HEADERS_KEPT})
    return response
