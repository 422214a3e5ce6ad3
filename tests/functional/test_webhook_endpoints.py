"""A portal sets up by itself where it is told, tries it out, and sees what became of each try."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from paygate.store import audit, endpoints, idempotency, outbox
from tests.support.gateway import BASE, a_gateway, deck_order
from webhooks.endpoints import ENDPOINTS_MAX, OVERLAP
from webhooks.outbound import TRIES_MAX, deliver_due

pytestmark = pytest.mark.functional
URL = "https://portal.example/hooks"
ALL = "/v1/webhook-endpoints"
MESSAGES = "/v1/webhook-messages"


class Receiver:
    """The portal's own side: answers as it is told, and keeps what it was sent."""

    def __init__(self):
        self.sent = []
        self.answer = 200

    def __call__(self, url, headers, body):
        self.sent.append((url, dict(headers), body))
        return self.answer


@pytest.fixture
def gateway(db):
    return a_gateway(db)


@pytest.fixture
def receiver():
    return Receiver()


def added(gateway, url=URL, **more):
    answer = gateway.call("POST", ALL, {"url": url}, **more)
    assert answer.status_code == 201, answer.json
    return answer.json


def tick(gateway, receiver, **later):
    gateway.clock.step(**later)
    return deliver_due(gateway.house, gateway.act(), receiver, lambda: 0.0)


def a_message(gateway, number=1):
    """Let the portal have something to be told: an order that owes nothing."""
    order: Any = deck_order(
        dossier={"code": f"000.30.27.H23-220928-{number:04d}"},
        exemption={"reason_code": "TE", "legal_basis": "Luật Trẻ em 2016"},
    )
    order["lines"][0]["amount"] = 0
    answer = gateway.post_order(order)
    assert answer.json["state"] == "exempt"
    return answer.json["id"]


def actions(gateway, stream):
    with gateway.house.db.read() as tx:
        return [json.loads(each.record)["action"] for each in audit.stream_of(tx, stream)]


def read(secret, sent):
    """Return what was sent, if the reference library signs the same of it with *secret*."""
    _, headers, body = sent
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=UTC)
    expected = Webhook(secret).sign(headers["webhook-id"], at, body.decode())
    return json.loads(body) if expected in headers["webhook-signature"].split(" ") else None


def test_an_endpoint_is_added_and_its_secret_is_shown_once(gateway):
    answer = gateway.call("POST", ALL, {"url": URL})

    endpoint = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{BASE}{ALL}/{endpoint['id']}"
    assert endpoint.pop("secret").startswith("whsec_")
    assert endpoint == {
        "object": "webhook_endpoint",
        "id": endpoint["id"],
        "url": URL,
        "enabled": True,
        "created_at": "2022-09-28T05:00:00.000Z",
        "old_secret_ends_at": None,
    }
    assert gateway.get(f"{ALL}/{endpoint['id']}").json == endpoint
    assert gateway.get(ALL).json == {"data": [endpoint], "next_cursor": None}


def test_the_same_key_shows_the_same_secret_which_is_nowhere_in_clear(gateway):
    first = gateway.call("POST", ALL, {"url": URL}, key="k")
    second = gateway.call("POST", ALL, {"url": URL}, key="k")

    assert (second.status_code, second.data) == (201, first.data)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    with gateway.house.db.read() as tx:
        for table in (endpoints.table, idempotency.table, audit.table, outbox.table):
            assert first.json["secret"] not in str(tx.execute(sa.select(table)).all())
        assert len(tx.execute(sa.select(endpoints.table)).all()) == 1
    other = gateway.call("POST", ALL, {"url": f"{URL}/2"}, key="k")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


def test_a_replay_after_the_end_of_a_secret_does_not_show_it(gateway):
    endpoint = added(gateway, key="k")
    for _ in range(2):
        gateway.call("POST", f"{ALL}/{endpoint['id']}/rotate-secret")

    assert gateway.call("POST", ALL, {"url": URL}, key="k").json["secret"] is None


