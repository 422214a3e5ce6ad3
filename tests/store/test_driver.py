"""What the driver is given of a statement is what Core itself would give it (ADR 0026)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from paygate.domain.money import Money
from paygate.domain.order import OrderState
from paygate.ledger import journal
from paygate.ledger.chart import Account
from paygate.ledger.entry import Entry, Leg
from paygate.store import attempts, audit, collections, driver, orders
from tests.support.sent import as_the_driver_takes_it

NOW = datetime(2026, 9, 28, 9, 45, 12, 345678, tzinfo=UTC)
ENTRY = Entry(
    cause="collect:a:t",
    business_date=date(2026, 9, 28),
    legs=(
        Leg(Account.DUE_FROM_PROVIDER, "a", Money(5)),
        Leg(Account.OWED_TO_BENEFICIARY, "b", Money(-5)),
    ),
)
STATEMENTS: dict[str, tuple[driver.Clause, dict[str, Any]]] = {
    "a lock through a subquery": (
        orders.LOCK_TRIED,
        {"tried_ref": "REF", "tried_account": "a"},
    ),
    "an update with instants and states": (
        orders.MOVE,
        {
            "order_id": "ord_1",
            "new_state": OrderState.PAID,
            "new_closed_as": None,
            "new_covered_by": "col_1",
            "new_paid_at": NOW,
            "new_version": 3,
        },
    ),
    "one name in several places": (
        collections.CALLED,
        {"at_account": "a", "name": "txn:1", "other_name": "ref:REF"},
    ),
    "an order of rows": (attempts.OF_ORDER, {"of_order": "ord_1"}),
    "a limit, which is the statement's own value": (audit.LAST, {"of_stream": "order:1"}),
}


def sent_by_core(tx, clause, row):
    seen = []

    def look(_connection, _cursor, sql, parameters, _context, _many):
        seen.append((sql, parameters))

    event.listen(tx, "before_cursor_execute", look)
    tx.execute(clause, row)
    event.remove(tx, "before_cursor_execute", look)
    return seen[0]


@pytest.mark.parametrize("what", STATEMENTS)
def test_text_and_values_are_those_of_core(db, what):
    clause, row = STATEMENTS[what]
    with db.read() as tx:
        by_core = as_the_driver_takes_it(*sent_by_core(tx, clause, row))
        text = driver.text_of(tx.dialect, clause, row)
    assert (text.sql, text.values(row)) == by_core


def test_the_legs_of_an_entry_come_back_as_they_were_posted(db):
    db.act(journal.post, ENTRY, booked_at=NOW)
    query = sa.select(journal.table).order_by(journal.table.c.leg_no)
    with db.read() as tx:
        by_driver: tuple[dict[str, Any], ...] = driver.many(tx, query, {}, dict)
        by_core = [dict(each) for each in tx.execute(query).mappings()]
    assert [each["amount"] for each in by_driver] == [Money(5), Money(-5)]
    assert list(by_driver) == by_core


@pytest.mark.parametrize("row", [{}, {"of_order": "ord_1", "more": 1}])
def test_a_value_too_few_or_too_many_is_refused(db, row):
    with db.read() as tx:
        driver.many(tx, attempts.OF_ORDER, {"of_order": "ord_1"}, attempts.Attempt)
        with pytest.raises(AssertionError):
            driver.many(tx, attempts.OF_ORDER, row, attempts.Attempt)


def test_an_in_with_a_list_of_any_length_is_refused(db):
    query = sa.select(orders.table.c.id).where(
        orders.table.c.id.in_(sa.bindparam("ids", expanding=True))
    )
    with db.read() as tx, pytest.raises(AssertionError):
        driver.many(tx, query, {"ids": ["a"]}, dict)


def test_what_the_database_refuses_is_told_as_core_tells_it(db):
    db.act(journal.post, ENTRY, booked_at=NOW)
    with pytest.raises(sa.exc.IntegrityError) as refused:
        db.act(journal.post, ENTRY, booked_at=NOW)
    assert "collect:a:t" not in str(refused.value).split("DETAIL")[0]


COUNT = sa.select(journal.table.c.cause)


def causes(tx):
    return driver.many(tx, COUNT, {}, dict)


def test_a_verb_that_fails_leaves_the_connection_fit_for_the_next(db):
    """psycopg drops what is prepared with a rollback, and the driver prepares it anew."""
    for _ in range(8):  # until psycopg has prepared something of its own
        with db.read() as tx:
            causes(tx)
            tx.execute(COUNT).all()
    for number in range(2):
        db.act(journal.post, replace(ENTRY, cause=f"collect:a:{number}"), booked_at=NOW)
        with pytest.raises(sa.exc.IntegrityError):
            db.act(journal.post, replace(ENTRY, cause=f"collect:a:{number}"), booked_at=NOW)
        with db.read() as tx:
            assert len(causes(tx)) == 2 * (number + 1)
