"""The desk as staff meet it: look for orders and cases, read one order's story."""

import re
from urllib.parse import urlencode

import pytest

from paygate.domain.case import CaseKind, CaseState, severity
from paygate.domain.codes import spaced
from paygate.domain.ids import AccountCode
from paygate.domain.order import OrderState
from paygate.domain.staff import Role, Scope
from paygate.store import cases, deliveries, outbox
from paygate.store import desk as desk_store
from paygate.store.deliveries import Answer, Delivery, DeliveryState
from paygate.web.desk import cases as cases_page
from paygate.web.desk import orders as orders_page
from paygate.web.desk import words
from tests.support.builders import an_order
from tests.support.desk import DeskBrowser, a_busy_day, below_a_province, enrolled
from tests.support.gateway import a_gateway, deck_order
from webhooks.endpoints import add_endpoint

pytestmark = pytest.mark.functional


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    db.act(below_a_province)
    return gateway


@pytest.fixture
def desk(gateway, request):
    """An auditor of the whole house, logged in at the end of the day if there is one."""
    if "day" in request.fixturenames:
        request.getfixturevalue("day")
    enrolled(gateway.house, gateway.act(), "auditor@hd.example", Role.AUDITOR, agency=None)
    browser = DeskBrowser.of(gateway)
    assert browser.log_in("auditor@hd.example").status_code == 303
    return browser


@pytest.fixture
def day(gateway):
    return a_busy_day(gateway)


def listed(page):
    """Return the codes of the rows, from the top."""
    assert page.status_code == 200
    return re.findall(r'<th scope="row"><a class="code" href="[^"]*">([^<]*)</a>', page.text)


# ---- the overview ---------------------------------------------------------------------------
def test_the_overview_counts_what_is_open_and_leads_there(desk, day):
    page = desk.get("/desk").text

    counts = re.findall(r'<b class="money">(\d+)</b><span>([^<]*)</span>', page)
    assert counts == [("1", "Chưa thanh toán"), ("2", "Đang xác nhận"), ("3", "Vụ việc đang mở")]
    assert 'href="/desk/orders?state=processing"' in page
    assert listed(desk.get("/desk")) == [spaced(each.code) for each in reversed(day.values())]


def test_an_empty_desk_says_so(desk):
    assert "Không có vụ việc nào đang mở ở các đơn vị của bạn." in desk.get("/desk").text
    assert "Chưa có đơn hàng nào ở các đơn vị của bạn." in desk.get("/desk/orders").text
    assert "Không có vụ việc nào ở các đơn vị của bạn." in desk.get("/desk/cases").text


# ---- orders ---------------------------------------------------------------------------------
WRITTEN = {
    "as stored": lambda order: order.code,
    "as shown": lambda order: spaced(order.code),
    "in lower case": lambda order: spaced(order.code).lower(),
    "with blanks": lambda order: f" {spaced(order.code)} ",
    "the dossier": lambda order: order.dossier_code,
    "the dossier in lower case": lambda order: order.dossier_code.lower(),
    "the dossier with blanks": lambda order: order.dossier_code.replace(".", " ").replace("-", ""),
    "the dossier without punctuation": lambda order: order.dossier_canonical,
}


@pytest.mark.parametrize("written", WRITTEN)
def test_an_order_is_found_by_whatever_a_caller_reads_out(desk, day, written):
    order = day["differs"]

    page = desk.get(f"/desk/orders?{urlencode({'q': WRITTEN[written](order)})}")

    assert listed(page) == [spaced(order.code)]


@pytest.mark.parametrize("state", OrderState)
def test_orders_are_filtered_by_their_state(desk, day, state):
    expected = {
        OrderState.OPEN: ["open"],
        OrderState.PROCESSING: ["processing", "differs"],
        OrderState.PAID: ["twice", "paid"],
    }.get(state, [])

    found = listed(desk.get(f"/desk/orders?state={state}"))

    assert found == [spaced(day[name].code) for name in expected]


@pytest.mark.parametrize(
    ("query", "many"),
    [
        ("from=2022-09-28", 5),
        ("from=28/09/2022&to=28%2F09%2F2022", 5),
        ("from=2022-09-29", 0),
        ("to=2022-09-27", 0),
        ("to=2022-09-28&state=open", 1),
        ("state=nonsense", 5),
        ("cursor=", 5),
    ],
)
def test_orders_are_filtered_by_the_day_in_viet_nam(desk, day, query, many):
    assert len(day) == 5
    assert len(listed(desk.get(f"/desk/orders?{query}"))) == many


def test_the_day_of_the_filter_begins_at_midnight_in_viet_nam(gateway, desk):
    gateway.clock.step(hours=11, minutes=59)
    late = gateway.house.db.act(an_order, gateway.act())
    gateway.clock.step(minutes=1)
    early = gateway.house.db.act(an_order, gateway.act(), dossier="000.30.27.H23-220928-0002")
    DeskBrowser.log_in(desk, "auditor@hd.example")

    assert listed(desk.get("/desk/orders?to=2022-09-28")) == [spaced(late.code)]
    assert listed(desk.get("/desk/orders?from=2022-09-29")) == [spaced(early.code)]


