"""The first page: what is open, and what came last."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from paygate.domain.case import CaseKind, CaseState
from paygate.domain.order import OrderState
from paygate.http.context import context
from paygate.http.i18n import stamp
from paygate.store import desk
from paygate.store.desk import OrdersWanted
from paygate.web.desk.door import scope
from paygate.web.desk.eyes import accounts_seen
from paygate.web.desk.frame import DeskFrame, desk_frame, desk_say, draw
from paygate.web.desk.orders import OrderRow, order_row
from paygate.web.desk.words import case_meaning, case_name, tag

LATEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """Cases of one kind that wait."""

    kind: CaseKind
    name: str
    meaning: str
    number: int
    oldest: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Orders of one state, and the list of them."""

    text: str
    number: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """What is open."""

    frame: DeskFrame
    heading: str
    counts: tuple[Count, ...]
    heaps: tuple[Heap, ...]
    latest: tuple[OrderRow, ...]


def home() -> flask.Response:
    """Show what is open in the guest's agencies."""
    here, say, seen = context(), desk_say(), scope()
    with here.house.db.read() as tx:
        live = desk.live_orders(tx, seen)
        accounts = accounts_seen(tx, here.house.merchants, seen)
        open_cases = desk.open_cases(tx, seen, accounts)
        latest = desk.find_orders(tx, OrdersWanted(scope=seen, limit=LATEST))
    heading = say("Tổng quan")
    page = HomePage(
        frame=desk_frame(heading),
        heading=heading,
        counts=(
            *(_count(tag(say, state).text, number, state) for state, number in live.items()),
            Count(
                text=say("Vụ việc đang mở"),
                number=sum(each[1] for each in open_cases),
                url=flask.url_for("desk.cases", state=CaseState.OPEN.value),
            ),
        ),
        heaps=tuple(
            Heap(
                kind=kind,
                name=case_name(say, kind),
                meaning=case_meaning(say, kind),
                number=number,
                oldest=stamp(oldest),
                url=flask.url_for("desk.cases", state=CaseState.OPEN.value, kind=kind.value),
            )
            for kind, number, oldest in open_cases
        ),
        latest=tuple(order_row(say, each) for each in latest),
    )
    return draw("home.html", page)


def _count(text: str, number: int, state: OrderState) -> Count:
    return Count(text=text, number=number, url=flask.url_for("desk.orders", state=state.value))
