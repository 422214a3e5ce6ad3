"""Portals and workers that touch the same webhook endpoints at the same moment."""

from collections import Counter
from contextlib import suppress

import pytest
import sqlalchemy as sa

from paygate.domain.errors import NobodyToTellError, PaygateError
from paygate.store import deliveries, endpoints, outbox
from paygate.store.deliveries import DeliveryState
from paygate.store.engine import EngineDatabase
from paygate.store.outbox import OutgoingMessage
from tests.support.builders import NOON, VAULT, a_house, a_portal, an_act, an_order, furnish
from tests.support.databases import url_of
from tests.support.fakes import CountingIds
from tests.support.races import PROCESSES, ROUNDS, together
from webhooks.endpoints import add_endpoint, retire_endpoint
from webhooks.outbound import deliver_due
from webhooks.resend import resend_message

pytestmark = pytest.mark.timeout(300)
URL = "https://portal.example/hooks"


def add_the_same(url, barrier, results, process):
    """Add the address of each round, and retire it if it was ours."""
    database, ids, seen = EngineDatabase(url), CountingIds(f"{process}"), []
    portal_id = a_portal().id
    for number in range(ROUNDS):
        act = an_act(ids=ids)
        barrier.wait(timeout=60)
        try:
            where = f"{URL}/{number}"
            added, _ = database.act(add_endpoint, act, VAULT, portal_id, where, loopback=False)
            seen.append("added")
        except PaygateError as error:
            added = None
            seen.append(error.code)
        barrier.wait(timeout=60)
        if added is not None:
            database.act(retire_endpoint, act, portal_id, added.id)
    database.close()
    results.put(seen)


def test_an_address_that_is_added_twice_at_once_is_there_once(bare_db):
    bare_db.act(furnish)
    bare_db.engine.dispose()

    seen = together(add_the_same, url_of(bare_db))

    assert Counter(seen) == {
        "added": ROUNDS,
        "webhook_endpoint_exists": ROUNDS * (PROCESSES - 1),
    }


def retire_what_is_told(url, barrier, results, process):
    """Let one retire the endpoint of each round while the others send its messages."""
    database, ids = EngineDatabase(url), CountingIds(f"{process}")
    portal_id, house = a_portal().id, a_house(database)
    for number in range(ROUNDS):
        act = an_act(ids=ids)
        with database.read() as tx:
            (endpoint,) = endpoints.of_portal(tx, portal_id)
        barrier.wait(timeout=60)
        if process == 0:
            database.act(retire_endpoint, act, portal_id, endpoint.id)
        elif process == 1:
            with suppress(NobodyToTellError):
                database.act(resend_message, act, portal_id, f"evt_{number}_told")
        else:
            deliver_due(house, act, lambda *_: 500, lambda: 0.0)
        barrier.wait(timeout=60)
        if process == 0:
            database.act(prepare, act, number + 1)
        barrier.wait(timeout=60)
    database.close()
    results.put([None])


def prepare(tx, act, number):
    """Make an endpoint, a message that was told to nobody and one that is to be told."""
    add_endpoint(tx, act, VAULT, a_portal().id, f"{URL}/{number}", loopback=False)
    order = tx.execute(sa.text("SELECT id FROM fee_order")).scalar_one()
    for version, name, told_at in ((1, "told", NOON), (2, "new", None)):
        message = OutgoingMessage(
            id=f"evt_{number}_{name}",
            portal_id=a_portal().id,
            order_id=order,
            version=10 * number + version,
            type="order.paid",
            body="{}",
            created_at=NOON,
            addressed_at=told_at,
        )
        outbox.put(tx, message)


def test_nothing_waits_for_ever_at_an_endpoint_that_was_retired_meanwhile(bare_db):
    act = an_act(ids=CountingIds("first"))
    bare_db.act(furnish)
    bare_db.act(an_order, act)
    bare_db.act(prepare, act, 0)
    bare_db.engine.dispose()

    together(retire_what_is_told, url_of(bare_db))

    waiting = (
        sa.select(deliveries.table.c.id)
        .join(endpoints.table, endpoints.table.c.id == deliveries.table.c.endpoint_id)
        .where(
            deliveries.table.c.state == DeliveryState.WAITING,
            endpoints.table.c.retired_at.is_not(None),
        )
    )
    with bare_db.read() as tx:
        assert tx.execute(waiting).all() == []
        assert len(tx.execute(sa.select(deliveries.table)).all()) > 0
