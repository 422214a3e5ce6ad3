"""R01: whoever kills the gateway at whatever point, after a restart nothing is lost or doubled."""

import json
import os
from dataclasses import replace
from functools import partial

import pytest
import sqlalchemy as sa

from paygate.bootstrap import create_app
from paygate.config import Config, Gateway
from paygate.domain.order import LateMoney, OrderState
from paygate.http.auth import new_key
from paygate.ledger import journal
from paygate.ledger.chart import Account
from paygate.services.cancel_order import cancel_orders
from paygate.services.chase_pending import chase_pending
from paygate.store import attempts, collections, orders, outbox, portals
from paygate.store.engine import EngineDatabase
from paygate.store.portals import PortalKey
from providers.contract import HttpReply
from tests.support.builders import (
    NOON,
    VAULT,
    a_house,
    a_portal,
    an_act,
    furnish,
)
from tests.support.crashes import (
    CrashingDatabase,
    CrashPoints,
    crashing_post,
    crashing_send,
    run_and_die,
)
from tests.support.databases import empty, url_of
from tests.support.fakes import CountingIds, FakeRail, SteppingClock, says
from tests.support.gateway import BASE, deck_order
from webhooks.endpoints import add_endpoint
from webhooks.outbound import deliver_due

RAIL = FakeRail()
CONFIG = Config(
    gateway=Gateway(base_url=BASE, database_url="", support_phone="1900 0000"),
    vault=VAULT,
    accounts=(),
)
POINTS_MAX = 200  # far more than a life has: the loop must end by itself


class World:
    """What survives a power cut at the gateway: the rail, the portal, their memories on disk."""

    def __init__(self, folder):
        self.charged, self.told = folder / "charged", folder / "told"

    def charge(self, ref, dong):
        self._append(self.charged, {"ref": ref, "dong": dong, "txn": f"T{ref}"})

    def post(self, _url, headers, body):
        self._append(self.told, {"id": headers["webhook-id"], **json.loads(body)})
        return 200

    def send(self, call):
        """Answer as the rail does: a session, or the truth about a charge."""
        if call.url.endswith("/init"):
            return HttpReply(200, {}, b"https://rail.example/pay")
        ref = call.body.decode()
        paid = next((each for each in read(self.charged) if each["ref"] == ref), None)
        if paid is None:
            return HttpReply(200, {}, says(ref, code="01", txn=None, paid_at=NOON))
        body = says(ref, dong=paid["dong"], txn=paid["txn"], paid_at=NOON)
        return HttpReply(200, {}, body)

    @staticmethod
    def _append(path, what):
        with path.open("a") as file:
            file.write(json.dumps(what) + "\n")
            file.flush()
            os.fsync(file.fileno())


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Portal:
    """The portal's program: it repeats its call with the same key until it is answered."""

    def __init__(self, db, folder):
        self.key, key_id, secret = new_key()
        self.folder = folder

        def prepare(tx):
            furnish(tx, late_money=LateMoney.ACCEPT)
            hashed = portals.hash_secret(secret)
            key = PortalKey(
                id=key_id, portal_id=a_portal().id, secret_sha256=hashed, created_at=NOON
            )
            portals.add_key(tx, key)
            act = an_act(ids=CountingIds("p"))
            add_endpoint(
                tx, act, VAULT, a_portal().id, "https://portal.example/hook", loopback=False
            )

        db.act(prepare)

    def issue(self, client):
        answer = client.post(
            "/v1/orders",
            json=deck_order(),
            headers={"Authorization": f"Bearer {self.key}", "Idempotency-Key": "deck"},
        )
        assert answer.status_code == 201, answer.data
        return answer.json


def a_life(url, world, portal, points, *, salt, clock):
    """Let the whole journey happen in one process, with a point at every commit and message."""
    database = EngineDatabase(url)
    house = replace(
        a_house(database, send=crashing_send(world.send, points)),
        db=CrashingDatabase(database, points),
    )
    ids = CountingIds(salt)
    client = create_app(CONFIG, house, clock=clock, ids=ids).test_client()

    def act():
        return an_act(clock.now(), ids=ids)

    order = portal.issue(client)
    checkout = order["checkout_url"].removeprefix(BASE)
    if client.get(checkout).data.find(b'name="method"') > 0:
        client.post(checkout, data={"method": "fake"})
    with database.read() as tx:
        tried = attempts.of_order(tx, order["id"])
    charged = {each["ref"] for each in read(world.charged)}
    if not charged:
        # The citizen pays at the rail with the session of the newest attempt.
        world.charge(tried[-1].ref, 5_000)
    for paid in read(world.charged):
        # The rail calls back until it is acknowledged.
        body = says(paid["ref"], dong=paid["dong"], txn=paid["txn"], paid_at=NOON)
        headers = {"X-Signature": RAIL.sign(body).decode()}
        answer = client.post("/webhooks/fake", data=body, headers=headers)
        assert answer.data in {b"applied", b"known"}, answer.data
    chase_pending(house, act())
    # Long after the crash: the claims that died with it have ended.
    clock.step(minutes=2)
    deliver_due(house, act(), crashing_post(world.post, points), lambda: 0.0)
    database.close()


