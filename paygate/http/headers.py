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
    said = {name.lower() for name, _ in headers}
    for name, value in _ALWAYS if https else _IN_CLEAR:
        if name.lower() not in said:
            headers.add(name, value)
    headers["X-Request-Id"] = request_id()
    return response


def policy(form_action: Iterable[str] = ("'self'",)) -> str:
    """Return the content policy of a page whose form leads to *form_action*.

    Browsers apply `form-action` to every hop after the post, also to those of the rail, so the
    checkout names a whole scheme; the hosts are checked by us before the answer is sent.
    """
    return _POLICY.format(form_action=" ".join(form_action))


_IN_CLEAR = (
    ("Content-Security-Policy", policy()),
    ("X-Content-Type-Options", "nosniff"),
    # Not `no-referrer`: with it browsers send `Origin: null` on our own forms.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
_ALWAYS = (*_IN_CLEAR, ("Strict-Transport-Security", HSTS))
