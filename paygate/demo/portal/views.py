"""The portal's pages: choose, apply, go and pay, come back; and the door for the gateway's word."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from http import HTTPStatus
from logging import getLogger

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from paygate.demo.portal import webhooks
from paygate.demo.portal.client import Gateway, Order, Refusal, SilentError
from paygate.demo.portal.forms import (
    FIELD_OF_POINTER,
    REFUSED_BY_GATEWAY,
    SAMPLE,
    Application,
    check,
    order_body,
    read_form,
)
from paygate.demo.portal.procedures import PROCEDURES, Procedure
from paygate.demo.portal.states import shown_state
from paygate.demo.portal.store import DONE, UNSENT, Dossier, Store
from paygate.domain.banks import BANKS

LIST_MAX = 50
_log = getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """Answers the portal's visitors."""

    gateway: Gateway
    store: Store
    webhook_key: bytes = field(repr=False)
    beneficiary: str
    return_url: str
    now: Callable[[], datetime]

    def home(self) -> str:
        """Show the services, and what was filed here."""
        return render_template(
            "home.html",
            procedures=PROCEDURES,
            dossiers=self.store.newest(LIST_MAX),
            shown_state=shown_state,
        )

    def form(self, slug: str) -> str:
        """Show the form, filled with a person who does not exist."""
        refused_code = request.args.get("dossier", "")
        return _form_page(_procedure(slug), typed=SAMPLE, refused_code=refused_code)

    def file(self, slug: str) -> tuple[str, int] | Response:
        """Take an application: give it a dossier code, ask for its order, lead to the checkout."""
        _refuse_other_sites()
        procedure = _procedure(slug)
        application = read_form(request.form)
        wrong = check(application)
        if wrong:
            page = _form_page(
                procedure,
                typed=request.form,
                wrong=wrong,
                refused_code=request.form.get("dossier", ""),
            )
            return page, HTTPStatus.UNPROCESSABLE_ENTITY
        return self._send(self._keep(procedure, application))

    def unsent(self, code: str) -> str | Response:
        """Say that the gateway did not answer, and offer to ask again."""
        dossier = self._dossier(code)
        if dossier.state != UNSENT:
            return redirect(url_for("dossier", code=code), HTTPStatus.SEE_OTHER)
        return render_template("silent.html", dossier=dossier)

    def resend(self, code: str) -> tuple[str, int] | Response:
        """Ask for the same order once more, with the same key and the same body."""
        _refuse_other_sites()
        return self._send(self._dossier(code))

    def result(self) -> str:
        """Show how the payment stands: by our log of events or by asking, never by the address."""
        dossier = self.store.of_order(request.args.get("order_id", ""))
        if dossier is None:
            abort(HTTPStatus.NOT_FOUND)
        if dossier.done:
            return _result_page(dossier, dossier.state)
        try:
            order = self.gateway.ask(dossier.order_id or "")
            _expect_ours(order, dossier)
        except SilentError as silence:
            _log.warning("order_not_read code=%s reason=%s", dossier.code, silence)
            return _result_page(dossier, dossier.state, silent=True)
        return _result_page(dossier, order.state)

    def dossier(self, code: str) -> str:
        """Show a dossier and every event that the gateway sent about it."""
        dossier = self._dossier(code)
        return render_template(
            "dossier.html",
            dossier=dossier,
            procedure=PROCEDURES[dossier.procedure],
            shown=shown_state(dossier.state),
            events=self.store.events(dossier.order_id),
            shown_state=shown_state,
        )

    def hook(self) -> tuple[str, int]:
        """Take a signed event: say yes only to what is verified and kept."""
        body = request.get_data()
        now = self.now()
        try:
            message_id = webhooks.verify(self.webhook_key, dict(request.headers), body, now=now)
        except webhooks.ForgedError as forged:
            _log.warning("webhook_refused reason=%s", forged)
            return "", HTTPStatus.UNAUTHORIZED
        try:
            event = webhooks.read(message_id, body)
        except webhooks.UnreadableError:
            _log.exception("webhook_unreadable id=%s", message_id)
            return "", HTTPStatus.BAD_REQUEST
        self.store.keep(event, now=now)
        return "", HTTPStatus.NO_CONTENT

    def _keep(self, procedure: Procedure, application: Application) -> Dossier:
        """Keep the application before anyone is asked: under a new code, or a refused one's."""
        language = g.language

        def body_for(code: str) -> str:
            return order_body(
                application,
                procedure,
                dossier_code=code,
                beneficiary=self.beneficiary,
                return_url=self.return_url,
                language=language,
            )

        return self.store.file(
            procedure,
            idempotency_key=_idempotency_key(request.form.get("filing", ""), application),
            refused_code=request.form.get("dossier", ""),
            login=application.login,
            body_for=body_for,
            now=self.now(),
        )

    def _send(self, dossier: Dossier) -> tuple[str, int] | Response:
        """Ask for the order of *dossier*, unless we have it, and lead the citizen onward."""
        if dossier.order_id is not None:
            return _onward(dossier.checkout_url, dossier.order_id)
        if dossier.body is None:
            return redirect(url_for("dossier", code=dossier.code), HTTPStatus.SEE_OTHER)
        try:
            answer = self.gateway.issue(dossier.body, idempotency_key=dossier.idempotency_key)
            if isinstance(answer, Order):
                _expect_ours(answer, dossier)
        except SilentError as silence:
            _log.warning("order_not_issued code=%s reason=%s", dossier.code, silence)
            return redirect(url_for("unsent", code=dossier.code), HTTPStatus.SEE_OTHER)
        if isinstance(answer, Refusal):
            _log.warning("order_refused code=%s reason=%s", dossier.code, answer.code)
            self.store.mark_refused(dossier.code)
            return _refusal_page(answer, dossier)
        self.store.mark_issued(dossier.code, answer)
        return _onward(answer.checkout_url, answer.id)

    def _dossier(self, code: str) -> Dossier:
        found = self.store.dossier(code)
        if found is None:
            abort(HTTPStatus.NOT_FOUND)
        return found


