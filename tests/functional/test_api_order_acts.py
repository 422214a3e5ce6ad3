"""What a portal's programmer can do to an order: cancel, ask the rail, change, look at methods."""

import json
from typing import Any

import pytest

from paygate.services.cancel_order import cancel_orders
from paygate.services.chase_pending import chase_pending
from paygate.store import account_states, attempts, audit, orders
from tests.support.builders import FAKE, NOON, an_attempt
from tests.support.fakes import says
from tests.support.gateway import a_gateway, deck_order

pytestmark = pytest.mark.functional
ACCOUNT = {
    "bank_bin": "970436",
    "account_number": "9988776655",
    "account_holder": "TRAN THI MINH HOA",
}


@pytest.fixture
def gateway(db):
    return a_gateway(db)


@pytest.fixture
def order(gateway):
    return gateway.post_order().json


def post(gateway, path, key=None):
    return gateway.client.post(path, headers={"Authorization": f"Bearer {key or gateway.key}"})


def patch(gateway, order, body, version='"1"'):
    headers = {"Authorization": f"Bearer {gateway.key}"}
    if version is not None:
        headers["If-Match"] = version
    return gateway.client.patch(
        f"/v1/orders/{order['id']}",
        data=json.dumps(body),
        headers=headers,
        content_type="application/json",
    )


def attempt_of(gateway, order):
    return gateway.house.db.act(an_attempt, gateway.act(), found(gateway, order))


def found(gateway, order):
    with gateway.house.db.read() as tx:
        kept = orders.get(tx, order["id"])
    assert kept is not None
    return kept


# ---- cancel ---------------------------------------------------------------------------------
def test_an_order_nobody_pays_is_cancelled_at_once(gateway, order):
    answer = post(gateway, f"/v1/orders/{order['id']}/cancel")

    assert (answer.status_code, answer.json["state"], answer.json["cancelling"]) == (
        200,
        "cancelled",
        False,
    )
    assert post(gateway, f"/v1/orders/{order['id']}/cancel").json == answer.json
    assert gateway.post_order().status_code == 201  # the dossier may be asked to pay anew


def test_while_the_rail_is_asked_it_says_so(gateway, order):
    attempt = attempt_of(gateway, order)
    answer = post(gateway, f"/v1/orders/{order['id']}/cancel")

    assert (answer.status_code, answer.json["state"], answer.json["cancelling"]) == (
        202,
        "processing",
        True,
    )
    assert gateway.line.sent == []

    gateway.line.says(says(attempt.ref, code="51", paid_at=NOON))
    gateway.clock.step(seconds=2)
    cancel_orders(gateway.house, gateway.act())
    told = gateway.get(f"/v1/orders/{order['id']}").json
    assert (told["state"], told["cancelling"]) == ("cancelled", False)


def test_a_paid_order_is_not_cancelled(gateway, order):
    attempt = attempt_of(gateway, order)
    gateway.line.says(says(attempt.ref, paid_at=NOON))
    gateway.clock.step(minutes=3)
    chase_pending(gateway.house, gateway.act())

    answer = post(gateway, f"/v1/orders/{order['id']}/cancel")

    assert (answer.status_code, answer.json["code"]) == (409, "order_paid")


def test_an_exempt_order_is_not_cancelled(gateway):
    exempt: dict[str, Any] = deck_order(
        exemption={"reason_code": "poor_household", "legal_basis": "Luật phí, điều 10"}
    )
    exempt["lines"][0]["amount"] = 0
    order = gateway.post_order(exempt).json

    assert order["state"] == "exempt"
    assert post(gateway, f"/v1/orders/{order['id']}/cancel").status_code == 409


def test_cancelling_again_and_again_is_one_cancellation(gateway, order):
    for _ in range(3):
        post(gateway, f"/v1/orders/{order['id']}/cancel")

    with gateway.house.db.read() as tx:
        acts = [
            json.loads(each.record)["action"]
            for each in audit.stream_of(tx, f"order:{order['id']}")
        ]
    assert acts.count("order.cancelled") == 1
    assert acts.count("order.cancel_asked") == 1


# ---- sync -----------------------------------------------------------------------------------
@pytest.mark.parametrize("code", ["00", "51", "24", "01"])
def test_a_portal_may_have_the_rail_asked_in_every_state(gateway, order, code):
    attempt = attempt_of(gateway, order)
    gateway.line.says(says(attempt.ref, code=code, paid_at=NOON))
    gateway.clock.step(minutes=3)
    chase_pending(gateway.house, gateway.act())
    asked = len(gateway.line.sent)
    gateway.clock.step(seconds=11)

    answer = post(gateway, f"/v1/orders/{order['id']}/sync")
    chase_pending(gateway.house, gateway.act())

    assert (answer.status_code, answer.json["id"]) == (202, order["id"])
    assert len(gateway.line.sent) == asked + 1


def test_a_rail_is_asked_once_in_ten_seconds_however_often_the_portal_wishes(gateway, order):
    attempt = attempt_of(gateway, order)
    gateway.line.says(says(attempt.ref, code="01", paid_at=NOON))
    for _ in range(5):
        post(gateway, f"/v1/orders/{order['id']}/sync")
        chase_pending(gateway.house, gateway.act())
        gateway.clock.step(seconds=1)

    assert len(gateway.line.sent) == 1


