"""What a citizen meets: every address of an order shows the page that fits what the book says."""

import io
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from paygate.bootstrap import create_app
from paygate.domain.order import LateMoney, OrderState
from paygate.domain.payment import PaymentState
from paygate.http.context import context
from paygate.services.chase_pending import chase_pending
from paygate.services.expire_orders import expire_orders
from paygate.store import attempts, orders
from providers.contract import HttpReply, NotSentError, SilentError
from tests.support.builders import NOON, a_callback
from tests.support.fakes import FakeRail, says
from tests.support.gateway import BASE, a_gateway, deck_order

pytestmark = pytest.mark.functional
RAIL = FakeRail()
AT_THE_RAIL = "https://rail.example/pay"


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    gateway.line.says(AT_THE_RAIL.encode())
    return gateway


@pytest.fixture
def order(gateway):
    return gateway.post_order().json


def path_of(order):
    return order["checkout_url"].removeprefix(BASE)


def context_of(gateway):
    with gateway.app.app_context():
        return context()


def pay(gateway, order, **more):
    return gateway.client.post(path_of(order), data={"method": "fake"}, **more)


def page(gateway, path):
    answer = gateway.client.get(path, follow_redirects=True)
    return answer.get_data(as_text=True)


def attempt_of(gateway, order):
    with gateway.house.db.read() as tx:
        return attempts.of_order(tx, order["id"])[-1]


def rail_says(gateway, ref, **what):
    arrival = a_callback(RAIL, ref, **what)
    headers = dict(arrival.headers)
    return gateway.client.post("/webhooks/fake", data=arrival.body, headers=headers)


def state(gateway, order):
    return gateway.get(f"/v1/orders/{order['id']}").json["state"]


def test_the_checkout_shows_the_order_as_the_deck_does(gateway, order):
    text = page(gateway, path_of(order))

    for words in (
        "Thanh toán lệ phí cho hồ sơ",
        "000.30.27.H23-220928-0001",
        "Nhà cung cấp",
        "Cổng DVC Hải Dương",
        "Phí giao dịch",
        "0 VND",
        "Giá trị thanh toán:",
        "5.000 VND",
        "Năm nghìn đồng",
        "Ví thử",
        "THANH TOÁN",
    ):
        assert words in text
    assert "checked" not in text  # nothing is chosen for the citizen
    assert "Trần Thị Minh Họa" not in text


def test_the_citizen_is_sent_to_the_rail_and_the_attempt_is_committed_first(gateway, order):
    seen = []

    def rail(call):
        with gateway.house.db.read() as tx:
            attempt = attempts.by_ref(tx, json.loads(call.body)["ref"])
        assert attempt is not None
        seen.append(attempt.payment_state)
        return HttpReply(200, {}, AT_THE_RAIL.encode())

    gateway.line.answer = rail

    answer = pay(gateway, order)

    assert (answer.status_code, answer.headers["Location"]) == (303, AT_THE_RAIL)
    assert seen == [PaymentState.CREATED]
    assert attempt_of(gateway, order).payment_state is PaymentState.REDIRECTED
    assert state(gateway, order) == "processing"


def test_a_callback_before_our_own_answer_is_committed_is_not_lost(gateway, order):
    """R04: the rail calls back while we still wait for its answer to our call."""

    def answer(call):
        ref = json.loads(call.body)["ref"]
        assert rail_says(gateway, ref).data == b"applied"
        return HttpReply(200, {}, AT_THE_RAIL.encode())

    gateway.line.answer = answer

    response = pay(gateway, order)

    assert state(gateway, order) == "paid"
    # Nobody is sent to pay what is paid.
    assert "/return/" in response.headers["Location"]
    assert "Thanh toán thành công" in page(gateway, response.headers["Location"])


def test_the_browsers_return_shows_and_never_decides(gateway, order):
    pay(gateway, order)
    attempt = attempt_of(gateway, order)

    text = page(gateway, f"/return/{attempt.return_token}?RESPONSE_CODE=00&vnp_ResponseCode=00")

    assert "Giao dịch đang được xác nhận, vui lòng không thanh toán lại" in text
    assert state(gateway, order) == "processing"
    assert attempt_of(gateway, order).payment_state is PaymentState.REDIRECTED


