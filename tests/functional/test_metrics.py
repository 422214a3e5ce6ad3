"""What the operator's monitoring reads: figures of the book, for the holder of the token alone."""

from datetime import timedelta

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from paygate.domain.payment import PaymentState
from paygate.store import account_states, jobs, orders
from paygate.store import figures as store_figures
from paygate.web.health import WORKER_LEASE
from tests.support.builders import FAKE, NOON, VAULT, a_callback, a_portal, an_attempt, an_order
from tests.support.fakes import FakeRail
from tests.support.gateway import BASE, a_gateway
from webhooks.egress import NotDeliveredError
from webhooks.endpoints import add_endpoint
from webhooks.outbound import WAITS, deliver_due

pytestmark = pytest.mark.functional
TOKEN = "a token that only the monitoring has".replace(" ", "-")


@pytest.fixture
def gateway(db):
    return a_gateway(db, metrics_token=TOKEN)


def scrape(gateway, token=TOKEN):
    return gateway.client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def figures(gateway):
    """Return every sample as the monitoring reads it."""
    answer = scrape(gateway)
    assert answer.status_code == 200
    return {
        (sample.name.removeprefix("paygate_"), *map(sample.labels.get, sorted(sample.labels))): (
            sample.value
        )
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def tell(gateway, attempt, **said):
    arrival = a_callback(FakeRail(), attempt.ref, **said)
    return gateway.client.post("/webhooks/fake", data=arrival.body, headers=list(arrival.headers))


@pytest.fixture
def attempt(gateway):
    act = gateway.act()
    order = gateway.house.db.act(an_order, act)
    return gateway.house.db.act(an_attempt, act, order)


# ---- who may read ---------------------------------------------------------------------------
def test_there_is_no_such_page_unless_a_token_is_configured(db):
    closed = a_gateway(db)

    assert scrape(closed).status_code == 404
    assert "/metrics" not in {rule.rule for rule in closed.app.url_map.iter_rules()}


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer ký"]
)
def test_without_the_token_the_page_is_not_found(gateway, given):
    headers = {} if given is None else {"Authorization": given.encode()}

    assert gateway.client.get("/metrics", headers=headers).status_code == 404


def test_an_empty_token_opens_nothing(db):
    open_to_all = a_gateway(db, metrics_token="")

    assert scrape(open_to_all, token="").status_code == 404


def test_a_proxy_that_claims_to_be_this_machine_does_not_open_it(gateway):
    headers = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=::1"}

    assert gateway.client.get("/metrics", headers=headers).status_code == 404


def test_the_answer_is_never_stored(gateway):
    answer = scrape(gateway)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type.startswith("text/plain")


# ---- what stands there ----------------------------------------------------------------------
def test_a_house_where_nothing_happened_shows_noughts_and_no_worker(gateway):
    seen = figures(gateway)

    assert seen[("worker_lease_late_seconds",)] == float("inf")
    assert seen[("messages_recent", "fake", "applied", "callback")] == 0
    assert seen[("cases_open", "amount_differs")] == 0
    assert {value for key, value in seen.items() if key[0] != "worker_lease_late_seconds"} == {0}


def test_messages_are_counted_by_account_and_outcome_for_ten_minutes(gateway, attempt):
    tell(gateway, attempt)
    tell(gateway, attempt)
    gateway.client.post("/webhooks/fake", data=b"forged")
    gateway.client.post("/webhooks/nobody", data=b"stray")

    seen = figures(gateway)

    assert seen[("messages_recent", "fake", "applied", "callback")] == 1
    assert seen[("messages_recent", "fake", "known", "callback")] == 1
    assert seen[("messages_recent", "fake", "bad_signature", "callback")] == 1
    assert seen[("messages_recent", "?", "bad_signature", "callback")] == 1
    gateway.clock.step(minutes=11)
    assert figures(gateway)[("messages_recent", "fake", "applied", "callback")] == 0


def test_a_code_that_nobody_knows_is_named_until_the_attempt_has_an_end(gateway, attempt):
    tell(gateway, attempt, code="77")

    assert figures(gateway)[("unmapped_codes", "fake", "77")] == 1
    tell(gateway, attempt)
    assert ("unmapped_codes", "fake", "77") not in figures(gateway)


def test_a_code_in_strange_letters_becomes_no_label(gateway, attempt):
    tell(gateway, attempt, code='7"7\nx')

    assert figures(gateway)[("unmapped_codes", "fake", "strange")] == 1


def test_the_oldest_attempt_without_an_end_is_shown_by_its_age(gateway, attempt):
    gateway.clock.step(seconds=90)

    seen = figures(gateway)

    assert seen[("attempt_oldest_live_seconds",)] == 90
    assert seen[("attempts_live", "fake", "redirected")] == 1
    tell(gateway, attempt)
    after = figures(gateway)
    assert after[("attempt_oldest_live_seconds",)] == 0
    assert after[("attempts_live", "fake", "redirected")] == 0


def test_an_attempt_that_has_an_end_is_not_live(gateway):
    act = gateway.act()
    order = gateway.house.db.act(an_order, act)
    for state in PaymentState:
        gateway.house.db.act(an_attempt, act, order, state=state)

    seen = figures(gateway)

    live = {key[2]: value for key, value in seen.items() if key[0] == "attempts_live"}
    assert live == {"created": 1, "redirected": 1, "pending": 1, "unknown": 1}


