"""Every page that a citizen can meet, made from the deck's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import flask

import paygate.web
from paygate.domain.banks import BANKS as BANKS_OF_VIET_NAM
from paygate.domain.money import ZERO, Money
from paygate.domain.order import FeeKind
from paygate.domain.payment import PaymentState
from paygate.http.headers import policy
from paygate.http.i18n import Language, speaker
from paygate.web.drawing import draw
from paygate.web.error_pages import error_page
from paygate.web.pages import Choice, Live, Mistake, OrderView, Shows, Ways, checkout_page
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
from paygate.web.waiting_pages import Known, QrView, Wait, pending_page, qr_page

PAID_AT = datetime(2022, 9, 28, 9, 31, 12, tzinfo=UTC)  # 16:31:12 in Ha Noi
EXPIRES_AT = datetime(2022, 9, 28, 9, 45, tzinfo=UTC)
DOSSIER = "000.30.27.H23-220928-0001"
VNPT = "VNPT Money"
REFERENCE = "HD2209287K3M92QX01A3"
TRANSACTION = "2209281631200418"
PAY, RETURN, STATUS, RECEIPT, RAIL = "/pay/t", "/return/t", "/status/t", "/receipts/t.pdf", "/rail"
BANKS = tuple(
    Choice(value=f"vnpay:{code}", name=name, letters=letters)
    for code, name, letters in (
        ("VIETCOMBANK", "Vietcombank", "VCB"),
        ("VIETINBANK", "VietinBank", "CTG"),
        ("BIDV", "BIDV", "BIDV"),
        ("AGRIBANK", "Agribank", "AGR"),
        ("MBBANK", "MB", "MB"),
        ("TECHCOMBANK", "Techcombank", "TCB"),
    )
)
WIDE = (
    Choice(value="vietqr", name="VietQR", letters="QR", hint="Quét mã bằng ứng dụng ngân hàng"),
    Choice(value="onepay", name="Các ngân hàng khác", letters="...", hint="qua NAPAS"),
)
WALLET = Choice(value="vnptpay", name=VNPT, letters="VNPT")
WALLETS = (
    WALLET,
    Choice(value="viettel", name="Viettel Money", letters="VM"),
    Choice(value="momo", name="MoMo", letters="MM"),
)
CODE = Choice(value="vietqr", name="VietQR", letters="QR", hint="Quét mã bằng ứng dụng ngân hàng")
STATUSES = (400, 403, 404, 405, 413, 429, 500, 503)
STATE = "/state/{}"  # answers what it is asked for, so that nothing changes
MEMO = "PG7K3M92QF"
# A sample of npm vietnam-qr-pay 1.5.1 (MIT), as the project's vectors hold it.
PAYLOAD = (
    "00020101021238560010A0000007270126000697041501121133666688880208QRIBFTTA"
    "5303704540450005802VN62320828LP 000.30.27.H23-220928-000163043206"
)

Maker = Callable[[Language], tuple[str, Page]]
"""Returns a page in one language, with the template that shows it."""


def an_order_view(language: Language = Language.VI) -> OrderView:
    return OrderView(
        language=language,
        supplier="Cổng DVC Hải Dương",
        dossier_code=DOSSIER,
        fee_kinds=(FeeKind.LE_PHI,),
        line_names=("Lệ phí hộ tịch",),
        amount=Money(5_000),
        fee=ZERO,
        order_code="PG7K3M92QF",
        expires_at=EXPIRES_AT,
        support_phone="1900 0000",
        portal_url="/portal",
    )


def a_long_order_view(language: Language = Language.VI) -> OrderView:
    """Return the longest that every field can reasonably be, so that nothing is cut."""
    return replace(
        an_order_view(language),
        supplier="Cổng Dịch vụ công trực tuyến Ủy ban nhân dân tỉnh Bà Rịa - Vũng Tàu",
        dossier_code="G01.837.000.000-230611-0035",
        fee_kinds=(FeeKind.PHI, FeeKind.LE_PHI),
        line_names=(
            "Phí thẩm định hồ sơ cấp giấy chứng nhận quyền sử dụng đất",
            "Lệ phí trước bạ nhà, đất",
        ),
        amount=Money(2_147_483_648),
        fee=Money(1_100),
    )


def a_payment() -> PaidView:
    return PaidView(via=VNPT, transaction=TRANSACTION, paid_at=PAID_AT)


def _checkout(language: Language) -> tuple[str, Page]:
    page = checkout_page(
        an_order_view(language), Ways(banks=(*BANKS, *WIDE), wallets=WALLETS), action_url=PAY
    )
    return "checkout.html", page


def _checkout_deck(language: Language) -> tuple[str, Page]:
    """Issue 2: one wallet, no bank."""
    page = checkout_page(an_order_view(language), Ways(wallets=(WALLET,)), action_url=PAY)
    return "checkout.html", page


def _checkout_mistake(language: Language, mistake: Mistake) -> tuple[str, Page]:
    page = checkout_page(
        an_order_view(language),
        Ways(banks=BANKS, wallets=WALLETS),
        action_url=PAY,
        mistake=mistake,
        chosen=WALLET.value if mistake is Mistake.NOT_OFFERED else None,
    )
    return "checkout.html", page


def _checkout_again(language: Language) -> tuple[str, Page]:
    """An earlier attempt has no result yet."""
    page = checkout_page(
        an_order_view(language),
        Ways(banks=BANKS, wallets=WALLETS),
        action_url=PAY,
        unsettled=VNPT,
    )
    return "checkout.html", page


def _checkout_long(language: Language) -> tuple[str, Page]:
    long = Choice(value="long", name="Ngân hàng Chính sách Xã hội", letters="VBSP")
    page = checkout_page(
        a_long_order_view(language),
        Ways(banks=(*BANKS[:2], long, *WIDE), wallets=WALLETS),
        action_url=PAY,
    )
    return "checkout.html", page


def _paid(language: Language) -> tuple[str, Page]:
    return "result.html", paid_page(an_order_view(language), a_payment())


def _paid_later(language: Language) -> tuple[str, Page]:
    """What later issues add: a receipt, and a page to follow the order."""
    paid = replace(a_payment(), receipt_url=RECEIPT, status_url=STATUS)
    return "result.html", paid_page(an_order_view(language), paid)


def _paid_long(language: Language) -> tuple[str, Page]:
    return "result.html", paid_page(a_long_order_view(language), a_payment())


def _already_paid(language: Language) -> tuple[str, Page]:
    return "result.html", already_paid_page(an_order_view(language), a_payment())


def _checkout_many(language: Language) -> tuple[str, Page]:
    """As many banks as there are, a wallet, a code, and a rail that rests."""
    many = tuple(
        Choice(value=f"vnpay:{each.code}", name=each.short_name, letters=each.code[:4])
        for each in list(BANKS_OF_VIET_NAM.values())[:40]
    )
    say = speaker(language)
    resting = replace(WALLETS[2], hint=say("Đang không trả lời; thử lại sau ít phút"))
    offered = Ways(
        banks=many,
        banks_by="VNPAY",
        wallets=WALLETS[:2],
        codes=(replace(CODE, hint=say(CODE.hint or "")),),
        resting=(resting,),
    )
    return "checkout.html", checkout_page(an_order_view(language), offered, action_url=PAY)


def _checkout_all_rest(language: Language) -> tuple[str, Page]:
    page = checkout_page(
        an_order_view(language), Ways(wallets=WALLETS), action_url=PAY, all_rest=True
    )
    return "checkout.html", page


def a_wait(**changes: Any) -> Wait:
    return replace(Wait(via=VNPT, started_at=PAID_AT, now=PAID_AT), **changes)


def _pending(language: Language, *, known: Known = Known.NOTHING) -> tuple[str, Page]:
    wait = a_wait(
        known=known,
        started_at=PAID_AT - timedelta(seconds=42),
        now=PAID_AT + timedelta(seconds=9),
        ask_at=PAID_AT + timedelta(seconds=78),
    )
    live = Live(STATE.format(Shows.WAITING), Shows.WAITING)
    page = pending_page(an_order_view(language), wait, check_url=RETURN, live=live)
    return "result.html", page


def _pending_over(language: Language) -> tuple[str, Page]:
    """The rail's session is over without a word."""
    wait = a_wait(
        known=Known.UNCLEAR,
        started_at=PAID_AT - timedelta(minutes=20),
        asked=4,
        asked_at=PAID_AT - timedelta(minutes=2),
        ask_at=PAID_AT + timedelta(minutes=8),
    )
    page = pending_page(an_order_view(language), wait, check_url=RETURN, again_url=f"{PAY}?again=1")
    return "result.html", page