def test_what_is_settled_begins_no_new_chase(gateway, order):
    attempt = attempt_of(gateway, order)
    gateway.line.says(says(attempt.ref, paid_at=NOON))
    gateway.clock.step(minutes=3)
    chase_pending(gateway.house, gateway.act())
    gateway.clock.step(seconds=11)
    post(gateway, f"/v1/orders/{order['id']}/sync")
    chase_pending(gateway.house, gateway.act())

    with gateway.house.db.read() as tx:
        kept = attempts.get(tx, attempt.id)
    assert kept is not None
    assert kept.ask_at is None


# ---- change ---------------------------------------------------------------------------------
def test_the_refund_account_and_the_metadata_change_and_the_version_grows(gateway, order):
    answer = patch(gateway, order, {"refund_account": ACCOUNT, "metadata": {"file": "7"}})

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json["refund_account"] == {"bank_bin": "970436", "account_number": "******6655"}
    assert (answer.json["metadata"], answer.json["version"]) == ({"file": "7"}, 2)
    assert gateway.get(f"/v1/orders/{order['id']}").json == answer.json


def test_what_is_not_named_stays(gateway):
    order = gateway.post_order(deck_order(metadata={"a": "1"})).json
    after = patch(gateway, order, {"refund_account": ACCOUNT}).json

    assert after["metadata"] == {"a": "1"}
    assert patch(gateway, order, {"metadata": {}}, '"2"').json["metadata"] == {}


@pytest.mark.parametrize("version", [None, "", "*", '"x"', '"0"', 'W/"1"', '"1", "2"'])
def test_a_change_names_its_version(gateway, order, version):
    answer = patch(gateway, order, {"metadata": {}}, version)

    assert (answer.status_code, answer.json["code"]) == (428, "version_missing")


def test_a_change_of_an_old_version_is_refused_and_says_the_new_one(gateway, order):
    patch(gateway, order, {"metadata": {"a": "1"}})
    answer = patch(gateway, order, {"metadata": {"b": "2"}})

    assert (answer.status_code, answer.json["code"], answer.json["version"]) == (
        412,
        "version_differs",
        "2",
    )
    assert gateway.get(f"/v1/orders/{order['id']}").json["metadata"] == {"a": "1"}


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "", "field_missing"),
        ({"state": "paid"}, "/state", "field_unknown"),
        ({"metadata": None}, "/metadata", "field_type"),
        ({"refund_account": None}, "/refund_account", "field_type"),
        (
            {"refund_account": ACCOUNT | {"bank_bin": "000000"}},
            "/refund_account/bank_bin",
            "bank_unknown",
        ),
    ],
)
def test_what_cannot_be_changed_is_told(gateway, order, body, pointer, code):
    answer = patch(gateway, order, body)

    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]


def test_the_account_of_an_order_keeps_its_history(gateway, order):
    patch(gateway, order, {"refund_account": ACCOUNT})

    with gateway.house.db.read() as tx:
        acts = [
            json.loads(each.record)["action"]
            for each in audit.stream_of(tx, f"order:{order['id']}")
        ]
    assert acts.count("refund_account.set") == 2


# ---- methods --------------------------------------------------------------------------------
def test_a_portal_sees_what_its_citizens_would(gateway):
    answer = gateway.get("/v1/methods?amount=5000&agency=H23")

    assert answer.status_code == 200
    [method] = answer.json["data"]
    assert method == {
        "object": "method",
        "method": "fake",
        "rail": "fake",
        "kind": "wallet",
        "label_vi": method["label_vi"],
        "label_en": method["label_en"],
        "amount_min": 1_000,
        "amount_max": 100_000_000_000,
        "banks": [],
    }
    assert answer.json["next_cursor"] is None


@pytest.mark.parametrize(("query", "count"), [("amount=999", 0), ("amount=1000", 1), ("", 1)])
def test_what_cannot_take_the_amount_is_not_offered(gateway, query, count):
    assert len(gateway.get(f"/v1/methods?{query}").json["data"]) == count


def test_an_account_that_staff_switched_off_is_not_offered(gateway):
    with gateway.house.db.read() as tx:
        [state] = [each for each in account_states.every(tx) if each.code == FAKE]
    assert state.offered

    def switch_off(tx):
        tx.execute(account_states.table.update().values(offered=False))

    gateway.house.db.act(switch_off)
    assert gateway.get("/v1/methods?amount=5000").json["data"] == []


@pytest.mark.parametrize("query", ["amount=0", "amount=x", "amount=5e3", "agency=", "who=me"])
def test_a_wrong_question_about_methods_is_told(gateway, query):
    assert gateway.get(f"/v1/methods?{query}").status_code == 422


# ---- whose order ----------------------------------------------------------------------------
@pytest.mark.parametrize("act", ["cancel", "sync"])
def test_another_portals_order_is_not_there(gateway, order, act):
    assert post(gateway, f"/v1/orders/{order['id']}/{act}", key="pgk_no.such").status_code == 401
    assert post(gateway, f"/v1/orders/ord_other/{act}").status_code == 404


def test_a_cancellation_is_over_ten_seconds_after_the_wish_whatever_a_rail_does(gateway, order):
    attempt_of(gateway, order)
    post(gateway, f"/v1/orders/{order['id']}/cancel")
    gateway.clock.step(seconds=11)

    cancel_orders(gateway.house, gateway.act())

    assert gateway.get(f"/v1/orders/{order['id']}").json["state"] == "cancelled"
