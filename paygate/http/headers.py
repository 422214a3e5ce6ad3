"""Headers that every answer carries (ECOSYSTEM 6.3, TRUST S20)."""

from __future__ import annotations

from collections.abc import Iterable

import flask

from paygate.http.context import request_id

_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
)
HSTS = "max-age=31536000; includeSubDomains"


def secure(response: flask.Response, *, https: bool) -> flask.Response:
    """Add to *response* what it does not say itself; personal pages are never stored."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # Not `no-referrer`: with it browsers send `Origin: null` on our own forms.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Request-Id"] = request_id()
    if https:
        headers.setdefault("Strict-Transport-Security", HSTS)
    return response


def policy(form_action: Iterable[str] = ("'self'",)) -> str:
    """Return the content policy of a page whose form leads to *form_action*.

    Browsers apply `form-action` to every hop after the post, also to those of the rail, so the
    checkout names a whole scheme; the hosts are checked by us before the answer is sent.
    """
    return _POLICY.format(form_action=" ".join(form_action))