@pytest.mark.parametrize("path", ["", "/whe_1/ping", "/whe_1/rotate-secret"])
def test_what_creates_needs_a_key_of_its_own(gateway, path):
    headers = {"Authorization": f"Bearer {gateway.key}"}

    answer = gateway.client.post(ALL + path, json={"url": URL}, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://portal.example/hooks", "url_malformed"),
        ("http://127.0.0.1:8002/hooks", "url_malformed"),
        ("https://user@portal.example/", "url_malformed"),
        ("", "url_malformed"),
        ("https://127.0.0.1/", "url_not_public"),
        ("https://10.1.2.3/", "url_not_public"),
        ("https://169.254.169.254/latest", "url_not_public"),
        ("https://[::1]/", "url_not_public"),
        ("https://[::ffff:a00:1]/", "url_not_public"),
    ],
)
def test_an_address_that_we_would_not_speak_to_is_refused(gateway, url, code):
    endpoint = added(gateway)

    for answer in (
        gateway.call("POST", ALL, {"url": url}),
        gateway.call("PATCH", f"{ALL}/{endpoint['id']}", {"url": url}),
    ):
        assert answer.status_code == 422
        assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [
            ("/url", code)
        ]


@pytest.mark.parametrize("field", ["id", "portal_id", "secret_sealed", "enabled", "retired_at"])
def test_what_is_not_ours_to_be_told_is_refused(gateway, field):
    answer = gateway.call("POST", ALL, {"url": URL, field: True})

    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "field_unknown")


@pytest.mark.parametrize("change", [{"url": 1}, {"enabled": 1}, {"enabled": "true"}])
def test_a_change_has_its_type(gateway, change):
    endpoint = added(gateway)

    answer = gateway.call("PATCH", f"{ALL}/{endpoint['id']}", change)

    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "field_type")


def test_an_address_is_registered_once_and_the_refusal_names_it(gateway):
    first, second = added(gateway), added(gateway, f"{URL}/2")

    for answer in (
        gateway.call("POST", ALL, {"url": URL}),
        gateway.call("PATCH", f"{ALL}/{second['id']}", {"url": URL}),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "webhook_endpoint_exists")
        assert answer.json["endpoint_id"] == first["id"]


def test_a_portal_has_only_so_many(gateway):
    *_, last = [added(gateway, f"{URL}/{number}") for number in range(ENDPOINTS_MAX)]

    answer = gateway.call("POST", ALL, {"url": URL})

    assert (answer.status_code, answer.json["code"]) == (409, "webhook_endpoints_full")
    gateway.call("DELETE", f"{ALL}/{last['id']}")
    assert added(gateway)


def test_every_endpoint_of_a_portal_gets_every_message(gateway, receiver):
    secrets = {url: added(gateway, url)["secret"] for url in (URL, f"{URL}/2")}
    order_id = a_message(gateway)

    assert tick(gateway, receiver) == 2
    assert {each[0] for each in receiver.sent} == set(secrets)
    for sent in receiver.sent:
        assert read(secrets[sent[0]], sent)["data"]["order_id"] == order_id


def test_what_is_held_while_an_endpoint_is_off_is_sent_when_it_is_on(gateway, receiver):
    endpoint = added(gateway)
    off = gateway.call("PATCH", f"{ALL}/{endpoint['id']}", {"enabled": False})
    a_message(gateway)

    assert off.json["enabled"] is False
    assert tick(gateway, receiver) == 0
    gateway.call("PATCH", f"{ALL}/{endpoint['id']}", {"enabled": True})
    assert tick(gateway, receiver) == 1
    stream = f"endpoint:{endpoint['id']}"
    assert actions(gateway, stream) == ["endpoint.added", "endpoint.disabled", "endpoint.enabled"]


def test_an_endpoint_that_is_gone_is_off_and_the_audit_says_so(gateway, receiver):
    endpoint = added(gateway)
    receiver.answer = 410
    a_message(gateway)

    tick(gateway, receiver)

    assert gateway.get(f"{ALL}/{endpoint['id']}").json["enabled"] is False
    assert actions(gateway, f"endpoint:{endpoint['id']}")[-1] == "endpoint.disabled"


def test_a_moved_endpoint_is_told_at_its_new_address_with_its_old_secret(gateway, receiver):
    endpoint = added(gateway)
    moved = gateway.call("PATCH", f"{ALL}/{endpoint['id']}", {"url": f"{URL}/new"}).json
    a_message(gateway)

    tick(gateway, receiver)

    assert moved["url"] == receiver.sent[0][0] == f"{URL}/new"
    assert read(endpoint["secret"], receiver.sent[0])


