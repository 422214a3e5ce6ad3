"""The worker's ticks: only the holder of the lease acts, and one broken tick ends no other."""

import pytest
import structlog

from paygate.domain.ids import RandomIds
from paygate.store import audit, deliveries, jobs, outbox
from paygate.store.deliveries import DeliveryState
from paygate.store.outbox import OutgoingMessage
from paygate.web.health import WORKER_LEASE
from paygate.worker import LEASE_TTL, Worker
from tests.support.builders import NOON, VAULT, a_house, a_portal, an_act, an_order, furnish
from tests.support.fakes import CountingIds, SteppingClock
from webhooks.endpoints import add_endpoint

pytestmark = pytest.mark.functional


@pytest.fixture
def clock(monkeypatch):
    """The time of the test, which owns that of leases as well."""
    clock = SteppingClock(NOON)
    monkeypatch.setattr(jobs, "database_time", lambda _, ours: ours)
    return clock


@pytest.fixture
def sent():
    return []


@pytest.fixture
def hire(db, clock, sent):
    """Make a worker; every one works in the same house."""
    db.act(furnish)
    house = a_house(db)

    def post(url, headers, body):
        del headers, body
        sent.append(url)
        return 200

    return lambda: Worker(house, clock=clock, ids=RandomIds(), post=post)


def note(house, act):
    house.db.act(audit.note, act, stream="system:test", action="tested", subject="x")


def written(db):
    with db.read() as tx:
        return len(audit.stream_of(tx, "system:test"))


def test_a_worker_without_the_lease_does_nothing(db, hire):
    first, second = hire(), hire()
    assert first.hold_lease() is not None
    assert second.hold_lease() is None

    second.run("test", note)
    assert written(db) == 0
    first.run("test", note)
    assert written(db) == 1


def test_a_worker_that_never_asked_for_the_lease_does_nothing(db, hire):
    hire().run("test", note)

    assert written(db) == 0


def test_the_holder_renews_and_stays_the_holder(db, hire, clock):
    first, second = hire(), hire()
    first.hold_lease()
    for _ in range(10):
        clock.step(seconds=5)
        assert first.hold_lease() is not None
        assert second.hold_lease() is None

    with db.read() as tx:
        lease = jobs.current(tx, WORKER_LEASE)
    assert lease is not None
    assert (lease.fencing, lease.expires_at) == (1, clock.now() + LEASE_TTL)


def test_a_worker_that_was_paused_past_its_lease_writes_nothing_and_steps_back(db, hire, clock):
    paused, other = hire(), hire()
    paused.hold_lease()
    clock.step(seconds=LEASE_TTL.total_seconds() + 1)
    assert other.hold_lease() is not None
    runs = []

    def job(house, act):
        runs.append("began")
        note(house, act)
        runs.append("wrote")

    paused.run("test", job)
    paused.run("test", job)

    assert (runs, written(db)) == (["began"], 0)
    assert paused.hold_lease() is None
    other.run("test", note)
    assert written(db) == 1


def test_a_worker_that_lost_its_lease_may_take_it_again_later(hire, clock):
    first, second = hire(), hire()
    first.hold_lease()
    clock.step(seconds=20)
    second.hold_lease()
    assert first.hold_lease() is None

    clock.step(seconds=20)

    lease = first.hold_lease()
    assert lease is not None
    assert lease.fencing == 3


def test_a_broken_job_is_logged_and_ends_no_other(db, hire):
    worker = hire()
    worker.hold_lease()

    def broken(house, act):
        note(house, act)
        raise RuntimeError("a fault of ours")

    with structlog.testing.capture_logs() as logs:
        worker.run("test", broken)
    worker.run("test", note)

    assert [(each["event"], each["job"]) for each in logs] == [("job_failed", "test")]
    assert written(db) == 2


def test_what_a_job_does_is_written_with_its_name(db, hire):
    worker = hire()
    worker.hold_lease()

    worker.run("expire", note)

    with db.read() as tx:
        (record,) = audit.stream_of(tx, "system:test")
    assert '"actor":"system:expire"' in record.record
    assert '"via":"job:expire"' in record.record


def test_a_tick_delivers_what_waits_and_only_under_the_lease(db, hire, sent):
    act = an_act(ids=CountingIds())
    worker = hire()
    order = db.act(an_order, act)
    url = "https://portal.example/hooks"
    db.act(add_endpoint, act, VAULT, a_portal().id, url, loopback=False)
    message = OutgoingMessage(
        id="evt_1",
        portal_id=a_portal().id,
        order_id=order.id,
        version=2,
        type="order.paid",
        body="{}",
        created_at=NOON,
    )
    db.act(outbox.put, message)

    worker.deliver()
    assert sent == []
    worker.hold_lease()
    worker.deliver()
    worker.deliver()

    assert sent == [url]
    with db.read() as tx:
        (delivery,) = deliveries.of_message(tx, message.id)
    assert delivery.state is DeliveryState.DELIVERED


def test_every_tick_runs_on_a_house_with_nothing_to_do(hire):
    worker = hire()
    worker.hold_lease()

    with structlog.testing.capture_logs() as logs:
        for tick in (worker.deliver, worker.chase, worker.expire):
            tick()

    assert [each for each in logs if each["log_level"] in {"error", "critical"}] == []
