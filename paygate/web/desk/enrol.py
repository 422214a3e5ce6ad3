"""The page behind a staff member's own link: set a password, learn the second factor."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import flask
import segno
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import PASSWORD_MAX, PASSWORD_MIN
from paygate.http.context import begin_act, context
from paygate.http.i18n import Language
from paygate.http.refusals import texts
from paygate.services import totp
from paygate.services.enrol_staff import OpenLink, enrol_staff, open_link
from paygate.web.desk.door import end_session_before, keep_session, see
from paygate.web.desk.frame import DeskFrame, desk_frame, desk_say, draw

GROUP = 4  # characters of a secret that are read at a glance


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolPage:
    """Set a password, scan the code, confirm it."""

    frame: DeskFrame
    heading: str
    name: str
    email: str
    secret: str = field(repr=False)
    qr: Markup = field(repr=False)
    app_url: str = field(repr=False)
    rule: str
    mistake: str | None
    wrong: str | None  # the field that the mistake is about


def enrol(token: str) -> flask.Response:
    """Show the link's page, or set what its owner chose."""
    here, act = context(), begin_act("visitor")
    link = open_link(here.house, act, token)
    if link is None:
        raise NotFound
    if flask.request.method != "POST":
        return draw("enrol.html", _page(link))
    form = flask.request.form
    password = form.get("password", "")
    if password != form.get("again", ""):
        return _again(link, "password_not_repeated", "again")
    try:
        done = enrol_staff(here.house, act, link, password=password, code=form.get("code", ""))
    except ValueRefusedError as error:
        return _again(link, error.code, "code" if error.code == "code_wrong" else "password")
    if done is None:
        raise NotFound
    end_session_before()
    return keep_session(see(flask.url_for("desk.home")), done)


def _again(link: OpenLink, code: str, wrong: str) -> flask.Response:
    page = _page(link, mistake=code, wrong=wrong)
    return draw("enrol.html", page, status=422)


def _page(link: OpenLink, *, mistake: str | None = None, wrong: str | None = None) -> EnrolPage:
    say = desk_say()
    heading = say("Kích hoạt tài khoản nhân sự")
    frame = desk_frame(heading, mistaken=mistake is not None)
    host = urlsplit(context().config.gateway.base_url).netloc
    address = totp.address_of(link.secret, link.staff.email, host)
    said = None
    if mistake is not None:
        english, vietnamese = texts(mistake)
        said = vietnamese if frame.language is Language.VI else english
    groups = range(0, len(link.secret), GROUP)
    return EnrolPage(
        frame=frame,
        heading=heading,
        name=link.staff.name,
        email=link.staff.email,
        secret=" ".join(link.secret[start : start + GROUP] for start in groups),
        qr=_qr(address),
        app_url=address,
        rule=say("Từ {least} đến {most} ký tự; nên là vài từ không liên quan nhau.").format(
            least=PASSWORD_MIN, most=PASSWORD_MAX
        ),
        mistake=said,
        wrong=wrong,
    )


def _qr(text: str) -> Markup:
    """Return a QR code of *text* as inline SVG, drawn by attributes: the policy allows no style."""
    drawn = io.BytesIO()
    # `make_qr`, for `make` may choose a Micro QR, which telephones do not read.
    segno.make_qr(text, error="m").save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=False,
        svgclass="qr",
        lineclass=None,
        border=4,
        omitsize=True,
        dark="#1b1f24",
        light="#ffffff",
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704  # our own drawing of bits
