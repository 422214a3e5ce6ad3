"""Who comes too often is answered 429, with the time to wait.

Counted are the writes of portals, the starts of citizens, and whoever tries tokens or keys that
open nothing. Reads that find something cost no count, and rails are never limited: what they say
is about money (DESIGN 2.10).
"""

from __future__ import annotations

import math
from datetime import timedelta

import flask
import structlog
from werkzeug.exceptions import NotFound, TooManyRequests

from paygate.domain.errors import NotAuthenticatedError
from paygate.http.context import context
from paygate.http.meter import Limit, network_of

log = structlog.get_logger()
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
START = "/pay/<token>"
PORTAL_WINDOW = timedelta(seconds=2)
MINUTE = timedelta(minutes=1)


def refuse_hasty_portal(key_id: str) -> None:
    """Count a write with the portal's key.

    Raises:
        TooManyRequests: more than its portal may send.
    """
    if flask.request.method in SAFE:
        return
    per_s = context().config.gateway.limits.portal_writes_per_s
    many = per_s * int(PORTAL_WINDOW.total_seconds())
    _spend(Limit(name="portal", many=many, window=PORTAL_WINDOW), key_id)


def refuse_hasty_citizen() -> None:
    """Count the start of a payment, for its caller and for its order.

    Raises:
        TooManyRequests: more than a person starts.
    """
    request = flask.request
    if request.url_rule is None or request.url_rule.rule != START or request.method in SAFE:
        return
    limits = context().config.gateway.limits
    starts = Limit(name="citizen", many=limits.citizen_starts_per_minute, window=MINUTE)
    _spend(starts, caller())
    per_order = Limit(name="order", many=limits.order_starts_per_minute, window=MINUTE)
    _spend(per_order, str((request.view_args or {})["token"]))


def refuse_hasty_login() -> None:
    """Count a try of staff to log in, whatever comes of it.

    Raises:
        TooManyRequests: more than come from one office.
    """
    many = context().config.gateway.limits.logins_per_minute
    _spend(Limit(name="login", many=many, window=MINUTE), caller())


def count_miss(error: Exception) -> Exception:
    """Return *error*, or what to answer instead to a caller who tries too many tokens or keys.

    Whoever has a good one is served all the same, also from that address: many share one.
    """
    guessed = isinstance(error, NotFound) and "token" in (flask.request.view_args or {})
    if not guessed and not isinstance(error, NotAuthenticatedError):
        return error
    many = context().config.gateway.limits.misses_per_minute
    try:
        _spend(Limit(name="miss", many=many, window=MINUTE), caller())
    except TooManyRequests as refusal:
        return refusal
    return error


def _spend(limit: Limit, who: str) -> None:
    here = context()
    now = here.clock.now()
    wait = here.meter.spend(here.house.db, here.house.vault, limit, who, now=now)
    if wait is not None:
        log.info("caller_too_hasty", limit=limit.name)
        raise TooManyRequests(retry_after=math.ceil(wait.total_seconds()))


def caller() -> str:
    """Return what counts as one caller of the running request."""
    return network_of(flask.request.remote_addr or "")
