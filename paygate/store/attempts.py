"""Attempts to pay an order, each at one merchant account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.ids import AccountCode, AttemptId, AttemptRef, OrderId, Token
from paygate.domain.money import Money
from paygate.domain.payment import LIVE, BankState, PaymentState, SettlementState
from paygate.store import driver
from paygate.store.base import (
    InstantColumn,
    MoneyColumn,
    StateColumn,
    in_turn,
    many,
    metadata,
    one,
    one_of,
    values,
)

# As a text, so that both databases see that the index below answers the question.
IS_LIVE = sa.text(f"payment_state IN ({', '.join(repr(each.value) for each in LIVE)})")
table = sa.Table(
    "payment_attempt",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.ForeignKey("fee_order.id"), nullable=False, index=True),
    sa.Column("ref", sa.Text, nullable=False, unique=True),
    sa.Column("account", sa.ForeignKey("account_state.code"), nullable=False),
    sa.Column("bank", sa.Text),
    sa.Column("amount", MoneyColumn, nullable=False),
    sa.Column("payment_state", StateColumn(PaymentState), nullable=False),
    sa.Column("settlement_state", StateColumn(SettlementState), nullable=False),
    sa.Column("bank_state", StateColumn(BankState), nullable=False),
    sa.Column("rail_code", sa.Text),
    sa.Column("return_token", sa.Text, nullable=False, unique=True),
    sa.Column("redirect_url", sa.Text),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("session_ends_at", InstantColumn, nullable=False),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("ask_at", InstantColumn),  # NULL: nothing left to ask
    sa.Column("asked_at", InstantColumn),
    one_of("payment_state", PaymentState),
    one_of("settlement_state", SettlementState),
    one_of("bank_state", BankState),
    sa.CheckConstraint("amount > 0", "amount_positive"),
    sa.CheckConstraint("length(ref) <= 20", "ref_short"),
    sa.CheckConstraint("asked >= 0", "asked_counts"),
    sa.Index("ix_payment_attempt_ask_at", "ask_at"),
    sa.Index(
        "ix_payment_attempt_live", "created_at", postgresql_where=IS_LIVE, sqlite_where=IS_LIVE
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt: what the rail says, what its settlement says, what the bank says."""

    id: AttemptId
    order_id: OrderId
    ref: AttemptRef
    account: AccountCode
    bank: str | None = None
    amount: Money
    payment_state: PaymentState = PaymentState.CREATED
    settlement_state: SettlementState = SettlementState.NONE
    bank_state: BankState = BankState.NONE
    rail_code: str | None = None  # the rail's own word, when it last spoke
    return_token: Token = field(repr=False)
    redirect_url: str | None = field(default=None, repr=False)
    created_at: datetime
    session_ends_at: datetime
    asked: int = 0
    ask_at: datetime | None
    asked_at: datetime | None = None


_ID = table.c.id == sa.bindparam("attempt_id")
ADD = table.insert()
GET = sa.select(table).where(_ID)
BY_REF = sa.select(table).where(table.c.ref == sa.bindparam("attempt_ref"))
BY_RETURN_TOKEN = sa.select(table).where(table.c.return_token == sa.bindparam("token"))
OF_ORDER = sa.select(table).where(table.c.order_id == sa.bindparam("of_order")).order_by(table.c.id)
MOVE = (
    table.update()
    .where(_ID)
    .values(
        payment_state=sa.bindparam("new_state"),
        rail_code=sa.bindparam("new_code"),
        ask_at=sa.bindparam("new_ask_at"),
    )
)
LEAD = table.update().where(_ID).values(redirect_url=sa.bindparam("new_url"))
ASK_LATER = (
    table.update()
    .where(_ID)
    .values(asked=table.c.asked + 1, asked_at=sa.bindparam("at"), ask_at=sa.bindparam("next_at"))
)
ASK_SOON = (
    table.update()
    .where(
        _ID,
        table.c.ask_at > sa.bindparam("at"),
        sa.or_(table.c.asked_at.is_(None), table.c.asked_at < sa.bindparam("not_since")),
    )
    .values(ask_at=sa.bindparam("at"))
)
ASK_NOW = (
    table.update()
    .where(
        _ID,
        # What waits for its turn keeps it: wishes must not put the question off.
        sa.or_(table.c.ask_at.is_(None), table.c.ask_at > sa.bindparam("at")),
        sa.or_(table.c.asked_at.is_(None), table.c.asked_at < sa.bindparam("not_since")),
    )
    .values(ask_at=sa.bindparam("at"))
)
_ORDERS = sa.table("fee_order", sa.column("id"), sa.column("portal_id"))
# At each account every portal's first, then every one's second, …: the wishes of one portal make
# the orders of another wait for no more than their turn.
_TURNS = (
    sa.select(
        table.c.id,
        table.c.account,
        table.c.ask_at,
        in_turn(table.c.account, _ORDERS.c.portal_id, by=(table.c.ask_at, table.c.id)).label(
            "turn"
        ),
    )
    .join(_ORDERS, _ORDERS.c.id == table.c.order_id)
    .where(table.c.ask_at <= sa.bindparam("by"))
    .subquery("turns")
)
_WAITING = sa.select(
    _TURNS.c.id,
    in_turn(_TURNS.c.account, by=(_TURNS.c.turn, _TURNS.c.ask_at, _TURNS.c.id)).label("place"),
).subquery("waiting")
DUE = (
    sa.select(table)
    .join(_WAITING, _WAITING.c.id == table.c.id)
    .where(_WAITING.c.place <= sa.bindparam("each"))
    .order_by(table.c.account, _WAITING.c.place)
)


