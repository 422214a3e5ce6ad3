"""The migrations make what the code declares, go down again, and the schema keeps its word."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command

from paygate.store import schema
from paygate.store.engine import EngineDatabase
from tests.support.databases import a_postgres_url

APPEND_ONLY = ("ledger_leg", "provider_message", "audit_record")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_db(request, tmp_path):
    if request.param == "sqlite":
        database = EngineDatabase(f"sqlite:///{tmp_path}/m.db")
        yield database
        database.close()
    else:
        with a_postgres_url(request.getfixturevalue("postgres_url"), "_m") as url:
            database = EngineDatabase(url)
            yield database
            database.close()


def shape(tx):
    """Return every table with its columns, keys and checks, as the database tells them."""
    inspector = sa.inspect(tx)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)),
            sorted(str(k["column_names"]) for k in inspector.get_unique_constraints(name)),
            sorted(str(k["name"]) for k in inspector.get_check_constraints(name)),
            sorted(str(k["column_names"]) for k in inspector.get_indexes(name)),
        )
        for name in inspector.get_table_names()
    }


def test_up_down_up_ends_where_it_began(empty_db):
    empty_db.act(schema.upgrade)
    first = empty_db.act(shape)
    empty_db.act(lambda tx: command.downgrade(schema.config(tx), "base"))
    between = empty_db.act(lambda tx: sa.inspect(tx).get_table_names())
    empty_db.act(schema.upgrade)

    assert between == ["alembic_version"]
    assert empty_db.act(shape) == first
    assert len(first) == len(schema.metadata.tables) + 1


def test_the_migrated_tables_equal_the_declared_ones(real_db):
    real_db.act(lambda tx: command.check(schema.config(tx)))


def literals(text):
    return sorted(re.findall(r"'([^']*)'", text))


def test_every_check_is_there_with_the_same_literals(real_db):
    """Alembic does not compare CHECKs, and names alone would miss a changed list of states."""
    with real_db.read() as tx:
        inspector = sa.inspect(tx)
        found = {
            (table.name, check["name"]): literals(check["sqltext"])
            for table in schema.metadata.sorted_tables
            for check in inspector.get_check_constraints(table.name)
        }
    declared = {
        (table.name, check.name): literals(str(check.sqltext))
        for table in schema.metadata.sorted_tables
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint)
    }

    assert found == declared
    assert len(declared) > 30


def test_the_file_head_names_the_newest_revision():
    assert (schema.SCRIPTS / "HEAD").read_text().strip() == schema.head()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_append_only_tables_refuse_every_change(db, table, change):
    at = datetime(2022, 9, 28, tzinfo=UTC).replace(tzinfo=None)
    row = {
        "ledger_leg": {
            "cause": "c",
            "leg_no": 0,
            "account": "suspense",
            "detail": "d",
            "amount": 1,
            "business_date": at.date(),
            "posting_date": at.date(),
            "booked_at": at,
        },
        "provider_message": {
            "id": "m",
            "account": "a",
            "kind": "callback",
            "attempt_refs": "",
            "sha256": "s",
            "size_bytes": 1,
            "sealed_id": "v",
            "arrived_at": at,
            "outcome": "applied",
        },
        "audit_record": {
            "id": "r",
            "stream": "s",
            "seq": 1,
            "at": at,
            "record": "{}",
            "prev_hash": "",
            "hash": "",
        },
    }[table]
    names = ", ".join(row)
    places = ", ".join(f":{name}" for name in row)
    column = next(iter(row))
    text = change.format(table, column, column)

    with db.read() as tx:
        tx.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), row)  # noqa: S608
        with pytest.raises(sa.exc.DatabaseError, match="append-only"), tx.begin_nested():
            tx.execute(sa.text(text))
