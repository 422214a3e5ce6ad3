"""Log in, log out, and prove oneself again."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import flask

from paygate.domain.staff import SessionKind
from paygate.http.context import begin_act, context
from paygate.http.i18n import Say, mark
from paygate.http.rate import caller, refuse_hasty_login
from paygate.services.log_in import log_in
from paygate.services.log_out import log_out
from paygate.services.open_session import LoggedIn
from paygate.services.prove_identity import Delayed, Proof, Refused
from paygate.services.step_up import step_up
from paygate.web.desk.door import (
    end_session_before,
    forget_session,
    guest,
    keep_session,
    see,
    staff_act,
)
from paygate.web.desk.frame import DeskFrame, desk_frame, desk_say, draw

VISITOR = "visitor"  # whoever he is: the audit names him once he has proved it
_OURS = re.compile(r"/desk(?:/[A-Za-z0-9/_-]*)?(?:\?[A-Za-z0-9=&%+._~:-]*)?")
_WRONG = mark("Email, mật khẩu hoặc mã xác thực chưa đúng.")
_CROWDED = mark("Đang có nhiều người đăng nhập cùng lúc. Hãy thử lại sau {seconds} giây.")
_WAIT = mark("Bạn đã thử sai nhiều lần. Hãy đợi {seconds} giây rồi thử lại.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage:
    """Who are you? *email* is None where the page knows whom it asks."""

    frame: DeskFrame
    heading: str
    lead: str | None
    email: str | None
    mistake: str | None
    notice: str | None
    then: str


def login() -> flask.Response:
    """Show the form, or let in whoever has both factors."""
    request = flask.request
    if request.method != "POST":
        return _login_page(then=request.args.get("then", ""))
    refuse_hasty_login()
    then = request.form.get("then", "")
    proof = Proof(
        email=request.form.get("email", ""),
        password=request.form.get("password", ""),
        code=request.form.get("code", ""),
        network=caller(),
    )
    found = log_in(context().house, begin_act(VISITOR), proof, kind=SessionKind.DESK)
    if isinstance(found, LoggedIn):
        end_session_before()
        return keep_session(see(_inside(then)), found)
    return _refused(_login_page(then=then, email=proof.email, refusal=found), found)


def logout() -> flask.Response:
    """End the session."""
    context().house.db.act(log_out, staff_act(), guest().visitor)
    return forget_session(see(flask.url_for("desk.login", out=1)))


def step_up_page() -> flask.Response:
    """Ask for both factors again, and give the session a new token."""
    request = flask.request
    if request.method != "POST":
        return _step_up_page(then=request.args.get("then", ""))
    refuse_hasty_login()
    then = request.form.get("then", "")
    found = step_up(
        context().house,
        staff_act(),
        guest().visitor,
        password=request.form.get("password", ""),
        code=request.form.get("code", ""),
        network=caller(),
    )
    if isinstance(found, LoggedIn):
        return keep_session(see(_inside(then)), found)
    return _refused(_step_up_page(then=then, refusal=found), found)


def _login_page(
    *, then: str, email: str = "", refusal: Refused | Delayed | None = None
) -> flask.Response:
    say = desk_say()
    heading = say("Đăng nhập bàn kế toán")
    notice = say("Bạn đã đăng xuất.") if "out" in flask.request.args else None
    page = LoginPage(
        frame=desk_frame(heading, mistaken=refusal is not None),
        heading=heading,
        lead=None,
        email=email,
        mistake=_mistake(say, refusal),
        notice=notice,
        then=_inside(then) if then else "",
    )
    return draw("login.html", page)


def _step_up_page(*, then: str, refusal: Refused | Delayed | None = None) -> flask.Response:
    say = desk_say()
    heading = say("Xác nhận lại danh tính")
    page = LoginPage(
        frame=desk_frame(heading, mistaken=refusal is not None),
        heading=heading,
        lead=say("Trước việc liên quan đến tiền, hãy nhập lại mật khẩu và mã xác thực."),
        email=None,
        mistake=_mistake(say, refusal),
        notice=None,
        then=_inside(then) if then else "",
    )
    return draw("login.html", page)


def _mistake(say: Say, refusal: Refused | Delayed | None) -> str | None:
    if refusal is None:
        return None
    if isinstance(refusal, Delayed):
        return say(_CROWDED if refusal.crowded else _WAIT).format(seconds=_seconds(refusal))
    return say(_WRONG)


def _refused(response: flask.Response, refusal: Refused | Delayed) -> flask.Response:
    response.status_code = 422
    if isinstance(refusal, Delayed):
        response.status_code = 429
        response.headers["Retry-After"] = str(_seconds(refusal))
    return response


def _seconds(delayed: Delayed) -> int:
    return math.ceil(delayed.wait.total_seconds())


def _inside(then: str) -> str:
    """Return where to go on to, which is a page of the desk and nowhere else."""
    return then if _OURS.fullmatch(then) else flask.url_for("desk.home")
