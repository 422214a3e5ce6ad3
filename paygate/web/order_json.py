"""An order as portals read it (DESIGN 5.1): masked, and complete in one read."""

from __future__ import annotations

import json
from collections.abc import Iterable

import sqlalchemy as sa

from paygate.domain.case import Disposition
from paygate.domain.ids import OrderId
from paygate.domain.money import total
from paygate.store import attempts, collections, lines, refund_accounts
from paygate.store.attempts import Attempt
from paygate.store.collections import Collection
from paygate.store.orders import FeeOrder
from paygate.store.refund_accounts import SealedRefundAccount
from paygate.web.times import rfc3339


def order_json(tx: sa.Connection, order: FeeOrder, *, base_url: str) -> dict[str, object]:
    """Return the public form of *order*; account numbers show their last four digits."""
    tried, kept = attempts.of_order(tx, order.id), collections.of_order(tx, order.id)
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
        "dossier": _dossier(order),
        "payable_ref": _payable_ref(order),
        "lines": _lines(tx, order.id),
        "collecting_agency": order.collecting_agency,
        "exemption": _exemption(order),
        "refund_account": _refund_account(refund_accounts.latest(tx, order.id)),
        "refundable_amount": _refundable(kept),
        "refund_state": "none",
        "attempts": [_attempt(each) for each in tried],
        "return_url": order.return_url,
        "metadata": json.loads(order.extra),
        "created_at": rfc3339(order.created_at),
        "expires_at": rfc3339(order.expires_at),
        "paid_at": None if order.paid_at is None else rfc3339(order.paid_at),
        "payment_reversed": _is_reversed(order, kept),
        "cancelling": order.is_cancelling,
        "version": order.version,
    }


def _dossier(order: FeeOrder) -> dict[str, str | None] | None:
    if order.payable_type is not None:
        return None
    return {
        "code": order.dossier_code,
        "procedure_code": order.procedure_code,
        "procedure_name": order.procedure_name,
    }


def _payable_ref(order: FeeOrder) -> dict[str, object] | None:
    """Return the paper without what is personal of it."""
    if order.payable_type is None:
        return None
    return {
        "type": order.payable_type.value,
        "code": order.dossier_code,
        "fields": json.loads(order.payable_facts or "{}"),
    }


def _lines(tx: sa.Connection, order_id: OrderId) -> list[dict[str, object]]:
    return [
        {
            "kind": line.kind.value,
            "code": line.code,
            "name": line.name,
            "amount": line.amount.dong,
            "beneficiary": line.beneficiary,
            "legal_basis": line.legal_basis,
            "rule_id": line.rule_id,
            "rule_differs": line.rule_differs,
            "full_amount": None if line.full_amount is None else line.full_amount.dong,
            "reduction": None
            if line.full_amount is None
            else (line.full_amount - line.amount).dong,
            "reduction_basis": line.reduction_basis,
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


def _refundable(kept: Iterable[Collection]) -> int:
    """Return what the order's collections hold: every dong that came for it and is here."""
    held = [
        each.amount
        for each in kept
        if each.disposition is not Disposition.RETURNED and each.taken_back_at is None
    ]
    return total(tuple(held)).dong


def _is_reversed(order: FeeOrder, kept: Iterable[Collection]) -> bool:
    """Return whether the rail took back the very money that paid the order."""
    return any(each.id == order.covered_by and each.taken_back_at is not None for each in kept)


def version_tag(order: FeeOrder) -> str:
    """Return the version as an entity tag (RFC 9110, 8.8.3), for `If-Match`."""
    return f'"{order.version}"'


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
