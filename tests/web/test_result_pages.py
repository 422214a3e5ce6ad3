"""What the citizen is told after choosing how to pay: only what is known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paygate.domain.money import ZERO, Money
from paygate.http.i18n import Language
from paygate.web.result_page import Look
from paygate.web.result_pages import (
    cancelled_page,
    exempt_page,
    expired_page,
    failed_page,
    nothing_offered_page,
    paid_page,
)
from paygate.web.waiting_pages import Known, pending_page
from tests.support.outline import Outline
from tests.support.pages import (
    DOSSIER,
    GALLERY,
    PAID_AT,
    PAY,
    RECEIPT,
    RETURN,
    STATUS,
    VNPT,
    a_payment,
    a_wait,
    an_order_view,
    result_pages,
)


def row_of(page, term):
    return next(row.value for row in page.rows if row.term == term)


def test_a_paid_order_shows_the_facts_of_its_payment():
    page = paid_page(an_order_view(), a_payment())

    assert page.heading == "Thanh toán thành công"
    assert [(row.term, row.value) for row in page.rows] == [
        ("Số tiền đã trả", "5.000 VND"),
        ("Số hồ sơ", DOSSIER),
        ("Nội dung", "Lệ phí hộ tịch"),
        ("Phí giao dịch", "0 VND"),
        ("Trả qua", "VNPT Money"),
        ("Mã giao dịch", "2209281631200418"),
        ("Thời gian thanh toán", "28/09/2022 16:31"),
    ]
    assert [each.href for each in page.links] == ["/portal"]


def test_only_the_paid_pages_say_that_money_was_received():
    for name, page in result_pages(an_order_view()).items():
        is_paid = name == "paid"
        assert (page.heading == "Thanh toán thành công") is is_paid
        assert ("đã nhận đủ tiền" in page.sentence) is is_paid


def test_the_sentence_of_a_failure_stands_on_no_other_page():
    sentence = "Tài khoản của bạn chưa bị trừ tiền hoặc sẽ được hoàn lại."

    pages = result_pages(an_order_view())

    assert [name for name, page in pages.items() if sentence == page.sentence] == ["failed"]


def test_whoever_waits_is_told_not_to_pay_again_and_offered_no_new_payment():
    pages = result_pages(an_order_view())

    for name in ("pending", "differs"):
        assert "vui lòng không thanh toán lại" in pages[name].heading
        assert PAY not in [each.href for each in pages[name].links]


def test_an_expired_order_says_that_nothing_was_taken_only_if_the_rail_said_so():
    claim = "không có khoản tiền nào được trừ"

    assert claim not in expired_page(an_order_view()).sentence
    assert claim in expired_page(an_order_view(), nothing_taken_says=VNPT).sentence


def test_a_session_that_is_open_can_be_continued():
    page = pending_page(
        an_order_view(), a_wait(), check_url=RETURN, continue_url="https://rail.example/s"
    )

    assert [(each.href, each.text) for each in page.links] == [
        (RETURN, "Kiểm tra lại"),
        ("https://rail.example/s", "Tiếp tục tới VNPT Money"),
        ("/portal", "Quay lại Cổng Dịch vụ công"),
    ]
    assert page.details == ("Xem lúc 16:31:12.",)


def test_how_often_the_rail_was_asked_is_told():
    page = pending_page(an_order_view(), a_wait(asked=2, asked_at=PAID_AT), check_url=RETURN)

    assert page.details == ("Đã hỏi 2 lần, lần gần nhất lúc 16:31:12.", "Xem lúc 16:31:12.")


@pytest.mark.parametrize(
    ("given_up", "reason"),
    [(True, "Bạn đã hủy ở trang của VNPT Money"), (False, "VNPT Money không thực hiện giao dịch")],
)
def test_a_failure_says_who_ended_it(given_up, reason):
    page = failed_page(
        an_order_view(), via=VNPT, reference="R1", at=PAID_AT, again_url=PAY, given_up=given_up
    )

    assert row_of(page, "Lý do") == reason


def test_a_failure_after_the_end_offers_no_other_way():
    page = failed_page(an_order_view(), via=VNPT, reference="R1", at=PAID_AT, again_url=None)

    assert [each.href for each in page.links] == ["/portal"]
    assert "Còn thời hạn" not in page.next_steps[0]


def test_what_differs_is_shown_beside_what_was_asked():
    page = result_pages(an_order_view())["differs"]

    assert row_of(page, "Giá trị thanh toán") == "5.000 VND"
    assert row_of(page, "Số tiền đã nhận") == "4.000 VND"
    assert page.call_heading == "Nếu bạn cần hỏi"


def test_who_owes_nothing_is_told_so_and_led_back(html_of):
    order = replace(an_order_view(), amount=ZERO)
    page = exempt_page(order)
    outline = Outline(html_of(("result.html", page)))

    assert page.heading == "Hồ sơ được miễn phí"
    assert [(row.term, row.value) for row in page.rows] == [
        ("Giá trị thanh toán", "0 VND"),
        ("Số hồ sơ", DOSSIER),
        ("Nội dung", "Lệ phí hộ tịch"),
    ]
    assert [each.href for each in page.links] == ["/portal"]
    assert outline.named("form") == []
    assert exempt_page(replace(order, language=Language.EN)).heading == "No fee is due"


def test_a_page_without_a_way_to_pay_says_whom_to_call(html_of):
    page = nothing_offered_page(an_order_view())
    outline = Outline(html_of(("result.html", page)))

    assert "Gọi 1900 0000 và đọc mã tra cứu PG-7K3M-92QF" in outline.text
    assert outline.named("form") == []
    assert "tel:19000000" in outline.hrefs()


def test_no_link_leads_to_a_page_that_was_not_given(html_of):
    order = replace(an_order_view(), portal_url=None)

    for name, page in result_pages(order).items():
        hrefs = set(Outline(html_of(("result.html", page))).hrefs())
        known = {"#main", "?lang=vi", "?lang=en", "tel:19000000", PAY, RETURN}
        assert hrefs <= known, name
        assert not any("{" in each for each in hrefs)


def test_a_receipt_and_a_status_page_are_linked_once_they_exist():
    paid = replace(a_payment(), receipt_url=RECEIPT, status_url=STATUS)

    page = paid_page(an_order_view(), paid)

    assert [each.href for each in page.links] == ["/portal", RECEIPT]
    assert page.follow is not None
    assert page.follow.href == STATUS


def test_at_most_one_button_is_filled(html_of):
    for name in GALLERY:
        classes = [str(each.get("class")) for each in Outline(html_of(name)).named("a")]
        assert sum("primary" in each.split() for each in classes) <= 1


def test_a_row_of_figures_is_set_as_figures():
    looks = {row.term: row.look for row in paid_page(an_order_view(), a_payment()).rows}

    assert looks["Số tiền đã trả"] is Look.TOTAL
    assert looks["Số hồ sơ"] is Look.CODE
    assert looks["Nội dung"] is Look.FOREIGN


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (Known.NOTHING, "đang chờ VNPT Money trả lời"),
        (Known.HANDLED, "cho biết giao dịch đang được xử lý"),
        (Known.UNCLEAR, "chưa cho biết rõ tiền đã bị trừ hay chưa"),
    ],
)
def test_what_is_known_of_an_attempt_is_said_and_no_more(known, words):
    page = pending_page(an_order_view(), a_wait(known=known), check_url=RETURN)

    assert words in page.sentence
    assert page.heading == "Giao dịch đang được xác nhận, vui lòng không thanh toán lại"


@pytest.mark.parametrize(
    ("ask_at", "told"),
    [
        (None, ("Xem lúc 16:31:12.",)),
        (PAID_AT + timedelta(minutes=1), ("Xem lúc 16:31:12.", "Sẽ tự hỏi lại lúc 16:32:12.")),
        (PAID_AT, ("Xem lúc 16:31:12.", "Đang hỏi VNPT Money.")),
    ],
)
def test_when_the_rail_is_asked_next_is_told_if_it_can_be_asked(ask_at, told):
    assert pending_page(an_order_view(), a_wait(ask_at=ask_at), check_url=RETURN).details == told


def test_choosing_again_is_offered_with_its_condition():
    page = pending_page(an_order_view(), a_wait(), check_url=RETURN, again_url=PAY)

    assert "Chỉ chọn cách thanh toán khác khi bạn chắc chắn tiền chưa bị trừ." in page.next_steps


@pytest.mark.parametrize("made", [expired_page, cancelled_page])
def test_money_that_came_after_the_end_is_told_and_nobody_is_sent_to_pay_again(made):
    page = made(an_order_view(), received=(Money(5_000),))

    assert "không bị mất" in page.sentence
    assert "vui lòng không thanh toán lại" in page.sentence
    assert ("Số tiền đã nhận", "5.000 VND") in [(each.term, each.value) for each in page.rows]
    assert page.next_steps == ()
    assert page.call_heading is not None
