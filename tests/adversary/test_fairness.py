"""One portal in a loop, or one that is silent, makes no other wait for more than its turn."""

from concurrent import futures
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from paygate.domain.ids import AccountCode
from paygate.domain.order import OrderState
from paygate.services import cancel_order, expire_orders
from paygate.services.cancel_order import PATIENCE, ask_cancel, cancel_orders
from paygate.services.chase_pending import EACH, chase_pending
from paygate.services.sync_order import sync_order
from paygate.store import attempts, deliveries, endpoints, outbox, portals
from paygate.store.deliveries import DeliveryState
from paygate.worker import Worker, schedule
from providers.contract import HttpReply, SilentError
from tests.adversary.conftest import World
from tests.support.builders import FAKE, NOON, VAULT, a_merchant, a_portal, furnish
from tests.support.fakes import SteppingClock, says
from webhooks.endpoints import add_endpoint, change_endpoint
from webhooks.outbound import ADDRESSED_MAX, BATCH, deliver_due
from webhooks.ping import ping_endpoint

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
OTHER = a_portal("other")


@pytest.fixture
def crowd(db):
    """A world with a second portal."""
    db.act(furnish)
    db.act(portals.add, OTHER, ())
    return World(db)


def dossier(number):
    return f"000.30.27.H23-220928-{number:04d}"


def pending(world):
    """Let the rail answer every question with `pending`."""
    world.line.answer = lambda call: HttpReply(
        200, {}, says(call.body.decode(), code="01", paid_at=NOON)
    )


def asked(world):
    return [call.body.decode() for call in world.line.sent]


# ---- questions to rails -----------------------------------------------------------------------
def test_a_portal_in_a_loop_of_sync_puts_its_own_question_off_no_further(world):
    order = world.order()
    attempt = world.attempt(order)
    pending(world)
    first = NOON + MINUTE
    for seconds in range(30):
        world.db.act(sync_order, world.act(first + seconds * SECOND), order.id)

    assert world.read(attempts.get, attempt.id).ask_at == first


def test_the_wishes_of_one_portal_are_asked_in_turn_with_those_of_another(crowd):
    busy = [crowd.order(dossier=dossier(number)) for number in range(3 * EACH)]
    for order in busy:
        crowd.attempt(order)
    quiet = crowd.attempt(crowd.order(portal=OTHER))
    pending(crowd)
    for order in busy:
        crowd.db.act(sync_order, crowd.act(NOON + MINUTE), order.id)

    chase_pending(crowd.house, crowd.act(NOON + 3 * MINUTE))

    assert len(asked(crowd)) == EACH
    assert quiet.ref in asked(crowd)


def test_within_one_portal_who_waits_longest_is_asked_first(world):
    refs = [
        world.attempt(world.order(dossier=dossier(number)), NOON + number * SECOND).ref
        for number in range(EACH + 2)
    ]
    pending(world)

    chase_pending(world.house, world.act(NOON + 3 * MINUTE))

    assert asked(world) == refs[:EACH]


# ---- cancelling -------------------------------------------------------------------------------
def cancelling(world, order, now=NOON):
    world.db.act(ask_cancel, world.act(now), order.id)


def test_one_cancellation_of_another_portal_does_not_wait_for_a_thousand(crowd, monkeypatch):
    monkeypatch.setattr(cancel_order, "BATCH", 3)
    for number in range(6):
        order = crowd.order(dossier=dossier(number))
        crowd.attempt(order)
        cancelling(crowd, order)
    late = crowd.order(portal=OTHER)
    crowd.attempt(late)
    cancelling(crowd, late, NOON + SECOND)
    pending(crowd)

    cancel_orders(crowd.house, crowd.act(NOON + 2 * SECOND))

    assert crowd.state(late) is OrderState.CANCELLED


def test_a_silent_rail_is_waited_for_once_in_a_round_of_cancellations(db):
    """Each silence lasts ten seconds; another rail's answer must not wait for fifty of them."""
    db.act(furnish)
    second = AccountCode("other")
    world = World(db, merchants={FAKE: a_merchant(), second: a_merchant(code="other")})
    for number in range(1, 6):
        order = world.order(dossier=dossier(100 + number))
        world.attempt(order)
        cancelling(world, order)
    spoken = world.order()
    waiting = world.attempt(spoken, account=second)
    cancelling(world, spoken)

    def silent_but_one(call):
        if call.body.decode() != waiting.ref:
            raise SilentError
        return HttpReply(200, {}, says(waiting.ref, paid_at=NOON))

    world.line.answer = silent_but_one
    cancel_orders(world.house, world.act(NOON + 2 * SECOND))

    assert len(asked(world)) == 2
    assert world.state(spoken) is OrderState.PAID
    # What was not asked about waits for its ten seconds, and no longer.
    assert cancel_orders(world.house, world.act(NOON + PATIENCE)) == 4


@pytest.mark.parametrize("job", ["cancel", "expire"])
def test_an_order_that_cannot_be_ended_keeps_no_other_from_its_end(world, monkeypatch, job):
    """TRUST R14."""
    poisoned, good = (world.order(dossier=dossier(number)) for number in (1, 2))
    for order in (poisoned, good):
        world.attempt(order)
        cancelling(world, order)
    pending(world)
    verb: Any = cancel_order if job == "cancel" else expire_orders
    end = verb.end_order

    def broken(tx, act, order, ended_as):
        if order.id == poisoned.id:
            raise ValueError(order.id)
        return end(tx, act, order, ended_as)

    monkeypatch.setattr(verb, "end_order", broken)
    run = cancel_orders if job == "cancel" else expire_orders.expire_orders

    assert run(world.house, world.act(NOON + timedelta(days=2))) == 1
    assert world.state(good) in {OrderState.CANCELLED, OrderState.EXPIRED}


