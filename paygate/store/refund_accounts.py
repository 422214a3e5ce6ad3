"""Accounts that citizens registered for refunds: sealed, four digits in clear (DOMAIN 9.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.ids import OrderId
from paygate.store.base import InstantColumn, metadata, one, values

table = sa.Table(
    "refund_account",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.ForeignKey("fee_order.id"), nullable=False),
    sa.Column("bank_bin", sa.Text, nullable=False),
    sa.Column("last4", sa.Text, nullable=False),
    sa.Column("number_sealed", sa.ForeignKey("sealed_value.id"), nullable=False),
    sa.Column("number_index", sa.Text, nullable=False, index=True),
    sa.Column("holder_sealed", sa.ForeignKey("sealed_value.id"), nullable=False),
    sa.Column("set_by", sa.Text, nullable=False),
    sa.Column("set_at", InstantColumn, nullable=False),
    sa.Index("ix_refund_account_order_id_id", "order_id", "id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRefundAccount:
    """One account as it was registered; a change is a new row, and the newest counts."""

    id: str
    order_id: OrderId
    bank_bin: str
    last4: str
    number_sealed: str
    number_index: str
    holder_sealed: str
    set_by: str
    set_at: datetime


ADD = table.insert()
LATEST = (
    sa.select(table)
    .where(table.c.order_id == sa.bindparam("of_order"))
    .order_by(table.c.id.desc())
    .limit(1)
)


def add(tx: sa.Connection, account: SealedRefundAccount) -> None:
    """Keep an account as it was registered."""
    tx.execute(ADD, values(account))


def latest(tx: sa.Connection, order_id: OrderId) -> SealedRefundAccount | None:
    """Return the account registered last for the order."""
    return one(SealedRefundAccount, tx.execute(LATEST, {"of_order": order_id}))
