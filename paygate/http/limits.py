"""What no request may hold, whatever its route."""

from __future__ import annotations

import flask
from werkzeug.exceptions import BadRequest, NotFound

NUL = "\x00"  # PostgreSQL keeps it in no text, so nothing that we know has it


def refuse_unstorable() -> None:
    """Refuse an address that no database could look for."""
    request = flask.request
    if NUL in request.path:
        raise NotFound
    if any(NUL in value for pair in request.args.items(multi=True) for value in pair):
        raise BadRequest