def begin_to_pay(db, world, portal, clock):
    """Let the portal issue its order, and its citizen stand at the rail."""
    ids = CountingIds("p")
    client = create_app(CONFIG, a_house(db, send=world.send), clock=clock, ids=ids).test_client()
    order = portal.issue(client)
    client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})
    with db.read() as tx:
        return order, attempts.of_order(tx, order["id"])[0]


def a_cancellation(url, world, portal, order, points, *, salt, clock):
    """Let the portal cancel while its citizen is at the rail, which calls if it has charged."""
    database, ids = EngineDatabase(url), CountingIds(salt)
    house = replace(
        a_house(database, send=crashing_send(world.send, points)),
        db=CrashingDatabase(database, points),
    )
    client = create_app(CONFIG, house, clock=clock, ids=ids).test_client()
    headers = {"Authorization": f"Bearer {portal.key}"}
    answer = client.post(f"/v1/orders/{order['id']}/cancel", headers=headers)
    assert answer.status_code in {200, 202, 409}, answer.data
    clock.step(seconds=11)
    cancel_orders(house, an_act(clock.now(), ids=ids))
    for paid in read(world.charged):
        body = says(paid["ref"], dong=paid["dong"], txn=paid["txn"], paid_at=NOON)
        signed = {"X-Signature": RAIL.sign(body).decode()}
        answer = client.post("/webhooks/fake", data=body, headers=signed)
        assert answer.data in {b"applied", b"known"}, answer.data
    clock.step(minutes=2)
    post = crashing_post(world.post, points)
    deliver_due(house, an_act(clock.now(), ids=ids), post, lambda: 0.0)
    database.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("charged", ["never", "after the crash"])
def test_a_cancellation_cut_off_anywhere_loses_and_doubles_nothing(bare_db, tmp_path, charged):
    url, at, lived = url_of(bare_db), 0, False
    while not lived:
        at += 1
        assert at < POINTS_MAX
        folder = tmp_path / str(at)
        folder.mkdir()
        empty(bare_db)
        world, portal, clock = World(folder), Portal(bare_db, folder), SteppingClock(NOON)
        order, attempt = begin_to_pay(bare_db, world, portal, clock)
        bare_db.engine.dispose()

        first = CrashPoints(at)
        life = partial(a_cancellation, url, world, portal, order, clock=clock)
        lived = run_and_die(partial(life, first, salt="a"))
        clock.step(minutes=5)
        if charged == "after the crash":
            world.charge(attempt.ref, 5_000)
        life(CrashPoints(0), salt="b")
        one_end_told_once(bare_db, world)
    assert at - 1 >= 12


def one_end_told_once(db, world):
    """Whatever was charged is owed, and the portal was told of it."""
    charged = sum(each["dong"] for each in read(world.charged))
    with db.read() as tx:
        book = journal.trial_balance(tx)
        [order] = tx.execute(sa.select(orders.table)).all()
        told = [row.type for row in tx.execute(sa.select(outbox.table)).all()]
    assert book[Account.DUE_FROM_PROVIDER].dong == charged
    assert book[Account.OWED_TO_BENEFICIARY].dong == -charged
    assert order.state is (OrderState.PAID if charged else OrderState.CANCELLED)
    assert told.count("order.paid") == (1 if charged else 0)
    assert told.count("order.cancelled") <= 1
    assert {each["type"] for each in read(world.told)} == set(told)


@pytest.mark.timeout(600)
def test_whatever_point_the_gateway_is_killed_at_nothing_is_lost_or_doubled(bare_db, tmp_path):
    url, points_found, at = url_of(bare_db), 0, 0
    lived = False
    while not lived:
        at += 1
        assert at < POINTS_MAX
        folder = tmp_path / str(at)
        folder.mkdir()
        empty(bare_db)
        world, portal, clock = World(folder), Portal(bare_db, folder), SteppingClock(NOON)
        bare_db.engine.dispose()  # a child must not share our connections

        lived = run_and_die(
            lambda: a_life(url, world, portal, CrashPoints(at), salt="a", clock=clock)  # noqa: B023  # run at once
        )
        points_found = at - 1
        # The restart: everybody outside tries again, and the world goes on.
        clock.step(minutes=5)
        a_life(url, world, portal, CrashPoints(0), salt="b", clock=clock)
        nothing_is_lost_or_doubled(bare_db, world)
    print(f"killed at {points_found} points")  # noqa: T201  # the bar of R01 is all of them
    assert points_found >= 20


def nothing_is_lost_or_doubled(db, world):
    charged = sum(each["dong"] for each in read(world.charged))
    with db.read() as tx:
        book = journal.trial_balance(tx)
        [order] = tx.execute(sa.select(orders.table)).all()
        kept = tx.execute(sa.select(collections.table)).all()
        paid = [
            row for row in tx.execute(sa.select(outbox.table)).all() if row.type == "order.paid"
        ]
    assert charged == 5_000
    assert book[Account.DUE_FROM_PROVIDER].dong == charged
    assert book[Account.OWED_TO_BENEFICIARY].dong == -charged
    assert order.state is OrderState.PAID
    assert len(kept) == 1
    assert len(paid) == 1
    told = [each for each in read(world.told) if each["type"] == "order.paid"]
    assert {each["id"] for each in told} == {paid[0].id}  # at least once, always the same message
