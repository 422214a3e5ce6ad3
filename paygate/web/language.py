"""Which language this page is in, and how the citizen's choice is kept."""

from __future__ import annotations

import flask

from paygate.http.context import context
from paygate.http.i18n import Language, choose_language

COOKIE = "language"
KEPT_S = 365 * 86_400


def page_language(order_language: str | None) -> Language:
    """Return the language of the page that the running request asks for."""
    request = flask.request
    return choose_language(
        query=request.args.get("lang"),
        cookie=request.cookies.get(cookie_name(COOKIE)),
        order=order_language,
        accept=request.headers.get("Accept-Language"),
    )


def keep_language(response: flask.Response, language: Language) -> flask.Response:
    """Remember a language that was chosen by link."""
    if flask.request.args.get("lang") == language.value:
        set_cookie(response, COOKIE, language.value, seconds=KEPT_S)
    return response


def set_cookie(response: flask.Response, name: str, value: str, *, seconds: int) -> None:
    """Set a cookie for this host alone, which no script can read (TRUST S22)."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=seconds,
        secure=not context().config.gateway.demo,
        httponly=True,
        samesite="Lax",
    )


def cookie_name(name: str) -> str:
    """Return the name on the wire: browsers keep `__Host-` from other hosts and from http."""
    return name if context().config.gateway.demo else f"__Host-{name}"