def test_a_return_lets_the_rail_be_asked_soon_and_not_at_every_reload(gateway, order):
    pay(gateway, order)
    attempt = attempt_of(gateway, order)
    assert attempt.ask_at > gateway.clock.now()

    page(gateway, f"/return/{attempt.return_token}")
    gateway.line.says(says(attempt.ref, code="01", paid_at=NOON))
    chase_pending(gateway.house, gateway.act())
    asked = attempt_of(gateway, order)
    page(gateway, f"/return/{attempt.return_token}")

    assert (asked.asked, asked.ask_at > gateway.clock.now()) == (1, True)
    assert attempt_of(gateway, order).ask_at == asked.ask_at


def test_after_the_callback_the_return_says_paid_and_leads_back_with_a_hint(gateway, order):
    pay(gateway, order)
    attempt = attempt_of(gateway, order)
    rail_says(gateway, attempt.ref)

    text = page(gateway, f"/return/{attempt.return_token}")

    for words in ("Thanh toán thành công", "5.000 VND", "R1", "28/09/2022 12:00", "Ví thử"):
        assert words in text
    link = f"https://portal.example/return?order_id={order['id']}&amp;code={order['code']}"
    assert f"{link}&amp;state=paid" in text


class CallbackInBetween:
    """A database in which the rail's callback is committed before our next transaction."""

    def __init__(self, database, callback):
        self.database, self.callback = database, callback

    def act(self, verb, /, *args, **kwargs):
        callback, self.callback = self.callback, None
        if callback is not None:
            callback()
        return self.database.act(verb, *args, **kwargs)

    def read(self):
        return self.database.read()


@pytest.mark.parametrize(
    ("code", "words"),
    [("00", "Thanh toán thành công"), ("51", "Thanh toán không thành công")],
)
def test_a_callback_while_the_return_is_being_read_is_already_shown(
    db, gateway, order, code, words
):
    pay(gateway, order)
    attempt = attempt_of(gateway, order)
    between = CallbackInBetween(db, lambda: rail_says(gateway, attempt.ref, code=code))
    house = replace(gateway.house, db=between)
    config = context_of(gateway).config
    app = create_app(config, house, clock=gateway.clock, ids=gateway.ids)

    answer = app.test_client().get(f"/return/{attempt.return_token}")

    assert words in answer.get_data(as_text=True)


def test_a_rail_with_one_address_for_all_leads_back_by_cookie(gateway, order):
    pay(gateway, order)
    attempt = attempt_of(gateway, order)

    answer = gateway.client.get("/return/fake?MERCHANT_ORDER_ID=whatever")

    assert answer.headers["Location"].endswith(f"/return/{attempt.return_token}")
    stranger = gateway.app.test_client().get("/return/fake?MERCHANT_ORDER_ID=x")
    assert stranger.status_code == 200
    assert "vui lòng không thanh toán lại" in stranger.get_data(as_text=True).lower()
    assert order["code"] not in stranger.get_data(as_text=True)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("51", "Tài khoản của bạn chưa bị trừ tiền hoặc sẽ được hoàn lại"),
        ("24", "Bạn đã hủy ở trang của Ví thử"),
        ("01", "Giao dịch đang được xác nhận"),
        ("77", "Giao dịch đang được xác nhận"),
    ],
)
def test_what_the_rail_says_is_told_in_its_own_words(gateway, order, code, words):
    pay(gateway, order)
    attempt = attempt_of(gateway, order)
    rail_says(gateway, attempt.ref, code=code)

    assert words in page(gateway, f"/return/{attempt.return_token}")


def test_failed_is_said_only_when_the_rail_said_so(gateway, order):
    pay(gateway, order)
    attempt = attempt_of(gateway, order)
    gateway.line.fails(SilentError())
    gateway.clock.step(hours=3)
    chase_pending(gateway.house, gateway.act())

    text = page(gateway, f"/return/{attempt.return_token}")

    assert "không thành công" not in text
    assert "Giao dịch đang được xác nhận" in text


def test_another_way_can_be_chosen_after_a_failure_and_pays(gateway, order):
    pay(gateway, order)
    rail_says(gateway, attempt_of(gateway, order).ref, code="51")

    assert 'name="method"' in page(gateway, path_of(order))
    assert pay(gateway, order).headers["Location"] == AT_THE_RAIL
    rail_says(gateway, attempt_of(gateway, order).ref, txn="R2")
    assert state(gateway, order) == "paid"
    assert "Đơn hàng đã được thanh toán trước đó" in page(gateway, path_of(order))


