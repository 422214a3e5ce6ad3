"""Portals and citizens that press twice at the same moment, in different processes."""

from collections import Counter

import pytest
import sqlalchemy as sa

from paygate.bootstrap import create_app
from paygate.config import Config, Gateway
from paygate.domain.errors import AlreadyPaidError, LiveOrderExistsError, OrderNotPayableError
from paygate.domain.order import OrderState
from paygate.http.auth import new_key
from paygate.services.start_checkout import CheckoutWanted, start_checkout
from paygate.store import attempts, idempotency, live_orders, orders, portals
from paygate.store.engine import EngineDatabase
from paygate.store.portals import PortalKey
from tests.support.builders import NOON, VAULT, a_house, a_portal, an_act, an_order, furnish
from tests.support.databases import url_of
from tests.support.fakes import CountingIds, FakeLine, SteppingClock
from tests.support.gateway import BASE, GENEROUS, deck_order
from tests.support.races import PROCESSES, ROUNDS, together

pytestmark = pytest.mark.timeout(300)


def scan(db, table):
    with db.read() as tx:
        return tx.execute(sa.select(table)).all()


def furnished(db):
    key, key_id, secret = new_key()
    db.act(furnish)
    hashed = portals.hash_secret(secret)
    row = PortalKey(id=key_id, portal_id=a_portal().id, secret_sha256=hashed, created_at=NOON)
    db.act(portals.add_key, row)
    db.engine.dispose()
    return key


def post_the_same(url, barrier, results, process, key):
    """Post the order of each round with the round's key, as a portal with a nervous network."""
    database, ids = EngineDatabase(url), CountingIds(f"{process}")
    config = Config(
        gateway=Gateway(base_url=BASE, database_url="", support_phone="1", limits=GENEROUS),
        vault=VAULT,
        accounts=(),
    )
    app = create_app(config, a_house(database), clock=SteppingClock(NOON), ids=ids)
    client, seen = app.test_client(), []
    for number in range(ROUNDS):
        body = deck_order(dossier={"code": f"000.30.27.H23-220928-{number:04d}"})
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"round-{number}"}
        barrier.wait(timeout=60)
        answer = client.post("/v1/orders", json=body, headers=headers)
        seen.append((number, answer.status_code, answer.get_json().get("id")))
    database.close()
    results.put(seen)


def test_one_key_at_once_is_one_order_and_one_answer(bare_db):
    key = furnished(bare_db)

    seen = together(post_the_same, url_of(bare_db), key)

    assert Counter(status for _, status, _ in seen) == {201: ROUNDS * PROCESSES}
    assert len({(number, order_id) for number, _, order_id in seen}) == ROUNDS
    assert len(scan(bare_db, orders.table)) == ROUNDS
    assert len(scan(bare_db, idempotency.table)) == ROUNDS


def issue_the_same(url, barrier, results, process):
    database, ids, seen = EngineDatabase(url), CountingIds(f"{process}"), []
    for number in range(ROUNDS):
        dossier = f"000.30.27.H23-220928-{number:04d}"
        barrier.wait(timeout=60)
        try:
            database.act(an_order, an_act(ids=ids), dossier=dossier)
            seen.append("issued")
        except (LiveOrderExistsError, AlreadyPaidError) as refusal:
            seen.append(refusal.code)
    database.close()
    results.put(seen)


def test_one_dossier_at_once_is_one_live_order(bare_db):
    furnished(bare_db)

    seen = together(issue_the_same, url_of(bare_db))

    assert Counter(seen) == {
        "issued": ROUNDS,
        "live_order_exists": ROUNDS * (PROCESSES - 1),
    }
    assert len(scan(bare_db, orders.table)) == len(scan(bare_db, live_orders.table)) == ROUNDS


def press_pay(url, barrier, results, process, order_ids):
    database, ids, line = EngineDatabase(url), CountingIds(f"{process}"), FakeLine()
    line.says(b"https://rail.example/pay")
    house, seen = a_house(database, send=line), []
    for order_id in order_ids:
        wanted = CheckoutWanted(
            order_id=order_id,
            account="fake",
            bank=None,
            client_ip="127.0.0.1",
            language="vi",
            return_url="https://pay.example/return/{}",
        )
        barrier.wait(timeout=60)
        try:
            start_checkout(house, an_act(ids=ids), wanted)
            seen.append("started")
        except OrderNotPayableError:
            seen.append("not_payable")
    database.close()
    results.put(seen)


def test_a_button_pressed_in_several_windows_starts_one_attempt(bare_db):
    furnished(bare_db)
    ids, made = CountingIds(), []
    for number in range(ROUNDS):
        dossier = f"000.30.27.H23-220928-{number:04d}"
        made.append(bare_db.act(an_order, an_act(ids=ids), dossier=dossier).id)
    bare_db.engine.dispose()

    seen = together(press_pay, url_of(bare_db), made)

    assert Counter(seen) == {"started": ROUNDS, "not_payable": ROUNDS * (PROCESSES - 1)}
    assert len(scan(bare_db, attempts.table)) == ROUNDS
    assert {row.state for row in scan(bare_db, orders.table)} == {OrderState.PROCESSING}
