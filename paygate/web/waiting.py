"""Attempts without a result: which page tells of one, and the small doors that page uses."""

from __future__ import annotations

import flask
from werkzeug.exceptions import NotFound

from paygate.domain.banks import BANKS
from paygate.domain.codes import spaced
from paygate.domain.order import OrderState
from paygate.domain.payment import PaymentState
from paygate.http.context import context
from paygate.http.i18n import Language
from paygate.store import attempts, qr_codes
from paygate.store.attempts import Attempt
from paygate.store.qr_codes import QrCode
from paygate.web.book import Book, read_book, via
from paygate.web.drawing import draw, picture
from paygate.web.pages import Live, OrderView, Shows
from paygate.web.result_page import ResultPage
from paygate.web.waiting_pages import Known, QrPage, QrView, Wait, pending_page, qr_page
from providers.contract import AnswersQueries

blueprint = flask.Blueprint("waiting", __name__)
KNOWN = {PaymentState.PENDING: Known.HANDLED, PaymentState.UNKNOWN: Known.UNCLEAR}


@blueprint.get("/return/<token>/state")
def state(token: str) -> flask.Response:
    """Answer which page fits the attempt now, so that a script need not load the whole of it."""
    return flask.jsonify({"shows": _shows_now(*_found(token)).value})


@blueprint.get("/return/<token>/qr.png")
def qr_picture(token: str) -> flask.Response:
    """Answer the code of an attempt as a picture to save: no phone can scan its own screen.

    Only while its page shows it: what is saved later would be paid for nothing.
    """
    attempt, book, code = _found(token)
    if code is None or _shows_now(attempt, book, code) is not Shows.QR:
        raise NotFound
    response = flask.Response(picture(code.payload), mimetype="image/png")
    name = f"{spaced(book.order.code)}.png"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def waiting_page(
    book: Book, view: OrderView, attempt: Attempt, language: Language
) -> ResultPage | QrPage:
    """Return the page of the live *attempt*: its code while that holds, else what is known."""
    here = context()
    with here.house.db.read() as tx:
        code = qr_codes.of_attempt(tx, attempt.id)
    shows = _shows(attempt, code)
    name = via(here.house.merchants, attempt, language)
    check_url = flask.url_for("checkout.returned", token=attempt.return_token)
    live = Live(flask.url_for("waiting.state", token=attempt.return_token), shows)
    if code is not None and shows is Shows.QR:
        return qr_page(view, _qr_view(attempt, code, name), check_url=check_url, live=live)
    over = shows is Shows.OVER
    pay_url = flask.url_for("checkout.show", token=book.order.checkout_token, again=1)
    merchant = here.house.merchants.get(attempt.account)
    can_ask = merchant is not None and isinstance(merchant.provider, AnswersQueries)
    wait = Wait(
        via=name,
        started_at=attempt.created_at,
        now=here.clock.now(),
        known=KNOWN.get(attempt.payment_state, Known.NOTHING),
        asked=attempt.asked,
        asked_at=attempt.asked_at,
        ask_at=attempt.ask_at if can_ask else None,
    )
    return pending_page(
        view,
        wait,
        check_url=check_url,
        continue_url=None if over else attempt.redirect_url,
        again_url=pay_url if over else None,
        live=live,
    )


def _shows_now(attempt: Attempt, book: Book, code: QrCode | None) -> Shows:
    """Return what the order's page shows of *attempt*."""
    lives = book.order.state in {OrderState.OPEN, OrderState.PROCESSING} and not book.differs
    live = book.live if lives else None
    return Shows.ENDED if live is None or live.id != attempt.id else _shows(live, code)


def _shows(attempt: Attempt, code: QrCode | None) -> Shows:
    if attempt.session_ends_at <= context().clock.now():
        return Shows.OVER
    # What the rail has taken in hand is not scanned again.
    fresh = attempt.payment_state in {PaymentState.CREATED, PaymentState.REDIRECTED}
    return Shows.QR if code is not None and fresh else Shows.WAITING


def _qr_view(attempt: Attempt, code: QrCode, name: str) -> QrView:
    bank = BANKS.get(code.bank_bin)
    return QrView(
        via=name,
        drawing=draw(code.payload),
        picture_url=flask.url_for("waiting.qr_picture", token=attempt.return_token),
        bank=code.bank_bin if bank is None else bank.short_name,
        account_number=code.account_number,
        account_holder=code.account_holder,
        amount=attempt.amount,
        memo=code.memo,
        ends_at=attempt.session_ends_at,
    )


def _found(token: str) -> tuple[Attempt, Book, QrCode | None]:
    here = context()
    with here.house.db.read() as tx:
        attempt = attempts.by_return_token(tx, token)
        if attempt is None:
            raise NotFound
        now = here.clock.now()
        book = read_book(tx, here.house.merchants, attempt.order_id, now=now)
        code = qr_codes.of_attempt(tx, attempt.id)
    if book is None:
        raise NotFound
    return attempt, book, code