def test_a_retired_endpoint_is_told_nothing_and_its_history_stays(gateway, receiver):
    endpoint = added(gateway)
    path = f"{ALL}/{endpoint['id']}"
    order_id = a_message(gateway)
    receiver.answer = 500
    tick(gateway, receiver)

    answer = gateway.call("DELETE", path)

    assert (answer.status_code, answer.data) == (204, b"")
    assert tick(gateway, receiver, days=3) == 0
    assert len(receiver.sent) == 1
    for method in ("GET", "PATCH", "DELETE"):
        gone = gateway.call(method, path, {} if method == "PATCH" else None)
        assert (gone.status_code, gone.json["code"]) == (404, "webhook_endpoint_not_found")
    assert gateway.get(ALL).json["data"] == []
    [message] = gateway.get(f"{MESSAGES}?endpoint={endpoint['id']}").json["data"]
    assert message["order_id"] == order_id
    assert [each["status"] for each in message["deliveries"]] == ["dropped"]
    assert actions(gateway, f"endpoint:{endpoint['id']}")[-1] == "endpoint.retired"
    assert added(gateway)["id"] != endpoint["id"]


def test_a_ping_goes_to_its_endpoint_alone_by_the_road_of_all_messages(gateway, receiver):
    endpoint, _ = added(gateway), added(gateway, f"{URL}/2")

    answer = gateway.call("POST", f"{ALL}/{endpoint['id']}/ping", key="p")

    assert answer.status_code == 202
    assert gateway.call("POST", f"{ALL}/{endpoint['id']}/ping", key="p").json == answer.json
    assert tick(gateway, receiver) == 1
    [sent] = receiver.sent
    assert sent[0] == URL
    assert sent[1]["webhook-id"] == answer.json["id"]
    assert read(endpoint["secret"], sent) == {
        "type": "ping",
        "timestamp": "2022-09-28T05:00:00Z",
        "data": {"object": "endpoint", "id": endpoint["id"]},
    }
    assert actions(gateway, f"endpoint:{endpoint['id']}")[-1] == "endpoint.pinged"


def test_a_disabled_endpoint_is_not_pinged(gateway):
    endpoint = added(gateway)
    gateway.call("PATCH", f"{ALL}/{endpoint['id']}", {"enabled": False})

    answer = gateway.call("POST", f"{ALL}/{endpoint['id']}/ping")

    assert (answer.status_code, answer.json["code"]) == (409, "webhook_endpoint_disabled")


def test_old_and_new_secret_sign_side_by_side_for_a_day(gateway, receiver):
    endpoint = added(gateway)
    rotated = gateway.call("POST", f"{ALL}/{endpoint['id']}/rotate-secret", key="r")
    old, new = endpoint["secret"], rotated.json["secret"]

    assert rotated.status_code == 200
    assert new != old
    assert rotated.json["old_secret_ends_at"] == "2022-09-29T05:00:00.000Z"
    assert gateway.call("POST", f"{ALL}/{endpoint['id']}/rotate-secret", key="r").json == (
        rotated.json
    )
    a_message(gateway, 1)
    tick(gateway, receiver, seconds=OVERLAP.total_seconds() - 1)
    a_message(gateway, 2)
    tick(gateway, receiver, seconds=1)

    assert [bool(read(old, each)) for each in receiver.sent] == [True, False]
    assert [bool(read(new, each)) for each in receiver.sent] == [True, True]
    assert actions(gateway, f"endpoint:{endpoint['id']}")[-1] == "endpoint.secret_rotated"


def test_two_rotations_end_a_secret_that_somebody_has_seen(gateway, receiver):
    endpoint = added(gateway)
    shown = [endpoint["secret"]]
    for _ in range(2):
        answer = gateway.call("POST", f"{ALL}/{endpoint['id']}/rotate-secret")
        shown.append(answer.json["secret"])
    a_message(gateway)

    tick(gateway, receiver)

    assert [bool(read(each, receiver.sent[0])) for each in shown] == [False, True, True]


def test_messages_show_each_delivery_with_its_tries(gateway, receiver):
    endpoint = added(gateway)
    order_id = a_message(gateway)
    receiver.answer = 500
    tick(gateway, receiver)

    [message] = gateway.get(MESSAGES).json["data"]

    assert message == {
        "object": "webhook_message",
        "id": receiver.sent[0][1]["webhook-id"],
        "type": "order.exempt",
        "order_id": order_id,
        "version": 1,
        "created_at": "2022-09-28T05:00:00.000Z",
        "deliveries": [
            {
                "endpoint_id": endpoint["id"],
                "status": "waiting",
                "next_try_at": "2022-09-28T05:00:05.000Z",
                "tries": [{"at": "2022-09-28T05:00:00.000Z", "status_code": 500, "error": None}],
            }
        ],
    }


