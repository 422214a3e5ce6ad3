"""Orders for a fine decision, a tax notice or a court notice instead of a dossier."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paygate.domain.order import LateMoney
from paygate.domain.payable import FIELDS, PayableType
from paygate.services.expire_orders import expire_orders
from paygate.services.set_portal_payables import set_portal_payables
from paygate.store import audit, orders, outbox, sealed
from tests.support.builders import AGENCY, DOSSIER, VAULT, a_callback
from tests.support.fakes import FakeRail
from tests.support.gateway import BASE, a_gateway, deck_order

pytestmark = pytest.mark.functional
NAME = "Nguyễn Văn Vi Phạm"
FINE: dict[str, Any] = {
    "type": "fine_decision",
    "code": "123/qđ-xphc",
    "fields": {
        "authority_name": "Công an phường",
        "decision_date": "2022-09-20",
        "violator_name": NAME,
        "treasury": "KBNN Hải Dương",
    },
}
TAX: dict[str, Any] = {
    "type": "tax_notice",
    "code": "TB 77/2022",
    "fields": {"authority_name": "Chi cục Thuế", "notice_date": "2022-09-20"},
}
COURT: dict[str, Any] = {
    "type": "court_notice",
    "code": "45/TB-TA",
    "fields": {"court_name": "TAND huyện", "notice_date": "2022-09-27", "litigant_name": NAME},
}
LINE = {"kind": "phat", "code": "P1", "name": "Phạt", "amount": 150_000, "beneficiary": AGENCY}


def an_order(paper, **changes):
    order = deck_order(payable_ref=paper, lines=[LINE], expires_in=30 * 86_400) | changes
    return {name: value for name, value in order.items() if name != "dossier"}


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db, late_money=LateMoney.ACCEPT)
    allow(gateway, *PayableType)
    return gateway


def allow(gateway, *types):
    gateway.house.db.act(set_portal_payables, gateway.act(), "hd", frozenset(types))


def scan(gateway, table):
    with gateway.house.db.read() as tx:
        return tx.execute(sa.select(table)).all()


def page(gateway, url):
    answer = gateway.client.get(url.removeprefix(BASE), follow_redirects=True)
    return answer.get_data(as_text=True)


def test_an_order_for_a_fine_shows_its_paper_and_no_dossier(gateway):
    answer = gateway.post_order(an_order(FINE))

    order = answer.json
    assert (answer.status_code, order["dossier"]) == (201, None)
    assert order["payable_ref"] == {
        "type": "fine_decision",
        "code": "123/QĐ-XPHC",
        "fields": {
            "authority_name": "Công an phường",
            "decision_date": "2022-09-20",
            "treasury": "KBNN Hải Dương",
        },
    }
    assert order["description"] == "Thanh toán tiền phạt theo quyết định số 123/QĐ-XPHC"
    assert gateway.get(f"/v1/orders/{order['id']}").json == order


def test_an_order_for_a_dossier_has_no_paper(gateway):
    order = gateway.post_order().json

    assert (order["payable_ref"], order["dossier"]["code"]) == (None, DOSSIER)


def test_the_name_of_the_violator_is_sealed(gateway):
    answer = gateway.post_order(an_order(FINE))

    [row] = scan(gateway, orders.table)
    owner = sealed.Owner("fee_order", row.id, "payable_sealed")
    with gateway.house.db.read() as tx:
        opened = json.loads(sealed.open_for(tx, VAULT, owner, row.payable_sealed))
    assert opened == {"violator_name": NAME}
    for table in (orders.table, audit.table, outbox.table, sealed.table):
        assert NAME not in repr(scan(gateway, table))
    assert NAME not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("paper", "label", "sentence"),
    [
        (FINE, "Số quyết định", "Thanh toán tiền phạt theo quyết định số"),
        (TAX, "Số thông báo", "Thanh toán tiền phạt theo thông báo số"),
        (COURT, "Số thông báo", "Thanh toán tiền phạt theo thông báo số"),
    ],
)
def test_pages_show_the_code_under_its_own_name(gateway, paper, label, sentence):
    order = gateway.post_order(an_order(paper)).json

    checkout = page(gateway, order["checkout_url"])
    status = page(gateway, order["status_url"])
    gateway.clock.step(days=20)
    ended = page(gateway, order["checkout_url"])

    for text in (checkout, status, ended):
        assert order["payable_ref"]["code"] in text
        assert NAME not in text
        assert "hồ sơ 45" not in text
    assert sentence in checkout
    assert label in ended
    assert "Số hồ sơ" not in ended
    assert "Mở hồ sơ" not in ended
    assert "số tiền và hạn nộp hôm nay" in ended


def test_the_webhook_carries_the_code_where_the_dossiers_stands(gateway):
    gateway.line.says(b"https://rail.example/pay")
    order = gateway.post_order(an_order(FINE)).json
    gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})

    [row] = scan(gateway, outbox.table)
    told = json.loads(row.body)["data"]
    assert (told["dossier_code"], told["payable_type"]) == ("123/QĐ-XPHC", "fine_decision")


def test_the_webhook_of_a_dossier_is_as_it_was(gateway):
    gateway.line.says(b"https://rail.example/pay")
    order = gateway.post_order().json
    gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})

    [row] = scan(gateway, outbox.table)
    assert "payable_type" not in json.loads(row.body)["data"]


def test_a_fine_that_is_paid_is_paid(gateway):
    gateway.line.says(b"https://rail.example/pay")
    order = gateway.post_order(an_order(FINE)).json
    gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})
    ref = scan(gateway, sa.table("payment_attempt", sa.column("ref")))[0].ref
    arrival = a_callback(FakeRail(), ref, dong=150_000)

    gateway.client.post("/webhooks/fake", data=arrival.body, headers=dict(arrival.headers))

    assert gateway.get(f"/v1/orders/{order['id']}").json["state"] == "paid"
    again = gateway.post_order(an_order(FINE))
    assert (again.status_code, again.json["code"]) == (409, "already_paid")
    assert "Số quyết định" in page(gateway, order["status_url"])


def test_one_live_order_for_each_paper_and_purpose(gateway):
    first = gateway.post_order(an_order(FINE)).json

    again = gateway.post_order(an_order(FINE | {"code": " 123 / QĐ-XPHC"}))
    others = (
        an_order(FINE, purpose="supplement"),
        an_order(FINE | {"code": "124/QĐ-XPHC"}),
        an_order(TAX | {"code": FINE["code"]}),
    )

    assert (again.status_code, again.json["code"]) == (409, "live_order_exists")
    assert again.json["order_id"] == first["id"]
    assert [gateway.post_order(each).status_code for each in others] == [201] * 3


def test_late_money_of_a_paper_fits_unless_its_like_was_paid(gateway):
    """A tax notice and a decision of one code are two things."""
    gateway.line.says(b"https://rail.example/pay")
    orders_made = [
        gateway.post_order(an_order(each)).json for each in (FINE, TAX | {"code": FINE["code"]})
    ]
    for order in orders_made:
        gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})
    rows = scan(gateway, sa.table("payment_attempt", sa.column("ref")))
    gateway.clock.step(days=2)
    expire_orders(gateway.house, gateway.act())
    for number, row in enumerate(rows):
        arrival = a_callback(FakeRail(), row.ref, dong=150_000, txn=f"R{number}")
        gateway.client.post("/webhooks/fake", data=arrival.body, headers=dict(arrival.headers))

    states = [gateway.get(f"/v1/orders/{each['id']}").json["state"] for each in orders_made]
    assert states == ["paid", "paid"]


def test_papers_are_looked_for_by_their_code_and_dossiers_by_theirs(gateway):
    fine = gateway.post_order(an_order(FINE)).json
    tax = gateway.post_order(an_order(TAX | {"code": FINE["code"]})).json
    dossier = gateway.post_order().json

    def found(query):
        return [each["id"] for each in gateway.get(f"/v1/orders?{query}").json["data"]]

    assert found("payable_code=123/q%C4%91-xphc") == [tax["id"], fine["id"]]
    assert found(f"payable_code={DOSSIER}") == []
    assert found(f"dossier_code={DOSSIER}") == [dossier["id"]]


def test_a_search_for_a_code_that_cannot_be_is_refused(gateway):
    answer = gateway.get("/v1/orders?payable_code=%01")

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json["errors"]] == ["/payable_code"]


def test_a_type_that_the_portal_may_not_use_is_refused(gateway):
    allow(gateway, PayableType.TAX_NOTICE)

    answer: Any = gateway.post_order(an_order(FINE))

    assert (answer.status_code, answer.json["code"]) == (422, "payable_type_not_allowed")
    assert answer.json["errors"][0]["pointer"] == "/payable_ref/type"
    assert gateway.post_order(an_order(TAX)).status_code == 201


def test_a_portal_is_allowed_nothing_but_dossiers_at_first(db):
    answer: Any = a_gateway(db).post_order(an_order(FINE))

    assert answer.json["code"] == "payable_type_not_allowed"


def fields(**changes):
    given = FINE["fields"] | changes
    return FINE | {"fields": {name: text for name, text in given.items() if text is not None}}


@pytest.mark.parametrize(
    ("paper", "pointer", "code"),
    [
        (FINE | {"type": "bribe"}, "/payable_ref/type", "field_value"),
        (FINE | {"code": ""}, "/payable_ref/code", "payable_code_empty"),
        (FINE | {"code": "1\u200b"}, "/payable_ref/code", "payable_code_control_character"),
        (FINE | {"x": 1}, "/payable_ref/x", "field_unknown"),
        (fields(violator_name=None), "/payable_ref/fields/violator_name", "field_missing"),
        (fields(violator_name=" "), "/payable_ref/fields/violator_name", "field_empty"),
        (fields(secret="x"), "/payable_ref/fields", "payable_field_unknown"),  # a name
        (
            fields(decision_date="20/09/2022"),
            "/payable_ref/fields/decision_date",
            "payable_date_malformed",
        ),
        (
            COURT | {"fields": COURT["fields"] | {"notice_date": "2022-09-29"}},
            "/payable_ref/fields/notice_date",
            "payable_date_future",
        ),
    ],
)
def test_a_paper_that_breaks_a_rule_is_refused_by_pointer(gateway, paper, pointer, code):
    answer = gateway.post_order(an_order(paper))

    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]
    assert answer.json["errors"][0]["message_vi"]
    assert scan(gateway, orders.table) == []


def test_an_order_is_for_a_dossier_or_a_paper_and_never_for_both_or_neither(gateway):
    both = an_order(FINE) | {"dossier": {"code": DOSSIER}}
    neither = an_order(None)

    told = [
        [(each["pointer"], each["code"]) for each in gateway.post_order(body).json["errors"]]
        for body in (both, neither)
    ]

    assert told == [
        [("/payable_ref", "payable_ref_with_dossier")],
        [("/dossier", "field_missing")],
    ]


@pytest.mark.parametrize(
    ("paper", "ends"),
    [
        (FINE, "2022-09-28T17:00:00.000Z"),
        (TAX, "2022-09-28T17:00:00.000Z"),
        (COURT, "2022-10-06T17:00:00.000Z"),
    ],
)
def test_an_order_ends_with_the_last_day_of_its_amount(gateway, paper, ends):
    assert gateway.post_order(an_order(paper)).json["expires_at"] == ends


def test_after_its_working_days_a_courts_notice_is_refused(gateway):
    gateway.clock.step(days=9)

    answer: Any = gateway.post_order(an_order(COURT))

    assert (answer.status_code, answer.json["code"]) == (422, "payable_window_over")
    assert answer.json["last_day"] == "2022-10-06"
    assert answer.json["errors"][0]["pointer"] == "/payable_ref/fields/notice_date"


def test_the_window_of_a_court_is_a_setting(db):
    gateway = a_gateway(db, court_notice_days=1)
    allow(gateway, PayableType.COURT_NOTICE)

    order: Any = gateway.post_order(an_order(COURT)).json

    assert order["expires_at"] == "2022-09-28T17:00:00.000Z"


def test_what_a_portal_may_use_is_audited_when_it_changes(gateway):
    allow(gateway, *PayableType)
    allow(gateway)

    with gateway.house.db.read() as tx:
        found = [each.record for each in audit.stream_of(tx, "portal:por_hd")]
    assert len(found) == 2
    assert '"payables":""' in found[1]


NAMES = sorted({name for rules in FIELDS.values() for name in rules})
PAPERS = st.fixed_dictionaries(
    {
        "type": st.sampled_from([each.value for each in PayableType]),
        "code": st.text(max_size=20),
        "fields": st.dictionaries(
            st.sampled_from(NAMES) | st.text(max_size=5),
            st.text(max_size=20) | st.dates().map(str),
            max_size=12,
        ),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAPERS)
def test_any_paper_is_taken_or_refused_and_never_breaks_the_door(gateway, paper):
    answer: Any = gateway.post_order(an_order(paper))

    assert answer.status_code in {201, 400, 409, 422}
    if answer.status_code == 201:
        code = answer.json["payable_ref"]["code"]
        found: Any = gateway.client.get(
            "/v1/orders",
            query_string={"payable_code": code},
            headers={"Authorization": f"Bearer {gateway.key}"},
        )
        assert answer.json["id"] in [each["id"] for each in found.json["data"]]
