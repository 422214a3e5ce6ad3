import json
import re

import pytest

from paygate.demo.portal.client import Answer
from paygate.demo.portal.forms import SAMPLE
from tests.demo.fake_gateway import API_KEY, URL
from tests.demo.page import text_of

pytestmark = pytest.mark.functional
FORM = "/nop-ho-so/ho-tich"
DECK = "000.30.27.H23-220928-0001"
REFUND = {"account_number": "001 100 2233", "account_holder": "TRẦN THỊ MẪU", "bank_bin": "970436"}


def test_an_application_becomes_an_order_and_leads_to_the_checkout(visitor, gateway, typed):
    answer = visitor.post(FORM, data=typed)

    assert (answer.status_code, answer.location) == (303, f"{URL}/pay/token1")
    [request] = gateway.requests
    assert (request.method, request.url) == ("POST", f"{URL}/v1/orders")
    assert request.headers["Authorization"] == f"Bearer {API_KEY}"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {
        "dossier": {
            "code": DECK,
            "procedure_code": "9.000001",
            "procedure_name": "Cấp bản sao trích lục hộ tịch",
        },
        "purpose": "fee",
        "description": f"Thanh toán lệ phí cho hồ sơ {DECK}",
        "language": "vi",
        "lines": [
            {
                "kind": "le_phi",
                "code": "LP01",
                "name": "Lệ phí hộ tịch",
                "amount": 5000,
                "beneficiary": "000.30.27.H23",
            }
        ],
        "payer": {"name": "NGUYỄN VĂN MẪU", "id_number": "999000000001", "phone": "0100000001"},
        "return_url": "http://127.0.0.1:8002/ket-qua",
        "expires_in": 86400,
    }


def test_a_refund_account_travels_with_the_order(visitor, gateway, typed):
    visitor.post(FORM, data={**typed, **REFUND})

    assert json.loads(gateway.requests[0].body)["refund_account"] == {
        "bank_bin": "970436",
        "account_number": "0011002233",
        "account_holder": "TRẦN THỊ MẪU",
    }


def test_a_service_of_two_kinds_sends_two_lines(visitor, gateway, typed):
    visitor.post("/nop-ho-so/dat-dai", data=typed)

    body = json.loads(gateway.requests[0].body)
    assert [(line["kind"], line["amount"]) for line in body["lines"]] == [
        ("phi", 120_000),
        ("le_phi", 30_000),
    ]
    assert body["description"].startswith("Thanh toán phí, lệ phí cho hồ sơ ")


def test_the_order_speaks_the_visitors_language(visitor, gateway, typed):
    visitor.get(f"{FORM}?lang=en")
    visitor.post(FORM, data=typed)

    assert json.loads(gateway.requests[0].body)["language"] == "en"


def test_the_form_shows_the_decks_words_and_an_invented_person(visitor):
    page = visitor.get(FORM)

    text = text_of(page)
    for words in (
        "Đăng ký thông tin hoàn tiền",
        "Số tài khoản",
        "Tên chủ tài khoản",
        "Tên ngân hàng",
        "Thành phần hồ sơ (Hồ sơ không có giấy tờ kèm theo)",
        "Tôi xin chịu trách nhiệm trước pháp luật về lời khai trên",
        "← Quay lại",
        "Nộp hồ sơ",
        "Lệ phí hộ tịch 5.000 VND",
        "Vietcombank",
    ):
        assert words in text
    assert f'name="account_holder" type="text" value="{SAMPLE["account_holder"]}"' in page.text
    assert "030079010468" not in page.text