def test_rails_that_keep_silent_are_waited_for_side_by_side_before_orders_expire(bare_db):
    """An order of the second rail must not wait until the first has been silent fifty times."""
    bare_db.act(furnish)
    second = AccountCode("other")
    world = World(bare_db, merchants={FAKE: a_merchant(), second: a_merchant(code="other")})
    held = world.order(dossier=dossier(1))
    world.attempt(held)
    quick = world.order(dossier=dossier(2))
    waiting = world.attempt(quick, account=second)
    met = Event()

    def answer(call):
        if call.body.decode() == waiting.ref:
            met.set()
        else:
            assert met.wait(30)
        return HttpReply(200, {}, says(call.body.decode(), code="51", paid_at=NOON))

    world.line.answer = answer
    with futures.ThreadPoolExecutor(2) as crew:
        closed = expire_orders.expire_orders(
            world.house, world.act(NOON + timedelta(days=2)), spread=crew.map
        )

    assert closed == 2


# ---- telling portals --------------------------------------------------------------------------
def endpoint_of(world, portal, url):
    return world.db.act(add_endpoint, world.act(), VAULT, portal.id, url, loopback=False)[0]


def ping(world, portal, endpoint):
    return world.db.act(ping_endpoint, world.act(), portal.id, endpoint.id)


def states(world, message):
    return [each.state for each in world.read(deliveries.of_message, message.id)]


def test_a_portal_in_a_loop_of_pings_keeps_no_others_message_from_being_addressed(crowd):
    loud = endpoint_of(crowd, a_portal(), "https://loud.example/hooks")
    quiet = endpoint_of(crowd, OTHER, "https://quiet.example/hooks")
    for _ in range(ADDRESSED_MAX + 1):
        ping(crowd, a_portal(), loud)
    message = ping(crowd, OTHER, quiet)

    deliver_due(crowd.house, crowd.act(), lambda *_: 200, lambda: 0.0)

    assert states(crowd, message) == [DeliveryState.DELIVERED]


def test_ten_endpoints_of_one_portal_get_no_more_turns_than_one_of_another(crowd):
    loud = [
        endpoint_of(crowd, a_portal(), f"https://loud.example/{number}") for number in range(10)
    ]
    quiet = endpoint_of(crowd, OTHER, "https://quiet.example/hooks")
    for endpoint in loud * 4:
        ping(crowd, a_portal(), endpoint)
    for _ in range(BATCH // 2):
        ping(crowd, OTHER, quiet)
    told = []

    def post(url, headers, body):
        del headers, body
        told.append(url)
        return 200

    deliver_due(crowd.house, crowd.act(), post, lambda: 0.0)

    assert (len(told), told.count(quiet.url)) == (BATCH, BATCH // 2)


def test_a_portal_that_keeps_silent_is_waited_for_by_one_run_alone(crowd):
    dumb = endpoint_of(crowd, a_portal(), "https://dumb.example/hooks")
    quiet = endpoint_of(crowd, OTHER, "https://quiet.example/hooks")
    busy: set[str] = set()
    ping(crowd, a_portal(), dumb)
    asked_it, answers = Event(), Event()

    def post(url, headers, body):
        del headers, body
        if url == dumb.url:
            asked_it.set()
            assert answers.wait(60)
        return 200

    with futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(deliver_due, crowd.house, crowd.act(), post, lambda: 0.0, busy=busy)
        assert asked_it.wait(60)
        try:
            later, told = ping(crowd, a_portal(), dumb), ping(crowd, OTHER, quiet)
            assert deliver_due(crowd.house, crowd.act(), post, lambda: 0.0, busy=busy) == 1
            assert states(crowd, told) == [DeliveryState.DELIVERED]
            assert states(crowd, later) == [DeliveryState.WAITING]
        finally:
            answers.set()
        assert first.result(60) == 1
    assert busy == set()
    assert deliver_due(crowd.house, crowd.act(), post, lambda: 0.0, busy=busy) == 1


def test_the_address_that_is_gone_is_not_the_one_that_the_portal_has_moved_to(world):
    endpoint = endpoint_of(world, a_portal(), "https://old.example/hooks")
    message = ping(world, a_portal(), endpoint)

    def gone(url, *_):
        if url != endpoint.url:
            return 200
        world.db.act(
            change_endpoint,
            world.act(),
            a_portal().id,
            endpoint.id,
            url="https://new.example/hooks",
            enabled=None,
            loopback=False,
        )
        return 410

    assert deliver_due(world.house, world.act(), gone, lambda: 0.0) == 0
    assert world.read(endpoints.get, endpoint.id).enabled
    assert deliver_due(world.house, world.act(), gone, lambda: 0.0) == 1
    assert world.read(outbox.get, message.id) is not None


def test_jobs_that_wait_for_others_leave_a_thread_for_the_lease(world):
    worker = Worker(world.house, clock=SteppingClock(NOON), ids=world.ids, post=lambda *_: 200)
    scheduler = schedule(worker)
    at_once = {each.id: each.max_instances for each in scheduler.get_jobs()}

    threads = scheduler._executors["default"]._pool._max_workers  # told nowhere else
    assert threads >= sum(at_once.values())
    assert at_once["hold_lease"] == 1
