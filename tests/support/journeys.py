"""Everything that can have become of an order, made through the real doors, and what it shows.

One row a state; `docs/pages.md` is drawn from it: `python -m tests.support.journeys`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from paygate.domain.ids import OrderId
from paygate.domain.order import LateMoney, OrderState
from paygate.services.chase_pending import ask_about
from paygate.services.expire_orders import expire_orders
from paygate.services.move_order import move_order
from paygate.store import account_states, attempts, orders
from paygate.store.attempts import Attempt
from paygate.store.engine import Database
from providers.contract import NotSentError, SilentError
from tests.support.builders import FAKE, a_callback
from tests.support.fakes import FakeQrRail, FakeRail, says
from tests.support.gateway import BASE, TestGateway, a_gateway, deck_order

AT_THE_RAIL = "https://rail.example/pay"
Order = dict[str, Any]


@dataclass(slots=True)
class Journey:
    """A citizen's order at the gateway, and the rail's side of it."""

    gateway: TestGateway
    order: Order
    rail: FakeRail

    def choose(self) -> None:
        """Choose the only way to pay."""
        self.gateway.client.post(self.path("checkout_url") or "", data={"method": "fake"})

    def told(self, **what: Any) -> None:
        """Let the rail call back about the newest attempt."""
        arrival = a_callback(self.rail, self.attempts()[-1].ref, **what)
        headers = dict(arrival.headers)
        self.gateway.client.post("/webhooks/fake", data=arrival.body, headers=headers)

    def attempts(self) -> tuple[Attempt, ...]:
        with self.gateway.house.db.read() as tx:
            return attempts.of_order(tx, OrderId(self.order["id"]))

    def path(self, name: str) -> str | None:
        """Return the way to a link of the order; what costs nothing has none to pay."""
        link = self.order[name]
        return None if link is None else str(link).removeprefix(BASE)

    def return_path(self) -> str | None:
        tried = self.attempts()
        return f"/return/{tried[-1].return_token}" if tried else None

    def later(self, **by: float) -> None:
        self.gateway.clock.step(**by)

    def sweep(self) -> None:
        """Let the worker end what is over."""
        self.gateway.line.fails(SilentError())
        self.later(days=2)
        expire_orders(self.gateway.house, self.gateway.act())


Walk = Callable[[Journey], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A state, how it comes about, and the headings of its pages."""

    name: str
    walk: Walk
    vi: str  # of the checkout link
    en: str
    status_vi: str  # of the status link, below the page's own heading
    back_vi: str | None = None  # of the return link, where it says something else
    back_en: str | None = None
    order: Order | None = None
    late: LateMoney = LateMoney.REFUND
    rail: type[FakeRail] = FakeRail


def begin(db: Database, row: Row) -> Journey:
    """Return the journey of *row*, walked to its end."""
    rail = row.rail()
    gateway = a_gateway(db, late_money=row.late, rail=rail)
    gateway.line.says(AT_THE_RAIL.encode())
    posted = gateway.post_order(row.order)
    journey = Journey(gateway, json.loads(posted.data), rail)
    row.walk(journey)
    return journey


def _open(journey: Journey) -> None:
    """Do nothing."""


def _at_the_rail(journey: Journey) -> None:
    journey.choose()


def _says(code: str) -> Walk:
    def walk(journey: Journey) -> None:
        journey.choose()
        journey.told(code=code, txn=None)

    return walk


def _fails(error: Exception) -> Walk:
    def walk(journey: Journey) -> None:
        journey.gateway.line.fails(error)
        journey.choose()

    return walk


def _refused(journey: Journey) -> None:
    journey.gateway.line.says(b"no", status=503)
    journey.choose()


def _over(journey: Journey) -> None:
    journey.choose()
    journey.later(minutes=16)


def _paid(journey: Journey) -> None:
    journey.choose()
    journey.told()


def _paid_at_the_second_try(journey: Journey) -> None:
    _says("51")(journey)
    journey.choose()
    journey.told()


def _paid_twice(journey: Journey) -> None:
    _paid(journey)
    journey.told(txn="R2")


def _differs(journey: Journey) -> None:
    journey.choose()
    journey.told(dong=4_000)


def _expired(journey: Journey) -> None:
    journey.sweep()


def _expired_asked(journey: Journey) -> None:
    journey.choose()
    attempt = journey.attempts()[-1]
    journey.gateway.line.says(says(attempt.ref, code="51", paid_at=journey.gateway.clock.now()))
    ask_about(journey.gateway.house, journey.gateway.act(), attempt.id)
    journey.sweep()


def _late(journey: Journey) -> None:
    journey.choose()
    journey.sweep()
    journey.told()


def _cancelled(journey: Journey) -> None:
    with_act = journey.gateway.act()

    def cancel(tx: Any) -> None:
        held = orders.lock(tx, OrderId(journey.order["id"]))
        if held is None:
            raise LookupError
        move_order(tx, with_act, replace(held, closed_as=OrderState.CANCELLED))

    journey.gateway.house.db.act(cancel)


def _cancelled_then_paid(journey: Journey) -> None:
    journey.choose()
    _cancelled(journey)
    journey.told()


