"""What a portal's programmer meets: one call to issue, clear refusals, nothing lost."""

import json
from copy import deepcopy
from typing import Any

import pytest
import sqlalchemy as sa

from paygate.store import audit, idempotency, orders, outbox, refund_accounts, sealed
from tests.support.builders import AGENCY, DOSSIER, VAULT
from tests.support.gateway import BASE, a_gateway, deck_order

pytestmark = pytest.mark.functional


@pytest.fixture
def gateway(db):
    return a_gateway(db)


def scan(gateway, table):
    with gateway.house.db.read() as tx:
        return tx.execute(sa.select(table)).all()


def changed(path, value):
    order: Any = deepcopy(deck_order())
    place = order
    *steps, last = path
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return order


def test_the_decks_order_is_issued_as_the_deck_shows_it(gateway):
    answer = gateway.post_order()

    assert answer.status_code == 201
    order = answer.json
    assert answer.headers["Location"] == f"{BASE}/v1/orders/{order['id']}"
    assert order["description"] == f"Thanh toán lệ phí cho hồ sơ {DOSSIER}"
    assert (order["state"], order["amount"], order["currency"]) == ("open", 5000, "VND")
    assert order["checkout_url"].startswith(f"{BASE}/pay/")
    assert order["code"].startswith("PG")
    assert order["refund_account"] == {"bank_bin": "970436", "account_number": "******2233"}
    assert (order["version"], order["refund_state"], order["payment_reversed"]) == (
        1,
        "none",
        False,
    )
    assert order["expires_at"] == "2022-09-29T05:00:00.000Z"
    assert gateway.get(f"/v1/orders/{order['id']}").json == order


def test_what_was_issued_is_sealed_audited_and_silent(gateway):
    order = gateway.post_order().json

    [account] = scan(gateway, refund_accounts.table)
    with gateway.house.db.read() as tx:
        assert sealed.unseal(tx, VAULT, account.number_sealed) == b"0011002233"
        chain = [
            json.loads(each.record)["action"]
            for each in audit.stream_of(tx, f"order:{order['id']}")
        ]
    assert chain == ["refund_account.set", "order.issued"]
    assert scan(gateway, outbox.table) == []
    for table in (orders.table, refund_accounts.table, sealed.table, audit.table):
        assert "0011002233" not in str(scan(gateway, table))
        assert "Minh Họa" not in str(scan(gateway, table))


def test_the_same_key_and_body_get_the_same_answer(gateway):
    first = gateway.post_order(key="k")
    second = gateway.post_order(key="k")

    assert second.status_code == 201
    assert second.data == first.data
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(scan(gateway, orders.table)) == 1


def test_the_same_key_with_another_body_is_refused(gateway):
    gateway.post_order(key="k")

    answer = gateway.post_order(deck_order(language="en"), key="k")

    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")


def test_a_refused_order_leaves_its_key_free(gateway):
    gateway.post_order(changed(["lines", 0, "beneficiary"], "H99"), key="k")

    assert scan(gateway, idempotency.table) == []
    assert gateway.post_order(key="k").status_code == 201


def test_a_second_live_order_names_the_first(gateway):
    first = gateway.post_order().json

    answer = gateway.post_order()

    assert (answer.status_code, answer.json["code"]) == (409, "live_order_exists")
    assert answer.json["order_id"] == first["id"]
    assert gateway.post_order(deck_order(purpose="supplement")).status_code == 201


def test_a_dossier_code_is_read_as_people_write_it(gateway):
    answer = gateway.post_order(changed(["dossier", "code"], " 000.30.27.h23–220928–0001\u00a0"))

    assert answer.json["dossier"]["code"] == DOSSIER


def test_an_exempt_order_costs_nothing_and_says_why(gateway):
    order: Any = deck_order(
        exemption={"reason_code": "ho_ngheo", "legal_basis": "Luật phí và lệ phí, Điều 10"}
    )
    order["lines"][0]["amount"] = 0

    answer = gateway.post_order(order)

    assert (answer.json["state"], answer.json["checkout_url"]) == ("exempt", None)
    assert [row.type for row in scan(gateway, outbox.table)] == ["order.exempt"]


