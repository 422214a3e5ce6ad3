"""Revision 0007 makes tables anew on SQLite: what was in them, and what points at them, stays."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from paygate.store import schema
from paygate.store.engine import EngineDatabase
from tests.support.databases import a_postgres_url

REVISION = "0007"
AT = "2022-09-28 05:00:00"
URL = "https://portal.example/"
ORDER = {
    "id": "ord",
    "code": "PG",
    "portal_id": "por",
    "dossier_code": "d",
    "dossier_canonical": "d",
    "purpose": "fee",
    "description": "d",
    "language": "vi",
    "amount": 5000,
    "collecting_agency": "H23",
    "extra": "{}",
    "checkout_token": "c",
    "status_token": "s",
    "state": "open",
    "version": 1,
    "created_at": AT,
    "expires_at": AT,
}
TOLD = (
    "SELECT e.url, o.type, o.version, d.state, d.tries, t.status FROM webhook_try t "
    "JOIN webhook_delivery d ON d.id = t.delivery_id "
    "JOIN outbox o ON o.id = d.message_id JOIN webhook_endpoint e ON e.id = d.endpoint_id"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def old_db(request, tmp_path):
    """A database of the revision before, in use."""
    if request.param == "sqlite":
        database = EngineDatabase(f"sqlite:///{tmp_path}/m.db")
        yield filled(database)
        database.close()
    else:
        with a_postgres_url(request.getfixturevalue("postgres_url"), "_e") as url:
            database = EngineDatabase(url)
            yield filled(database)
            database.close()


def filled(database):
    database.act(go, before())
    database.act(fill)
    return database


def before():
    revision = ScriptDirectory.from_config(schema.config()).get_revision(REVISION)
    assert revision is not None
    return revision.down_revision


def go(tx, revision, way=command.upgrade):
    way(schema.config(tx), revision)


def put(tx, table, **row):
    tx.execute(sa.table(table, *map(sa.column, row)).insert().values(row))


def fill(tx):
    put(tx, "portal", id="por", code="hd", display_name="p", late_money="refund", created_at=AT)
    put(tx, "agency", code="H23", name="Hải Dương")
    owner = {"owner_table": "webhook_endpoint", "owner_row": "whe", "owner_column": "secret_sealed"}
    put(tx, "sealed_value", id="sv", kid="k1", ciphertext="c", commitment_salt="s", **owner)
    an_endpoint(tx, "whe")
    put(tx, "fee_order", **ORDER)
    a_message(tx, "evt", type="order.paid", order_id="ord", version=1)
    a_delivery(tx, "dlv", "evt", "whe")


def an_endpoint(tx, name):
    row = {"portal_id": "por", "url": URL, "secret_sealed": "sv", "enabled": True}
    put(tx, "webhook_endpoint", id=name, created_at=AT, **row)


def a_message(tx, name, **row):
    put(tx, "outbox", id=name, portal_id="por", body="{}", created_at=AT, **row)


def a_delivery(tx, name, message, endpoint):
    row = {"message_id": message, "endpoint_id": endpoint, "state": "waiting", "tries": 1}
    put(tx, "webhook_delivery", id=name, due_at=AT, **row)
    put(tx, "webhook_try", delivery_id=name, try_no=1, at=AT, status=500)


def told(tx):
    return [tuple(each) for each in tx.exec_driver_sql(TOLD)]


def test_what_portals_were_told_survives_the_way_up_and_down(old_db):
    first = old_db.act(told)

    old_db.act(go, REVISION)
    after = old_db.act(told)
    old_db.act(go, before(), command.downgrade)

    assert first == [(URL, "order.paid", 1, "waiting", 1, 500)]
    assert after == first
    assert old_db.act(told) == first


@pytest.mark.parametrize(("message", "endpoint"), [("no", "whe"), ("evt", "no")])
def test_a_delivery_still_needs_its_message_and_its_endpoint(old_db, message, endpoint):
    old_db.act(go, REVISION)

    with pytest.raises(sa.exc.IntegrityError, match=r"(?i)foreign key"):
        old_db.act(a_delivery, "x", message, endpoint)


def test_what_the_revision_before_cannot_say_goes_with_it(old_db):
    old_db.act(go, REVISION)
    old_db.act(use_what_is_new)

    old_db.act(go, before(), command.downgrade)

    assert old_db.act(told) == [(f"{URL}#whe", "order.paid", 1, "dead", 1, 500)]
    old_db.act(go, REVISION)


def use_what_is_new(tx):
    tx.exec_driver_sql(
        f"UPDATE webhook_endpoint SET enabled = false, retired_at = '{AT}'"  # noqa: S608  # our own
    )
    tx.exec_driver_sql("UPDATE webhook_delivery SET state = 'dropped'")
    an_endpoint(tx, "whe2")
    a_message(tx, "evt2", type="ping", endpoint_id="whe2")
    a_delivery(tx, "dlv2", "evt2", "whe2")
