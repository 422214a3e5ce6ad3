"""What no request may hold, whatever its route, and how much of it is read."""

from __future__ import annotations

import flask
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge

NUL = "\x00"  # PostgreSQL keeps it in no text, so nothing that we know has it


def refuse_unstorable() -> None:
    """Refuse an address that no database could look for."""
    request = flask.request
    if NUL in request.path:
        raise NotFound
    if any(NUL in value for pair in request.args.items(multi=True) for value in pair):
        raise BadRequest


def read_body(bytes_max: int) -> bytes:
    """Return the request's body, whole; a form can still be read from it afterwards.

    Raises:
        RequestEntityTooLarge: it is longer than *bytes_max*, with or without a length of its own.
    """
    # One byte more than allowed: of a body in chunks werkzeug reads that much and keeps silent
    # about the rest.
    flask.request.max_content_length = bytes_max + 1
    body = flask.request.get_data(cache=True)
    if len(body) > bytes_max:
        raise RequestEntityTooLarge
    return body
