"""What ways to pay a portal may expect for an amount and an agency (DESIGN 5.1)."""

from __future__ import annotations

from typing import Annotated

import flask
from pydantic import Field

from paygate.domain.money import Money
from paygate.house import Merchant
from paygate.http import fields
from paygate.http.api import json_answer, read_query
from paygate.http.auth import authenticated_portal
from paygate.http.context import context
from paygate.services.offer_merchants import Wish, weigh_merchants
from paygate.web.api.model import Query
from paygate.web.api.out import MethodPage
from paygate.web.api.routes import Routes

routes = Routes()


class MethodsQuery(Query):
    """What would be paid, and to whom."""

    amount: Annotated[int, Field(ge=1, le=999_999_999_999_999)] | None = None
    agency: Annotated[str, fields.code(50)] | None = None


@routes.at("GET", "/methods", query=MethodsQuery, answer=MethodPage)
def list_methods() -> flask.Response:
    """Return the ways to pay that citizens of the portal would be offered now.

    Without an amount its limits are not looked at; without an agency, or with one that is not in
    the register, only accounts that serve every agency are returned.
    """
    portal, here = authenticated_portal(), context()
    query = read_query(MethodsQuery)
    amount = None if query.amount is None else Money(query.amount)
    wish = Wish(portal_id=portal.id, agency=query.agency, amount=amount)
    with here.house.db.read() as tx:
        found = weigh_merchants(tx, here.house.merchants, wish, now=here.clock.now()).offered
    return json_answer({"data": [_method(each) for each in found], "next_cursor": None})


def _method(merchant: Merchant) -> dict[str, object]:
    account, limits = merchant.account, merchant.provider.capabilities
    return {
        "object": "method",
        "method": account.code,
        "rail": account.rail,
        "kind": merchant.provider.info.kind.value,
        "label_vi": account.label_vi,
        "label_en": account.label_en,
        "amount_min": limits.minimum.dong,
        "amount_max": limits.maximum.dong,
        "banks": [
            {"code": bank.code, "name_vi": bank.name_vi, "name_en": bank.name_en}
            for bank in limits.bank_choices
        ],
    }
