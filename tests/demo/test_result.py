import json

import pytest

from tests.demo.fake_gateway import URL, an_event, signed
from tests.demo.page import text_of

pytestmark = pytest.mark.functional
FORM = "/nop-ho-so/ho-tich"
DECK = "000.30.27.H23-220928-0001"
RESULT = "/ket-qua?order_id=ord_1&code=PG7K3M92QX&state="
SCREEN_D = (
    "QUY TRÌNH THỰC HIỆN DỊCH VỤ CÔNG TRỰC TUYẾN"
    " 🎉 Chúc mừng bạn đã nộp hồ sơ thành công!"
    " Vui lòng ghi nhớ các thông tin bên dưới để theo dõi tình hình xử lý"
    " hoặc cập nhật thông tin hồ sơ của bạn"
    f" Số hồ sơ {DECK}"
    " Tài khoản maunv.hdg"
    " 📄 Chi tiết hồ sơ 📄 Cập nhật hồ sơ 🗑️ Hủy hồ sơ 👍 Đánh giá dịch vụ công"
    " Các nút màu xám chưa có trong bản trình diễn."
)


@pytest.fixture
def order(visitor, gateway, typed):
    visitor.post(FORM, data=typed)
    return gateway.orders["ord_1"]


def tell(visitor, body, *, message_id="evt_1"):
    raw = json.dumps(body).encode()
    return visitor.post(
        "/webhooks/paygate", data=raw, headers=signed(raw, message_id=message_id)
    ).status_code


def label_on_the_first_page(visitor):
    return (
        visitor.get("/").text.split('data-label="Thanh toán">')[1].split("</svg>")[1].split("<")[0]
    )


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("state", ["paid", "exempt", "open", ""])
def test_the_result_page_never_believes_its_address(visitor, state):
    page = text_of(visitor.get(RESULT + state))

    assert "Hồ sơ chưa được thanh toán" in page
    assert "thành công" not in page


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("state", ["open", "failed", "cancelled"])
def test_a_paid_order_shows_the_decks_screen_whatever_the_address_says(visitor, gateway, state):
    gateway.turn("ord_1", "paid")

    assert SCREEN_D in text_of(visitor.get(RESULT + state))


def test_a_paid_event_shows_the_decks_screen_while_the_gateway_is_silent(visitor, gateway, order):
    tell(visitor, an_event(order, state="paid", version=3))
    gateway.silent = True

    assert SCREEN_D in text_of(visitor.get(RESULT))


@pytest.mark.usefixtures("order")
def test_only_what_works_is_a_link(visitor, gateway):
    gateway.turn("ord_1", "paid")

    page = visitor.get(RESULT).text

    assert page.count('aria-disabled="true" aria-describedby="not-yet"') == 3
    assert f'<a class="btn primary" href="/ho-so/{DECK}">' in page


@pytest.mark.usefixtures("order")
def test_an_open_order_can_be_paid_and_checked_again(visitor):
    page = visitor.get(RESULT).text

    assert f'href="{URL}/pay/token1">Thanh toán</a>' in page
    assert 'href="/ket-qua?order_id=ord_1">Kiểm tra lại</a>' in page


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("state", ["processing", "something_new"])
def test_a_payment_under_way_is_not_offered_to_be_paid_again(visitor, gateway, state):
    gateway.turn("ord_1", state)

    page = visitor.get(RESULT)

    assert "Chờ xác thực thanh toán" in text_of(page)
    assert "vui lòng không thanh toán lại" in text_of(page)
    assert "Kiểm tra lại" in text_of(page)
    assert "/pay/" not in page.text


@pytest.mark.usefixtures("order")
def test_while_the_gateway_is_silent_nobody_is_asked_to_pay(visitor, gateway):
    gateway.silent = True

    page = visitor.get(RESULT)

    assert "Lúc này chưa hỏi được cổng thanh toán" in text_of(page)
    assert "/pay/" not in page.text


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize(
    ("state", "words"),
    [("expired", "Đơn thanh toán đã hết hạn"), ("cancelled", "Đơn thanh toán đã bị hủy")],
)
def test_an_order_that_ended_says_so(visitor, gateway, state, words):
    gateway.turn("ord_1", state)

    page = visitor.get(RESULT)

    assert words in text_of(page)
    assert "/pay/" not in page.text