CONTROL = "field_control_character"
REFUSED = [
    # what is wrong, the pointer that names it, the code of the rule
    (["dossier", "code"], "000.30.27.H23-220931-0001", "/dossier/code", "dossier_code_date"),
    (["dossier", "code"], "000.30.27.H23-22928-0001", "/dossier/code", "dossier_code_malformed"),
    (
        ["dossier", "code"],
        "000.30.27.\u041d23-220928-0001",
        "/dossier/code",
        "dossier_code_lookalike",
    ),
    (
        ["dossier", "code"],
        "000.30.27. H23-220928-0001",
        "/dossier/code",
        "dossier_code_inner_space",
    ),
    (["dossier", "code"], ..., "/dossier/code", "field_missing"),
    (["lines", 0, "amount"], 5000.5, "/lines/0/amount", "amount_not_whole_dong"),
    (["lines", 0, "amount"], -5000, "/lines/0/amount", "amount_not_whole_dong"),
    (["lines", 0, "amount"], "5000", "/lines/0/amount", "amount_not_whole_dong"),
    (["lines", 0, "amount"], "5.000", "/lines/0/amount", "amount_not_whole_dong"),
    (["lines", 0, "amount"], True, "/lines/0/amount", "amount_not_whole_dong"),
    (["lines", 0, "amount"], None, "/lines/0/amount", "amount_not_whole_dong"),
    (["lines", 0, "amount"], 10**15, "/lines/0/amount", "amount_not_whole_dong"),
    (["lines", 0, "kind"], "lephi", "/lines/0/kind", "field_value"),
    (["lines"], [], "/lines", "field_length"),
    (["lines"], {}, "/lines", "field_type"),
    (["purpose"], "gift", "/purpose", "field_value"),
    (["state"], "paid", "/state", "field_unknown"),
    (["lines", 0, "paid"], 1, "/lines/0/paid", "field_unknown"),
    (["payer", "name"], "", "/payer/name", "name_empty"),
    (["payer", "name"], "A\u202eB", "/payer/name", "name_control_character"),
    (["payer", "phone"], "gọi tôi", "/payer/phone", "phone_malformed"),
    (["refund_account", "bank_bin"], "000000", "/refund_account/bank_bin", "bank_unknown"),
    (
        ["refund_account", "account_number"],
        "12-34",
        "/refund_account/account_number",
        "account_number_malformed",
    ),
    (["refund_account", "account_holder"], ..., "/refund_account/account_holder", "field_missing"),
    (["expires_in"], 10, "/expires_in", "field_value"),
    (["expires_in"], "86400", "/expires_in", "field_type"),
    (["metadata"], {"k": 1}, "/metadata/k", "field_type"),
    (["lines", 0, "amount"], 5000.0, "/lines/0/amount", "amount_not_whole_dong"),
    (["lines", 0, "code"], "LP\x1b", "/lines/0/code", "field_control_character"),
    (["lines", 0, "code"], "LP\u200b01", "/lines/0/code", "field_control_character"),
    (["lines", 0, "code"], " ", "/lines/0/code", "field_empty"),
    (["lines", 0, "code"], "x" * 51, "/lines/0/code", "field_too_long"),
    (["lines", 0, "name"], "a\u202eb", "/lines/0/name", "field_control_character"),
    (["lines", 0, "beneficiary"], "H\n23", "/lines/0/beneficiary", "field_control_character"),
    (["collecting_agency"], "H\u202823", "/collecting_agency", "field_control_character"),
    (["dossier", "procedure_code"], "\x07", "/dossier/procedure_code", "field_control_character"),
    (["dossier", "procedure_name"], "", "/dossier/procedure_name", "field_empty"),
    (["description"], "x" * 256, "/description", "field_too_long"),
    (["description"], "a\u2066b", "/description", "field_control_character"),
    (["exemption"], {"reason_code": "\r", "legal_basis": "b"}, "/exemption/reason_code", CONTROL),
    (["exemption"], {"reason_code": "r", "legal_basis": "\r"}, "/exemption/legal_basis", CONTROL),
    (["metadata"], {"k": "a\nb"}, "/metadata/k", "field_control_character"),
    (["metadata"], {"": "v"}, "/metadata/", "field_empty"),
    (["metadata"], {"k" * 41: "v"}, f"/metadata/{'k' * 41}", "field_too_long"),
    (["metadata"], {"k": "1", " k": "2"}, "/metadata", "metadata_key_repeated"),
    # A name that deceives is not repeated, and neither is a very long one.
    (["metadata"], {"k\u202e": "v"}, "/metadata", "field_control_character"),
    (["lines", 0, "\u202e"], 1, "/lines/0", "field_unknown"),
    (["x" * 101], 1, "", "field_unknown"),
]


