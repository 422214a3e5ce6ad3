"""What one callback asks of the database: few statements, each built once (TRUST 8.6)."""

from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from paygate.store import driver
from tests.support.builders import (
    a_callback,
    a_house,
    a_merchant,
    an_act,
    an_attempt,
    an_order,
    furnish,
)
from tests.support.fakes import CountingIds, FakeRail
from tests.support.sent import as_the_driver_takes_it
from webhooks.inbox import receive

RAIL = FakeRail()
IDS = CountingIds("hot")


@pytest.fixture
def house(bare_db):
    bare_db.act(furnish)
    return a_house(bare_db)


def call_back(house, number):
    """Let a citizen be on the way to the rail, and let the rail say that it was paid."""
    dossier = f"000.30.27.H23-220928-{number:04d}"
    order = house.db.act(an_order, an_act(ids=IDS), dossier=dossier)
    house.db.act(an_attempt, an_act(ids=IDS), order, ref=f"HOT{number}")
    arrival = a_callback(RAIL, f"HOT{number}", txn=f"T{number}")
    with listening(house.db.engine) as heard:
        receive(house, an_act(ids=IDS), a_merchant(), arrival)
    return heard


@contextmanager
def listening(engine):
    heard = []

    def on_statement(_connection, _cursor, sql, _parameters, _context, _many):
        if not sql.startswith("BEGIN"):  # SQLAlchemy says it to SQLite, and psycopg by itself
            heard.append(sql)

    event.listen(engine, "after_cursor_execute", on_statement)
    try:
        yield heard
    finally:
        event.remove(engine, "after_cursor_execute", on_statement)


def what(sql):
    """Return what a statement does to which table."""
    words = sql.split()
    after = "UPDATE" if words[0] == "UPDATE" else "INTO" if words[0] == "INSERT" else "FROM"
    return f"{words[0]} {words[words.index(after) + 1]}"


STATEMENTS = [
    "SELECT fee_order",
    "SELECT payment_attempt",
    "SELECT collection",
    "INSERT collection",
    "SELECT fee_line",
    "INSERT ledger_leg",
    "UPDATE payment_attempt",
    "UPDATE fee_order",
    "INSERT outbox",
    "SELECT audit_record",
    "INSERT audit_record",
    "INSERT sealed_value",
    "INSERT provider_message",
]


def go_through_core(house, monkeypatch):
    through_core = house.db._writers.execution_options(**{driver.THROUGH_CORE: True})
    monkeypatch.setattr(house.db, "_writers", through_core)


@pytest.mark.db
def test_a_paid_callback_takes_these_statements_and_no_other(house, monkeypatch):
    go_through_core(house, monkeypatch)

    assert [what(sql) for sql in call_back(house, 1)] == STATEMENTS


@pytest.mark.db
def test_no_statement_of_a_callback_is_built_a_second_time(house):
    call_back(house, 1)
    before = dict(driver._texts)

    by_core = call_back(house, 2)

    assert by_core == []
    assert driver._texts == before
    assert len(before) >= len(STATEMENTS)


@pytest.mark.db
def test_the_driver_sends_of_every_statement_what_core_sends(house, monkeypatch):
    call_back(house, 1)
    by_driver = {clause for clause, _ in driver._texts}
    go_through_core(house, monkeypatch)
    asked: list[Any] = []
    sent: list[Any] = []

    def on_execute(_connection, clause, _rows, row, _options):
        asked.append((clause, dict(row)))

    def on_send(_connection, _cursor, sql, parameters, _context, _many):
        if not sql.startswith("BEGIN"):
            sent.append(as_the_driver_takes_it(sql, parameters))

    event.listen(house.db.engine, "before_execute", on_execute)
    event.listen(house.db.engine, "before_cursor_execute", on_send)
    call_back(house, 2)
    event.remove(house.db.engine, "before_cursor_execute", on_send)
    event.remove(house.db.engine, "before_execute", on_execute)

    compared = 0
    for (clause, row), by_core in zip(asked, sent, strict=True):
        if clause in by_driver:  # the order itself is issued by Core
            text = driver.text_of(house.db.engine.dialect, clause, row)
            assert (text.sql, text.values(row)) == by_core
            compared += 1
    assert compared >= len(STATEMENTS)
