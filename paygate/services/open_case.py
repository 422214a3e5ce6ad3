"""Open a case: what does not fit is shown to staff, once for each cause."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.case import CaseKind, CaseState
from paygate.domain.codes import CodePrefix, make_code
from paygate.domain.ids import AccountCode, AttemptId, OrderId
from paygate.domain.money import Money
from paygate.store import cases
from paygate.store.cases import Case


def open_case(
    tx: sa.Connection,
    act: Act,
    kind: CaseKind,
    *,
    cause: str,
    account: AccountCode,
    order_id: OrderId | None = None,
    attempt_id: AttemptId | None = None,
    collection_id: str | None = None,
    expected: Money | None = None,
    told: Money | None = None,
) -> bool:
    """Keep a case named by its kind and *cause*; return whether it is new."""
    case = Case(
        id=act.ids.new("case", act.now),
        code=make_code(CodePrefix.CASE, act.ids.code_payload()),
        cause=f"{kind}:{cause}",
        kind=kind,
        state=CaseState.OPEN,
        account=account,
        order_id=order_id,
        attempt_id=attempt_id,
        collection_id=collection_id,
        expected=expected,
        told=told,
        opened_at=act.now,
    )
    return cases.open_once(tx, case)
