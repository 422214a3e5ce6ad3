"""One case: what does not fit, about which order and which money."""

from __future__ import annotations

from dataclasses import dataclass

import flask
from werkzeug.exceptions import NotFound

from paygate.domain.codes import CodePrefix, read_code, spaced
from paygate.domain.errors import ValueRefusedError
from paygate.domain.money import Money
from paygate.http.context import context
from paygate.http.i18n import Say, stamp
from paygate.store import collections, desk
from paygate.store.collections import Collection
from paygate.store.desk import CaseFound
from paygate.web.desk.door import scope
from paygate.web.desk.eyes import account_name, accounts_seen
from paygate.web.desk.frame import DeskFrame, desk_frame, desk_say, draw
from paygate.web.desk.orders import OrderRow, order_row
from paygate.web.desk.words import Tag, case_meaning, case_name, tag


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """What staff must know to decide."""

    frame: DeskFrame
    heading: str
    code: str
    tag: Tag
    meaning: str
    account: str
    expected: str | None
    told: str | None
    difference: str | None
    opened: str
    resolved: str | None
    resolution: str | None
    order: OrderRow | None
    money: str | None
    transaction: str | None
    reference: str | None
    fate: Tag | None
    paid: str | None


def case(code: str) -> flask.Response:
    """Show the case of that code; one of foreign money is not there."""
    here, say, seen = context(), desk_say(), scope()
    try:
        stored = read_code(CodePrefix.CASE, code)
    except ValueRefusedError:
        raise NotFound from None
    with here.house.db.read() as tx:
        accounts = accounts_seen(tx, here.house.merchants, seen)
        found = desk.find_case(tx, seen, accounts, stored)
        if found is None:
            raise NotFound
        money_id = found.case.collection_id
        money = None if money_id is None else collections.get(tx, money_id)
    return draw("case.html", _page(say, found, money))


def _page(say: Say, found: CaseFound, money: Collection | None) -> CasePage:
    case, order = found.case, found.order
    heading = case_name(say, case.kind)
    code = spaced(case.code)
    frame = desk_frame(say("{kind}, vụ việc {code}").format(kind=heading, code=code))
    return CasePage(
        frame=frame,
        heading=heading,
        code=code,
        tag=tag(say, case.state),
        meaning=case_meaning(say, case.kind),
        account=account_name(context().house.merchants, case.account, frame.language),
        expected=None if case.expected is None else str(case.expected),
        told=None if case.told is None else str(case.told),
        difference=_difference(say, case.expected, case.told),
        opened=stamp(case.opened_at),
        resolved=None if case.resolved_at is None else stamp(case.resolved_at),
        resolution=case.resolution,
        order=None if order is None else order_row(say, order),
        money=None if money is None else str(money.amount),
        transaction=None if money is None else money.rails_number,
        reference=None if money is None else money.told_ref,
        fate=None if money is None else tag(say, money.disposition),
        paid=None if money is None else stamp(money.paid_at),
    )


def _difference(say: Say, expected: Money | None, told: Money | None) -> str | None:
    if expected is None or told is None or expected == told:
        return None
    if told < expected:
        return say("Thiếu {amount}").format(amount=expected - told)
    return say("Thừa {amount}").format(amount=told - expected)
