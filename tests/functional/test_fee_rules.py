"""What a portal and a citizen meet of fee rules, reductions and exemptions."""

import json
from typing import Any

import pytest

from paygate.domain.fee_rule import FeeRuleUse
from paygate.services.expire_orders import expire_orders
from paygate.services.import_fee_rules import import_fee_rules, read_fee_rules
from paygate.store import audit, orders, outbox
from tests.support.builders import NOON
from tests.support.gateway import BASE, a_gateway, deck_order

pytestmark = pytest.mark.functional
RULES = """fee_code,valid_from,amount,refund_policy,legal_basis
LP01,2020-01-01,5000,full,NQ 12/2020/NQ-HĐND
"""
EXEMPTION = {"reason_code": "ho_ngheo", "legal_basis": "Luật phí và lệ phí, Điều 10"}


@pytest.fixture
def open_gateway(db):
    """Open a gateway that knows the rules and treats them as the test says."""

    def open_gateway(use=FeeRuleUse.NOTE):
        gateway = a_gateway(db, fee_rules=use)
        rows = read_fee_rules(RULES.encode(), now=NOON)
        gateway.house.db.act(import_fee_rules, gateway.act(), rows)
        return gateway

    return open_gateway


def an_order(dong=5_000, **changes):
    order: Any = deck_order()
    order["lines"][0] |= {"amount": dong} | changes
    return order


def exempt_order():
    return an_order(0) | {"exemption": EXEMPTION}


def page(gateway, url):
    return gateway.client.get(url.removeprefix(BASE)).get_data(as_text=True)


def test_an_order_tells_by_which_law_its_lines_cost_what_they_cost(open_gateway):
    gateway = open_gateway()

    order = gateway.post_order(an_order()).json

    [line] = order["lines"]
    assert line["legal_basis"] == "NQ 12/2020/NQ-HĐND"
    assert line["rule_id"].startswith("fru_")
    assert line["rule_differs"] is False
    assert "NQ 12/2020/NQ-HĐND" in page(gateway, order["checkout_url"])


def test_by_default_an_amount_off_the_rule_is_issued_and_marked(open_gateway):
    gateway = open_gateway()

    answer = gateway.post_order(an_order(6_000))

    [line] = answer.json["lines"]
    assert (answer.status_code, line["rule_differs"], line["legal_basis"]) == (201, True, None)
    assert "NQ 12/2020" not in page(gateway, answer.json["checkout_url"])


def test_a_house_that_refuses_says_the_lawful_amount_in_both_languages(open_gateway):
    gateway = open_gateway(FeeRuleUse.REFUSE)

    answer = gateway.post_order(an_order(6_000))

    assert (answer.status_code, answer.json["code"]) == (422, "amount_off_rule")
    assert answer.json["errors"] == [
        {
            "pointer": "/lines/0/amount",
            "code": "amount_off_rule",
            "message": "The fee rules in force say 5.000 VND.",
            "message_vi": "Mức thu đang áp dụng là 5.000 VND.",
        }
    ]
    assert b"6000" not in answer.data
    assert gateway.post_order(an_order()).status_code == 201


def test_a_house_without_rules_marks_nothing(open_gateway):
    gateway = open_gateway(FeeRuleUse.OFF)

    [line] = gateway.post_order(an_order(6_000)).json["lines"]

    assert (line["rule_differs"], line["rule_id"]) == (False, None)


def test_a_long_law_has_no_room_on_the_card(db):
    gateway = a_gateway(db)
    law = "Nghị quyết " + "x" * 110
    rows = read_fee_rules(RULES.replace("NQ 12/2020/NQ-HĐND", law).encode(), now=NOON)
    gateway.house.db.act(import_fee_rules, gateway.act(), rows)

    order: Any = gateway.post_order(an_order()).json

    assert order["lines"][0]["legal_basis"] == law
    assert law not in page(gateway, order["checkout_url"])


def test_a_reduction_is_told_with_full_price_and_basis(open_gateway):
    gateway = open_gateway(FeeRuleUse.REFUSE)

    order = gateway.post_order(
        an_order(2_000, full_amount=5_000, reduction_basis="NQ 21/2024/NQ-HĐND")
    ).json

    [line] = order["lines"]
    assert order["amount"] == line["amount"] == 2_000
    assert (line["full_amount"], line["reduction"]) == (5_000, 3_000)
    assert line["reduction_basis"] == "NQ 21/2024/NQ-HĐND"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"full_amount": 9_000}, "reduction_incomplete"),
        ({"reduction_basis": "NQ"}, "reduction_incomplete"),
        ({"full_amount": 5_000, "reduction_basis": "NQ"}, "full_amount_not_above_amount"),
        ({"full_amount": 9_000.0, "reduction_basis": "NQ"}, "amount_not_whole_dong"),
    ],
)
def test_a_reduction_that_is_not_whole_is_refused(open_gateway, changes, code):
    answer = open_gateway().post_order(an_order(**changes))

    assert answer.status_code == 422
    assert [each["code"] for each in answer.json["errors"]] == [code]


def test_an_exempt_order_is_a_full_record_that_no_rail_ever_sees(open_gateway):
    gateway = open_gateway(FeeRuleUse.REFUSE)

    answer = gateway.post_order(exempt_order())

    order = answer.json
    assert (answer.status_code, order["state"], order["amount"]) == (201, "exempt", 0)
    assert (order["checkout_url"], order["exemption"]) == (None, EXEMPTION)
    assert (order["attempts"], order["paid_at"], order["refundable_amount"]) == ([], None, 0)
    assert gateway.get(f"/v1/orders/{order['id']}").json == order
    assert gateway.get("/v1/orders?state=exempt").json["data"] == [order]
    with gateway.house.db.read() as tx:
        [record] = audit.stream_of(tx, f"order:{order['id']}")[1:]
    assert '"action":"order.issued"' in record.record


def test_the_portal_is_told_that_nothing_is_owed(open_gateway):
    gateway = open_gateway()
    order = gateway.post_order(exempt_order()).json

    with gateway.house.db.read() as tx:
        [body] = tx.execute(outbox.table.select()).mappings()
    told = json.loads(body["body"])
    assert told["type"] == "order.exempt"
    assert (told["data"]["order_id"], told["data"]["state"]) == (order["id"], "exempt")
    assert told["data"]["amount"] == 0


def test_the_status_page_of_an_exempt_order_says_why(open_gateway):
    gateway = open_gateway()
    order = gateway.post_order(exempt_order()).json

    text = page(gateway, order["status_url"])

    assert "Hồ sơ được miễn phí" in text
    assert EXEMPTION["legal_basis"] in text
    assert "Bạn không phải trả khoản nào" in text


def test_an_exempt_order_cannot_be_paid_even_by_its_token(open_gateway):
    gateway = open_gateway()
    gateway.post_order(exempt_order())
    with gateway.house.db.read() as tx:
        [token] = tx.execute(orders.table.select()).mappings()
    path = f"/pay/{token['checkout_token']}"

    answer = gateway.client.post(path, data={"method": "fake"}, follow_redirects=True)

    assert "Hồ sơ được miễn phí" in answer.get_data(as_text=True)
    assert gateway.line.sent == []


def test_an_exempt_order_never_expires_and_stands_in_nobodys_way(open_gateway):
    gateway = open_gateway()
    order = gateway.post_order(exempt_order()).json

    assert gateway.post_order(an_order()).status_code == 201
    gateway.clock.step(days=40)
    expire_orders(gateway.house, gateway.act())

    assert gateway.get(f"/v1/orders/{order['id']}").json["state"] == "exempt"