def _pending_open(language: Language) -> tuple[str, Page]:
    """The rail's session is still open, and the rail was asked before."""
    wait = a_wait(
        known=Known.HANDLED,
        started_at=PAID_AT - timedelta(minutes=5),
        now=PAID_AT + timedelta(seconds=40),
        asked=2,
        asked_at=PAID_AT + timedelta(seconds=28),
        ask_at=PAID_AT,
    )
    page = pending_page(an_order_view(language), wait, check_url=RETURN, continue_url=RAIL)
    return "result.html", page


def a_code(**changes: Any) -> QrView:
    code = QrView(
        via="VietQR",
        drawing=draw(PAYLOAD),
        picture_url="/return/t/qr.png",
        bank="VietinBank",
        account_number="113366668888",
        account_holder="UBND TINH HAI DUONG",
        amount=Money(5_000),
        memo=MEMO,
        ends_at=EXPIRES_AT,
    )
    return replace(code, **changes)


def _qr(language: Language) -> tuple[str, Page]:
    live = Live(STATE.format(Shows.QR), Shows.QR)
    return "qr.html", qr_page(an_order_view(language), a_code(), check_url=RETURN, live=live)


def _qr_long(language: Language) -> tuple[str, Page]:
    code = a_code(
        bank="Ngân hàng TMCP Phát triển Thành phố Hồ Chí Minh",
        account_holder="BO PHAN TIEP NHAN VA TRA KET QUA UBND PHUONG TAN BINH",
        amount=Money(1_234_567_890),
        memo="LP 000.30.27.H23-220928-0001",
    )
    live = Live(STATE.format(Shows.QR), Shows.QR)
    return "qr.html", qr_page(a_long_order_view(language), code, check_url=RETURN, live=live)


