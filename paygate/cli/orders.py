"""`paygate order show`: the whole story of an order, for whoever has to explain it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click
import sqlalchemy as sa

from paygate.cli.common import configured, database, problems, say
from paygate.cli.database import json_option
from paygate.domain.clock import in_vietnam
from paygate.domain.codes import CodePrefix, read_code, spaced
from paygate.domain.errors import ValueRefusedError
from paygate.domain.ids import OrderId
from paygate.store.orders import FeeOrder

ORDER_ID = "ord_"
Story = dict[str, Any]


@click.group()
def order() -> None:
    """Orders, as the book tells of them."""


@order.command()
@click.argument("code")
@json_option
def show(code: str, *, as_json: bool) -> None:
    """Tell everything about the order CODE: attempts, money, cases, messages, audit.

    CODE is what people read (PG-7K3M-92QF) or its id. No personal data are shown, no links that
    open a page, and of an account number the last four digits.
    """
    config = configured()
    with database(config) as opened, opened.read() as tx:
        found = find_order(tx, code)
        story = _story(tx, found)
    say(_told(story), as_json=as_json, **story)


def find_order(tx: sa.Connection, code: str) -> FeeOrder:
    """Return the order that *code* names, or end the command."""
    from paygate.store import orders

    if code.startswith(ORDER_ID):
        found = orders.get(tx, OrderId(code))
    else:
        try:
            found = orders.by_code(tx, read_code(CodePrefix.ORDER, code))
        except ValueRefusedError as error:
            raise problems((error.code,)) from None
    if found is None:
        raise problems((f"there is no order {code}",))
    return found


def _story(tx: sa.Connection, order: FeeOrder) -> Story:
    from paygate.store import audit, cases, lines, portals, refund_accounts

    portal = portals.get(tx, order.portal_id)
    account = refund_accounts.latest(tx, order.id)
    return {
        "order": {
            "id": order.id,
            "code": spaced(order.code),
            "portal": None if portal is None else portal.code,
            "state": order.state,
            "amount": order.amount.dong,
            "dossier": order.dossier_code,
            "payable_type": order.payable_type,
            "purpose": order.purpose,
            "agency": order.collecting_agency,
            "created_at": _time(order.created_at),
            "expires_at": _time(order.expires_at),
            "paid_at": _time(order.paid_at),
            "covered_by": order.covered_by,
            "version": order.version,
        },
        "refund_account": None
        if account is None
        else {"bank_bin": account.bank_bin, "last4": account.last4, "set_by": account.set_by},
        "lines": [
            {
                "code": each.code,
                "kind": each.kind,
                "name": each.name,
                "amount": each.amount.dong,
                "beneficiary": each.beneficiary,
                "rule": each.rule_id,
                "rule_differs": each.rule_differs,
            }
            for each in lines.of_order(tx, order.id)
        ],
        "attempts": _attempts(tx, order),
        "collections": _collections(tx, order),
        "cases": [
            {
                "code": spaced(each.code),
                "kind": each.kind,
                "state": each.state,
                "opened_at": _time(each.opened_at),
                "resolution": each.resolution,
            }
            for each in cases.of_order(tx, order.id)
        ],
        "messages": _messages(tx, order),
        "audit": [
            {"seq": each.seq, "at": _time(each.at), **_audited(each.record)}
            for each in audit.stream_of(tx, f"order:{order.id}")
        ],
    }


def _attempts(tx: sa.Connection, order: FeeOrder) -> list[Story]:
    """Return the attempts to pay, the first first."""
    from paygate.store import attempts

    return [
        {
            "id": each.id,
            "ref": each.ref,
            "account": each.account,
            "payment": each.payment_state,
            "settlement": each.settlement_state,
            "bank": each.bank_state,
            "amount": each.amount.dong,
            "rail_code": each.rail_code,
            "created_at": _time(each.created_at),
            "session_ends_at": _time(each.session_ends_at),
            "asked": each.asked,
            "ask_at": _time(each.ask_at),
        }
        for each in attempts.of_order(tx, order.id)
    ]


def _collections(tx: sa.Connection, order: FeeOrder) -> list[Story]:
    """Return the money that came."""
    from paygate.store import collections

    return [
        {
            "id": each.id,
            "account": each.account,
            "rail_txn": each.rails_number,
            "amount": each.amount.dong,
            "paid_at": _time(each.paid_at),
            "disposition": each.disposition,
            "attempt_id": each.attempt_id,
        }
        for each in collections.of_order(tx, order.id)
    ]


def _messages(tx: sa.Connection, order: FeeOrder) -> list[Story]:
    """Return what the portal was told, and how each delivery stands."""
    from paygate.store import deliveries, outbox

    return [
        {
            "id": message.id,
            "version": message.version,
            "type": message.type,
            "at": _time(message.created_at),
            "deliveries": [
                {
                    "endpoint_id": each.endpoint_id,
                    "state": each.state,
                    "tries": [
                        {"at": _time(one.at), "status": one.status, "trouble": one.trouble}
                        for one in deliveries.tries_of(tx, each.id)
                    ],
                }
                for each in deliveries.of_message(tx, message.id)
            ],
        }
        for message in outbox.of_order(tx, order.id)
    ]


def _audited(record: str) -> Story:
    """Return what a record says beside its place in the chain."""
    place = {"v", "stream", "seq", "at"}
    return {name: value for name, value in json.loads(record).items() if name not in place}


def _time(instant: datetime | None) -> str | None:
    """Write a time as staff read it, by the clock of Viet Nam."""
    return None if instant is None else in_vietnam(instant).isoformat(timespec="seconds")


def _told(story: Story) -> str:
    """Return the story for people: each fact one line, each part under its name."""
    told = [f"{name}\t{value}" for name, value in story["order"].items() if value is not None]
    if story["refund_account"] is not None:
        account = story["refund_account"]
        told.append(f"refund account\t{account['bank_bin']} ******{account['last4']}")
    for part in ("lines", "attempts", "collections", "cases", "messages", "audit"):
        told += ["", f"{part}: {len(story[part]) or 'none'}"]
        told += [f"  {_line(each)}" for each in story[part]]
    return "\n".join(told)


def _line(facts: Story) -> str:
    return "  ".join(
        f"{name}={_short(value)}" for name, value in facts.items() if value not in (None, [])
    )


def _short(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    return ",".join(f"{each['state']} after {len(each['tries'])} tries" for each in value)