def test_while_an_attempt_is_live_the_order_shows_that_it_waits(gateway, order):
    pay(gateway, order)

    text = page(gateway, path_of(order))
    again = pay(gateway, order)

    assert "vui lòng không thanh toán lại" in text
    assert f'href="{AT_THE_RAIL}"' in text  # back into the rail's open session
    assert again.headers["Location"].endswith(path_of(order))
    with gateway.house.db.read() as tx:
        assert len(attempts.of_order(tx, order["id"])) == 1


def test_after_the_sessions_end_another_way_can_be_chosen_behind_a_warning(gateway, order):
    pay(gateway, order)
    first = attempt_of(gateway, order)
    assert "again=1" not in page(gateway, path_of(order))
    gateway.clock.step(minutes=16)

    waiting = page(gateway, path_of(order))
    warned = page(gateway, f"{path_of(order)}?again=1")
    unwarned = pay(gateway, order)
    answer = gateway.client.post(path_of(order), data={"method": "fake", "again": "1"})

    assert f"{path_of(order)}?again=1" in waiting
    assert AT_THE_RAIL not in waiting  # nobody is led back into a session that is over
    assert "Chỉ chọn tiếp khi bạn chắc chắn chưa trả tiền" in warned
    assert unwarned.headers["Location"].endswith(path_of(order))
    assert answer.headers["Location"] == AT_THE_RAIL
    # The earlier attempt may still be paid: then the second payment is a duplicate, never lost.
    rail_says(gateway, first.ref, txn="R1")
    rail_says(gateway, attempt_of(gateway, order).ref, txn="R2")
    assert gateway.get(f"/v1/orders/{order['id']}").json["refundable_amount"] == 10_000


@pytest.mark.parametrize(
    ("error", "words", "order_state"),
    [
        (NotSentError(), "Chưa kết nối được tới Ví thử", "open"),
        (SilentError(), "Giao dịch đang được xác nhận", "processing"),
    ],
)
def test_a_rail_that_is_not_reached_charged_nothing_and_one_that_is_silent_may_have(
    gateway, order, error, words, order_state
):
    gateway.line.fails(error)

    answer = pay(gateway, order)

    assert words in page(gateway, answer.headers["Location"])
    assert state(gateway, order) == order_state


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/pay",
        "https://rail.example.evil/",
        "//rail.example",
        "http://rail.example/",
        "javascript://rail.example/%0aalert(1)",
        "https://rail.example\\@evil.example/",
        "https://rail.example@evil.example/",
        "nonsense",
        "",
    ],
)
def test_nobody_is_sent_to_a_host_that_is_not_configured(gateway, order, url):
    gateway.line.says(url.encode())

    answer = pay(gateway, order)

    assert "/return/" in answer.headers["Location"]
    assert attempt_of(gateway, order).payment_state is PaymentState.UNKNOWN


def test_another_amount_is_told_as_such_and_must_not_be_paid_again(gateway, order):
    pay(gateway, order)
    attempt = attempt_of(gateway, order)
    rail_says(gateway, attempt.ref, dong=4_000)

    for path in (path_of(order), f"/return/{attempt.return_token}"):
        text = page(gateway, path)
        assert "Số tiền nhận được khác số tiền phải trả, vui lòng không thanh toán lại" in text
        assert "4.000 VND" in text


def test_an_expired_order_says_so_and_only_an_asked_rail_says_that_nothing_was_taken(gateway):
    untouched = gateway.post_order().json
    touched = gateway.post_order(deck_order(dossier={"code": "000.30.27.H23-220928-0002"})).json
    pay(gateway, touched)
    ref = attempt_of(gateway, touched).ref
    gateway.clock.step(days=2)
    gateway.line.says(says(ref, code="51", paid_at=NOON))
    expire_orders(gateway.house, gateway.act())

    first, second = (page(gateway, path_of(each)) for each in (untouched, touched))

    assert "Đơn hàng đã hết hạn" in first
    assert "không có khoản tiền nào được trừ" not in first
    assert "Chúng tôi đã hỏi Ví thử: không có khoản tiền nào được trừ" in second


def test_an_order_past_its_end_cannot_be_started_even_before_the_worker_closes_it(gateway, order):
    gateway.clock.step(days=2)

    assert "Đơn hàng đã hết hạn" in page(gateway, path_of(order))
    assert pay(gateway, order).headers["Location"].endswith(path_of(order))
    assert state(gateway, order) == "open"


