"""The desk's door: its cookie, who comes with it, what he may open, and whose form it is."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace

import flask
from werkzeug.exceptions import Forbidden

from paygate.domain.act import Act
from paygate.domain.staff import DESK_LIFE, Role, Scope, SessionKind
from paygate.http.context import begin_act, context
from paygate.http.limits import read_body
from paygate.http.same_site import refuse_foreign_forms
from paygate.services.find_session import Visitor, find_session
from paygate.services.log_out import log_out
from paygate.services.open_session import LoggedIn
from paygate.web.desk.access import OF_ONESELF, WITHOUT_LOGIN, roles_for
from paygate.web.language import cookie_name

COOKIE = "desk"
CSRF_FIELD = "csrf"
FORM_BYTES_MAX = 16_384
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Who opened this page, and the secret of his session that his forms carry."""

    visitor: Visitor
    csrf: str = field(repr=False)


def guard() -> flask.typing.ResponseReturnValue | None:
    """Let in whoever may open the page, and lead to the login whoever nobody knows.

    Raises:
        Forbidden: the role is missing, or the form is not ours.
    """
    request = flask.request
    rule = "" if request.url_rule is None else request.url_rule.rule
    if request.method not in SAFE:
        request.max_form_memory_size = FORM_BYTES_MAX
        refuse_foreign_forms()
        read_body(FORM_BYTES_MAX)
    if rule in WITHOUT_LOGIN:
        return None
    found = recognise()
    if found is None:
        return _to_login()
    if rule not in OF_ONESELF and found.visitor.roles.isdisjoint(roles_for(rule)):
        raise Forbidden
    if request.method not in SAFE:
        given = request.form.get(CSRF_FIELD, "")
        if not hmac.compare_digest(given.encode(), found.csrf.encode()):
            raise Forbidden
    return None


def guest() -> Guest:
    """Return who opened the page; only behind the guard."""
    found = flask.g.desk_guest
    assert isinstance(found, Guest)  # noqa: S101  # for the type checker: the guard put it there
    return found


def recognise() -> Guest | None:
    """Return who comes with the cookie, None for whoever nobody knows."""
    here = context()
    token = flask.request.cookies.get(cookie_name(COOKIE), "")
    if not token:
        return None
    visitor = find_session(here.house, token, kind=SessionKind.DESK, now=here.clock.now())
    if visitor is None:
        return None
    found = Guest(visitor=visitor, csrf=_csrf_of(token))
    flask.g.desk_guest = found
    return found


def known_guest() -> Guest | None:
    """Return who is logged in, on pages that need nobody."""
    found = flask.g.get("desk_guest")
    return found if isinstance(found, Guest) else None


def scope() -> Scope:
    """Return the agencies in which the guest holds a role that opens this page."""
    rule = "" if flask.request.url_rule is None else flask.request.url_rule.rule
    return guest().visitor.scope(roles_for(rule))


def staff_act() -> Act:
    """Return an act of the guest, now, through this page."""
    return replace(begin_act("user"), actor=guest().visitor.staff.actor)


def holds(role: Role) -> bool:
    """Return whether the guest holds *role* anywhere."""
    return role in guest().visitor.roles


def end_session_before() -> None:
    """End the session that the browser still has: whoever it was, it is of no more use to him."""
    if recognise() is not None:
        context().house.db.act(log_out, staff_act(), guest().visitor)


def keep_session(response: flask.Response, logged_in: LoggedIn) -> flask.Response:
    """Give the browser the session's token: for this host alone, and no script reads it."""
    response.set_cookie(
        cookie_name(COOKIE),
        logged_in.token,
        max_age=int(DESK_LIFE.total_seconds()),
        secure=not context().config.gateway.demo,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget_session(response: flask.Response) -> flask.Response:
    """Take the token from the browser."""
    response.delete_cookie(
        cookie_name(COOKIE),
        secure=not context().config.gateway.demo,
        httponly=True,
        samesite="Lax",
    )
    return response


def see(url: str) -> flask.Response:
    """Lead the browser on with GET, whatever it came with."""
    response = flask.Response(status=303)
    response.headers["Location"] = url
    response.autocorrect_location_header = False
    return response


def _csrf_of(token: str) -> str:
    """Return what the forms of a session carry: whoever cannot read the cookie cannot make it."""
    return hmac.new(token.encode(), b"paygate/csrf/v1", hashlib.sha256).hexdigest()


def _to_login() -> flask.Response:
    request = flask.request
    query = request.query_string.decode("ascii", "replace")
    there = request.path if not query else f"{request.path}?{query}"
    wanted = there if request.method in SAFE and request.path != "/desk" else None
    return see(flask.url_for("desk.login", then=wanted))