@pytest.mark.parametrize("typed", ["32/09/2022", "yesterday", "0001-01-01", "9999-12-31", "2022"])
def test_a_date_that_cannot_be_read_is_told_at_its_field(desk, typed):
    page = desk.get(f"/desk/orders?from={typed}")

    assert page.status_code == 422
    assert '<a href="#from">Ngày không đọc được' in page.text
    assert "<title>Lỗi: " in page.text


def test_a_long_list_comes_page_by_page_and_every_order_once(gateway, desk, monkeypatch):
    monkeypatch.setattr(orders_page, "PAGE", 2)
    made = [
        spaced(gateway.house.db.act(an_order, gateway.act(), dossier=dossier(number)).code)
        for number in range(1, 6)
    ]

    pages = [*turned(desk, "/desk/orders", "?state=open&from=2022-09-28")]

    assert [len(listed(page)) for page in pages] == [2, 2, 1]
    assert [code for page in pages for code in listed(page)] == made[::-1]


def turned(desk, path, query):
    """Yield every page, from the first, by the links at their ends."""
    first = query
    while query:
        page = desk.get(path + query)
        yield page
        following = re.search(r'href="(\?[^"]*)">Trang sau', page.text)
        query = following[1].replace("&amp;", "&") if following else ""
        assert query == "" or query.startswith(f"{first}&cursor=")


def dossier(number):
    return f"000.30.27.H23-220928-{number:04}"


@pytest.mark.parametrize("cursor", ["x" * 500, "'; DROP TABLE fee_order; --", "ord_", "%F0%9F"])
def test_a_cursor_that_is_not_ours_does_no_harm(desk, day, cursor):
    assert len(day) == 5
    assert desk.get(f"/desk/orders?cursor={cursor}").status_code == 200


def test_the_links_to_the_other_language_keep_the_filters(desk, day):
    page = desk.get("/desk/orders?state=paid&q=&lang=en")

    assert listed(page) == [spaced(day[name].code) for name in ("twice", "paid")]
    assert 'href="?state=paid&amp;q=&amp;lang=vi"' in page.text
    assert '<html lang="en">' in page.text


# ---- one order ------------------------------------------------------------------------------
def test_an_order_tells_its_attempts_with_three_facts_each_and_the_money(desk, day):
    page = desk.get(f"/desk/orders/{spaced(day['paid'].code)}").text

    facts = re.findall(r"<h3>([^<]*)</h3><b>.*?</svg>([^<]*)</b>", page)
    assert facts == [
        ("Phía đối tác", "Không thành công"),
        ("File quyết toán", "Chưa có trong file"),
        ("Tiền ở ngân hàng", "Chưa thấy tiền về"),
        ("Phía đối tác", "Đã thanh toán"),
        ("File quyết toán", "Chưa có trong file"),
        ("Tiền ở ngân hàng", "Chưa thấy tiền về"),
    ]
    assert "2209281200001" in page
    assert "payment.paid" in page


def test_the_story_of_an_order_is_in_the_order_of_time(desk, day):
    page = desk.get(f"/desk/orders/{spaced(day['paid'].code)}").text

    told = re.findall(r'<time class="money">([^<]*)</time>.*?<b>([^<]*)</b>', page, re.DOTALL)
    assert [text for _, text in told] == [
        "Cổng DVC Hải Dương tạo đơn",
        "Lần 1: chọn Ví thử",
        "Đối tác trả lời: không thành công",
        "Lần 2: chọn Ví thử",
        "Đối tác trả lời: đã thanh toán",
        "Nhận 5.000 VND qua Ví thử",
        "Webhook order.paid: chưa gửi",
    ]
    assert [at for at, _ in told] == sorted(at for at, _ in told)


def test_every_try_to_tell_the_portal_is_told(gateway, desk, day):
    db, act = gateway.house.db, gateway.act()
    order = day["paid"]

    def try_twice(tx):
        endpoint, _ = add_endpoint(
            tx,
            act,
            gateway.house.vault,
            order.portal_id,
            "https://portal.example/h",
            loopback=False,
        )
        (message,) = outbox.of_order(tx, order.id)
        delivery = Delivery(
            id="dlv_1",
            message_id=message.id,
            endpoint_id=endpoint.id,
            state=DeliveryState.WAITING,
            tries=0,
            due_at=act.now,
        )
        deliveries.make(tx, delivery)
        for tries, status, state in (
            (1, 502, DeliveryState.WAITING),
            (2, 204, DeliveryState.DELIVERED),
        ):
            deliveries.settle(
                tx,
                "dlv_1",
                answer=Answer(status=status),
                at=act.now,
                state=state,
                tries=tries,
                due_at=act.now,
            )

    db.act(try_twice)
    page = desk.get(f"/desk/orders/{spaced(order.code)}").text

    assert "Webhook order.paid: không gửi được" in page
    assert "Webhook order.paid: cổng đã nhận" in page
    assert "Lần gửi 1: 502" in page


