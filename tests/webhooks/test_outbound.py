"""What portals are told: at least once, each message on its own, every try written down."""

import json
from concurrent import futures
from datetime import timedelta

import pytest
import sqlalchemy as sa
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from paygate.store import deliveries, endpoints, outbox, sealed
from paygate.store.deliveries import DeliveryState
from paygate.store.engine import EngineDatabase
from paygate.store.outbox import OutgoingMessage
from tests.support.builders import NOON, VAULT, a_house, a_portal, an_act, an_order, furnish
from tests.support.databases import url_of
from tests.support.fakes import CountingIds
from tests.support.races import together
from webhooks.egress import NotDeliveredError
from webhooks.endpoints import add_endpoint
from webhooks.outbound import (
    BATCH,
    CLAIM,
    JITTER,
    TRIES_MAX,
    WAITS,
    deliver_due,
    next_due,
)

URL = "https://portal.example/hooks"
# Standard Webhooks 1.0.0: 0 s, then these.
SCHEDULE = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=each) for each in (2, 5, 10, 14, 20, 24)),
]


class FakePost:
    """Portals: each answers by its script, the last word of which it repeats."""

    def __init__(self):
        self.sent = []
        self.scripts = {}

    def answers(self, *script, url=URL):
        self.scripts[url] = list(script)

    def __call__(self, url, headers, body):
        self.sent.append((url, dict(headers), body))
        script = self.scripts.get(url, [200])
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def told(self, url=URL):
        return [headers["webhook-id"] for to, headers, _ in self.sent if to == url]


class Stand:
    """A furnished house, its portals, and the worker's tick."""

    def __init__(self, db, ids):
        self.db, self.ids = db, ids
        self.house, self.post = a_house(db), FakePost()
        self.now = NOON
        db.act(furnish)
        self.order = db.act(an_order, self.act())

    def act(self):
        return an_act(self.now, ids=self.ids)

    def endpoint(self, url=URL):
        added = self.db.act(add_endpoint, self.act(), VAULT, a_portal().id, url, loopback=False)
        return added[0], added[1]

    def message(self, version=2):
        message = OutgoingMessage(
            id=f"evt_{version}",
            portal_id=a_portal().id,
            order_id=self.order.id,
            version=version,
            type="order.paid",
            body=json.dumps({"type": "order.paid", "name": "Điển", "version": version}),
            created_at=NOON,
        )
        self.db.act(outbox.put, message)
        return message

    def tick(self, *, chance=0.0, **later):
        self.now += timedelta(**later)
        return deliver_due(self.house, self.act(), self.post, lambda: chance)

    def read(self, of, *args):
        with self.db.read() as tx:
            return of(tx, *args)

    def delivery(self, message):
        (delivery,) = self.read(deliveries.of_message, message.id)
        return delivery

    def tries(self, message):
        delivery = self.delivery(message)
        return [
            (each.try_no, each.status or each.trouble)
            for each in self.read(deliveries.tries_of, delivery.id)
        ]


@pytest.fixture
def stand(db):
    return Stand(db, CountingIds())


def test_a_portal_receives_what_the_reference_library_verifies(stand):
    _, secret = stand.endpoint()
    message = stand.message()

    assert stand.tick() == 1

    ((url, headers, body),) = stand.post.sent
    assert (url, body) == (URL, message.body.encode())
    assert headers == {
        "Content-Type": "application/json",
        "User-Agent": "paygate",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(NOON.timestamp())),
        "webhook-signature": headers["webhook-signature"],
    }
    judge = standardwebhooks.Webhook(secret)
    assert headers["webhook-signature"] == judge.sign(message.id, NOON, body.decode())
    assert stand.delivery(message).state is DeliveryState.DELIVERED
    assert stand.tries(message) == [(1, 200)]


def test_nothing_is_sent_twice_after_success(stand):
    stand.endpoint()
    message = stand.message()
    stand.tick()

    assert [stand.tick(hours=hours) for hours in (1, 24, 1_000)] == [0, 0, 0]
    assert stand.post.told() == [message.id]


def test_a_message_of_a_portal_without_endpoints_is_done(stand):
    message = stand.message()

    assert stand.tick() == 0
    assert stand.read(outbox.get, message.id).addressed_at == NOON
    assert stand.read(deliveries.of_message, message.id) == ()
    stand.endpoint()
    stand.tick(hours=1)
    assert stand.post.sent == []


def test_every_endpoint_of_the_portal_is_told(stand):
    stand.endpoint(f"{URL}/1")
    stand.endpoint(f"{URL}/2")
    message = stand.message()

    assert stand.tick() == 2
    assert [stand.post.told(f"{URL}/{each}") for each in (1, 2)] == [[message.id]] * 2