def test_late_money_that_the_portal_accepts_is_shown_as_paid(db):
    gateway = a_gateway(db, late_money=LateMoney.ACCEPT)
    gateway.line.says(AT_THE_RAIL.encode())
    order = gateway.post_order().json
    pay(gateway, order)
    attempt = attempt_of(gateway, order)
    gateway.line.fails(SilentError())
    gateway.clock.step(days=2)
    expire_orders(gateway.house, gateway.act())
    assert state(gateway, order) == "expired"

    rail_says(gateway, attempt.ref)

    assert state(gateway, order) == "paid"
    assert "Thanh toán thành công" in page(gateway, f"/return/{attempt.return_token}")


@pytest.mark.parametrize("method", ["", "nobody", "fake:VCB", "other"])
def test_a_form_without_a_way_that_is_offered_comes_back_with_an_error(gateway, order, method):
    answer = gateway.client.post(path_of(order), data={"method": method})

    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in text
    assert "<title>Lỗi: " in text
    assert state(gateway, order) == "open"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_that_another_site_posts_is_refused(gateway, order, headers):
    answer = pay(gateway, order, headers=headers)

    assert answer.status_code == 403
    assert state(gateway, order) == "open"


@pytest.mark.parametrize("told", [True, False])
def test_a_form_larger_than_any_of_ours_is_refused(gateway, order, told):
    body = io.BytesIO(b"method=fake&x=" + b"x" * 5_000)
    length = {"content_length": 5_014} if told else {}

    answer = gateway.client.post(
        path_of(order),
        input_stream=body,
        content_type="application/x-www-form-urlencoded",
        environ_overrides={} if told else {"wsgi.input_terminated": True},
        **length,
    )

    assert answer.status_code == 413
    assert state(gateway, order) == "open"


def test_our_own_form_is_accepted(gateway, order):
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}

    assert pay(gateway, order, headers=headers).headers["Location"] == AT_THE_RAIL


@pytest.mark.parametrize("path", ["/pay/nobody", "/return/nobody", "/status/nobody", "/nowhere"])
def test_what_is_not_there_is_a_page_in_the_citizens_language(gateway, path):
    vietnamese = gateway.client.get(path)
    english = gateway.client.get(path, headers={"Accept-Language": "en"})

    assert vietnamese.status_code == english.status_code == 404
    assert "Không tìm thấy trang này" in vietnamese.get_data(as_text=True)
    assert '<html lang="en">' in english.get_data(as_text=True)
    assert "1900 0000" in english.get_data(as_text=True)


def test_the_language_follows_the_choice_then_the_order(gateway):
    order = gateway.post_order(deck_order(language="en")).json

    assert '<html lang="en">' in page(gateway, path_of(order))
    chosen = gateway.client.get(f"{path_of(order)}?lang=vi", base_url=BASE)
    assert '<html lang="vi">' in chosen.get_data(as_text=True)
    assert '<html lang="vi">' in gateway.client.get(path_of(order), base_url=BASE).get_data(
        as_text=True
    )


def test_cookies_are_for_this_host_alone(gateway, order):
    answer = gateway.client.post(path_of(order), data={"method": "fake"}, base_url=BASE)

    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-attempt=")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie


def test_no_way_to_pay_is_said_with_whom_to_call(gateway):
    small = deck_order()
    small["lines"][0]["amount"] = 500  # type: ignore[index]  # below the rail's minimum
    order = gateway.post_order(small).json

    text = page(gateway, path_of(order))

    assert "Hiện chưa có cách thanh toán trực tuyến nào cho đơn này" in text
    assert "1900 0000" in text


def test_the_status_link_shows_what_the_book_says(gateway, order):
    path = order["status_url"].removeprefix(BASE)
    pay(gateway, order)
    rail_says(gateway, attempt_of(gateway, order).ref)

    text = page(gateway, path)
    assert "Theo dõi thanh toán" in text
    assert "<h2>Thanh toán thành công</h2>" in text
    assert "<b>Đã trả</b>" in text


def test_an_order_that_ended_in_the_book_never_changes_by_looking_at_it(gateway, order):
    pay(gateway, order)
    rail_says(gateway, attempt_of(gateway, order).ref)
    with gateway.house.db.read() as tx:
        before = tx.execute(sa.select(orders.table)).all()

    for path in (path_of(order), order["status_url"].removeprefix(BASE)):
        page(gateway, path)
    gateway.clock.step(days=3)
    expire_orders(gateway.house, gateway.act())

    with gateway.house.db.read() as tx:
        assert tx.execute(sa.select(orders.table)).all() == before
    assert before[0].state is OrderState.PAID