def test_no_page_shows_more_of_a_person_than_four_digits(gateway, desk):
    order = gateway.post_order(deck_order()).json
    page = desk.get(f"/desk/orders/{order['code']}")

    assert page.status_code == 200
    assert "******2233" in page.text
    assert "Vietcombank" in page.text
    for personal in ("0011002233", "TRAN THI MINH HOA", "Minh Họa", "0900000123"):
        assert personal not in page.text
    for link in ("checkout_url", "status_url"):
        assert order[link].rpartition("/")[2] not in page.text


@pytest.mark.parametrize("code", ["PG-0000-0000", "nonsense", "PG", "ord_1", "VV-0000-0127", "%00"])
def test_what_is_no_order_is_not_found(desk, day, code):
    assert day
    assert desk.get(f"/desk/orders/{code}").status_code == 404
    assert desk.get(f"/desk/cases/{code}x").status_code == 404


# ---- cases ----------------------------------------------------------------------------------
def test_cases_come_open_first_then_the_gravest_then_the_oldest(gateway, desk, day):
    differs = day["differs"]

    def settle(tx):
        (case,) = cases.of_order(tx, differs.id)
        cases.resolve(
            tx, str(case.collection_id), case.kind, resolution="ok", now=gateway.clock.now()
        )
        return case

    before = kinds(desk.get("/desk/cases"))
    settled = gateway.house.db.act(settle)

    assert before == ["Sai số tiền", "Giao dịch chưa xác định", "Thanh toán trùng"]
    assert kinds(desk.get("/desk/cases"))[-1] == "Sai số tiền"
    assert kinds(desk.get("/desk/cases?state=resolved")) == ["Sai số tiền"]
    assert len(kinds(desk.get("/desk/cases?state=open"))) == 2
    page = desk.get(f"/desk/cases/{spaced(settled.code)}").text
    assert "Xử lý xong lúc" in page


def kinds(page):
    return re.findall(r'<td data-head="Loại">([^<]*)</td>', page.text)


def test_a_long_list_of_cases_comes_page_by_page(desk, day, monkeypatch):
    monkeypatch.setattr(cases_page, "PAGE", 1)
    pages = turned(desk, "/desk/cases", "?state=open")

    seen = [kind for page in pages for kind in kinds(page)]

    assert seen == ["Sai số tiền", "Giao dịch chưa xác định", "Thanh toán trùng"]
    assert day


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "[]",
        "[1,2]",
        '[1,"2022-09-28T00:00:00","x"]',
        '[99999999999999999999,"2022-09-28T00:00:00Z","x"]',
        '[1,"0001-01-01T00:00:00%2B14:00","x"]',
        '[1,"2022-09-28T00:00:00Z","\\u0000"]',
    ],
)
def test_a_place_that_is_not_ours_does_no_harm(desk, day, cursor):
    assert day
    assert desk.get(f"/desk/cases?cursor={cursor}").status_code == 200


def test_a_case_says_what_was_due_what_was_told_and_what_lies_between(desk, day):
    differs = day["differs"]
    page = desk.get(f"/desk/orders/{spaced(differs.code)}").text
    (url,) = re.findall(r'href="(/desk/cases/[^"]*)">Sai số tiền', page)

    case = desk.get(url).text

    for text in ("2.147.483.000 VND", "2.147.482.000 VND", "Thiếu 1.000 VND", "Ví thử"):
        assert text in case


# ---- words ----------------------------------------------------------------------------------
def test_every_state_role_and_kind_has_its_words():
    def say(text):
        return text

    for states in words._TABLES:
        assert all(words.tag(say, each).text != each.value for each in states), states
    assert all(words.role_name(say, each) for each in Role)
    for kind in CaseKind:
        assert words.case_name(say, kind) != kind.value
        assert words.case_meaning(say, kind)


def test_an_unknown_kind_of_case_would_come_first():
    assert {severity(each) for each in CaseKind} == {1, 2, 3}
    assert severity("something new") == 1  # type: ignore[arg-type]  # as another version would


def test_the_scope_of_nobody_sees_nothing(gateway, day):
    nothing = desk_store.CasesWanted(scope=Scope(), accounts=(), state=CaseState.OPEN, limit=9)
    with gateway.house.db.read() as tx:
        assert desk_store.find_cases(tx, nothing) == ()
        assert desk_store.live_orders(tx, Scope()) == {OrderState.OPEN: 0, OrderState.PROCESSING: 0}
        assert desk_store.open_cases(tx, Scope(), ()) == ()
        assert desk_store.open_cases(tx, Scope(), (AccountCode("fake"),)) != ()
    assert day
