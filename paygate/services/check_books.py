"""Check that the book is whole: money against money, states against facts, the audit's chains."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from paygate.domain.case import Disposition
from paygate.domain.money import ZERO
from paygate.domain.order import OrderFacts, order_state
from paygate.domain.payment import PaymentState
from paygate.ledger import parity
from paygate.store import attempts, audit, backup, collections, orders

BATCH = 1_000  # rows in memory at a time
FINDINGS_MAX = 20  # of one rule: more would be read by nobody
Rule = Callable[[sa.Connection], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One rule, and whoever breaks it: the first twenty."""

    rule: str
    findings: tuple[str, ...]


def check_books(tx: sa.Connection) -> Iterator[Checked]:
    """Yield each rule of the book with whoever breaks it."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("SET LOCAL statement_timeout = 0")  # it reads everything
        tx.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    for rule, check in _RULES.items():
        yield Checked(rule=rule, findings=tuple(check(tx)))


def _orders_against_facts(tx: sa.Connection) -> list[str]:
    found: list[str] = []
    last = ""
    table, tried = orders.table.c, attempts.table.c
    while True:
        batch = tx.execute(
            sa.select(table.id, table.state, table.closed_as, table.covered_by, table.amount)
            .where(table.id > last)
            .order_by(table.id)
            .limit(BATCH)
        ).all()
        if not batch or len(found) >= FINDINGS_MAX:
            return found[:FINDINGS_MAX]
        last = batch[-1].id
        states: dict[str, list[PaymentState]] = defaultdict(list)
        ids = [each.id for each in batch]
        for order_id, state in tx.execute(
            sa.select(tried.order_id, tried.payment_state).where(tried.order_id.in_(ids))
        ):
            states[order_id].append(state)
        for each in batch:
            facts = OrderFacts(
                attempts=tuple(states[each.id]),
                covered=each.covered_by is not None,
                closed_as=each.closed_as,
                exempt=each.amount == ZERO,
            )
            if (state := order_state(facts)) is not each.state:
                found.append(f"{each.id} is {each.state}, and its facts say {state}")


def _paid_by_their_own_money(tx: sa.Connection) -> list[str]:
    order, money = orders.table.c, collections.table.c
    fits = (Disposition.FITS, Disposition.IDENTIFIED)
    query = (
        sa.select(order.id)
        .join_from(
            orders.table,
            collections.table,
            sa.and_(
                money.id == order.covered_by,
                money.order_id == order.id,
                money.disposition.in_(fits),
            ),
            isouter=True,
        )
        .where(order.covered_by.is_not(None), money.id.is_(None))
        .limit(FINDINGS_MAX)
    )
    return [f"{each} is covered by no money of its own" for each in tx.execute(query).scalars()]


def _chains(tx: sa.Connection) -> list[str]:
    """Follow every chain from its first link: nothing changed, nothing missing between."""
    found: list[str] = []
    table = audit.table.c
    stream, seq, previous = "", 0, audit.GENESIS
    while len(found) < FINDINGS_MAX:
        batch = tx.execute(
            sa.select(audit.table)
            .where(sa.or_(table.stream > stream, sa.and_(table.stream == stream, table.seq > seq)))
            .order_by(table.stream, table.seq)
            .limit(BATCH)
        ).all()
        if not batch:
            break
        for each in batch:
            if each.stream != stream:
                stream, seq, previous = each.stream, 0, audit.GENESIS
            problem = _link_problem(each, seq, previous)
            if problem is not None:
                found.append(f"{each.stream} {each.seq}: {problem}")
            seq, previous = each.seq, bytes.fromhex(each.hash)
    return found[:FINDINGS_MAX]


def _link_problem(row: sa.Row[tuple[object, ...]], seq: int, previous: bytes) -> str | None:
    if row.seq != seq + 1:
        return f"comes after {seq}"
    if row.prev_hash != previous.hex():
        return "does not hang on the one before"
    if audit.link(previous, row.record).hex() != row.hash:
        return "is not what was hashed"
    told = json.loads(row.record)
    said = (told["stream"], told["seq"], told["at"])
    return None if said == (row.stream, row.seq, row.at.strftime(audit.INSTANT)) else "is misplaced"


_RULES: dict[str, Rule] = {
    "the file is whole": backup.file_problems,
    "every entry sums to 0": parity.unbalanced,
    "every collection is in the ledger": parity.unbooked,
    "every collection in the ledger is there": parity.uncollected,
    "suspense and collections agree": parity.misplaced,
    "what rails took back is in the ledger": parity.half_taken_back,
    "suspense gives no more than it took": parity.overdrawn,
    "every order stands as its facts say": _orders_against_facts,
    "every paid order has its money": _paid_by_their_own_money,
    "every chain of the audit holds": _chains,
}