@pytest.mark.parametrize(
    "change", [{"amount": 1}, {"id": "ord_9"}, {"dossier": {"code": "000.30.27.H23-220928-0009"}}]
)
def test_a_paid_order_that_is_not_ours_files_nothing(visitor, order, change):
    order.update(state="paid", **change)

    assert "thành công" not in text_of(visitor.get(RESULT))


@pytest.mark.parametrize("address", ["/ket-qua", "/ket-qua?order_id=ord_9&state=paid"])
def test_an_unknown_order_has_no_result(visitor, address):
    assert visitor.get(address).status_code == 404


def test_a_signed_event_changes_the_state_on_the_first_page(visitor, order):
    before = label_on_the_first_page(visitor)

    status = tell(visitor, an_event(order, state="paid", version=3))

    assert status == 204
    assert (before, label_on_the_first_page(visitor)) == ("Chưa thanh toán", "Đã thanh toán")


@pytest.mark.usefixtures("order")
def test_the_first_page_believes_events_and_not_the_result_page(visitor, gateway):
    gateway.turn("ord_1", "paid")
    visitor.get(RESULT + "paid")

    assert label_on_the_first_page(visitor) == "Chưa thanh toán"


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_forged_event_is_refused_and_changes_nothing(visitor, order, header):
    raw = json.dumps(an_event(order, state="paid", version=3)).encode()

    answer = visitor.post("/webhooks/paygate", data=raw, headers={**signed(raw), header: "1"})

    assert answer.status_code == 401
    assert label_on_the_first_page(visitor) == "Chưa thanh toán"
    assert "Chưa có thông báo nào" in text_of(visitor.get(f"/ho-so/{DECK}"))


def test_a_signed_text_that_is_no_event_is_not_acknowledged(visitor):
    assert visitor.post("/webhooks/paygate", data=b"{}", headers=signed(b"{}")).status_code == 400


def test_an_event_that_comes_twice_is_acknowledged_twice_and_kept_once(visitor, order):
    event = an_event(order, state="paid", version=3)

    assert [tell(visitor, event), tell(visitor, event)] == [204, 204]
    assert visitor.get(f"/ho-so/{DECK}").text.count("<summary") == 1


def test_an_older_event_that_comes_later_changes_nothing(visitor, order):
    tell(visitor, an_event(order, state="paid", version=3), message_id="evt_3")
    tell(visitor, an_event(order, state="processing", version=2), message_id="evt_2")

    assert label_on_the_first_page(visitor) == "Đã thanh toán"
    assert "order.processing" in text_of(visitor.get(f"/ho-so/{DECK}"))


def test_the_state_of_a_refund_is_not_the_state_of_the_order(visitor, order):
    tell(visitor, an_event(order, state="paid", version=3), message_id="evt_3")
    tell(visitor, an_event(order, state="requested", version=4, of="refund"), message_id="evt_4")

    assert label_on_the_first_page(visitor) == "Đã thanh toán"


@pytest.mark.parametrize(
    "change", [{"amount": 1}, {"dossier_code": "000.30.27.H23-220928-0009"}, {"order_id": "ord_9"}]
)
def test_an_event_that_does_not_fit_the_order_files_nothing(visitor, order, change):
    status = tell(visitor, an_event(order, state="paid", version=3, **change))

    assert status == 204
    assert label_on_the_first_page(visitor) == "Chưa thanh toán"


def test_an_unknown_type_is_accepted_and_logged(visitor, order):
    event = an_event(order, state="open", version=2)

    assert tell(visitor, {**event, "type": "order.something_new"}) == 204
    assert "order.something_new" in text_of(visitor.get(f"/ho-so/{DECK}"))


def test_the_dossier_page_shows_every_event_as_it_was_sent(visitor, order):
    event = an_event(order, state="paid", version=3)
    tell(visitor, event, message_id="evt_0190")

    text = text_of(visitor.get(f"/ho-so/{DECK}"))

    assert f"Chi tiết hồ sơ {DECK}" in text
    assert "PG-7K3M-92QX" in text
    assert f"order.paid 3 paid 16:45 ngày 28/09/2022 evt_0190 {json.dumps(event)}" in text


def test_an_exempt_order_counts_as_filed(visitor, order):
    order.update(state="exempt", checkout_url=None)

    assert "Chúc mừng" in text_of(visitor.get(RESULT))
