"""The lines of an order: each kind and beneficiary apart (DOMAIN 4.1)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from paygate.domain.ids import OrderId
from paygate.domain.money import Money
from paygate.domain.order import FeeKind
from paygate.store import driver
from paygate.store.base import MoneyColumn, StateColumn, metadata, one_of, values

table = sa.Table(
    "fee_line",
    metadata,
    sa.Column("order_id", sa.ForeignKey("fee_order.id"), primary_key=True),
    sa.Column("line_no", sa.Integer, primary_key=True),
    sa.Column("kind", StateColumn(FeeKind), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("amount", MoneyColumn, nullable=False),
    sa.Column("beneficiary", sa.ForeignKey("agency.code"), nullable=False),
    sa.Column("beneficiary_account_id", sa.ForeignKey("beneficiary_account.id")),
    # What the law said when the order was issued (DOMAIN 4.2), frozen.
    sa.Column("rule_id", sa.ForeignKey("fee_rule.id")),
    sa.Column("legal_basis", sa.Text),
    sa.Column(
        "rule_differs",
        sa.Boolean(create_constraint=False),
        nullable=False,
        server_default=sa.text("false"),  # of lines that were there before there were rules
    ),
    sa.Column("full_amount", MoneyColumn),
    sa.Column("reduction_basis", sa.Text),
    one_of("kind", FeeKind),
    sa.CheckConstraint("amount >= 0", "amount_not_negative"),
    sa.UniqueConstraint("order_id", "code"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    """One fee of an order; the account is the one that was effective at issue, if any was."""

    order_id: OrderId
    line_no: int
    kind: FeeKind
    code: str
    name: str
    amount: Money
    beneficiary: str
    beneficiary_account_id: str | None = None
    rule_id: str | None = None
    legal_basis: str | None = None  # None also where the amount is not the rule's
    rule_differs: bool = False
    full_amount: Money | None = None  # before a reduction; *amount* is what is owed
    reduction_basis: str | None = None


ADD = table.insert()
OF_ORDER = (
    sa.select(table).where(table.c.order_id == sa.bindparam("of_order")).order_by(table.c.line_no)
)


def add(tx: sa.Connection, lines: tuple[FeeLine, ...]) -> None:
    """Keep the lines of a new order."""
    tx.execute(ADD, [values(line) for line in lines])


def of_order(tx: sa.Connection, order_id: OrderId) -> tuple[FeeLine, ...]:
    """Return the lines of the order, in their order."""
    return driver.many(tx, OF_ORDER, {"of_order": order_id}, FeeLine)
