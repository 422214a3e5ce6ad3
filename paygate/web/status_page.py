"""The page of the status link: what stands in the book of an order, and each try to pay it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from paygate.domain.payment import PaymentState
from paygate.http.i18n import mark, moment, stamp
from paygate.web.pages import CODE_LABELS, Frame, OrderView, frame_of
from paygate.web.result_page import Icon, Link, Look, ResultPage, Row, Seal, portal_link, to_pay_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt, as its citizen remembers it."""

    via: str
    at: datetime
    state: PaymentState
    began: bool  # the rail took it, or may have


@dataclass(frozen=True, slots=True)
class Told:
    """A try in words."""

    via: str
    at: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """What is known of an order now; receipts and refunds stand here once there are any."""

    frame: Frame
    heading: str
    paid_for: str  # what kind of code follows
    dossier_code: str
    names: str  # of the lines, Vietnamese
    seen: str
    rows: tuple[Row, ...]  # of what *says* tells, without what stands above
    says: ResultPage  # what became of the order
    tries: tuple[Told, ...]


def status_page(
    order: OrderView, says: ResultPage, tries: Sequence[Try], *, now: datetime
) -> StatusPage:
    """Return the page that tells the same as *says*, and how it came to that."""
    say = order.say
    heading, names = say("Theo dõi thanh toán"), ", ".join(order.line_names)
    return StatusPage(
        frame=replace(frame_of(order, heading), step=None),
        heading=heading,
        paid_for=say("Hồ sơ")
        if order.payable_type is None
        else say(CODE_LABELS[order.payable_type]),
        dossier_code=order.dossier_code,
        names=names,
        seen=say("Xem lúc {moment}.").format(moment=moment(order.language, now)),
        rows=tuple(each for each in says.rows if each.value not in {order.dossier_code, names}),
        says=says,
        tries=tuple(
            Told(each.via, stamp(each.at), say(_WORDS[each.state] if each.began else _NOT_BEGUN))
            for each in tries
        ),
    )


def unpaid_page(order: OrderView, *, pay_url: str) -> ResultPage:
    """Return what the status link says of an order that waits for its citizen."""
    say = order.say
    heading = say("Chưa thanh toán")
    return ResultPage(
        frame=frame_of(order, heading),
        seal=Seal.OFF,
        heading=heading,
        sentence=say("Cổng chưa nhận được khoản tiền nào cho đơn này."),
        rows=(
            to_pay_row(order),
            Row(say("Hạn thanh toán"), stamp(order.expires_at), Look.MONEY),
        ),
        links=(Link(pay_url, say("Tới trang thanh toán")), *portal_link(order)),
    )


def shown_page(order: OrderView, *, via: str, code_url: str, check_url: str) -> ResultPage:
    """Return what the status link says of an order whose citizen was shown a code."""
    say = order.say
    heading = say("Đang chờ tiền về")
    return ResultPage(
        frame=frame_of(order, heading),
        seal=Seal.WAIT,
        heading=heading,
        sentence=say("Khi tiền về, hồ sơ tự được ghi nhận; đừng chuyển lần nữa."),
        rows=(to_pay_row(order), Row(say("Cách thanh toán"), via)),
        links=(
            Link(check_url, say("Kiểm tra lại"), Icon.AGAIN),
            Link(code_url, say("Mở mã QR")),
            *portal_link(order),
        ),
    )


_NOT_BEGUN = mark("Chưa bắt đầu được")
_WORDS: Mapping[PaymentState, str] = MappingProxyType(
    {
        PaymentState.CREATED: mark("Đang chờ kết quả"),
        PaymentState.REDIRECTED: mark("Đang chờ kết quả"),
        PaymentState.PENDING: mark("Đang được xử lý"),
        PaymentState.UNKNOWN: mark("Chưa rõ kết quả"),
        PaymentState.PAID: mark("Đã trả"),
        PaymentState.FAILED: mark("Không thành công"),
        PaymentState.CANCELLED: mark("Bạn đã hủy"),
        PaymentState.EXPIRED: mark("Hết thời gian, không có kết quả"),
        PaymentState.REVERSED: mark("Đã bị thu hồi"),
    }
)
