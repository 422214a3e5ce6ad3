"""An order as portals read it (DESIGN 5.1): masked, and complete in one read."""

from __future__ import annotations

import json

import sqlalchemy as sa

from paygate.domain.case import Disposition
from paygate.domain.ids import OrderId
from paygate.domain.money import total
from paygate.domain.payment import PaymentState
from paygate.store import attempts, collections, lines, refund_accounts
from paygate.store.attempts import Attempt
from paygate.store.orders import FeeOrder
from paygate.store.refund_accounts import SealedRefundAccount
from paygate.web.times import rfc3339


def order_json(tx: sa.Connection, order: FeeOrder, *, base_url: str) -> dict[str, object]:
    """Return the public form of *order*; account numbers show their last four digits."""
    tried = attempts.of_order(tx, order.id)
    return {
        "object": "order",
        "id": order.id,
        "code": order.code,
        "state": order.state.value,
        "purpose": order.purpose.value,
        "description": order.description,
        "language": order.language,
        "amount": order.amount.dong,
        "currency": "VND",
        "checkout_url": f"{base_url}/pay/{order.checkout_token}" if order.amount else None,
        "status_url": f"{base_url}/status/{order.status_token}",
        "refund_account_url": None,
        "dossier": {
            "code": order.dossier_code,
            "procedure_code": order.procedure_code,
            "procedure_name": order.procedure_name,
        },
        "lines": _lines(tx, order.id),
        "collecting_agency": order.collecting_agency,
        "exemption": _exemption(order),
        "refund_account": _refund_account(refund_accounts.latest(tx, order.id)),
        "refundable_amount": _refundable(tx, order.id),
        "refund_state": "none",
        "attempts": [_attempt(each) for each in tried],
        "return_url": order.return_url,
        "metadata": json.loads(order.extra),
        "created_at": rfc3339(order.created_at),
        "expires_at": rfc3339(order.expires_at),
        "paid_at": None if order.paid_at is None else rfc3339(order.paid_at),
        "payment_reversed": any(each.payment_state is PaymentState.REVERSED for each in tried),
        "version": order.version,
    }


def _lines(tx: sa.Connection, order_id: OrderId) -> list[dict[str, object]]:
    return [
        {
            "kind": line.kind.value,
            "code": line.code,
            "name": line.name,
            "amount": line.amount.dong,
            "beneficiary": line.beneficiary,
        }
        for line in lines.of_order(tx, order_id)
    ]


def _exemption(order: FeeOrder) -> dict[str, str | None] | None:
    if order.exemption_reason is None:
        return None
    return {"reason_code": order.exemption_reason, "legal_basis": order.exemption_basis}


def _refund_account(account: SealedRefundAccount | None) -> dict[str, str] | None:
    if account is None:
        return None
    return {"bank_bin": account.bank_bin, "account_number": f"******{account.last4}"}


def _refundable(tx: sa.Connection, order_id: OrderId) -> int:
    """Return what the order's collections hold: every dong that came for it and is here."""
    held = [
        each.amount
        for each in collections.of_order(tx, order_id)
        if each.disposition is not Disposition.RETURNED
    ]
    return total(tuple(held)).dong


def _attempt(attempt: Attempt) -> dict[str, object]:
    return {
        "id": attempt.id,
        "account": attempt.account,
        "bank": attempt.bank,
        "amount": attempt.amount.dong,
        "payment_state": attempt.payment_state.value,
        "settlement_state": attempt.settlement_state.value,
        "bank_state": attempt.bank_state.value,
        "created_at": rfc3339(attempt.created_at),
    }
