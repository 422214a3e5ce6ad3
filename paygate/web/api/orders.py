"""Orders of portals: issue, read, look for them (DESIGN 5.1)."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated

import flask
import sqlalchemy as sa
from pydantic import Field

from paygate.domain.clock import business_date
from paygate.domain.dossier import DossierCode
from paygate.domain.errors import ValueRefusedError
from paygate.domain.ids import OrderId
from paygate.domain.order import OrderState
from paygate.domain.payable import read_code
from paygate.http import fields
from paygate.http.api import idempotency_key, json_answer, read_json, read_query
from paygate.http.auth import authenticated_portal
from paygate.http.context import begin_act, context
from paygate.http.problems import FieldRefusal, FieldsRefusedError
from paygate.logs import about
from paygate.services.issue_order import Terms, issue_order
from paygate.store import orders
from paygate.store.orders import OrderSearch
from paygate.web.api.model import Page
from paygate.web.api.once import create_once
from paygate.web.api.order_in import OrderIn
from paygate.web.api.out import OrderOut, OrderPage
from paygate.web.api.own import order_of
from paygate.web.api.pages import cursor_of, page_answer
from paygate.web.api.routes import Routes
from paygate.web.order_json import order_json, version_tag

routes = Routes()


class OrderQuery(Page):
    """What a portal looks for."""

    dossier_code: Annotated[str, Field(max_length=200)] | None = None
    payable_code: Annotated[str, Field(max_length=200)] | None = None
    state: OrderState | None = None
    created_from: fields.Instant | None = None
    created_to: fields.Instant | None = None


@routes.at(
    "POST",
    "/orders",
    body=OrderIn,
    answer=OrderOut,
    status=HTTPStatus.CREATED,
    creates=True,
    problems=(
        "live_order_exists",
        "already_paid",
        "unknown_agency",
        "return_url_not_registered",
        "amount_off_rule",
        "payable_type_not_allowed",
        "payable_window_over",
    ),
)
def create_order() -> flask.Response:
    """Issue an order; the same key and body get the same answer again."""
    portal = authenticated_portal()
    idempotency_key()  # its absence is told before what is wrong with the body
    body = read_json(OrderIn)
    here, act = context(), begin_act(f"portal:{portal.id}")
    gateway = here.config.gateway
    wanted = body.to_wanted(portal, today=business_date(act.now), ends_s=gateway.order_ends_s)
    terms = Terms(fee_rules=gateway.fee_rules, court_notice_days=gateway.court_notice_days)

    def make(tx: sa.Connection) -> dict[str, object]:
        order = issue_order(tx, act, here.house.vault, wanted, terms)
        return order_json(tx, order, base_url=gateway.base_url)

    answer = create_once(portal, act, "orders", make)
    about(order_id=answer.headers["Location"].rpartition("/")[2])
    return answer


@routes.at("GET", "/orders/<order_id>", answer=OrderOut, problems=("order_not_found",))
def read_order(order_id: str) -> flask.Response:
    """Return one order of the portal as it stands in the book."""
    portal, here = authenticated_portal(), context()
    with here.house.db.read() as tx:
        order = order_of(tx, portal, order_id)
        body = order_json(tx, order, base_url=here.config.gateway.base_url)
    return json_answer(body, headers={"ETag": version_tag(order)})


@routes.at("GET", "/orders", query=OrderQuery, answer=OrderPage)
def search_orders() -> flask.Response:
    """Return the portal's orders, newest first, page by page."""
    portal, here = authenticated_portal(), context()
    query = read_query(OrderQuery)
    wanted = OrderSearch(
        portal_id=portal.id,
        dossier_code=_dossier_sought(query.dossier_code, today=business_date(here.clock.now())),
        payable_code=_paper_sought(query.payable_code),
        state=query.state,
        created_from=query.created_from,
        created_to=query.created_to,
        before=None if (before := cursor_of(query, "ord")) is None else OrderId(before),
        limit=query.limit + 1,  # one more tells whether there is a next page
    )
    with here.house.db.read() as tx:
        found = orders.search(tx, wanted)
        page = [
            order_json(tx, order, base_url=here.config.gateway.base_url)
            for order in found[: query.limit]
        ]
    return page_answer(page, is_last=len(found) <= query.limit)


def _dossier_sought(written: str | None, *, today: date) -> str | None:
    """Return the dossier code as issuing keeps it, or refuse it as issuing would."""
    if written is None:
        return None
    try:
        return DossierCode.parse(written, today).text
    except ValueRefusedError as error:
        raise FieldsRefusedError([FieldRefusal("/dossier_code", error.code)]) from None


def _paper_sought(written: str | None) -> str | None:
    """Return the code of a paper as issuing keeps it, or refuse it as issuing would."""
    if written is None:
        return None
    try:
        return read_code(written)
    except ValueRefusedError as error:
        raise FieldsRefusedError([FieldRefusal("/payable_code", error.code)]) from None
