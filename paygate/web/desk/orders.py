"""The list of orders: found by what a caller can say, filters in the address, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

import flask

from paygate.domain.clock import VIETNAM
from paygate.domain.codes import CodePrefix, read_code, spaced
from paygate.domain.errors import ValueRefusedError
from paygate.domain.ids import OrderId
from paygate.domain.order import OrderState
from paygate.http.context import context
from paygate.http.i18n import Say, mark, stamp
from paygate.store import desk
from paygate.store.desk import OrdersWanted
from paygate.store.orders import FeeOrder
from paygate.web.desk.door import scope, see
from paygate.web.desk.frame import DeskFrame, desk_frame, desk_say, draw
from paygate.web.desk.words import Tag, tag

PAGE = 50
QUERY_MAX = 200  # characters that we look at
CURSOR_MAX = 64
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)  # beyond them somebody mistyped
_BAD_DATE = mark("Ngày không đọc được; hãy nhập theo dạng 28/09/2022.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One order in a list."""

    url: str
    code: str
    dossier: str
    amount: str
    tag: Tag
    agency: str
    created: str
    paid: str | None


@dataclass(frozen=True, slots=True)
class Option:
    """One state to choose."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPage:
    """What was found, and what was asked."""

    frame: DeskFrame
    heading: str
    query: str
    states: tuple[Option, ...]
    begins: str
    ends: str
    mistakes: Mapping[str, str]  # field: what is wrong with it
    rows: tuple[OrderRow, ...]
    filtered: bool
    next_url: str | None
    first_url: str | None


def orders() -> flask.Response:
    """Show the orders of the guest's agencies that match, newest first."""
    here, say, args = context(), desk_say(), flask.request.args
    mistakes: dict[str, str] = {}
    begins = _day(args.get("from", ""), "from", say, mistakes)
    ends = _day(args.get("to", ""), "to", say, mistakes)
    query = args.get("q", "")[:QUERY_MAX].strip()
    code, dossier = _read(query)
    case = _case(query)
    if case is not None:
        return see(flask.url_for("desk.case", code=spaced(case)))
    state = _state(args.get("state", ""))
    wanted = OrdersWanted(
        scope=scope(),
        code=code,
        dossier=dossier,
        number="".join(query.split()),
        accounts=tuple(here.house.merchants),
        state=state,
        created_from=None if begins is None else _midnight(begins),
        created_to=None if ends is None else _midnight(ends + timedelta(days=1)),
        before=OrderId(args["cursor"][:CURSOR_MAX]) if args.get("cursor") else None,
        limit=PAGE + 1,
    )
    with here.house.db.read() as tx:
        found = () if mistakes else desk.find_orders(tx, wanted)
    rows = found[:PAGE]
    heading = say("Đơn thu phí")
    page = OrdersPage(
        frame=desk_frame(heading, mistaken=bool(mistakes)),
        heading=heading,
        query=query,
        states=tuple(Option(s.value, tag(say, s).text, s is state) for s in OrderState),
        begins=args.get("from", "")[:QUERY_MAX],
        ends=args.get("to", "")[:QUERY_MAX],
        mistakes=mistakes,
        rows=tuple(order_row(say, each) for each in rows),
        filtered=bool(query or state or begins or ends),
        next_url=_page_url(rows[-1].id) if len(found) > PAGE else None,
        first_url=_page_url(None) if wanted.before else None,
    )
    return draw("orders.html", page, status=422 if mistakes else 200)


def order_row(say: Say, order: FeeOrder) -> OrderRow:
    """Return what a list shows of *order*: nothing personal."""
    return OrderRow(
        url=flask.url_for("desk.order", code=spaced(order.code)),
        code=spaced(order.code),
        dossier=order.dossier_code,
        amount=str(order.amount),
        tag=tag(say, order.state),
        agency=order.collecting_agency,
        created=stamp(order.created_at),
        paid=None if order.paid_at is None else stamp(order.paid_at),
    )


def _read(query: str) -> tuple[str | None, str | None]:
    """Return the order code that *query* is, or else the dossier code, however punctuated."""
    if not query:
        return None, None
    try:
        return read_code(CodePrefix.ORDER, query), None
    except ValueRefusedError:
        return None, "".join(each for each in query.upper() if each.isalnum())


def _case(query: str) -> str | None:
    """Return the case code that *query* is: whoever pasted it here means the case."""
    try:
        return read_code(CodePrefix.CASE, query)
    except ValueRefusedError:
        return None


def _state(text: str) -> OrderState | None:
    return OrderState(text) if text in set(OrderState) else None


def _day(text: str, field: str, say: Say, mistakes: dict[str, str]) -> date | None:
    """Return the day that a browser (2022-09-28) or a person (28/09/2022) wrote."""
    written = text.strip()
    if not written:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            day = datetime.strptime(written[:QUERY_MAX], form).replace(tzinfo=VIETNAM).date()
        except ValueError:
            continue
        if FIRST_DAY <= day <= LAST_DAY:
            return day
    mistakes[field] = say(_BAD_DATE)
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=VIETNAM)


def _page_url(cursor: str | None) -> str:
    kept = [(k, v) for k, v in flask.request.args.items() if k not in {"cursor", "lang"} and v]
    more = [] if cursor is None else [("cursor", cursor)]
    return "?" + urlencode([*kept, *more])
