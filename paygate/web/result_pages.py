"""What the citizen is told after choosing how to pay: what happened, what is next, what to do.

One function for each thing that can have happened. Which of them fits is decided by the book,
never here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from paygate.domain.money import Money
from paygate.http.i18n import mark, stamp
from paygate.web.pages import OrderView, Step, frame_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidView:
    """The payment that paid the order."""

    via: str
    transaction: str | None
    paid_at: datetime
    receipt_url: str | None = None
    status_url: str | None = None


def paid_page(order: OrderView, paid: PaidView) -> ResultPage:
    """Return the page of an order that the book says is paid."""
    say = order.say
    heading = say("Thanh toán thành công")
    return ResultPage(
        frame=frame_of(order, heading, step=Step.DONE),
        seal=Seal.OK,
        heading=heading,
        sentence=say(
            "Cổng thanh toán đã nhận đủ tiền và báo cho {supplier}. "
            "Bạn không phải làm gì thêm ở trang này."
        ).format(supplier=order.supplier),
        rows=_paid_rows(order, paid),
        links=(*portal_link(order), *_receipt(order, paid)),
        follow=_status(order, paid.status_url),
    )


def already_paid_page(
    order: OrderView, paid: PaidView, *, more: tuple[Money, ...] = ()
) -> ResultPage:
    """Return what an order shows that was paid before this visit; *more* came after that."""
    say = order.say
    heading = say("Đơn hàng đã được thanh toán trước đó")
    page = paid_page(order, paid)
    came = (Row(say("Đã nhận thêm"), str(each), Look.MONEY) for each in more)
    return replace(
        page,
        frame=frame_of(order, heading, step=Step.DONE),
        heading=heading,
        sentence=say("Bạn không phải thanh toán nữa."),
        rows=(*page.rows, *came),
        next_heading=say("Bạn đã trả thêm một lần nữa")
        if more
        else say("Nếu bạn vừa trả thêm một lần nữa"),
        next_steps=(say("Khoản trả thừa được ghi nhận riêng và được hoàn lại, không bị mất."),),
    )


def reversed_page(order: OrderView, paid: PaidView) -> ResultPage:
    """Return the page of an order whose payment the rail has taken back; staff handle it."""
    say = order.say
    heading = say("Khoản thanh toán đã bị thu hồi, vui lòng chờ hướng dẫn")
    return ResultPage(
        frame=frame_of(order, heading),
        seal=Seal.CARE,
        heading=heading,
        sentence=say(
            "{via} báo đã lấy lại khoản tiền này. Cán bộ đang xử lý; bạn chưa cần thanh toán lại."
        ).format(via=paid.via),
        rows=_paid_rows(order, paid),
        links=portal_link(order),
        call_heading=say("Nếu bạn cần hỏi"),
    )


def failed_page(
    order: OrderView,
    *,
    via: str,
    reference: str,
    at: datetime,
    again_url: str | None,
    given_up: bool = False,
    status_url: str | None = None,
) -> ResultPage:
    """Return the page of an attempt of which the rail itself said that it failed.

    *given_up*: the rail says that the citizen cancelled there. *again_url* None: the order has
    ended. The first sentence after the heading is DOMAIN 15.2's, word for word.
    """
    say = order.say
    heading = say("Thanh toán không thành công")
    why = (
        say("Bạn đã hủy ở trang của {via}") if given_up else say("{via} không thực hiện giao dịch")
    )
    again = (Link(again_url, say("Chọn cách thanh toán khác")),) if again_url else ()
    advice = [
        say("Đừng thanh toán lại ngay."),
        say("Mở lại trang này sau 15 phút: nếu tiền đã tới, hồ sơ tự được ghi nhận."),
    ]
    if again_url:
        advice.append(say("Còn thời hạn đến {moment}.").format(moment=order.expires_text))
    return ResultPage(
        frame=frame_of(order, heading),
        seal=Seal.OFF if given_up else Seal.BAD,
        heading=heading,
        sentence=say("Tài khoản của bạn chưa bị trừ tiền hoặc sẽ được hoàn lại."),
        rows=(
            to_pay_row(order),
            Row(say("Lý do"), why.format(via=via)),
            dossier_row(order),
            Row(say("Mã tham chiếu"), reference, Look.CODE),
            Row(say("Thời gian"), stamp(at), Look.MONEY),
        ),
        links=(*again, *portal_link(order)),
        next_heading=say("Nếu bạn thấy tài khoản đã bị trừ tiền"),
        next_steps=(" ".join(advice),),
        follow=_status(order, status_url),
    )


def expired_page(
    order: OrderView,
    *,
    nothing_taken_says: str | None = None,
    received: tuple[Money, ...] = (),
) -> ResultPage:
    """Return the page of an order whose time is over.

    *nothing_taken_says* names the rail that was asked and said neither paid nor pending; only
    then may the page say that no money was taken. *received* came too late.
    """
    say = order.say
    heading = say("Đơn hàng đã hết hạn")
    sentence = say("Thời hạn thanh toán là {moment}.").format(moment=order.expires_text)
    if nothing_taken_says:
        asked = say("Chúng tôi đã hỏi {via}: không có khoản tiền nào được trừ cho đơn này.")
        sentence = f"{sentence} {asked.format(via=nothing_taken_says)}"
    return _ended_page(order, heading, sentence, seal=Seal.LATE, received=received)


def cancelled_page(order: OrderView, *, received: tuple[Money, ...] = ()) -> ResultPage:
    """Return the page of an order that was cancelled; *received* came all the same."""
    say = order.say
    heading = say("Đơn hàng đã bị hủy")
    sentence = say("Đơn hàng này không thanh toán được nữa.")
    return _ended_page(order, heading, sentence, seal=Seal.OFF, received=received)


def exempt_page(order: OrderView) -> ResultPage:
    """Return the page of an order of which nothing is owed."""
    say = order.say
    heading = say("Hồ sơ được miễn phí")
    names = (Row(say("Nội dung"), ", ".join(order.line_names), Look.FOREIGN),)
    law = order.legal_basis
    basis = (Row(say("Căn cứ pháp lý"), law, Look.FOREIGN),) if law else ()
    return ResultPage(
        frame=frame_of(order, heading, step=Step.DONE),
        seal=Seal.OK,
        heading=heading,
        sentence=say("Bạn không phải trả khoản nào và không phải làm gì thêm ở trang này."),
        rows=(
            to_pay_row(order),
            dossier_row(order),
            *(names if order.line_names else ()),
            *basis,
        ),
        links=portal_link(order),
    )


def differs_page(
    order: OrderView, *, received: Money, via: str, transaction: str | None, at: datetime
) -> ResultPage:
    """Return the page of an order for which another amount arrived; staff handle it."""
    say = order.say
    heading = say("Số tiền nhận được khác số tiền phải trả, vui lòng không thanh toán lại")
    return ResultPage(
        frame=frame_of(order, heading),
        seal=Seal.CARE,
        heading=heading,
        sentence=say("Khoản tiền đã được ghi nhận, không bị mất. Cán bộ sẽ kiểm tra và xử lý."),
        rows=(
            to_pay_row(order),
            Row(say("Số tiền đã nhận"), str(received), Look.MONEY),
            dossier_row(order),
            Row(say("Trả qua"), via),
            *_transaction(order, transaction),
            Row(say("Thời gian thanh toán"), stamp(at), Look.MONEY),
        ),
        links=portal_link(order),
        call_heading=say("Nếu bạn cần hỏi"),
    )


def unavailable_page(
    order: OrderView, *, via: str, again_url: str | None, refused: bool = False
) -> ResultPage:
    """Return the page of an attempt that never began: nothing was charged.

    *refused*: the rail answered, and opened no session.
    """
    say = order.say
    heading = (
        say("{via} không mở được giao dịch này") if refused else say("Chưa kết nối được tới {via}")
    ).format(via=via)
    again = (Link(again_url, say("Chọn cách thanh toán khác")),) if again_url else ()
    return ResultPage(
        frame=frame_of(order, heading),
        seal=Seal.OFF,
        heading=heading,
        sentence=say(
            "Chưa có khoản tiền nào bị trừ. Bạn có thể chọn cách khác, hoặc thử lại sau ít phút."
        ),
        rows=(
            to_pay_row(order),
            dossier_row(order),
            Row(say("Hạn thanh toán"), stamp(order.expires_at), Look.MONEY),
        ),
        links=(*again, *portal_link(order)),
    )


def nothing_offered_page(order: OrderView) -> ResultPage:
    """Return the page of an order that no way to pay can take."""
    say = order.say
    heading = say("Hiện chưa có cách thanh toán trực tuyến nào cho đơn này")
    return ResultPage(
        frame=frame_of(order, heading),
        seal=Seal.OFF,
        heading=heading,
        sentence=say("Đơn hàng vẫn còn hiệu lực, chưa có khoản tiền nào bị trừ."),
        rows=(
            to_pay_row(order),
            dossier_row(order),
            Row(say("Nhà cung cấp"), order.supplier, Look.FOREIGN),
            Row(say("Hạn thanh toán"), stamp(order.expires_at), Look.MONEY),
        ),
        links=portal_link(order),
        call_heading=say("Bạn cần làm gì"),
    )


def _ended_page(
    order: OrderView, heading: str, sentence: str, *, seal: Seal, received: tuple[Money, ...]
) -> ResultPage:
    say = order.say
    if received:
        return ResultPage(
            frame=frame_of(order, heading),
            seal=Seal.CARE,
            heading=heading,
            sentence=" ".join(
                (
                    sentence,
                    say("Tiền của bạn đã tới sau đó: được ghi nhận, không bị mất."),
                    say("Cán bộ sẽ kiểm tra và xử lý; vui lòng không thanh toán lại."),
                )
            ),
            rows=(
                to_pay_row(order),
                *(Row(say("Số tiền đã nhận"), str(each), Look.MONEY) for each in received),
                dossier_row(order),
            ),
            links=portal_link(order),
            call_heading=say("Nếu bạn cần hỏi"),
        )
    return ResultPage(
        frame=frame_of(order, heading),
        seal=seal,
        heading=heading,
        sentence=sentence,
        rows=(to_pay_row(order), dossier_row(order)),
        links=portal_link(order),
        next_heading=say("Muốn nộp tiếp"),
        next_steps=(say(_PAY_ANEW if order.payable_type is None else _PAY_PAPER_ANEW),),
    )


_PAY_ANEW = mark(
    "Mở hồ sơ trên Cổng Dịch vụ công và bấm thanh toán; Cổng tạo đơn mới cho cùng "
    "hồ sơ. Tiền đến muộn, nếu có, vẫn được ghi nhận hoặc hoàn lại, không bị mất."
)
# Of a paper the amount, or the right to pay it, belonged to the day that is over.
_PAY_PAPER_ANEW = mark(
    "Mở khoản phải nộp trên Cổng Dịch vụ công để xem số tiền và hạn nộp hôm nay, rồi bấm thanh "
    "toán. Tiền đến muộn, nếu có, vẫn được ghi nhận hoặc hoàn lại, không bị mất."
)


def _paid_rows(order: OrderView, paid: PaidView) -> tuple[Row, ...]:
    say = order.say
    names = (Row(say("Nội dung"), ", ".join(order.line_names), Look.FOREIGN),)
    return (
        Row(say("Số tiền đã trả"), str(order.amount), Look.TOTAL),
        dossier_row(order),
        *(names if order.line_names else ()),
        Row(say("Phí giao dịch"), str(order.fee), Look.MONEY),
        Row(say("Trả qua"), paid.via),
        *_transaction(order, paid.transaction),
        Row(say("Thời gian thanh toán"), stamp(paid.paid_at), Look.MONEY),
    )


def _transaction(order: OrderView, transaction: str | None) -> tuple[Row, ...]:
    return (Row(order.say("Mã giao dịch"), transaction, Look.CODE),) if transaction else ()


def _receipt(order: OrderView, paid: PaidView) -> tuple[Link, ...]:
    if paid.receipt_url is None:
        return ()
    return (Link(paid.receipt_url, order.say("Tải biên lai điện tử (PDF)"), Icon.DOWN),)


def _status(order: OrderView, url: str | None) -> Link | None:
    return Link(url, order.say("Mở trang theo dõi thanh toán")) if url else None
