"""Every state of an order, in both languages, at each of its addresses: the page that fits."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.support.journeys import ROWS, begin, drawn

pytestmark = pytest.mark.functional


def heading(journey, path, language):
    answer = journey.gateway.client.get(f"{path}?lang={language}", follow_redirects=True)
    assert answer.status_code == 200
    (found,) = re.findall("<h1[^>]*>(.*?)</h1>", answer.get_data(as_text=True), re.DOTALL)
    return unescape(found)


@pytest.mark.parametrize("row", ROWS, ids=[each.name for each in ROWS])
def test_each_address_shows_the_page_that_fits(db, row):
    journey = begin(db, row)
    back = journey.return_path()

    pay, status = journey.path("checkout_url"), journey.path("status_url")
    if pay is not None:
        assert heading(journey, pay, "vi") == row.vi
        assert heading(journey, pay, "en") == row.en
    assert heading(journey, status, "vi") == "Theo dõi thanh toán"
    assert heading(journey, status, "en") == "Follow your payment"
    text = journey.gateway.client.get(f"{status}?lang=vi").get_data(as_text=True)
    assert f"<h2>{row.status_vi}</h2>" in text
    if back is not None:
        assert heading(journey, back, "vi") == (row.back_vi or row.vi)
        assert heading(journey, back, "en") == (row.back_en or row.en)


@pytest.mark.parametrize("name", ["paid late, the portal does not", "cancelled, then paid"])
def test_money_after_the_end_is_told_and_not_asked_for_again(db, name):
    journey = begin(db, next(each for each in ROWS if each.name == name))

    text = journey.gateway.client.get(journey.return_path()).get_data(as_text=True)

    assert "Tiền của bạn đã tới sau đó" in text
    assert "vui lòng không thanh toán lại" in text
    assert "Cổng tạo đơn mới" not in text


def test_an_expired_order_to_which_nothing_came_says_nothing_of_money(db):
    journey = begin(db, next(each for each in ROWS if each.name == "expired"))

    text = journey.gateway.client.get(journey.path("checkout_url")).get_data(as_text=True)

    assert "Tiền của bạn đã tới" not in text
    assert "Cổng tạo đơn mới" in text


def test_the_status_link_lists_every_try_with_its_end(db):
    journey = begin(db, next(each for each in ROWS if each.name == "paid at the second try"))

    text = journey.gateway.client.get(journey.path("status_url")).get_data(as_text=True)

    assert re.findall("<b>([^<]+)</b>(?=</li>)", text) == ["Không thành công", "Đã trả"]


def test_the_document_of_the_pages_is_drawn_from_the_table():
    assert drawn() in Path("docs/pages.md").read_text(encoding="utf-8")
