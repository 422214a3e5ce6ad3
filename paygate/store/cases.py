"""What staff must look at, opened in the same commit as its cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.case import CaseKind, CaseState
from paygate.domain.ids import AccountCode, AttemptId, OrderId
from paygate.domain.money import Money
from paygate.store.base import (
    InstantColumn,
    MoneyColumn,
    StateColumn,
    add_if_absent,
    many,
    metadata,
    one_of,
    values,
)

table = sa.Table(
    "work_case",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("cause", sa.Text, nullable=False, unique=True),
    sa.Column("kind", StateColumn(CaseKind), nullable=False),
    sa.Column("state", StateColumn(CaseState), nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("order_id", sa.ForeignKey("fee_order.id"), index=True),
    sa.Column("attempt_id", sa.ForeignKey("payment_attempt.id")),
    sa.Column("collection_id", sa.ForeignKey("collection.id"), index=True),
    sa.Column("expected", MoneyColumn),
    sa.Column("told", MoneyColumn),
    sa.Column("opened_at", InstantColumn, nullable=False),
    sa.Column("resolved_at", InstantColumn),
    sa.Column("resolution", sa.Text),
    one_of("kind", CaseKind),
    one_of("state", CaseState),
    sa.CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", "resolved_at_a_time"),
    sa.CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", "resolved_with_reason"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that does not fit; *cause* names it, so that the same thing is one case."""

    id: str
    code: str
    cause: str
    kind: CaseKind
    state: CaseState
    account: AccountCode
    order_id: OrderId | None
    attempt_id: AttemptId | None
    collection_id: str | None
    expected: Money | None
    told: Money | None
    opened_at: datetime
    resolved_at: datetime | None = None
    resolution: str | None = None

    @property
    def is_about_other_money(self) -> bool:
        """Return whether money of another amount waits for staff."""
        differs = self.kind is CaseKind.AMOUNT_DIFFERS and self.collection_id is not None
        return differs and self.state is CaseState.OPEN


OF_ORDER = sa.select(table).where(table.c.order_id == sa.bindparam("of_order")).order_by(table.c.id)
BY_CAUSE = sa.select(table.c.id).where(
    table.c.cause == sa.bindparam("of_cause"), table.c.state == CaseState.OPEN
)
RESOLVE = (
    table.update()
    .where(
        table.c.collection_id == sa.bindparam("of_collection"),
        table.c.kind == sa.bindparam("of_kind"),
        table.c.state == CaseState.OPEN,
    )
    .values(
        state=CaseState.RESOLVED,
        resolved_at=sa.bindparam("at"),
        resolution=sa.bindparam("why"),
    )
)


def open_once(tx: sa.Connection, case: Case) -> bool:
    """Keep a new case unless there is one of its cause; return whether it is new."""
    return add_if_absent(tx, table, values(case), key=("cause",))


def is_open(tx: sa.Connection, kind: CaseKind, cause: str) -> bool:
    """Return whether there is an open case of that kind and cause."""
    return tx.execute(BY_CAUSE, {"of_cause": f"{kind}:{cause}"}).first() is not None


def of_order(tx: sa.Connection, order_id: OrderId) -> tuple[Case, ...]:
    """Return the cases of an order, oldest first."""
    return many(Case, tx.execute(OF_ORDER, {"of_order": order_id}))


def resolve(
    tx: sa.Connection, collection_id: str, kind: CaseKind, *, resolution: str, now: datetime
) -> None:
    """Close the open cases of that kind about a collection."""
    tx.execute(
        RESOLVE,
        {"of_collection": collection_id, "of_kind": kind, "why": resolution, "at": now},
    )
