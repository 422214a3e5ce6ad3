"""The citizen's pages: choose how to pay, go to the rail, come back, see what the book says.

Whatever address of an order is opened, the page that fits its state is shown. The browser decides
nothing: what comes back with it is not even read (DESIGN 2.12).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import flask
from werkzeug.exceptions import NotFound

from paygate.domain.errors import MethodNotOfferedError, OrderNotPayableError
from paygate.domain.ids import AccountCode, OrderId
from paygate.domain.order import OrderState
from paygate.domain.payment import PaymentState
from paygate.http.context import begin_act, context, request_id
from paygate.http.headers import policy
from paygate.http.i18n import Language
from paygate.http.limits import read_body
from paygate.http.same_site import refuse_foreign_forms
from paygate.logs import about
from paygate.services.start_checkout import CheckoutWanted, start_checkout
from paygate.store import attempts, orders
from paygate.store.attempts import Attempt
from paygate.web.book import Book, read_book, via, view_of
from paygate.web.language import cookie_name, keep_language, page_language, set_cookie
from paygate.web.pages import Mistake, OrderView, checkout_page
from paygate.web.render import Page, render
from paygate.web.result_page import ResultPage
from paygate.web.result_pages import (
    PaidView,
    already_paid_page,
    cancelled_page,
    differs_page,
    exempt_page,
    expired_page,
    failed_page,
    nothing_offered_page,
    paid_page,
    reversed_page,
    unavailable_page,
)
from paygate.web.status_page import Try, shown_page, status_page, unpaid_page
from paygate.web.stranded import stranded_page
from paygate.web.waiting import waiting_page
from paygate.web.waiting_pages import QrPage
from paygate.web.ways import ways
from providers.contract import Redirect

blueprint = flask.Blueprint("checkout", __name__)
ATTEMPT_COOKIE = "attempt"
ATTEMPT_KEPT_S = 2 * 3600  # longer than any rail's session
ASK_AGAIN_AFTER = timedelta(seconds=10)  # so that reloading a page does not ask the rail each time
FORM_BYTES_MAX = 4096


# ---- choose ---------------------------------------------------------------------------------
@blueprint.get("/pay/<token>")
def show(token: str) -> flask.Response:
    """Show the page that fits the order, which is the choice of ways to pay while it is open."""
    return _show(_book_by(orders.by_checkout_token, token), again="again" in flask.request.args)


@blueprint.post("/pay/<token>")
def pay(token: str) -> flask.Response:
    """Start an attempt and send the citizen to the rail; what does not fit shows why."""
    request, here = flask.request, context()
    request.max_form_memory_size = FORM_BYTES_MAX
    refuse_foreign_forms()
    read_body(FORM_BYTES_MAX)
    book = _book_by(orders.by_checkout_token, token)
    method, again = request.form.get("method", ""), "again" in request.form
    if not method:
        return _show(book, mistake=Mistake.NOTHING_CHOSEN, again=again)
    account, _, bank = method.partition(":")
    wanted = CheckoutWanted(
        order_id=book.order.id,
        account=account,
        bank=bank or None,
        client_ip=request.remote_addr or "127.0.0.1",
        language=page_language(book.order.language).value,
        return_url=f"{here.config.gateway.base_url}/return/{{}}",
        again=again,
    )
    try:
        started = start_checkout(here.house, begin_act("citizen"), wanted)
    except MethodNotOfferedError:
        return _show(book, mistake=Mistake.NOT_OFFERED, again=again)
    except OrderNotPayableError:
        # Another window was faster, or the time is over: the order's page says so.
        return _see(flask.url_for("checkout.show", token=token))
    attempt, result = started.attempt, started.result
    about(attempt_id=attempt.id)
    if isinstance(result, Redirect) and attempt.payment_state is PaymentState.REDIRECTED:
        response = _see(result.url)
    else:
        response = _see(flask.url_for("checkout.returned", token=attempt.return_token))
    set_cookie(response, ATTEMPT_COOKIE, attempt.return_token, seconds=ATTEMPT_KEPT_S)
    return response


# ---- come back ------------------------------------------------------------------------------
@blueprint.route("/return/<token>", methods=["GET", "POST"])
def returned(token: str) -> flask.Response:
    """Show what the book says of the attempt, and let the rail be asked soon if it says little."""
    here = context()
    if flask.request.method == "POST":
        # With the post of a foreign page browsers send no cookie of ours; with this GET they do.
        return _see(flask.url_for("checkout.returned", token=token))
    if AccountCode(token) in here.house.merchants:
        return _found_by_cookie()
    with here.house.db.read() as tx:
        attempt = attempts.by_return_token(tx, token)
    if attempt is None:
        raise NotFound
    about(attempt_id=attempt.id)
    if attempt.ask_at is not None:
        now = here.clock.now()
        here.house.db.act(attempts.ask_soon, attempt.id, now=now, not_since=now - ASK_AGAIN_AFTER)
    book = _book(attempt.order_id)
    language = page_language(book.order.language)
    # The attempt as it stands in the same book: a callback may have come since it was looked up.
    page = _result(book, book.attempt(attempt.id), language)
    if page is None:
        return _see(flask.url_for("checkout.show", token=book.order.checkout_token))
    return _html(_template(page), page, language)


@blueprint.get("/status/<token>")
def status(token: str) -> flask.Response:
    """Show what the book says of the order, whenever the citizen wants to know."""
    here = context()
    book = _book_by(orders.by_status_token, token)
    language, now = page_language(book.order.language), here.clock.now()
    view = view_of(book, language, here.config.gateway.support_phone)
    tries = tuple(
        Try(
            via=via(here.house.merchants, each, language),
            at=each.created_at,
            state=each.payment_state,
            # What was given up before the rail said a word never began there.
            began=each.payment_state is not PaymentState.CANCELLED or each.rail_code is not None,
        )
        for each in book.attempts
    )
    page = status_page(view, _standing(book, view, language), tries, now=now)
    return _html("status.html", page, language)


def _found_by_cookie() -> flask.Response:
    """Lead on a citizen whose rail knows one address of ours for all (the merchant's own)."""
    kept = flask.request.cookies.get(cookie_name(ATTEMPT_COOKIE), "")
    here = context()
    with here.house.db.read() as tx:
        known = attempts.by_return_token(tx, kept) is not None
    if known:
        return _see(flask.url_for("checkout.returned", token=kept))
    language = page_language(None)
    page = stranded_page(
        language=language,
        support_phone=here.config.gateway.support_phone,
        request_id=request_id(),
    )
    return _html("error.html", page, language)


# ---- which page -----------------------------------------------------------------------------
def _show(book: Book, *, mistake: Mistake | None = None, again: bool = False) -> flask.Response:
    """Answer with the page that fits the order now.

    *again*: the citizen wants to choose though an attempt has no result; after its session's end
    that is possible, behind a warning.
    """
    here, language = context(), page_language(book.order.language)
    order, now = book.order, here.clock.now()
    view = view_of(book, language, here.config.gateway.support_phone)
    page: ResultPage | QrPage | None = _ended(book, view, language)
    if page is None and book.differs:
        page = _differs(book, view, language)
    live = book.live
    if page is None and live is not None and not (again and live.session_ends_at <= now):
        page = waiting_page(book, view, live, language)
    if page is None and book.is_over(now):
        page = expired_page(view)
    if page is None and not book.offer.offered:
        page = nothing_offered_page(view)
    if page is not None:
        return _html(_template(page), page, language)
    offer = book.offer
    choice = checkout_page(
        view,
        ways(offer.offered, language, resting=offer.left_out),
        all_rest=len(offer.resting) == len(offer.offered),
        action_url=flask.url_for("checkout.show", token=order.checkout_token),
        mistake=mistake,
        chosen=flask.request.form.get("method"),
        unsettled=None if live is None else via(here.house.merchants, live, language),
    )
    response = _html("checkout.html", choice, language)
    response.status_code = 200 if mistake is None else 422
    # Browsers hold every later hop against this, the rail's own redirects included.
    demo = ("http://127.0.0.1:*",) if here.config.gateway.demo else ()
    response.headers["Content-Security-Policy"] = policy(("'self'", "https:", *demo))
    return response


def _standing(book: Book, view: OrderView, language: Language) -> ResultPage:
    """Return what the status link says: the page that fits, and where to pay while one can."""
    if book.order.state is OrderState.PAID and not book.is_reversed and not book.more:
        return paid_page(view, _paid(book, language))
    page = _ended(book, view, language)
    if page is None and book.differs:
        page = _differs(book, view, language)
    if page is None:
        live = book.live
        page = _untried(book, view) if live is None else _waiting(book, view, live, language)
    return page


def _untried(book: Book, view: OrderView) -> ResultPage:
    if book.is_over(context().clock.now()):
        return expired_page(view)
    if not book.offer.offered:
        return nothing_offered_page(view)
    token = book.order.checkout_token
    return unpaid_page(view, pay_url=flask.url_for("checkout.show", token=token))


def _waiting(book: Book, view: OrderView, live: Attempt, language: Language) -> ResultPage:
    """Return what waits, with its way to check leading to the status link again."""
    shown = waiting_page(book, view, live, language)
    here_url = flask.url_for("checkout.status", token=book.order.status_token)
    if isinstance(shown, QrPage):
        name = via(context().house.merchants, live, language)
        return shown_page(view, via=name, code_url=shown.check.href, check_url=here_url)
    check, *others = shown.links
    return replace(shown, links=(replace(check, href=here_url), *others), live=None)


def _result(book: Book, attempt: Attempt, language: Language) -> ResultPage | QrPage | None:
    """Return the page of one attempt, or None where only the order's own page fits."""
    view = view_of(book, language, context().config.gateway.support_phone)
    covering = book.covering
    if covering is not None and covering.attempt_id == attempt.id and not book.is_reversed:
        return paid_page(view, _paid(book, language))
    page: ResultPage | QrPage | None = _ended(book, view, language)
    if page is None and book.differs:
        page = _differs(book, view, language)
    if page is None and book.live is not None:
        page = waiting_page(book, view, book.live, language)
    return _not_paid(book, view, attempt, language) if page is None else page


def _not_paid(
    book: Book, view: OrderView, attempt: Attempt, language: Language
) -> ResultPage | None:
    """Return the page of an attempt that ended without money, and of what can be done now."""
    pay_url = flask.url_for("checkout.show", token=book.order.checkout_token)
    again_url = None if book.is_over(context().clock.now()) else pay_url
    name = via(context().house.merchants, attempt, language)
    given_up = attempt.payment_state is PaymentState.CANCELLED
    if given_up and attempt.rail_code is None:
        return unavailable_page(view, via=name, again_url=again_url)
    if given_up or attempt.payment_state is PaymentState.FAILED:
        return failed_page(
            view,
            via=name,
            reference=attempt.ref,
            at=attempt.created_at,
            again_url=again_url,
            given_up=given_up,
        )
    return None


def _ended(book: Book, view: OrderView, language: Language) -> ResultPage | None:
    """Return the page of an order that is over, or None while it lives."""
    match book.order.state:
        case OrderState.PAID if book.is_reversed:
            return reversed_page(view, _paid(book, language))
        case OrderState.PAID:
            return already_paid_page(view, _paid(book, language), more=book.more)
        case OrderState.EXPIRED:
            says = book.nothing_taken_says(context().house.merchants, language)
            return expired_page(view, nothing_taken_says=says, received=book.more)
        case OrderState.CANCELLED:
            return cancelled_page(view, received=book.more)
        case OrderState.EXEMPT:
            return exempt_page(view)
        case OrderState.OPEN | OrderState.PROCESSING:
            return None


def _paid(book: Book, language: Language) -> PaidView:
    collection = book.covering
    attempt = None if collection is None else book.attempt_of(collection)
    if collection is None or attempt is None:
        raise LookupError(f"{book.order.id} is paid by nothing")
    return PaidView(
        via=via(context().house.merchants, attempt, language),
        transaction=collection.rails_number,
        paid_at=collection.paid_at,
    )


def _differs(book: Book, view: OrderView, language: Language) -> ResultPage | None:
    collection = book.waiting
    attempt = None if collection is None else book.attempt_of(collection)
    if collection is None or attempt is None:
        return None
    return differs_page(
        view,
        received=collection.amount,
        via=via(context().house.merchants, attempt, language),
        transaction=collection.rails_number,
        at=collection.paid_at,
    )


# ---- small things ---------------------------------------------------------------------------
def _book_by(find: orders.ByToken, token: str) -> Book:
    here = context()
    now = here.clock.now()
    with here.house.db.read() as tx:
        order = find(tx, token)
        book = None if order is None else read_book(tx, here.house.merchants, order.id, now=now)
    if book is None:
        raise NotFound
    about(order_id=book.order.id)
    return book


def _book(order_id: OrderId) -> Book:
    here = context()
    with here.house.db.read() as tx:
        book = read_book(tx, here.house.merchants, order_id, now=here.clock.now())
    if book is None:
        raise NotFound
    about(order_id=book.order.id)
    return book


def _template(page: ResultPage | QrPage) -> str:
    return "qr.html" if isinstance(page, QrPage) else "result.html"


def _html(template: str, page: Page, language: Language) -> flask.Response:
    response = flask.Response(render(template, page), mimetype="text/html")
    return keep_language(response, language)


def _see(url: str) -> flask.Response:
    """Lead the browser on with GET, whatever it came with."""
    response = flask.Response(status=303)
    response.headers["Location"] = url
    response.autocorrect_location_header = False
    return response
