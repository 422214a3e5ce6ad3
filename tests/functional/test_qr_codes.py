"""A way to pay that shows a code: what is shown, what saves it, and what its script asks."""

import io
import struct

import pytest

from paygate.domain.payment import PaymentState
from paygate.store import attempts, qr_codes
from paygate.web.drawing import draw
from tests.support.builders import a_callback
from tests.support.fakes import FakeQrRail
from tests.support.gateway import BASE, a_gateway

pytestmark = pytest.mark.functional
RAIL = FakeQrRail()
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def gateway(db):
    return a_gateway(db, rail=RAIL)


@pytest.fixture
def order(gateway):
    return gateway.post_order().json


def path_of(order):
    return order["checkout_url"].removeprefix(BASE)


def begin(gateway, order):
    """Choose the code, and return the address that the citizen is led to."""
    answer = gateway.client.post(path_of(order), data={"method": "fake"})
    assert answer.status_code == 303
    return answer.headers["Location"]


def attempt_of(gateway, order):
    with gateway.house.db.read() as tx:
        return attempts.of_order(tx, order["id"])[-1]


def text_of(gateway, path):
    return gateway.client.get(path, follow_redirects=True).get_data(as_text=True)


def rail_says(gateway, order, **what):
    arrival = a_callback(RAIL, attempt_of(gateway, order).ref, **what)
    gateway.client.post("/webhooks/fake", data=arrival.body, headers=dict(arrival.headers))


def shows(gateway, order):
    return gateway.client.get(f"/return/{attempt_of(gateway, order).return_token}/state").json


def test_the_checkout_offers_the_code_under_its_own_heading(gateway, order):
    text = text_of(gateway, path_of(order))

    assert "Quét mã QR" in text
    assert "hoặc thấy mã để quét" in text


def test_the_code_is_shown_with_all_that_can_be_typed_instead(gateway, order):
    path = begin(gateway, order)
    attempt = attempt_of(gateway, order)

    text = text_of(gateway, path)

    assert attempt.payment_state is PaymentState.REDIRECTED
    assert draw(f"5000 to 0011002233 for {attempt.ref}").path in text
    for words in (
        "Quét mã để trả 5.000 VND",
        "VietinBank",
        "UBND TINH HAI DUONG",
        "0011002233",
        attempt.ref,
        "Mã có hiệu lực đến 12:15 ngày 28/09/2022.",
        "Kiểm tra lại",
        "1900 0000",
        order["code"][:4],
    ):
        assert words in text


def test_whatever_address_of_the_order_is_opened_shows_the_same_code(gateway, order):
    path = begin(gateway, order)
    status = text_of(gateway, order["status_url"].removeprefix(BASE))

    assert text_of(gateway, path) == text_of(gateway, path_of(order))
    assert f'href="{path}">Mở mã QR' in status


def test_a_second_press_shows_the_same_code_and_begins_no_other_attempt(gateway, order):
    begin(gateway, order)

    gateway.client.post(path_of(order), data={"method": "fake"})

    with gateway.house.db.read() as tx:
        assert len(attempts.of_order(tx, order["id"])) == 1


def test_the_picture_is_a_file_to_save_that_says_the_order(gateway, order):
    path = begin(gateway, order)

    answer = gateway.client.get(f"{path}/qr.png")

    assert answer.mimetype == "image/png"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.data.startswith(PNG)
    width, height = struct.unpack(">II", io.BytesIO(answer.data[16:24]).read())
    side = draw(f"5000 to 0011002233 for {attempt_of(gateway, order).ref}").side
    assert width == height == side * 10


def test_money_ends_the_code_and_the_script_hears_of_it(gateway, order):
    path = begin(gateway, order)
    assert shows(gateway, order) == {"shows": "qr"}

    rail_says(gateway, order)

    assert shows(gateway, order) == {"shows": "ended"}
    assert "Thanh toán thành công" in text_of(gateway, path)


def test_what_the_rail_has_in_hand_is_not_scanned_again(gateway, order):
    path = begin(gateway, order)

    rail_says(gateway, order, code="01")

    assert shows(gateway, order) == {"shows": "waiting"}
    text = text_of(gateway, path)
    assert "vui lòng không thanh toán lại" in text
    assert "cho biết giao dịch đang được xử lý" in text
    assert "<path fill" not in text


def test_after_the_codes_end_another_way_can_be_chosen_behind_a_warning(gateway, order):
    path = begin(gateway, order)
    gateway.clock.step(minutes=16)

    assert shows(gateway, order) == {"shows": "over"}
    text = text_of(gateway, path)
    assert "0011002233" not in text
    assert "Chọn cách thanh toán khác" in text
    assert "chưa có kết quả" in text_of(gateway, f"{path_of(order)}?again=1")


def test_money_of_another_amount_ends_the_code(gateway, order):
    path = begin(gateway, order)

    rail_says(gateway, order, dong=4_000)

    assert shows(gateway, order) == {"shows": "ended"}
    assert "Số tiền nhận được khác" in text_of(gateway, path)


@pytest.mark.parametrize("door", ["state", "qr.png"])
def test_the_doors_of_no_attempt_lead_nowhere(gateway, door):
    assert gateway.client.get(f"/return/nothing/{door}").status_code == 404
    assert gateway.client.get(f"/return/fake/{door}").status_code == 404


def test_a_rail_with_a_page_of_its_own_has_no_picture(db):
    gateway = a_gateway(db)
    gateway.line.says(b"https://rail.example/pay")
    order = gateway.post_order().json
    gateway.client.post(path_of(order), data={"method": "fake"})
    attempt = attempt_of(gateway, order)

    assert gateway.client.get(f"/return/{attempt.return_token}/qr.png").status_code == 404
    assert shows(gateway, order) == {"shows": "waiting"}


def test_what_was_shown_is_kept_with_the_attempt(gateway, order):
    begin(gateway, order)
    attempt = attempt_of(gateway, order)

    with gateway.house.db.read() as tx:
        code = qr_codes.of_attempt(tx, attempt.id)

    assert code is not None
    assert (code.memo, code.bank_bin) == (attempt.ref, "970415")
    assert attempt.redirect_url is None