def test_messages_of_a_disabled_endpoint_wait_and_are_sent_when_it_is_enabled_again(stand):
    endpoint, _ = stand.endpoint()
    stand.db.act(endpoints.switch, endpoint.id, on=False)
    made = [stand.message(version) for version in (2, 3)]
    assert [stand.tick(), stand.tick(hours=100)] == [0, 0]
    assert stand.post.sent == []

    stand.db.act(endpoints.switch, endpoint.id, on=True)

    assert stand.tick(seconds=1) == 2
    assert sorted(stand.post.told()) == [each.id for each in made]


def test_410_disables_the_endpoint_and_costs_the_message_no_try(stand):
    endpoint, _ = stand.endpoint()
    message = stand.message()
    stand.post.answers(410, 200)
    stand.tick()
    assert not stand.read(endpoints.get, endpoint.id).enabled
    assert stand.delivery(message).tries == 0
    later = stand.message(3)
    stand.tick(hours=50)
    assert stand.post.told() == [message.id]

    stand.db.act(endpoints.switch, endpoint.id, on=True)

    assert stand.tick(seconds=1) == 2
    assert stand.tries(message) == [(1, 410), (2, 200)]
    assert stand.tries(later) == [(1, 200)]


def test_410_at_any_try_never_leads_beyond_the_schedule(stand):
    endpoint, _ = stand.endpoint()
    message = stand.message()
    stand.post.answers(*[500, 410] * TRIES_MAX)
    for _ in range(3 * TRIES_MAX):
        stand.tick(hours=30)
        stand.db.act(endpoints.switch, endpoint.id, on=True)
        assert stand.delivery(message).tries <= TRIES_MAX

    assert stand.delivery(message).state is DeliveryState.DEAD
    assert [status for _, status in stand.tries(message)].count(500) == TRIES_MAX


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 404, 429, 500, 503, 199, 300])
def test_whatever_is_no_2xx_is_a_failure_and_tried_again(stand, status):
    stand.endpoint()
    message = stand.message()
    stand.post.answers(status, 204)

    assert stand.tick() == 0
    assert stand.delivery(message).due_at == NOON + SCHEDULE[0]
    assert stand.tick(seconds=4) == 0
    assert stand.tick(seconds=1) == 1
    assert stand.tries(message) == [(1, status), (2, 204)]


@pytest.mark.parametrize("answer", [500, NotDeliveredError("timeout")], ids=["500", "timeout"])
def test_failures_follow_the_schedule_and_die_after_ten_tries(stand, answer):
    stand.endpoint()
    message = stand.message()
    stand.post.answers(answer)
    waited = []
    for _ in range(TRIES_MAX - 1):
        stand.tick()
        due_at = stand.delivery(message).due_at
        waited.append(due_at - stand.now)
        assert stand.tick(seconds=(due_at - stand.now).total_seconds() - 1) == 0
        stand.now = due_at
    stand.tick()

    assert waited == SCHEDULE
    assert stand.delivery(message).state is DeliveryState.DEAD
    assert [number for number, _ in stand.tries(message)] == list(range(1, 11))
    stand.tick(hours=1_000)
    assert len(stand.post.sent) == 10


@given(st.integers(1, TRIES_MAX - 1), st.floats(0, 1))
def test_the_jitter_makes_a_wait_longer_by_a_tenth_at_most(tries, chance):
    due_at = next_due(tries, NOON, chance)

    assert due_at is not None
    assert WAITS[tries - 1] <= due_at - NOON <= WAITS[tries - 1] * (1 + JITTER)
    assert next_due(TRIES_MAX, NOON, chance) is None


def test_a_failing_message_holds_no_other_back(stand):
    bad, good = f"{URL}/bad", f"{URL}/good"
    stand.endpoint(bad)
    stand.endpoint(good)
    stand.post.answers(NotDeliveredError("timeout"), url=bad)
    made = [stand.message(version) for version in range(2, 2 + 2 * BATCH)]

    for _ in range(5):
        stand.tick(seconds=1)

    assert sorted(stand.post.told(good)) == sorted(each.id for each in made)


def test_a_long_queue_of_one_portal_leaves_room_for_another(stand):
    slow, quick = f"{URL}/slow", f"{URL}/quick"
    stand.endpoint(slow)
    stand.post.answers(500, url=slow)
    for version in range(2, 2 + 3 * BATCH):
        stand.message(version)
        stand.tick()
    stand.post.sent.clear()
    stand.endpoint(quick)
    message = stand.message(1_000)

    stand.tick(hours=1)

    assert stand.post.told(quick) == [message.id]
    assert len(stand.post.told(slow)) == BATCH - 1


def test_a_message_whose_sending_is_a_fault_holds_no_other_back(stand):
    stand.endpoint(f"{URL}/1")
    stand.endpoint(f"{URL}/2")
    stand.post.answers(RuntimeError("a fault of ours"), url=f"{URL}/1")
    message = stand.message()

    assert stand.tick() == 1
    states = {each.state for each in stand.read(deliveries.of_message, message.id)}
    assert states == {DeliveryState.DELIVERED, DeliveryState.WAITING}


