"""Who comes too often waits: one count for all nodes, and never in the way of a rail's word."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from paygate.bootstrap import create_app
from paygate.config import Limits
from paygate.http.meter import Limit, Meter, network_of
from paygate.services.forget_rates import KEPT, forget_rates
from paygate.store import rate_limits
from paygate.store.orders import FeeOrder
from tests.support.builders import (
    NOON,
    VAULT,
    a_callback,
    a_house,
    an_act,
    an_attempt,
    an_order,
    furnish,
)
from tests.support.fakes import FakeRail
from tests.support.gateway import BASE, a_gateway, deck_order

pytestmark = pytest.mark.functional
FEW = Limits(
    portal_writes_per_s=2,
    citizen_starts_per_minute=5,
    order_starts_per_minute=3,
    misses_per_minute=4,
)
A_MINUTE = Limit(name="test", many=3, window=timedelta(minutes=1))


@pytest.fixture
def gateway(db):
    return a_gateway(db, limits=FEW)


def windows(house):
    with house.db.read() as tx:
        return tx.execute(sa.select(rate_limits.table)).all()


def purpose(number):
    return deck_order(purpose=["fee", "advance", "final", "supplement", "retry"][number])


def start(gateway, order, **more):
    more.setdefault("method", "nothing-that-is-offered")
    return gateway.client.post(f"/pay/{order.checkout_token}", data=more, headers={"Origin": BASE})


# ---- portals --------------------------------------------------------------------------------
def test_a_portal_writes_as_often_as_it_may_and_then_waits_for_the_window_to_end(gateway):
    answers = [gateway.post_order(purpose(number)) for number in range(5)]

    assert [each.status_code for each in answers] == [201, 201, 201, 201, 429]
    refused = answers[-1]
    assert refused.headers["Retry-After"] == "2"
    assert refused.content_type == "application/problem+json"
    assert refused.json["code"] == "too_many_requests"
    gateway.clock.step(seconds=2)
    assert gateway.post_order(purpose(4)).status_code == 201


def test_what_was_refused_for_haste_is_done_when_it_comes_again_with_its_key(gateway):
    for number in range(4):
        gateway.post_order(purpose(number))
    assert gateway.post_order(purpose(4), key="late").status_code == 429

    gateway.clock.step(seconds=2)
    again = gateway.post_order(purpose(4), key="late")

    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again.headers


def test_reading_costs_no_write_and_is_never_refused(gateway):
    order = gateway.post_order().json
    before = windows(gateway.house)

    answers = {gateway.get(f"/v1/orders/{order['id']}").status_code for _ in range(50)}
    pages = {gateway.client.get(f"/pay/{order['checkout_url'][-32:]}").status_code}

    assert answers == {200}
    assert pages == {200}
    assert windows(gateway.house) == before


def test_one_portal_does_not_spend_what_is_anothers(gateway):
    for number in range(5):
        gateway.post_order(purpose(number))
    other = a_meter_of(gateway, "another-key", many=4)

    assert other is None


def a_meter_of(gateway, who, *, many):
    limit = Limit(name="portal", many=many, window=timedelta(seconds=2))
    return Meter().spend(gateway.house.db, VAULT, limit, who, now=gateway.clock.now())


def test_the_limit_holds_over_two_nodes(gateway):
    """A second application over the same database counts on."""
    here = gateway.app.extensions["paygate"]
    other = create_app(here.config, gateway.house, clock=gateway.clock, ids=gateway.ids)
    first, second = gateway.client, other.test_client()

    statuses = []
    for number in range(5):
        gateway.client = (first, second)[number % 2]
        statuses.append(gateway.post_order(purpose(number)).status_code)

    assert statuses == [201, 201, 201, 201, 429]


# ---- citizens -------------------------------------------------------------------------------
def test_one_order_is_started_only_so_often_in_a_minute(gateway):
    order = gateway.house.db.act(an_order, gateway.act())

    statuses = [start(gateway, order).status_code for _ in range(4)]

    assert statuses == [422, 422, 422, 429]
    gateway.clock.step(minutes=1)
    assert start(gateway, order).status_code == 422


def test_one_address_starts_only_so_often_whatever_orders_it_has(gateway):
    made: list[FeeOrder] = [
        gateway.house.db.act(an_order, gateway.act(), dossier=f"000.30.27.H23-220928-000{number}")
        for number in range(1, 7)
    ]

    assert [start(gateway, each).status_code for each in made] == [422] * 5 + [429]


def test_a_citizen_who_waits_reads_a_page_in_plain_words_and_when_to_come_again(gateway):
    gateway.clock.step(seconds=20)
    order = gateway.house.db.act(an_order, gateway.act())
    for _ in range(3):
        start(gateway, order)

    page = start(gateway, order)

    assert page.status_code == 429
    assert page.headers["Retry-After"] == "40"
    assert page.mimetype == "text/html"
    assert "Hãy đợi một phút rồi thử lại." in page.text
    assert gateway.client.get(f"/pay/{order.checkout_token}").status_code == 200


def test_what_a_header_claims_is_no_address_without_a_trusted_proxy(gateway):
    orders = [
        gateway.house.db.act(an_order, gateway.act(), dossier=f"000.30.27.H23-220928-000{number}")
        for number in range(1, 7)
    ]
    statuses = [
        gateway.client.post(
            f"/pay/{order.checkout_token}",
            headers={"Origin": BASE, "X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code
        for number, order in enumerate(orders)
    ]

    assert statuses == [422] * 5 + [429]


# ---- guesses --------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/pay/{}", "/status/{}", "/return/{}"])
def test_whoever_tries_tokens_is_told_to_wait_and_a_good_token_still_opens(gateway, path):
    order = gateway.house.db.act(an_order, gateway.act())
    guesses = [gateway.client.get(path.format(f"guess{number}")) for number in range(6)]

    assert [each.status_code for each in guesses] == [404] * 4 + [429] * 2
    assert int(guesses[-1].headers["Retry-After"]) == 60
    assert gateway.client.get(f"/pay/{order.checkout_token}").status_code == 200


def test_whoever_tries_keys_is_told_to_wait_and_a_good_key_still_opens(gateway):
    def guess(number):
        headers = {"Authorization": f"Bearer pgk.{number:012x}.secret"}
        return gateway.client.get("/v1/orders", headers=headers)

    guesses = [guess(number) for number in range(6)]

    assert [each.status_code for each in guesses] == [401] * 4 + [429] * 2
    assert guesses[-1].json["code"] == "too_many_requests"
    assert gateway.get("/v1/orders").status_code == 200


def test_a_flood_of_guesses_is_written_down_no_more_once_it_is_too_many(gateway):
    for number in range(100):
        gateway.client.get(f"/pay/guess{number}")

    ((_, _, spent),) = windows(gateway.house)
    assert spent == FEW.misses_per_minute + 1


def test_an_address_that_leads_nowhere_is_no_guess(gateway):
    for _ in range(20):
        assert gateway.client.get("/nowhere").status_code == 404
        assert gateway.client.get("/v1/nowhere").status_code == 404

    assert windows(gateway.house) == []


# ---- rails ----------------------------------------------------------------------------------
def test_rails_are_never_limited(gateway):
    act = gateway.act()
    order = gateway.house.db.act(an_order, act)
    attempt = gateway.house.db.act(an_attempt, act, order)
    arrival = a_callback(FakeRail(), attempt.ref)

    answers = [
        gateway.client.post("/webhooks/fake", data=arrival.body, headers=list(arrival.headers))
        for _ in range(50)
    ]
    strays = {gateway.client.post("/webhooks/strange").status_code for _ in range(50)}

    assert {each.status_code for each in answers} == {200}
    assert [each.text for each in answers] == ["applied"] + ["known"] * 49
    assert strays == {404}
    assert windows(gateway.house) == []


# ---- the count ------------------------------------------------------------------------------
def test_who_came_stands_nowhere_in_clear(gateway):
    order = gateway.house.db.act(an_order, gateway.act())
    start(gateway, order)

    kept = " ".join(each.bucket for each in windows(gateway.house))

    assert "127.0.0.1" not in kept
    assert order.checkout_token not in kept
    assert {each.bucket.partition(":")[0] for each in windows(gateway.house)} == {
        "citizen",
        "order",
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("", "", True),
        ("unix:", "unix:", True),
    ],
)
def test_a_caller_is_an_address_and_of_ipv6_a_network(one, other, same):
    assert (network_of(one) == network_of(other)) is same


def test_counts_are_exact_when_many_come_at_once(bare_db):
    limit = Limit(name="test", many=25, window=timedelta(minutes=1))

    def come(_):
        return Meter().spend(bare_db, VAULT, limit, "somebody", now=NOON)

    with ThreadPoolExecutor(8) as crew:
        waits = list(crew.map(come, range(40)))

    assert waits.count(None) == 25


def test_a_count_that_cannot_be_written_stops_nobody():
    class Broken:
        def act(self, *_):
            raise sa.exc.OperationalError("", {}, Exception())

    assert Meter().spend(Broken(), VAULT, A_MINUTE, "x", now=NOON) is None  # type: ignore[arg-type]  # as much of a database as is asked


def test_windows_that_are_over_are_forgotten_and_those_that_count_are_kept(db):
    db.act(furnish)
    house = a_house(db)
    for minutes in (0, 30, 61):
        Meter().spend(db, VAULT, A_MINUTE, "x", now=NOON + timedelta(minutes=minutes))

    forgotten = forget_rates(house, an_act(NOON + KEPT + timedelta(minutes=1)))

    assert forgotten == 1
    assert [each.begins_at for each in windows(house)] == [
        NOON + timedelta(minutes=30),
        NOON + timedelta(minutes=61),
    ]