@pytest.mark.parametrize(
    "mistake",
    [
        ({"name": "  "}, "name", "Nhập họ và tên"),
        ({"name": "A" * 101}, "name", "Nhập họ và tên"),
        ({"id_number": "12345"}, "id_number", "Nhập số CCCD 12 chữ số hoặc số CMND 9 chữ số"),
        ({"id_number": "\uff19" * 12}, "id_number", "Nhập số CCCD"),
        ({"phone": "84912"}, "phone", "Nhập số điện thoại 10 chữ số, bắt đầu bằng 0"),
        ({**REFUND, "account_number": ""}, "account_number", "Nhập số tài khoản, hoặc để trống"),
        ({**REFUND, "account_number": "12-34"}, "account_number", "Số tài khoản có từ 6 đến 19"),
        ({**REFUND, "account_holder": ""}, "account_holder", "Nhập tên chủ tài khoản"),
        ({**REFUND, "bank_bin": ""}, "bank_bin", "Chọn ngân hàng"),
        ({**REFUND, "bank_bin": "000000"}, "bank_bin", "Chọn ngân hàng"),
        ({"account_holder": "TRẦN THỊ MẪU"}, "account_number", "Nhập số tài khoản, hoặc để trống"),
        ({"declaration": ""}, "declaration", "Đánh dấu vào ô cam kết để nộp hồ sơ"),
    ],
)
def test_a_mistake_is_named_on_top_and_at_its_field(visitor, gateway, typed, mistake):
    change, field, words = mistake
    answer = visitor.post(FORM, data={**typed, **change})

    assert answer.status_code == 422
    assert "<title>Lỗi: " in answer.text
    summary, rest = answer.text.split("<h1>")
    assert f'<a href="#{field}">{words}' in summary
    assert f'id="{field}-error"' in rest
    assert words in rest
    assert gateway.requests == []
    assert "Chưa có hồ sơ nào" in text_of(visitor.get("/"))


def test_what_was_typed_stays_when_the_form_comes_back(visitor, typed):
    page = visitor.post(FORM, data={**typed, **REFUND, "name": 'Lê "Mẫu" <b>', "phone": "1"}).text

    assert 'value="Lê &#34;Mẫu&#34; &lt;b&gt;"' in page
    assert 'value="001 100 2233"' in page
    assert '<option value="970436" selected' in page
    assert re.search(r'value="yes" checked', page)


def test_a_prefilled_holder_alone_asks_for_no_refund_account(visitor, gateway, typed):
    visitor.post(FORM, data={**typed, "name": "LÊ THỊ THỬ"})

    assert "refund_account" not in json.loads(gateway.requests[0].body)


def test_a_double_press_makes_one_dossier_and_one_order(visitor, gateway, typed):
    first, second = (visitor.post(FORM, data=typed) for _ in range(2))

    assert first.location == second.location == f"{URL}/pay/token1"
    assert len(gateway.requests) == 1


def test_each_filing_has_a_code_and_a_key_of_its_own(visitor, gateway, typed):
    for number in range(3):
        visitor.post(FORM, data={**typed, "filing": f"filing {number}"})

    codes = [json.loads(request.body)["dossier"]["code"] for request in gateway.requests]
    assert codes == [DECK, "000.30.27.H23-220928-0002", "000.30.27.H23-220928-0003"]
    assert len({request.headers["Idempotency-Key"] for request in gateway.requests}) == 3


def test_a_silent_gateway_is_asked_again_with_the_same_key_and_body(visitor, gateway, typed):
    gateway.silent = True
    answer = visitor.post(FORM, data=typed)
    page = visitor.get(answer.location)
    gateway.silent = False

    again = visitor.post(f"/ho-so/{DECK}/gui-lai")

    assert (answer.status_code, answer.location) == (303, f"/ho-so/{DECK}/gui-lai")
    assert "Chưa liên lạc được với cổng thanh toán" in text_of(page)
    assert "Gửi lại" in text_of(page)
    assert (again.status_code, again.location) == (303, f"{URL}/pay/token1")
    first, second = gateway.requests
    assert first == second


def test_an_answer_that_was_lost_leads_to_the_order_that_was_made(visitor, gateway, typed):
    gateway.loses_answers = True
    visitor.post(FORM, data=typed)
    gateway.loses_answers = False

    answer = visitor.post(f"/ho-so/{DECK}/gui-lai")

    assert answer.location == f"{URL}/pay/token1"
    assert list(gateway.orders) == ["ord_1"]


