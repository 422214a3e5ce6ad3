"""Two languages: what is said in one is said in the other, and each page finds its language."""

from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import paygate.http
import paygate.web
from paygate.http.i18n import (
    LOCALE,
    Language,
    choose_language,
    hour,
    mark,
    moment,
    speaker,
    stamp,
    translate,
)
from tests.support.strategies import instants

QUARTER_TO_FIVE = datetime(2022, 9, 28, 9, 45, 7, tzinfo=UTC)
HOUSES = [Path(next(iter(each.__path__))) for each in (paygate.http, paygate.web)]
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]


def said():
    """Return every text that code and templates say, as the extractor of catalogues sees them."""
    keywords = {"say": None, "mark": None}
    return {
        text
        for house in HOUSES
        for _, _, text, _, _ in extract_from_dir(str(house), METHODS, keywords=keywords)
    }


def catalogue():
    with (LOCALE / "en.po").open("rb") as text:
        return {each.id: each.string for each in read_po(text) if each.id}


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_text_has_an_english_one_and_none_is_stale():
    assert said() == set(catalogue())


def test_no_english_text_is_empty_and_every_place_to_fill_is_kept():
    english = catalogue()

    assert [text for text, other in english.items() if not other.strip()] == []
    assert [text for text, other in english.items() if places(text) != places(other)] == []


def test_the_extractor_sees_templates_and_code():
    assert {"THANH TOÁN", "Thanh toán thành công", "Chọn ngân hàng", "tiền phạt"} <= said()


def test_vietnamese_is_the_source_and_english_the_catalogue():
    assert translate(Language.VI, "Thanh toán thành công") == "Thanh toán thành công"
    assert translate(Language.EN, "Thanh toán thành công") == "Payment successful"
    assert speaker(Language.EN)("THANH TOÁN") == "PAY"
    assert mark("THANH TOÁN") == "THANH TOÁN"


@pytest.mark.parametrize(
    ("vietnamese", "english"),
    [
        ("Cổng thanh toán", "Payment gateway"),
        ("Chọn ngân hàng", "Choose a bank"),
        ("Chọn ví điện tử", "Choose an e-wallet"),
        ("Thông tin đơn hàng", "Order details"),
        ("Đơn hàng", "Order"),
        ("Nhà cung cấp", "Supplier"),
        ("Phí giao dịch", "Transaction fee"),
        ("Giá trị thanh toán:", "Amount to pay:"),
        ("Thanh toán không thành công", "Payment failed"),
        (
            "Giao dịch đang được xác nhận, vui lòng không thanh toán lại",
            "Being confirmed, please do not pay again",
        ),
        (
            "Tài khoản của bạn chưa bị trừ tiền hoặc sẽ được hoàn lại.",
            "Your account has not been charged, or the money will be returned.",
        ),
        ("Đơn hàng đã được thanh toán trước đó", "Already paid"),
        ("Đơn hàng đã hết hạn", "Order expired"),
        ("Số hồ sơ", "Dossier no."),
        ("Mã giao dịch", "Transaction no."),
        ("Thời gian thanh toán", "Paid at"),
        ("Quay lại Cổng Dịch vụ công", "Back to the portal"),
    ],
)
def test_the_words_of_the_deck_are_translated_as_the_domain_fixes_them(vietnamese, english):
    """DOMAIN 15.1 and 15.2."""
    assert translate(Language.EN, vietnamese) == english


def test_times_are_written_by_the_clock_of_viet_nam():
    assert moment(Language.VI, QUARTER_TO_FIVE) == "16:45 ngày 28/09/2022"
    assert moment(Language.EN, QUARTER_TO_FIVE) == "16:45 on 28 September 2022"
    assert stamp(QUARTER_TO_FIVE) == "28/09/2022 16:45"
    assert hour(QUARTER_TO_FIVE) == "16:45:07"


@given(instants)
def test_a_written_time_can_be_read_back(instant):
    back = datetime.strptime(f"{stamp(instant)} +0700", "%d/%m/%Y %H:%M %z")

    assert back == instant.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("query", "cookie", "order", "accept", "chosen"),
    [
        ("en", "vi", "vi", "vi", Language.EN),
        ("fr", "en", "vi", "vi", Language.EN),
        (None, None, "en", "vi", Language.EN),
        (None, None, None, "en-GB,en;q=0.9", Language.EN),
        (None, None, None, "vi-VN,vi;q=0.9,en;q=0.8", Language.VI),
        (None, None, None, "fr,de", Language.VI),
        (None, None, None, "", Language.VI),
        (None, None, None, None, Language.VI),
        ("EN", None, None, None, Language.VI),
    ],
)
def test_the_citizens_choice_comes_before_the_portals_and_the_browsers(
    query, cookie, order, accept, chosen
):
    assert choose_language(query=query, cookie=cookie, order=order, accept=accept) is chosen


TEXTS = st.none() | st.text() | st.sampled_from(["en;q=", "en;q=nan", "*;q=0", "en;q=1e9"])


@given(query=TEXTS, cookie=TEXTS, order=TEXTS, accept=TEXTS)
def test_whatever_comes_a_language_is_chosen(query, cookie, order, accept):
    chosen = choose_language(query=query, cookie=cookie, order=order, accept=accept)

    assert chosen in set(Language)
