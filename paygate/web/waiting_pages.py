"""What the citizen sees while nobody knows of an attempt yet: a code to scan, or what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from paygate.domain.money import Money
from paygate.http.i18n import Say, hour, mark, moment, stamp
from paygate.web.drawing import Drawing
from paygate.web.pages import Frame, Live, OrderView, frame_of
from paygate.web.result_page import (
    Icon,
    Link,
    Look,
    ResultPage,
    Row,
    Seal,
    dossier_row,
    portal_link,
    to_pay_row,
)


class Known(StrEnum):
    """How much is known of an attempt that has no result."""

    NOTHING = "nothing"  # the rail has not spoken
    HANDLED = "handled"  # the rail says that it is at it
    UNCLEAR = "unclear"  # the rail said nothing that we understand, or nothing whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """An attempt that has no result, as its page tells of it."""

    via: str
    started_at: datetime
    now: datetime
    known: Known = Known.NOTHING
    asked: int = 0
    asked_at: datetime | None = None
    ask_at: datetime | None = None  # None: the rail cannot be asked, or nothing is left to ask


@dataclass(frozen=True, slots=True)
class Copyable:
    """A fact to type into a bank's app; *copied* is what a button puts on the clipboard."""

    term: str
    value: str
    copied: str | None = None
    name: str = ""  # read aloud after the button's word


@dataclass(frozen=True, slots=True, kw_only=True)
class QrView:
    """What is shown of a code, and where a picture of it is."""

    via: str
    drawing: Drawing
    picture_url: str
    bank: str
    account_number: str
    account_holder: str
    amount: Money
    memo: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QrPage:
    """A code to scan, the same in words to copy, and what to do when nothing happens."""

    frame: Frame
    heading: str
    valid: str
    aloud: str  # what the drawing says to whom does not see it
    drawing: Drawing
    picture: Link
    rows: tuple[Copyable, ...]
    check: Link
    back: tuple[Link, ...]
    paid_for: str  # the dossier code follows
    dossier_code: str
    fee: str
    steps: tuple[str, ...]
    live: Live


def pending_page(
    order: OrderView,
    wait: Wait,
    *,
    check_url: str,
    continue_url: str | None = None,
    again_url: str | None = None,
    live: Live | None = None,
) -> ResultPage:
    """Return the page of an attempt of which nobody knows yet: the citizen must not pay again.

    *check_url* is this page; *continue_url* leads back into the rail's open session; when that is
    over, *again_url* leads to the choice, behind a warning.
    """
    say = order.say
    heading = say("Giao dịch đang được xác nhận, vui lòng không thanh toán lại")
    links = [Link(check_url, say("Kiểm tra lại"), Icon.AGAIN)]
    if continue_url:
        links.append(Link(continue_url, say("Tiếp tục tới {via}").format(via=wait.via)))
    if again_url:
        links.append(Link(again_url, say("Chọn cách thanh toán khác")))
    not_taken = (
        say("Chỉ chọn cách thanh toán khác khi bạn chắc chắn tiền chưa bị trừ.")
        if again_url
        else say("Nếu tiền chưa trừ: trang này sẽ cho bạn thanh toán lại.")
    )
    return ResultPage(
        frame=frame_of(order, heading),
        seal=Seal.WAIT,
        heading=heading,
        sentence=say(_KNOWN[wait.known]).format(via=wait.via),
        details=_asked(say, wait),
        rows=(
            to_pay_row(order),
            dossier_row(order),
            Row(say("Cách thanh toán"), wait.via),
            Row(say("Bắt đầu lúc"), stamp(wait.started_at), Look.MONEY),
        ),
        links=(*links, *portal_link(order)),
        next_heading=say("Bạn có thể đóng trang này"),
        next_steps=(
            say("Nếu tiền đã trừ: hồ sơ tự được ghi nhận, bạn không phải làm gì thêm."),
            not_taken,
            say("Không mất tiền hai lần: nếu lỡ trả hai lần, khoản thừa được hoàn lại."),
        ),
        live=live,
    )


def qr_page(order: OrderView, code: QrView, *, check_url: str, live: Live) -> QrPage:
    """Return the page of an attempt that is paid by a code; it needs no script."""
    say = order.say
    heading = say("Quét mã để trả {amount}").format(amount=code.amount)
    until = moment(order.language, code.ends_at)
    memo = say("Nội dung chuyển khoản")
    return QrPage(
        frame=frame_of(order, heading),
        heading=heading,
        valid=say("Mã có hiệu lực đến {moment}.").format(moment=until),
        aloud=say("Mã QR: {amount} vào tài khoản {number}, nội dung {memo}").format(
            amount=code.amount, number=code.account_number, memo=code.memo
        ),
        drawing=code.drawing,
        picture=Link(code.picture_url, say("Lưu ảnh mã QR"), Icon.DOWN),
        rows=(
            Copyable(say("Ngân hàng"), code.bank),
            Copyable(say("Tên tài khoản"), code.account_holder),
            _copyable(say("Số tài khoản"), code.account_number, code.account_number),
            _copyable(say("Số tiền"), str(code.amount), str(code.amount.dong)),
            _copyable(memo, code.memo, code.memo),
        ),
        check=Link(check_url, say("Kiểm tra lại"), Icon.AGAIN),
        back=portal_link(order),
        paid_for=say("Thanh toán cho hồ sơ"),
        dossier_code=order.dossier_code,
        fee=str(order.fee),
        steps=(
            say("Đừng chuyển lần nữa: tiền đã chuyển không bị mất."),
            say("Bạn có thể đóng trang này. Khi tiền về, hồ sơ tự được ghi nhận."),
            say(
                "Ghi sai nội dung hoặc số tiền thì tiền vẫn được ghi nhận, nhưng phải đối chiếu "
                "bằng tay và chậm hơn."
            ),
            say("Chưa chuyển và muốn trả cách khác: mở lại trang này sau {moment}.").format(
                moment=until
            ),
        ),
        live=live,
    )


def _copyable(term: str, value: str, copied: str) -> Copyable:
    return Copyable(term, value, copied, term[:1].lower() + term[1:])


def _asked(say: Say, wait: Wait) -> tuple[str, ...]:
    """Return what was asked so far, and when the rail is asked next."""
    told = [say("Xem lúc {time}.").format(time=hour(wait.now))]
    if wait.asked and wait.asked_at:
        text = say("Đã hỏi {count} lần, lần gần nhất lúc {time}.")
        told.insert(0, text.format(count=wait.asked, time=hour(wait.asked_at)))
    if wait.ask_at is not None and wait.ask_at > wait.now:
        told.append(say("Sẽ tự hỏi lại lúc {time}.").format(time=hour(wait.ask_at)))
    elif wait.ask_at is not None:
        told.append(say("Đang hỏi {via}.").format(via=wait.via))
    return tuple(told)


_KNOWN: Mapping[Known, str] = MappingProxyType(
    {
        Known.NOTHING: mark("Chúng tôi đang chờ {via} trả lời, thường có kết quả trong vài phút."),
        Known.HANDLED: mark(
            "{via} cho biết giao dịch đang được xử lý. Chúng tôi đang chờ kết quả cuối cùng."
        ),
        Known.UNCLEAR: mark(
            "{via} chưa cho biết rõ tiền đã bị trừ hay chưa. Vui lòng chờ, đừng thanh toán lại."
        ),
    }
)