def _failed(language: Language, *, given_up: bool, again_url: str | None) -> tuple[str, Page]:
    page = failed_page(
        an_order_view(language),
        via=VNPT,
        reference=REFERENCE,
        at=PAID_AT,
        again_url=again_url,
        given_up=given_up,
    )
    return "result.html", page


def _expired(
    language: Language, *, says: str | None = None, received: tuple[Money, ...] = ()
) -> tuple[str, Page]:
    page = expired_page(an_order_view(language), nothing_taken_says=says, received=received)
    return "result.html", page


def _cancelled(language: Language, *, received: tuple[Money, ...] = ()) -> tuple[str, Page]:
    return "result.html", cancelled_page(an_order_view(language), received=received)


def _paid_twice(language: Language) -> tuple[str, Page]:
    page = already_paid_page(an_order_view(language), a_payment(), more=(Money(5_000),))
    return "result.html", page


def _reversed(language: Language) -> tuple[str, Page]:
    return "result.html", reversed_page(an_order_view(language), a_payment())


def _exempt(language: Language) -> tuple[str, Page]:
    return "result.html", exempt_page(replace(an_order_view(language), amount=ZERO))


def _differs(language: Language) -> tuple[str, Page]:
    page = differs_page(
        an_order_view(language),
        received=Money(4_000),
        via=VNPT,
        transaction=TRANSACTION,
        at=PAID_AT,
    )
    return "result.html", page


def _unavailable(language: Language, *, refused: bool) -> tuple[str, Page]:
    page = unavailable_page(an_order_view(language), via=VNPT, again_url=PAY, refused=refused)
    return "result.html", page


def _nothing_offered(language: Language) -> tuple[str, Page]:
    return "result.html", nothing_offered_page(an_order_view(language))


def _error(language: Language, status: int) -> tuple[str, Page]:
    page = error_page(
        language=language,
        status=status,
        request_id="req_0191d2f3a4b57c8d9e0f1a2b3c4d5e6f",
        support_phone="1900 0000",
    )
    return "error.html", page


def result_pages(order: OrderView) -> dict[str, ResultPage]:
    """Return one page of each thing that can have happened to *order*."""
    return {
        "paid": paid_page(order, a_payment()),
        "pending": pending_page(order, a_wait(), check_url=RETURN),
        "failed": failed_page(order, via=VNPT, reference="R1", at=PAID_AT, again_url=PAY),
        "expired": expired_page(order),
        "cancelled": cancelled_page(order),
        "exempt": exempt_page(replace(order, amount=ZERO)),
        "differs": differs_page(
            order, received=Money(4_000), via=VNPT, transaction=None, at=PAID_AT
        ),
        "unavailable": unavailable_page(order, via=VNPT, again_url=PAY),
        "nothing_offered": nothing_offered_page(order),
    }


