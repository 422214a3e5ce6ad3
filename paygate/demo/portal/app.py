"""Puts the portal together: its pages, its words, its headers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from paygate.demo.portal.client import Gateway, HttpTransport, Transport, origin
from paygate.demo.portal.english import ENGLISH
from paygate.demo.portal.store import Store
from paygate.demo.portal.views import Portal
from paygate.demo.portal.webhooks import read_secret
from paygate.domain.clock import SystemClock, in_vietnam
from paygate.domain.codes import spaced
from paygate.domain.money import Money

BODY_MAX = 64 * 1024  # bytes: a form or a webhook is far smaller
LANGUAGES = ("vi", "en")
LANGUAGE_COOKIE = "portal_language"
_YEAR_SECONDS = 365 * 86_400


def create_portal(
    *,
    gateway_url: str,
    api_key: str,
    webhook_secret: str,
    public_url: str,
    beneficiary: str,
    data_path: Path,
    now: Callable[[], datetime] | None = None,
    transport: Transport | None = None,
) -> Flask:
    """Return the portal as a WSGI application.

    Args:
        gateway_url: where the gateway's API is, and of one origin with its checkout pages.
        api_key: what the gateway gave this portal.
        webhook_secret: `whsec_...`, which the gateway showed once for the endpoint
            `/webhooks/paygate` under *public_url*.
        public_url: where citizens find this portal, as the gateway has it registered.
        beneficiary: the agency that the fees belong to, as the gateway knows it.
        data_path: the portal's own SQLite file; made when missing, in a folder that exists.
        now: tells the time, aware of its zone; the clock of the machine when left out.
        transport: carries requests to the gateway; HTTP when left out.
    """
    gateway_url = gateway_url.rstrip("/")
    portal = Portal(
        gateway=Gateway(url=gateway_url, api_key=api_key, transport=transport or HttpTransport()),
        store=Store(data_path),
        webhook_key=read_secret(webhook_secret),
        beneficiary=beneficiary,
        return_url=f"{public_url.rstrip('/')}/ket-qua",
        now=now or SystemClock().now,
    )
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX
    app.jinja_env.filters["vnd"] = _vnd
    app.jinja_env.filters["when"] = _when
    app.jinja_env.filters["spaced"] = spaced
    app.before_request(_choose_language)
    app.context_processor(lambda: {"_": _translate, "language": g.language, "here": _here})
    app.after_request(_headers(f"'self' {origin(gateway_url)}"))
    app.register_error_handler(HTTPException, _error)
    _routes(app, portal)
    return app


def _routes(app: Flask, portal: Portal) -> None:
    app.add_url_rule("/", "home", portal.home)
    app.add_url_rule("/nop-ho-so/<slug>", "form", portal.form)
    app.add_url_rule("/nop-ho-so/<slug>", "file", portal.file, methods=["POST"])
    app.add_url_rule("/ho-so/<code>", "dossier", portal.dossier)
    app.add_url_rule("/ho-so/<code>/gui-lai", "unsent", portal.unsent)
    app.add_url_rule("/ho-so/<code>/gui-lai", "resend", portal.resend, methods=["POST"])
    app.add_url_rule("/ket-qua", "result", portal.result)
    app.add_url_rule("/webhooks/paygate", "hook", portal.hook, methods=["POST"])


def _choose_language() -> None:
    """Take the language asked for, else the one chosen before, else Vietnamese."""
    asked = request.args.get("lang", "")
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    g.language = next((each for each in (asked, chosen) if each in LANGUAGES), LANGUAGES[0])


def _translate(text: str, **values: object) -> str:
    """Return *text* in the language of this request, with *values* in its braces."""
    if g.get("language") == "en":
        text = ENGLISH[text]
    return text.format(**values) if values else text


def _here(language: str) -> str:
    """Return the address of this page in *language*."""
    return f"{request.path}?{urlencode({**request.args.to_dict(), 'lang': language})}"


def _vnd(amount: Money) -> str:
    """Write *amount* so that it never breaks over two lines."""
    return str(amount).replace(" ", "\u00a0")


def _when(instant: datetime) -> str:
    pattern = "%d/%m/%Y %H:%M" if g.language == "en" else "%H:%M ngày %d/%m/%Y"
    return in_vietnam(instant).strftime(pattern)


def _headers(form_action: str) -> Callable[[Response], Response]:
    # Browsers hold the redirect after a form to form-action too, so the gateway stands in it.
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {form_action}"
    )

    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if request.args.get("lang") == g.get("language"):
            response.set_cookie(
                LANGUAGE_COOKIE,
                g.language,
                max_age=_YEAR_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure,
            )
        return response

    return add


def _error(error: HTTPException) -> tuple[str, int]:
    """Say in words what happened, whatever happened."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    return render_template("error.html", status=status), status