def add(tx: sa.Connection, attempt: Attempt) -> None:
    """Keep a new attempt."""
    tx.execute(ADD, values(attempt))


def get(tx: sa.Connection, attempt_id: AttemptId) -> Attempt | None:
    """Return the attempt; under the lock of its order it cannot change until *tx* ends."""
    return one(Attempt, tx.execute(GET, {"attempt_id": attempt_id}))


def by_ref(tx: sa.Connection, ref: AttemptRef) -> Attempt | None:
    """Return the attempt that rails know as *ref*."""
    return one(Attempt, tx.execute(BY_REF, {"attempt_ref": ref}))


def by_return_token(tx: sa.Connection, token: str) -> Attempt | None:
    """Return the attempt that a citizen comes back from."""
    return one(Attempt, tx.execute(BY_RETURN_TOKEN, {"token": token}))


def of_order(tx: sa.Connection, order_id: OrderId) -> tuple[Attempt, ...]:
    """Return the attempts of the order, oldest first."""
    return driver.many(tx, OF_ORDER, {"of_order": order_id}, Attempt)


def move(
    tx: sa.Connection,
    attempt_id: AttemptId,
    state: PaymentState,
    *,
    rail_code: str | None,
    ask_at: datetime | None,
) -> None:
    """Write down the state of the attempt, the rail's word, and when to ask again if ever."""
    driver.later(
        tx,
        MOVE,
        {
            "attempt_id": attempt_id,
            "new_state": state,
            "new_code": rail_code,
            "new_ask_at": ask_at,
        },
    )


def lead(tx: sa.Connection, attempt_id: AttemptId, url: str) -> None:
    """Write down where the citizen is sent."""
    tx.execute(LEAD, {"attempt_id": attempt_id, "new_url": url})


def ask_later(
    tx: sa.Connection, attempt_id: AttemptId, *, now: datetime, next_at: datetime | None
) -> None:
    """Write down that the rail is being asked, and when it is asked again."""
    tx.execute(ASK_LATER, {"attempt_id": attempt_id, "at": now, "next_at": next_at})


def ask_soon(
    tx: sa.Connection, attempt_id: AttemptId, *, now: datetime, not_since: datetime
) -> None:
    """Let the rail be asked at *now* instead of later, unless it was since *not_since*."""
    tx.execute(ASK_SOON, {"attempt_id": attempt_id, "at": now, "not_since": not_since})


def ask_now(
    tx: sa.Connection, attempt_id: AttemptId, *, now: datetime, not_since: datetime
) -> None:
    """Let the rail be asked at *now*, also if all its questions are over.

    Unless it was asked since *not_since*.
    """
    tx.execute(ASK_NOW, {"attempt_id": attempt_id, "at": now, "not_since": not_since})


def due(tx: sa.Connection, *, by: datetime, each: int) -> tuple[Attempt, ...]:
    """Return attempts whose rail should be asked: *each* of an account, portals taking turns."""
    return many(Attempt, tx.execute(DUE, {"by": by, "each": each}))