def _status(
    language: Language, *, says: Callable[[OrderView], ResultPage], tries: tuple[Try, ...]
) -> tuple[str, Page]:
    view = an_order_view(language)
    return "status.html", status_page(view, says(view), tries, now=PAID_AT)


def a_try(state: PaymentState, *, began: bool = True) -> Try:
    return Try(via=VNPT, at=PAID_AT, state=state, began=began)


def _stranded(language: Language) -> tuple[str, Page]:
    page = stranded_page(
        language=language, support_phone="1900 0000", request_id="req_0191d2f3a4b57c8d9e0f1a2b3c4d"
    )
    return "error.html", page


GALLERY: Mapping[str, Maker] = MappingProxyType(
    {
        "checkout": _checkout,
        "checkout-deck": _checkout_deck,
        "checkout-nothing-chosen": partial(_checkout_mistake, mistake=Mistake.NOTHING_CHOSEN),
        "checkout-not-offered": partial(_checkout_mistake, mistake=Mistake.NOT_OFFERED),
        "checkout-again": _checkout_again,
        "checkout-long": _checkout_long,
        "checkout-many": _checkout_many,
        "checkout-all-rest": _checkout_all_rest,
        "paid": _paid,
        "paid-later": _paid_later,
        "paid-long": _paid_long,
        "already-paid": _already_paid,
        "paid-twice": _paid_twice,
        "reversed": _reversed,
        "qr": _qr,
        "qr-long": _qr_long,
        "pending": _pending,
        "pending-handled": partial(_pending, known=Known.HANDLED),
        "pending-unclear": partial(_pending, known=Known.UNCLEAR),
        "pending-open": _pending_open,
        "pending-over": _pending_over,
        "failed": partial(_failed, given_up=False, again_url=PAY),
        "failed-ended": partial(_failed, given_up=False, again_url=None),
        "given-up": partial(_failed, given_up=True, again_url=PAY),
        "expired": partial(_expired, says=None),
        "expired-late-money": partial(_expired, received=(Money(5_000),)),
        "expired-asked": partial(_expired, says=VNPT),
        "cancelled": _cancelled,
        "cancelled-late-money": partial(_cancelled, received=(Money(5_000),)),
        "exempt": _exempt,
        "differs": _differs,
        "unreachable": partial(_unavailable, refused=False),
        "refused": partial(_unavailable, refused=True),
        "nothing-offered": _nothing_offered,
        "stranded": _stranded,
        "status-unpaid": partial(_status, says=lambda v: unpaid_page(v, pay_url=PAY), tries=()),
        "status-shown": partial(
            _status,
            says=lambda v: shown_page(v, via="VietQR", code_url=RETURN, check_url=STATUS),
            tries=(a_try(PaymentState.REDIRECTED),),
        ),
        "status-paid": partial(
            _status,
            says=lambda v: paid_page(v, a_payment()),
            tries=(
                a_try(PaymentState.CANCELLED, began=False),
                a_try(PaymentState.FAILED),
                a_try(PaymentState.PAID),
            ),
        ),
        "status-waiting": partial(
            _status,
            says=lambda v: pending_page(v, a_wait(), check_url=STATUS),
            tries=tuple(a_try(each) for each in PaymentState),
        ),
        **{f"error-{status}": partial(_error, status=status) for status in STATUSES},
    }
)


def gallery_app() -> flask.Flask:
    """Return a site that shows every page at `/{language}/{name}`, under the real policy."""
    web = Path(next(iter(paygate.web.__path__)))
    app = flask.Flask(
        "gallery",
        template_folder=str(web / "templates"),
        static_folder=str(web / "static"),
        static_url_path="/static",
    )

    @app.get("/state/<shows>")
    def state(shows: str) -> flask.Response:
        return flask.jsonify({"shows": shows})

    @app.get("/<language>/<name>")
    def show(language: str, name: str) -> flask.Response:
        template, page = GALLERY[name](Language(language))
        response = flask.Response(render(template, page), mimetype="text/html")
        is_checkout = template == "checkout.html"
        form_action = ("'self'", "https:") if is_checkout else ("'self'",)
        response.headers["Content-Security-Policy"] = policy(form_action)
        return response

    return app
