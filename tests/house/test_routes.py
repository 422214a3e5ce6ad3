"""Guards over all routes, generated from the URL map: a new route without an entry fails."""

import re

import pytest

from paygate.web.desk import access
from tests.support.builders import an_attempt, an_order
from tests.support.gateway import a_gateway

# What may be reached without a key, and why.
PUBLIC = {
    "/pay/<token>": "the citizen's own link",
    "/return/<token>": "the citizen's own link",
    "/return/<token>/state": "the citizen's own link",
    "/return/<token>/qr.png": "the citizen's own link",
    "/status/<token>": "the citizen's own link",
    "/webhooks/<account>": "rails, by their signature",
    "/healthz": "probes",
    "/readyz": "probes",
    "/static/<path:filename>": "style and fonts",
    **dict.fromkeys(access.WITHOUT_LOGIN, "staff, before they are known"),
}
HEADERS = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cache-Control",
    "Strict-Transport-Security",
    "X-Request-Id",
}


@pytest.fixture
def gateway(db):
    return a_gateway(db)


def rules(gateway):
    return list(gateway.app.url_map.iter_rules())


def calls(gateway):
    """Yield every method and address, with parameters that lead somewhere and nowhere."""
    act = gateway.act()
    order = gateway.house.db.act(an_order, act)
    attempt = gateway.house.db.act(an_attempt, act, order)
    known = {
        "/pay/<token>": order.checkout_token,
        "/return/<token>": attempt.return_token,
        "/return/<token>/state": attempt.return_token,
        "/return/<token>/qr.png": attempt.return_token,
        "/status/<token>": order.status_token,
        "/webhooks/<account>": "fake",
        "/static/<path:filename>": "mark.svg",
        "/v1/orders/<order_id>": order.id,
    }
    known |= {
        rule.rule: order.id for rule in rules(gateway) if rule.rule.startswith("/v1/orders/<order")
    }
    for rule in rules(gateway):
        for value in (known.get(rule.rule, "x"), "nothing"):
            path = rule.rule
            for argument in rule.arguments:
                path = path.replace(f"<{argument}>", value).replace(f"<path:{argument}>", value)
            for method in sorted(rule.methods - {"OPTIONS"}):
                yield method, path


def test_every_route_is_public_by_name_or_asks_for_a_key(gateway):
    for rule in rules(gateway):
        if rule.rule in PUBLIC or rule.rule in access.ROLES or rule.rule in access.OF_ONESELF:
            continue  # those of the desk: tests/functional/test_desk_access.py
        assert rule.rule.startswith("/v1/"), f"{rule.rule} is in no list"
        path = re.sub("<[^>]+>", "x_1", rule.rule)
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            answer = gateway.client.open(path, method=method)
            assert answer.status_code == 401, (method, path)


def test_every_answer_carries_the_headers_errors_and_files_included(gateway):
    for method, path in calls(gateway):
        answer = gateway.client.open(path, method=method)
        answer.get_data()
        missing = HEADERS - set(answer.headers.keys())
        assert not missing, (method, path, missing)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for part in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy
        answer.close()


def test_the_way_out_is_open_on_the_checkout_alone(gateway):
    order = gateway.house.db.act(an_order, gateway.act())

    checkout = gateway.client.get(f"/pay/{order.checkout_token}").headers
    other = gateway.client.get("/nowhere").headers

    assert "form-action 'self' https:" in checkout["Content-Security-Policy"]
    assert "http:" not in checkout["Content-Security-Policy"]
    assert other["Content-Security-Policy"].endswith("form-action 'self'")


def test_personal_pages_are_never_stored_and_files_are(gateway):
    for method, path in calls(gateway):
        answer = gateway.client.open(path, method=method)
        stored = answer.headers["Cache-Control"]
        assert (stored == "no-store") != (
            path.startswith("/static/mark") and answer.status_code == 200
        ), (method, path, stored)
        answer.close()


def test_no_route_answers_a_server_error(gateway):
    for method, path in calls(gateway):
        answer = gateway.client.open(path, method=method, data=b"\xff\x00{")
        assert answer.status_code < 500, (method, path)
        answer.close()


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "CONNECT"])
def test_methods_that_are_not_declared_are_refused(gateway, method):
    declared = set(calls(gateway))
    for path in {path for _, path in declared if (method, path) not in declared}:
        answer = gateway.client.open(path, method=method)
        assert answer.status_code == 405, (method, path)
        answer.close()


def test_readiness_tells_tables_and_worker(gateway):
    answer = gateway.client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "database": "ok",
        "migrations": "ok",
        "worker_lease_late_s": None,
    }
    assert gateway.client.get("/healthz").json == {"status": "ok"}