@pytest.mark.parametrize(
    "raw",
    [
        Answer(500, b"oops"),
        Answer(503, b'{"code": "unavailable"}'),
        Answer(429, b"{}"),
        Answer(302, b""),
        Answer(409, b'{"code": "idempotency_key_running"}'),
        Answer(201, b"not json"),
        Answer(201, b"[]"),
        Answer(201, b'{"id": "ord_1"}'),
        Answer(
            201,
            b'{"id":"o","code":"PG","state":"open","amount":5000,"dossier":{"code":"'
            + DECK.encode()
            + b'"},"checkout_url":"https://elsewhere.example/pay"}',
        ),
        Answer(
            201,
            b'{"id":"o","code":"PG","state":"open","amount":5001,"dossier":{"code":"'
            + DECK.encode()
            + b'"},"checkout_url":null}',
        ),
        Answer(
            201,
            b'{"id":"o","code":"PG","state":"open","amount":5000,"dossier":{"code":"other"},'
            b'"checkout_url":null}',
        ),
    ],
)
def test_an_unusable_answer_is_no_refusal_and_no_order(visitor, gateway, typed, raw):
    gateway.raw = raw

    answer = visitor.post(FORM, data=typed)

    assert answer.location == f"/ho-so/{DECK}/gui-lai"


def test_a_refusal_is_told_in_the_gateways_words(visitor, gateway, typed):
    problem = {
        "code": "already_paid",
        "detail": "This dossier is paid already.",
        "message_vi": "Hồ sơ này đã được thanh toán.",
        "request_id": "req_7",
    }
    gateway.refusal = (409, problem)

    vietnamese = visitor.post(FORM, data=typed)
    visitor.get("/?lang=en")
    english = visitor.post(FORM, data={**typed, "filing": "another"})

    assert vietnamese.status_code == english.status_code == 502
    assert "Hồ sơ này đã được thanh toán. Không có đơn thanh toán mới nào được tạo." in text_of(
        vietnamese
    )
    assert "This dossier is paid already." in text_of(english)
    assert "req_7" in text_of(english)
    # Another dossier, since this one is paid.
    assert f'href="{FORM}"' in vietnamese.text


def test_a_refusal_without_words_still_makes_a_page(visitor, gateway, typed):
    gateway.raw = Answer(403, b"<html>")

    assert "Cổng thanh toán không nói lý do." in text_of(visitor.post(FORM, data=typed))


def test_a_refused_value_is_shown_at_its_field_and_corrected_under_the_same_code(
    visitor, gateway, typed
):
    errors = [{"pointer": "/refund_account/account_number", "code": "x", "message": "y"}]
    gateway.refusal = (422, {"message_vi": "Dữ liệu chưa đúng.", "errors": errors})
    refused = visitor.post(FORM, data={**typed, **REFUND})
    gateway.refusal = None
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', refused.text))

    corrected = visitor.post(FORM, data={**typed, **hidden, **REFUND, "account_number": "1234567"})

    assert refused.status_code == 422
    assert "Dữ liệu chưa đúng." in text_of(refused)
    assert 'id="account_number-error"' in refused.text
    assert 'value="001 100 2233"' in refused.text
    assert corrected.location == f"{URL}/pay/token1"
    first, second = gateway.requests
    assert json.loads(second.body)["dossier"]["code"] == DECK
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]


def test_an_accepted_dossier_cannot_be_replaced(visitor, gateway, typed):
    visitor.post(FORM, data=typed)

    visitor.post(FORM, data={**typed, "filing": "another", "dossier": DECK})

    assert json.loads(gateway.requests[1].body)["dossier"]["code"] != DECK


def test_sending_again_what_was_accepted_only_leads_to_its_checkout(visitor, gateway, typed):
    visitor.post(FORM, data=typed)

    answer = visitor.post(f"/ho-so/{DECK}/gui-lai")

    assert answer.location == f"{URL}/pay/token1"
    assert len(gateway.requests) == 1
    assert visitor.get(f"/ho-so/{DECK}/gui-lai").location == f"/ho-so/{DECK}"


def test_sending_again_what_was_refused_asks_nothing(visitor, gateway, typed):
    gateway.refusal = (409, {"code": "already_paid"})
    visitor.post(FORM, data=typed)

    answer = visitor.post(f"/ho-so/{DECK}/gui-lai")

    assert answer.location == f"/ho-so/{DECK}"
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_sent_by_another_site_is_refused(visitor, gateway, typed, site):
    answer = visitor.post(FORM, data=typed, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 403
    assert gateway.requests == []