@pytest.mark.parametrize(("path", "value", "pointer", "code"), REFUSED)
def test_a_refused_field_is_named_by_pointer_and_code(gateway, path, value, pointer, code):
    answer = gateway.post_order(changed(path, value))

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]
    [error] = answer.json["errors"]
    assert error["message"]
    assert error["message_vi"]
    assert scan(gateway, orders.table) == []


def test_all_refused_fields_are_told_at_once_and_no_input_is_echoed(gateway):
    order = changed(["refund_account", "account_number"], "9704-SECRET")
    order["dossier"]["code"] = "nonsense-code"

    answer = gateway.post_order(order)

    assert {each["pointer"] for each in answer.json["errors"]} == {
        "/dossier/code",
        "/refund_account/account_number",
    }
    assert b"SECRET" not in answer.data
    assert b"nonsense" not in answer.data


def test_zero_needs_an_exemption_and_an_exemption_needs_zero(gateway):
    free = changed(["lines", 0, "amount"], 0)
    assert free is not None
    exempt = deck_order(exemption={"reason_code": "r", "legal_basis": "b"})

    codes = [gateway.post_order(each).json["errors"][0]["code"] for each in (free, exempt)]

    assert codes == ["amount_zero_without_exemption", "exemption_with_amount"]


def test_texts_are_kept_in_one_form(gateway):
    order: Any = deck_order(metadata={" k ": "Lê  \u00a0Lợi", "nothing": ""})
    order["lines"][0] |= {"code": " LE\u0302 1 ", "name": "Le\u0323\u0302  phi\u0301"}

    kept = gateway.post_order(order).json

    assert kept["metadata"] == {"k": "Lê Lợi", "nothing": ""}
    assert (kept["lines"][0]["code"], kept["lines"][0]["name"]) == ("LÊ 1", "Lệ phí")


@pytest.mark.parametrize("other", ["LP01", " LP01", "LP01\u00a0"])
def test_each_line_has_a_code_of_its_own(gateway, other):
    order: Any = deck_order()
    order["lines"].append(order["lines"][0] | {"code": other})

    answer = gateway.post_order(order)

    assert answer.status_code == 422
    assert [each["code"] for each in answer.json["errors"]] == ["line_code_repeated"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/return",
        "http://portal.example/return",
        "//portal.example/return",
        "https://portal.example@evil.example/",
        "https://portal.example.evil.example/",
        "https:portal.example",
        "https://portal.example\\@evil.example/",
        "https://portal.example:444/",
        "https://p\u043ertal.example/",
        "javascript:alert(1)",
        "https://portal.example /x",
        "https://portal.example\t/x",
    ],
)
def test_a_citizen_is_never_led_outside_the_portal(gateway, url):
    answer = gateway.post_order(deck_order(return_url=url))

    assert (answer.status_code, answer.json["code"]) == (422, "return_url_not_registered")


def test_an_agency_that_is_not_in_the_register_is_refused(gateway):
    answer = gateway.post_order(changed(["lines", 0, "beneficiary"], "H99"))

    assert (answer.status_code, answer.json["code"]) == (422, "unknown_agency")
    assert answer.json["agency"] == "H99"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": -0}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}',
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)
def test_malformed_json_is_400(gateway, body):
    answer = gateway.post_order(body)

    assert (answer.status_code, answer.json["code"]) == (400, "json_malformed")


def test_a_body_that_is_no_json_by_its_own_account_is_415(gateway):
    answer = gateway.client.post(
        "/v1/orders",
        data="a=1",
        headers={"Authorization": f"Bearer {gateway.key}", "Idempotency-Key": "k"},
    )

    assert (answer.status_code, answer.json["code"]) == (415, "content_type_not_json")