def test_messages_are_found_by_order_endpoint_and_status_page_by_page(gateway, receiver):
    endpoint = added(gateway)
    first, second = a_message(gateway, 1), a_message(gateway, 2)
    tick(gateway, receiver)
    receiver.answer = 500
    third = a_message(gateway, 3)
    tick(gateway, receiver)

    def found(query):
        return [each["order_id"] for each in gateway.get(f"{MESSAGES}?{query}").json["data"]]

    assert found("") == [third, second, first]
    assert found(f"order_id={second}") == [second]
    assert found(f"endpoint={endpoint['id']}&status=delivered") == [second, first]
    assert found("status=waiting") == [third]
    assert found("status=dead") == found("endpoint=whe_none") == []
    page = gateway.get(f"{MESSAGES}?limit=2").json
    assert len(page["data"]) == 2
    rest = gateway.get(f"{MESSAGES}?limit=2&cursor={page['next_cursor']}").json
    assert ([each["order_id"] for each in rest["data"]], rest["next_cursor"]) == ([first], None)
    assert gateway.get(f"{MESSAGES}?cursor=ord_1").json["errors"][0]["code"] == "cursor_malformed"


@pytest.mark.parametrize("ended", ["delivered", "dead"])
def test_a_message_is_sent_again_at_once_under_its_own_id(gateway, receiver, ended):
    added(gateway)
    a_message(gateway)
    receiver.answer = 200 if ended == "delivered" else 500
    for _ in range(1 if ended == "delivered" else TRIES_MAX):
        tick(gateway, receiver, days=2)
    [message] = gateway.get(f"{MESSAGES}?status={ended}").json["data"]
    before, receiver.answer = len(receiver.sent), 200

    answer = gateway.call("POST", f"{MESSAGES}/{message['id']}/resend")

    assert answer.status_code == 202
    assert [each["status"] for each in answer.json["deliveries"]] == ["waiting"]
    assert tick(gateway, receiver) == 1
    assert receiver.sent[-1][1]["webhook-id"] == message["id"]
    assert receiver.sent[-1][2] == receiver.sent[0][2]
    assert len(receiver.sent) == before + 1
    [again] = gateway.get(MESSAGES).json["data"]
    assert again["deliveries"][0]["status"] == "delivered"
    assert len(again["deliveries"][0]["tries"]) == before + 1
    assert actions(gateway, f"event:{message['id']}") == ["event.resent"]


def test_an_endpoint_that_is_newer_than_a_message_is_told_by_sending_it_again(gateway, receiver):
    a_message(gateway)
    tick(gateway, receiver)
    [message] = gateway.get(MESSAGES).json["data"]
    path = f"{MESSAGES}/{message['id']}/resend"
    nobody = gateway.call("POST", path)
    added(gateway)

    assert (nobody.status_code, nobody.json["code"]) == (409, "no_webhook_endpoint")
    assert gateway.call("POST", path).status_code == 202
    assert tick(gateway, receiver) == 1


def test_another_portals_endpoints_and_messages_are_not_there(gateway, receiver):
    endpoint = added(gateway)
    order_id = a_message(gateway)
    tick(gateway, receiver)
    [message] = gateway.get(MESSAGES).json["data"]
    other = gateway.another_portal()

    path = f"{ALL}/{endpoint['id']}"
    for method, where, body in (
        ("GET", path, None),
        ("PATCH", path, {"enabled": False}),
        ("DELETE", path, None),
        ("POST", f"{path}/ping", None),
        ("POST", f"{path}/rotate-secret", None),
        ("POST", f"{MESSAGES}/{message['id']}/resend", None),
    ):
        assert other.call(method, where, body).status_code == 404, (method, where)
    for query in ("", f"?endpoint={endpoint['id']}", f"?order_id={order_id}"):
        assert other.get(MESSAGES + query).json["data"] == []
    assert other.get(ALL).json["data"] == []
    assert gateway.get(path).json["enabled"] is True
    assert added(other)["id"] != endpoint["id"]
