"""The book on disk: append, and sum."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from paygate.domain.money import ZERO, Money
from paygate.ledger.chart import Account
from paygate.ledger.entry import Entry
from paygate.store import driver
from paygate.store.base import InstantColumn, MoneyColumn, StateColumn, metadata, one_of

table = sa.Table(
    "ledger_leg",
    metadata,
    sa.Column("cause", sa.Text, primary_key=True),
    sa.Column("leg_no", sa.Integer, primary_key=True),
    sa.Column("account", StateColumn(Account), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("amount", MoneyColumn, nullable=False),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("posting_date", sa.Date, nullable=False),
    sa.Column("booked_at", InstantColumn, nullable=False),
    one_of("account", Account),
    sa.CheckConstraint("amount <> 0", "amount_moves"),
    sa.CheckConstraint("posting_date >= business_date", "posted_on_or_after"),
    sa.Index("ix_ledger_leg_account_detail_posting_date", "account", "detail", "posting_date"),
)

HAS = sa.select(sa.literal(1)).where(table.c.cause == sa.bindparam("of_cause")).limit(1)
SUMS = sa.select(
    table.c.account,
    table.c.detail,
    # The inner cast drops the column's own type, which would make a Money of each sum; the outer
    # one undoes PostgreSQL's numeric.
    sa.cast(sa.func.sum(sa.cast(table.c.amount, sa.BigInteger)), sa.BigInteger),
).group_by(table.c.account, table.c.detail)


def post(tx: sa.Connection, entry: Entry, *, booked_at: datetime) -> None:
    """Append *entry*; a second one of the same cause is refused by the key."""
    row: dict[str, object] = {
        "cause": entry.cause,
        "business_date": entry.business_date,
        # Days are closed by nobody yet: the first open day is the entry's own.
        "posting_date": entry.business_date,
        "booked_at": booked_at,
    }
    for leg_no, leg in enumerate(entry.legs):
        row[f"account_{leg_no}"] = leg.account
        row[f"detail_{leg_no}"] = leg.detail
        row[f"amount_{leg_no}"] = leg.amount
    driver.later(tx, _insert_of(len(entry.legs)), row)


@cache
def _insert_of(legs: int) -> sa.Insert:
    """Return one statement for all legs of an entry: each statement is a trip to the database.

    SQLAlchemy writes an INSERT of several VALUES anew each time; that of a SELECT is written once.
    """
    shared = {"cause", "business_date", "posting_date", "booked_at"}

    def given(column: sa.Column[Any], leg_no: int) -> sa.ColumnElement[Any]:
        if column is table.c.leg_no:
            return sa.literal(leg_no)
        name = column.name if column.name in shared else f"{column.name}_{leg_no}"
        return sa.bindparam(name, type_=column.type)

    rows = [sa.select(*(given(each, leg_no) for each in table.c)) for leg_no in range(legs)]
    return table.insert().from_select(list(table.c), sa.union_all(*rows))


def has(tx: sa.Connection, cause: str) -> bool:
    """Return whether the book already knows *cause*."""
    return tx.execute(HAS, {"of_cause": cause}).first() is not None


def balances(tx: sa.Connection) -> dict[tuple[Account, str], Money]:
    """Return the sum of every account and detail that was ever posted to."""
    return {(account, detail): Money(int(dong)) for account, detail, dong in tx.execute(SUMS)}


def trial_balance(tx: sa.Connection) -> dict[Account, Money]:
    """Return the sum of every account of the chart."""
    sums = dict.fromkeys(Account, ZERO)
    for (account, _), amount in balances(tx).items():
        sums[account] += amount
    return sums