def _reversed(journey: Journey) -> None:
    _paid(journey)
    journey.told(code="09")


def _all_rest(journey: Journey) -> None:
    def silence(tx: Any) -> None:
        for _ in range(3):
            account_states.was_silent(tx, FAKE, now=journey.gateway.clock.now())

    journey.gateway.house.db.act(silence)


def _line(dong: int) -> Order:
    order = deck_order()
    lines: Any = order["lines"]
    return {**lines[0], "amount": dong}


CHOICE = ("Thanh toán lệ phí hồ sơ", "Pay the dossier fee")
WAIT = (
    "Giao dịch đang được xác nhận, vui lòng không thanh toán lại",
    "Being confirmed, please do not pay again",
)
FAILED = ("Thanh toán không thành công", "Payment failed")
PAID = ("Thanh toán thành công", "Payment successful")
BEFORE = ("Đơn hàng đã được thanh toán trước đó", "Already paid")
EXPIRED = ("Đơn hàng đã hết hạn", "Order expired")
CANCELLED = ("Đơn hàng đã bị hủy", "Order cancelled")
DIFFERS = (
    "Số tiền nhận được khác số tiền phải trả, vui lòng không thanh toán lại",
    "The amount received differs from the amount due, please do not pay again",
)
TAKEN_BACK = (
    "Khoản thanh toán đã bị thu hồi, vui lòng chờ hướng dẫn",
    "The payment was taken back, please wait to hear from us",
)
NO_WAY = (
    "Hiện chưa có cách thanh toán trực tuyến nào cho đơn này",
    "There is no way to pay this order online at the moment",
)
UNREACHED = ("Chưa kết nối được tới Ví thử", "Wallet cannot be reached")
EXEMPT = ("Hồ sơ được miễn phí", "No fee is due")
SCAN = ("Quét mã để trả 5.000 VND", "Scan to pay 5.000 VND")


def _row(
    name: str,
    walk: Walk,
    page: tuple[str, str],
    back: tuple[str, str] | None = None,
    *,
    status: str | None = None,
    **more: Any,
) -> Row:
    told: dict[str, Any] = {}
    if back is not None:
        told = {"back_vi": back[0], "back_en": back[1]}
    status = status or ("Chưa thanh toán" if page is CHOICE else page[0])
    return Row(name=name, walk=walk, vi=page[0], en=page[1], status_vi=status, **told, **more)


ROWS = (
    _row("open", _open, CHOICE),
    _row("open, every rail rests", _all_rest, CHOICE),
    _row("open, nothing can be offered", _open, NO_WAY, order=deck_order(lines=[_line(500)])),
    _row("a code is shown", _at_the_rail, SCAN, status="Đang chờ tiền về", rail=FakeQrRail),
    _row("at the rail", _at_the_rail, WAIT),
    _row("the rail says pending", _says("01"), WAIT),
    _row("the rail says something unknown", _says("77"), WAIT),
    _row("the rail did not answer the start", _fails(SilentError()), WAIT),
    _row("the session is over without a word", _over, WAIT),
    _row("the rail was not reached", _fails(NotSentError()), CHOICE, UNREACHED),
    _row("the rail opened no session", _refused, CHOICE, UNREACHED),
    _row("failed at the rail", _says("51"), CHOICE, FAILED),
    _row("cancelled at the rail", _says("24"), CHOICE, FAILED),
    _row("paid", _paid, BEFORE, PAID, status=PAID[0]),
    _row("paid at the second try", _paid_at_the_second_try, BEFORE, PAID, status=PAID[0]),
    _row("paid twice", _paid_twice, BEFORE, PAID),
    _row(
        "paid late, the portal accepts it",
        _late,
        BEFORE,
        PAID,
        status=PAID[0],
        late=LateMoney.ACCEPT,
    ),
    _row("paid late, the portal does not", _late, EXPIRED),
    _row("another amount came", _differs, DIFFERS),
    _row("taken back by the rail", _reversed, TAKEN_BACK),
    _row("expired", _expired, EXPIRED),
    _row("expired, the rail said that it failed", _expired_asked, EXPIRED),
    _row("cancelled by the portal", _cancelled, CANCELLED),
    _row("cancelled, then paid", _cancelled_then_paid, CANCELLED),
    _row(
        "exempt",
        _open,
        EXEMPT,
        order=deck_order(
            lines=[_line(0)], exemption={"reason_code": "HN", "legal_basis": "Luật phí Đ.10"}
        ),
    ),
)


def _or_same(text: str | None) -> str:
    return "the same" if text is None else text


def drawn() -> str:
    """Return the table of `docs/pages.md`."""
    head = (
        "| what became of the order | checkout link | return link | status link |",
        "|---|---|---|---|",
    )
    rows = (
        f"| {each.name} | {each.vi} | {_or_same(each.back_vi)} | "
        f"{_or_same(None if each.status_vi == each.vi else each.status_vi)} |"
        for each in ROWS
    )
    return "\n".join((*head, *rows)) + "\n"


if __name__ == "__main__":
    print(drawn(), end="")
