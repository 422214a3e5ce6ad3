"""Collections: movements of money to us, each booked once under its own name (DESIGN 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from paygate.domain.case import Disposition
from paygate.domain.ids import AccountCode, AttemptId, OrderId
from paygate.domain.money import Money
from paygate.store.base import (
    InstantColumn,
    MoneyColumn,
    StateColumn,
    add_if_absent,
    many,
    metadata,
    one,
    one_of,
    values,
)
from paygate.store.engine import RunAgainError

table = sa.Table(
    "collection",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("rail_txn", sa.Text, nullable=False),
    sa.Column("amount", MoneyColumn, nullable=False),
    sa.Column("paid_at", InstantColumn, nullable=False),  # by the rail's clock
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("attempt_id", sa.ForeignKey("payment_attempt.id"), index=True),
    sa.Column("order_id", sa.ForeignKey("fee_order.id"), index=True),
    sa.Column("disposition", StateColumn(Disposition), nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    one_of("disposition", Disposition),
    sa.CheckConstraint("amount > 0", "amount_positive"),
    sa.CheckConstraint(
        "disposition NOT IN ('fits', 'identified') OR order_id IS NOT NULL", "placed_on_an_order"
    ),
    sa.UniqueConstraint("account", "rail_txn"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Money that a rail took for us, as it was first told."""

    id: str
    account: AccountCode
    rail_txn: str
    amount: Money
    paid_at: datetime
    business_date: date
    attempt_id: AttemptId | None
    order_id: OrderId | None
    disposition: Disposition
    created_at: datetime


BY_TXN = sa.select(table).where(
    table.c.account == sa.bindparam("at_account"), table.c.rail_txn == sa.bindparam("txn")
)
OF_ORDER = sa.select(table).where(table.c.order_id == sa.bindparam("of_order")).order_by(table.c.id)
PLACE = (
    table.update()
    .where(table.c.id == sa.bindparam("collection_id"))
    .values(
        attempt_id=sa.bindparam("new_attempt"),
        order_id=sa.bindparam("new_order"),
        disposition=sa.bindparam("new_disposition"),
    )
)


def add(tx: sa.Connection, collection: Collection) -> None:
    """Keep a new collection.

    Raises:
        RunAgainError: another transaction has just kept one of the same name.
    """
    if not add_if_absent(tx, table, values(collection)):
        raise RunAgainError(collection.rail_txn)


def by_txn(tx: sa.Connection, account: AccountCode, rail_txn: str) -> Collection | None:
    """Return the collection that *account* names so."""
    return one(Collection, tx.execute(BY_TXN, {"at_account": account, "txn": rail_txn}))


def of_order(tx: sa.Connection, order_id: OrderId) -> tuple[Collection, ...]:
    """Return all money that came for the order, oldest first."""
    return many(Collection, tx.execute(OF_ORDER, {"of_order": order_id}))


def place(
    tx: sa.Connection,
    collection_id: str,
    disposition: Disposition,
    *,
    attempt_id: AttemptId | None,
    order_id: OrderId | None,
) -> None:
    """Write down where waiting money turned out to belong."""
    tx.execute(
        PLACE,
        {
            "collection_id": collection_id,
            "new_attempt": attempt_id,
            "new_order": order_id,
            "new_disposition": disposition,
        },
    )
