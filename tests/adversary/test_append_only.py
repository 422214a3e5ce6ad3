"""The book, the evidence and the audit stand, also against the database's own shortcuts."""

import pytest
import sqlalchemy as sa

from paygate.ledger import journal
from paygate.store import audit, evidence
from tests.support.builders import a_callback, a_merchant, an_act
from tests.support.fakes import FakeRail
from webhooks.inbox import receive

TABLES = {
    "ledger_leg": journal.table,
    "provider_message": evidence.table,
    "audit_record": audit.table,
}
CHANGED = {"ledger_leg": "detail", "provider_message": "outcome", "audit_record": "record"}
NEW = {"ledger_leg": "elsewhere", "provider_message": "known", "audit_record": "{}"}


@pytest.fixture
def filled(world):
    attempt = world.attempt(world.order())
    arrival = a_callback(FakeRail(), attempt.ref)
    receive(world.house, an_act(arrival.arrived_at, ids=world.ids), a_merchant(), arrival)
    return world.db


def keys_of(table):
    return ", ".join(each.name for each in table.primary_key)


# ruff: noqa: S608  # the names are our own tables'
def statements(name, dialect):
    table = TABLES[name]
    column, new = CHANGED[name], NEW[name]
    names = [each.name for each in table.columns]
    values = ", ".join(f"'{new}'" if each == column else each for each in names)
    taken = f"INSERT INTO {name} ({', '.join(names)}) SELECT {values} FROM {name} WHERE true"
    yield f"UPDATE {name} SET {column} = '{new}'"
    yield f"DELETE FROM {name}"
    yield f"{taken} ON CONFLICT ({keys_of(table)}) DO UPDATE SET {column} = excluded.{column}"
    if dialect == "sqlite":
        yield taken.replace("INSERT", "INSERT OR REPLACE", 1)
        yield taken.replace("INSERT INTO", "REPLACE INTO", 1)
        yield f"UPDATE OR REPLACE {name} SET {column} = '{new}'"
        yield (
            taken.replace("INSERT INTO", "REPLACE INTO", 1)
            .replace(f"{name} (", f"{name} (rowid, ", 1)
            .replace("SELECT ", "SELECT rowid, ", 1)
        )
    else:
        yield f"TRUNCATE {name} CASCADE"
        yield (
            f"MERGE INTO {name} a USING {name} b ON a.{table.primary_key.columns[0].name} = "
            f"b.{table.primary_key.columns[0].name} WHEN MATCHED THEN DELETE"
        )


@pytest.mark.parametrize("name", TABLES)
def test_no_statement_changes_or_removes_a_row(filled, name):
    connection = filled.connection
    before = connection.execute(sa.select(TABLES[name])).all()
    assert before
    passed = []
    for statement in statements(name, connection.dialect.name):
        trial = connection.begin_nested()
        try:
            connection.exec_driver_sql(statement)
            if connection.execute(sa.select(TABLES[name])).all() != before:
                passed.append(statement)
        except sa.exc.DBAPIError:
            pass
        trial.rollback()
    assert passed == []