def test_money_of_another_amount_shows_as_an_open_case(gateway, attempt):
    tell(gateway, attempt, dong=6_000)

    assert figures(gateway)[("cases_open", "amount_differs")] == 1


def test_a_portal_that_does_not_answer_shows_as_late_and_then_as_dead(gateway, attempt):
    act = gateway.act()
    url = "https://portal.example/hooks"
    gateway.house.db.act(add_endpoint, act, VAULT, a_portal().id, url, loopback=False)
    tell(gateway, attempt)
    gateway.clock.step(seconds=30)
    assert figures(gateway)[("outbox_lag_seconds",)] == 30

    def refuse(*_):
        raise NotDeliveredError("timeout")

    deliver_due(gateway.house, gateway.act(), refuse, lambda: 0.0)
    gateway.clock.step(seconds=65)
    seen = figures(gateway)
    assert seen[("outbox_lag_seconds",)] == 0
    assert seen[("deliveries", "waiting")] == 1
    assert seen[("delivery_late_seconds",)] == 60
    for wait in WAITS:
        gateway.clock.step(seconds=wait.total_seconds())
        deliver_due(gateway.house, gateway.act(), refuse, lambda: 0.0)
    seen = figures(gateway)
    assert (seen[("deliveries", "dead")], seen[("deliveries", "waiting")]) == (1, 0)


def test_what_arrived_is_counted_and_what_an_endpoint_holds_is_not_late(gateway, attempt):
    act = gateway.act()
    answers = {"https://portal.example/hooks": 200, "https://portal.example/gone": 410}
    for url in answers:
        gateway.house.db.act(add_endpoint, act, VAULT, a_portal().id, url, loopback=False)
    tell(gateway, attempt)
    deliver_due(gateway.house, act, lambda url, *_: answers[url], lambda: 0.0)
    gateway.clock.step(seconds=100)

    seen = figures(gateway)

    assert seen[("deliveries_recent",)] == 1
    assert (seen[("deliveries", "held")], seen[("deliveries", "waiting")]) == (1, 0)
    assert seen[("delivery_late_seconds",)] == 0


def test_the_workers_lease_shows_by_how_long_it_is_over(gateway):
    until = NOON + timedelta(seconds=15)
    gateway.house.db.act(jobs.take, WORKER_LEASE, "w", now=NOON, until=until)
    assert figures(gateway)[("worker_lease_late_seconds",)] == 0

    gateway.clock.step(seconds=45)

    assert figures(gateway)[("worker_lease_late_seconds",)] == 30


def test_a_rail_that_keeps_silent_shows_by_how_often_and_that_it_rests(gateway):
    for _ in range(3):
        gateway.house.db.act(account_states.was_silent, FAKE, now=NOON)

    seen = figures(gateway)

    assert seen[("rail_silences", "fake")] == 3
    assert seen[("account_resting", "fake")] == 1


def test_the_question_for_live_attempts_is_answered_by_its_own_index(real_db):
    """A scrape must not read all that was ever paid."""
    with real_db.read() as tx:
        explain = "EXPLAIN QUERY PLAN " if tx.dialect.name == "sqlite" else "EXPLAIN "
        if tx.dialect.name == "postgresql":
            tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        text = str(store_figures.OLDEST_LIVE.compile(tx, compile_kwargs={"literal_binds": True}))
        plan = " ".join(str(row) for row in tx.exec_driver_sql(explain + text))

    assert "ix_payment_attempt_live" in plan


# ---- one line a request ---------------------------------------------------------------------
def lines(call):
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as logs:
        call()
    return [each for each in logs if each["event"] == "request_answered"]


def test_every_request_leaves_one_line_without_its_token(gateway, attempt):
    with gateway.house.db.read() as tx:
        order = orders.get(tx, attempt.order_id)
    assert order is not None

    (line,) = lines(lambda: gateway.client.get(f"/pay/{order.checkout_token}"))

    assert {k: line[k] for k in ("method", "route", "status", "order_id")} == {
        "method": "GET",
        "route": "/pay/<token>",
        "status": 200,
        "order_id": order.id,
    }
    assert line["ms"] >= 0
    assert line["request_id"].startswith("req_")
    assert order.checkout_token not in str(line)


def test_an_issued_order_is_named_in_the_line_of_its_request(gateway):
    made = {}

    (line,) = lines(lambda: made.update(gateway.post_order().json))

    assert (line["route"], line["status"], line["order_id"]) == ("/v1/orders", 201, made["id"])
    assert "Minh" not in str(line)


def test_the_ids_of_one_request_do_not_stand_in_the_line_of_the_next(gateway):
    gateway.post_order()

    (line,) = lines(lambda: gateway.client.get("/nowhere"))

    assert (line["route"], line["status"]) == ("none", 404)
    assert "order_id" not in line


def test_the_way_to_the_rail_names_the_attempt(gateway):
    order = gateway.house.db.act(an_order, gateway.act())
    gateway.line.says(b"https://rail.example/go")

    def go():
        gateway.client.post(
            f"/pay/{order.checkout_token}", data={"method": "fake"}, headers={"Origin": BASE}
        )

    (line,) = lines(go)

    assert line["status"] == 303
    assert line["attempt_id"].startswith("att_")