def test_a_secret_that_does_not_open_holds_no_other_back(stand):
    broken, _ = stand.endpoint(f"{URL}/1")
    good, _ = stand.endpoint(f"{URL}/2")
    stolen = endpoints.table.update().where(endpoints.table.c.id == broken.id)
    stand.db.act(lambda tx: tx.execute(stolen.values(secret_sealed=good.secret_sealed)))
    message = stand.message()

    assert stand.tick() == 1

    assert stand.post.told(f"{URL}/1") == []
    troubles = {
        each.trouble
        for delivery in stand.read(deliveries.of_message, message.id)
        for each in stand.read(deliveries.tries_of, delivery.id)
    }
    assert troubles == {None, "secret_does_not_open"}


def test_a_claim_that_died_is_due_again_after_the_claim_ends(stand):
    stand.endpoint()
    message = stand.message()
    stand.post.answers(SystemExit())  # the process ends between the claim and its answer
    with pytest.raises(SystemExit):
        stand.tick()
    stand.post.answers(200)

    assert stand.tick(seconds=CLAIM.total_seconds() - 1) == 0
    assert stand.tick(seconds=1) == 1
    assert stand.post.told() == [message.id] * 2
    assert stand.delivery(message).tries == 2


def test_a_message_that_always_kills_its_worker_dies_after_ten_tries(stand):
    stand.endpoint()
    message = stand.message()
    stand.post.answers(SystemExit())
    for _ in range(TRIES_MAX):
        with pytest.raises(SystemExit):
            stand.tick(seconds=CLAIM.total_seconds())

    assert stand.tick(seconds=CLAIM.total_seconds()) == 0

    assert stand.delivery(message).state is DeliveryState.DEAD
    assert len(stand.post.sent) == TRIES_MAX


def test_a_late_answer_does_not_reopen_what_was_delivered(stand):
    stand.endpoint()
    message = stand.message()
    stand.tick()
    delivery = stand.delivery(message)

    stand.db.act(
        deliveries.settle,
        delivery.id,
        answer=deliveries.Answer(trouble="timeout"),
        at=stand.now,
        state=DeliveryState.WAITING,
        tries=2,
        due_at=stand.now,
    )

    assert stand.delivery(message) == delivery
    assert stand.tries(message) == [(1, 200), (2, "timeout")]


def test_messages_sent_side_by_side_are_each_settled_as_their_portal_answered(stand):
    for number in range(6):
        stand.endpoint(f"{URL}/{number}")
        stand.post.answers(200 if number % 2 else 500, url=f"{URL}/{number}")
    message = stand.message()

    with futures.ThreadPoolExecutor(6) as crew:
        arrived = deliver_due(stand.house, stand.act(), stand.post, lambda: 0.0, spread=crew.map)

    assert arrived == 3
    found = stand.read(deliveries.of_message, message.id)
    by_state = {state: sum(each.state is state for each in found) for state in DeliveryState}
    assert by_state == {
        DeliveryState.DELIVERED: 3,
        DeliveryState.WAITING: 3,
        DeliveryState.DEAD: 0,
        DeliveryState.DROPPED: 0,
    }


def claim_all(url, barrier, results, process):
    """Claim until nothing is left, all processes at the same moments."""
    del process
    database, taken = EngineDatabase(url), []
    for _ in range(10):
        barrier.wait(timeout=60)
        claimed = database.act(deliveries.claim_due, now=NOON, until=NOON + CLAIM, limit=5)
        taken += [each.id for each in claimed]
    database.close()
    results.put(taken)


@pytest.mark.timeout(300)
def test_workers_that_claim_at_once_never_claim_the_same(bare_db):
    stand = Stand(bare_db, CountingIds())
    stand.endpoint()
    for version in range(2, 2 + 2 * BATCH):
        stand.message(version)
    # Addressed, and then due again as if nobody had sent them yet.
    stand.post.answers(500)
    while len(stand.post.sent) < 2 * BATCH:
        stand.tick()
    bare_db.act(lambda tx: tx.execute(deliveries.table.update().values(due_at=NOON)))
    bare_db.engine.dispose()

    taken = together(claim_all, url_of(bare_db))

    assert len(taken) == 2 * BATCH
    assert len(set(taken)) == len(taken)


def test_a_secret_is_sealed_for_its_endpoint(stand):
    endpoint, _ = stand.endpoint()

    with stand.db.read() as tx:
        row = tx.execute(sa.select(sealed.table)).mappings().all()[-1]
    assert (row["owner_table"], row["owner_row"]) == ("webhook_endpoint", endpoint.id)