def test_a_body_over_one_mebibyte_is_413(gateway):
    answer = gateway.post_order(b" " * (1024 * 1024 + 1))

    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("key", ["", "k" * 256, "khóa"])
def test_creating_needs_a_usable_idempotency_key(gateway, key):
    answer = gateway.post_order(key=key.encode().decode("latin-1"))

    assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer nonsense",
        "Basic cGdr",
        "Bearer pgk.000000000000.wrong",
        "Bearer a.b.c.d",
    ],
)
def test_without_a_valid_key_nothing_is_done(gateway, authorization):
    answer = gateway.post_order(Authorization=authorization)

    assert (answer.status_code, answer.json["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_foreign_order_does_not_exist(gateway):
    for order_id in ("ord_nothing", "x" * 500):
        answer = gateway.get(f"/v1/orders/{order_id}")
        assert (answer.status_code, answer.json["code"]) == (404, "order_not_found")
    assert gateway.get("/v1/orders/%00").status_code == 404


def test_orders_are_found_page_by_page(gateway):
    made = [
        gateway.post_order(changed(["dossier", "code"], f"000.30.27.H23-220928-000{n}")).json["id"]
        for n in range(1, 6)
    ]
    found, path = [], "/v1/orders?limit=2"
    while path:
        page = gateway.get(path).json
        found += [each["id"] for each in page["data"]]
        cursor = page["next_cursor"]
        path = cursor and f"/v1/orders?limit=2&cursor={cursor}"

    assert found == made[::-1]
    one = gateway.get("/v1/orders?dossier_code=000.30.27.H23-220928-0003&state=open").json
    assert [each["id"] for each in one["data"]] == [made[2]]


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("dossier_code=nonsense", "/dossier_code", "dossier_code_malformed"),
        ("dossier_code=000.30.27.H23-220931-0001", "/dossier_code", "dossier_code_date"),
        ("created_from=1700000000", "/created_from", "time_malformed"),
        ("created_from=2022-09-28", "/created_from", "time_malformed"),
        ("created_from=2022-09-28T12:00:00", "/created_from", "time_malformed"),
        ("created_to=2022-09-31T12:00:00Z", "/created_to", "time_malformed"),
        ("created_to=9999-12-31T23:59:59-14:00", "/created_to", "time_malformed"),
        ("created_to=", "/created_to", "time_malformed"),
    ],
)
def test_a_search_is_refused_by_pointer_and_code(gateway, query, pointer, code):
    answer = gateway.get(f"/v1/orders?{query}")

    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("created_from=2022-09-28T12:00:00%2B07:00", 1),
        ("created_from=2022-09-28T05:00:00.000001z", 0),
        ("created_to=2022-09-28t05:00:00Z", 0),
        ("created_to=2022-09-28T05:00:00.5Z", 1),
        ("created_from=0001-01-01T00:00:00Z&created_to=9999-12-31T23:59:59Z", 1),
    ],
)
def test_orders_are_found_by_the_time_of_issue(gateway, query, found):
    gateway.post_order()

    assert len(gateway.get(f"/v1/orders?{query}").json["data"]) == found


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "state=gone",
        "cursor=;",
        "colour=red",
        "limit=1&limit=2",
        "dossier_code=%00",
    ],
)
def test_a_senseless_search_is_refused(gateway, query):
    assert gateway.get(f"/v1/orders?{query}").status_code in {400, 422}


def test_unknown_routes_and_methods_are_problems_too(gateway):
    missing = gateway.get("/v1/nothing")
    wrong = gateway.client.delete("/v1/orders")

    assert (missing.status_code, missing.json["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json["code"]) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]
    assert missing.json["request_id"] == missing.headers["X-Request-Id"]


def test_a_surprise_of_ours_tells_nothing_of_our_inside(gateway, monkeypatch):
    monkeypatch.setattr("paygate.store.orders.get", lambda *_: 1 / 0)

    answer = gateway.get("/v1/orders/ord_1")

    assert (answer.status_code, answer.json["code"]) == (500, "server_error")
    assert b"division" not in answer.data
    assert AGENCY.encode() not in answer.data
