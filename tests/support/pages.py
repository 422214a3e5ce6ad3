"""Every page that a citizen can meet, made from the deck's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType

import flask

import paygate.web
from paygate.domain.money import ZERO, Money
from paygate.domain.order import FeeKind
from paygate.http.headers import policy
from paygate.http.i18n import Language
from paygate.web.pages import Choice, Mistake, OrderView, checkout_page, error_page
from paygate.web.render import Page, render
from paygate.web.result_pages import (
    PaidView,
    ResultPage,
    already_paid_page,
    cancelled_page,
    differs_page,
    exempt_page,
    expired_page,
    failed_page,
    nothing_offered_page,
    paid_page,
    pending_page,
    unavailable_page,
)
from paygate.web.stranded import stranded_page

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
STATUSES = (400, 403, 404, 405, 413, 429, 500)

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
        an_order_view(language), banks=(*BANKS, *WIDE), wallets=WALLETS, action_url=PAY
    )
    return "checkout.html", page


def _checkout_deck(language: Language) -> tuple[str, Page]:
    """Issue 2: one wallet, no bank."""
    page = checkout_page(an_order_view(language), banks=(), wallets=(WALLET,), action_url=PAY)
    return "checkout.html", page


def _checkout_mistake(language: Language, mistake: Mistake) -> tuple[str, Page]:
    page = checkout_page(
        an_order_view(language),
        banks=BANKS,
        wallets=WALLETS,
        action_url=PAY,
        mistake=mistake,
        chosen=WALLET.value if mistake is Mistake.NOT_OFFERED else None,
    )
    return "checkout.html", page


def _checkout_again(language: Language) -> tuple[str, Page]:
    """An earlier attempt has no result yet."""
    page = checkout_page(
        an_order_view(language),
        banks=BANKS,
        wallets=WALLETS,
        action_url=PAY,
        unsettled=VNPT,
    )
    return "checkout.html", page


def _checkout_long(language: Language) -> tuple[str, Page]:
    long = Choice(value="long", name="Ngân hàng Chính sách Xã hội", letters="VBSP")
    page = checkout_page(
        a_long_order_view(language),
        banks=(*BANKS[:2], long, *WIDE),
        wallets=WALLETS,
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


def _pending(language: Language) -> tuple[str, Page]:
    page = pending_page(
        an_order_view(language),
        via=VNPT,
        started_at=PAID_AT - timedelta(seconds=42),
        now=PAID_AT + timedelta(seconds=9),
        check_url=RETURN,
    )
    return "result.html", page


def _pending_over(language: Language) -> tuple[str, Page]:
    """The rail's session is over without a word."""
    page = pending_page(
        an_order_view(language),
        via=VNPT,
        started_at=PAID_AT - timedelta(minutes=20),
        now=PAID_AT,
        check_url=RETURN,
        again_url=f"{PAY}?again=1",
        asked=4,
        asked_at=PAID_AT - timedelta(minutes=2),
    )
    return "result.html", page


def _pending_open(language: Language) -> tuple[str, Page]:
    """The rail's session is still open, and the rail was asked before."""
    page = pending_page(
        an_order_view(language),
        via=VNPT,
        started_at=PAID_AT - timedelta(minutes=5),
        now=PAID_AT + timedelta(seconds=40),
        check_url=RETURN,
        continue_url=RAIL,
        asked=2,
        asked_at=PAID_AT + timedelta(seconds=28),
    )
    return "result.html", page


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


def _expired(language: Language, *, says: str | None) -> tuple[str, Page]:
    return "result.html", expired_page(an_order_view(language), nothing_taken_says=says)


def _cancelled(language: Language) -> tuple[str, Page]:
    return "result.html", cancelled_page(an_order_view(language))


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
        "pending": pending_page(order, via=VNPT, started_at=PAID_AT, now=PAID_AT, check_url=RETURN),
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
        "paid": _paid,
        "paid-later": _paid_later,
        "paid-long": _paid_long,
        "already-paid": _already_paid,
        "pending": _pending,
        "pending-open": _pending_open,
        "pending-over": _pending_over,
        "failed": partial(_failed, given_up=False, again_url=PAY),
        "failed-ended": partial(_failed, given_up=False, again_url=None),
        "given-up": partial(_failed, given_up=True, again_url=PAY),
        "expired": partial(_expired, says=None),
        "expired-asked": partial(_expired, says=VNPT),
        "cancelled": _cancelled,
        "exempt": _exempt,
        "differs": _differs,
        "unreachable": partial(_unavailable, refused=False),
        "refused": partial(_unavailable, refused=True),
        "nothing-offered": _nothing_offered,
        "stranded": _stranded,
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

    @app.get("/<language>/<name>")
    def show(language: str, name: str) -> flask.Response:
        template, page = GALLERY[name](Language(language))
        response = flask.Response(render(template, page), mimetype="text/html")
        is_checkout = template == "checkout.html"
        form_action = ("'self'", "https:") if is_checkout else ("'self'",)
        response.headers["Content-Security-Policy"] = policy(form_action)
        return response

    return app