def _procedure(slug: str) -> Procedure:
    procedure = PROCEDURES.get(slug)
    if procedure is None:
        abort(HTTPStatus.NOT_FOUND)
    return procedure


def _idempotency_key(filing: str, application: Application) -> str:
    """Return one key for one press, pressed twice or not; another for a corrected form."""
    typed = json.dumps(asdict(application), sort_keys=True)
    return hashlib.sha256(f"{filing or secrets.token_urlsafe()}\n{typed}".encode()).hexdigest()


def _onward(checkout_url: str | None, order_id: str) -> Response:
    return redirect(checkout_url or url_for("result", order_id=order_id), HTTPStatus.SEE_OTHER)


def _refuse_other_sites() -> None:
    """Refuse a form that another site made a visitor's browser send."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        abort(HTTPStatus.FORBIDDEN)


def _expect_ours(order: Order, dossier: Dossier) -> None:
    """Take no order for ours but the one we asked for: this dossier, this amount, this id."""
    if (
        order.dossier_code != dossier.code
        or order.amount != dossier.amount.dong
        or dossier.order_id not in (None, order.id)
    ):
        raise SilentError("the order is another one's")


def _form_page(
    procedure: Procedure,
    *,
    typed: Mapping[str, str],
    wrong: dict[str, str] | None = None,
    refusal: Refusal | None = None,
    refused_code: str = "",
) -> str:
    return render_template(
        "form.html",
        procedure=procedure,
        typed=typed,
        wrong=wrong or {},
        refusal=refusal,
        refused_code=refused_code,
        filing=secrets.token_urlsafe(24),
        banks=sorted(BANKS.values(), key=lambda bank: bank.short_name.casefold()),
    )


def _result_page(dossier: Dossier, state: str, *, silent: bool = False) -> str:
    return render_template(
        "filed.html" if state in DONE else "waiting.html",
        dossier=dossier,
        procedure=PROCEDURES[dossier.procedure],
        state=state,
        shown=shown_state(state),
        silent=silent,
    )


def _refusal_page(refusal: Refusal, dossier: Dossier) -> tuple[str, int]:
    """Show the form again where the gateway points at a field, else say what it said."""
    known = [FIELD_OF_POINTER.get(pointer.removeprefix("#")) for pointer in refusal.pointers]
    wrong = {field: REFUSED_BY_GATEWAY for field in known if field}
    if wrong and request.form:
        page = _form_page(
            PROCEDURES[dossier.procedure],
            typed=request.form,
            wrong=wrong,
            refusal=refusal,
            refused_code=dossier.code,
        )
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    page = render_template("refused.html", dossier=dossier, refusal=refusal)
    return page, HTTPStatus.BAD_GATEWAY
