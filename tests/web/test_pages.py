"""What the citizen reads: said from facts alone, nothing chosen for them, nothing promised."""

import re
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from paygate.domain.order import FeeKind
from paygate.http.i18n import Language
from paygate.web.error_pages import error_page
from paygate.web.pages import Choice, Mistake, Ways, checkout_page
from tests.support.outline import Outline
from tests.support.pages import (
    BANKS,
    DOSSIER,
    GALLERY,
    PAY,
    STATUSES,
    WALLET,
    WALLETS,
    an_order_view,
    result_pages,
)

EVIL = '"><script>alert(1)</script>{{ 7 * 7 }}'


def a_checkout(language=Language.VI, **changes):
    given = {"banks": BANKS, "wallets": WALLETS, "action_url": PAY} | changes
    order = given.pop("order", an_order_view(language))
    offered = Ways(banks=given.pop("banks"), wallets=given.pop("wallets"))
    return checkout_page(order, offered, **given)


# ---- every page -----------------------------------------------------------------------------
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", GALLERY)
def test_a_page_is_well_formed_and_keeps_the_policy(html_of, name, language):
    html = html_of(name, language)
    outline = Outline(html)

    assert len(outline.named("h1")) == 1
    assert outline.named("html") == [{"lang": language}]
    ids = [each["id"] for _, each in outline.tags if "id" in each]
    assert len(ids) == len(set(ids))
    # The policy forbids inline style and script; WCAG 2.2.1 forbids a refresh.
    assert not any("style" in each or "http-equiv" in each for _, each in outline.tags)
    assert not outline.named("style")
    assert all(each.get("src") == "/static/paygate.js" for each in outline.named("script"))
    assert not any(key[:2] == "on" for _, each in outline.tags for key in each)


@pytest.mark.parametrize("name", GALLERY)
def test_no_page_loads_anything_from_elsewhere(html_of, name):
    outline = Outline(html_of(name))

    sources = [each.get("src") for _, each in outline.tags if each.get("src")]
    sources += [each["href"] for each in outline.named("link")]
    assert sources
    assert all(str(each).startswith("/static/") for each in sources)


VIETNAMESE_LETTERS = re.compile(
    "[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE
)


@pytest.mark.parametrize("name", GALLERY)
def test_an_english_page_marks_what_is_vietnamese(html_of, name):
    html = html_of(name, Language.EN)
    # What the portal and the rail call themselves is not ours to translate.
    html = re.sub(r'<(\w+)[^>]* lang="vi"[^>]*>.*?</\1>', "", html)
    html = re.sub(r'<label class="tile">.*?</label>', "", html)
    text = Outline(html).text.replace("Cổng DVC Hải Dương", "")
    text = text.replace("Cổng Dịch vụ công trực tuyến Ủy ban nhân dân tỉnh Bà Rịa - Vũng Tàu", "")

    assert VIETNAMESE_LETTERS.findall(text) == []


@pytest.mark.parametrize(("name", "times"), [("checkout", 2), ("nothing-offered", 2), ("paid", 1)])
def test_the_suppliers_name_is_read_aloud_as_vietnamese(html_of, name, times):
    tags = re.findall(r"<[^<>]*>(?=Cổng DVC Hải Dương<)", html_of(name, Language.EN))

    assert ['lang="vi"' in each for each in tags] == [True] * times


def test_every_value_of_a_page_is_escaped(html_of):
    order = replace(
        an_order_view(),
        supplier=EVIL,
        dossier_code=EVIL,
        line_names=(EVIL,),
        support_phone=EVIL,
        portal_url=EVIL,
    )
    evil = Choice(value=EVIL, name=EVIL, letters=EVIL, hint=EVIL)
    pages = [("result.html", each) for each in result_pages(order).values()]
    pages.append(
        ("checkout.html", a_checkout(order=order, banks=(evil,), action_url=EVIL, chosen=EVIL))
    )

    for template, page in pages:
        html = html_of((template, page))
        assert "<script" not in html
        assert str(escape(EVIL)) in html


@pytest.mark.parametrize("language", Language)
def test_a_link_of_both_languages_stands_on_every_page(html_of, language):
    for name in GALLERY:
        links = [each for each in Outline(html_of(name, language)).named("a") if "hreflang" in each]
        assert [each["href"] for each in links] == ["?lang=vi", "?lang=en"]
        assert [each["hreflang"] for each in links if "aria-current" in each] == [language]


@pytest.mark.parametrize("page", [a_checkout(), *result_pages(an_order_view()).values()])
def test_pages_are_frozen_values(page):
    values = [getattr(page, each.name) for each in fields(page)]

    assert all(isinstance(each, str | tuple | bool | None) or is_dataclass(each) for each in values)
    with pytest.raises(FrozenInstanceError):
        page.heading = "other"


# ---- the checkout ---------------------------------------------------------------------------
def test_the_checkout_of_the_deck_reads_as_the_deck(html_of):
    text = Outline(html_of("checkout-deck")).text

    assert (
        f"Thông tin đơn hàng Đơn hàng Thanh toán lệ phí cho hồ sơ {DOSSIER} "
        "Nhà cung cấp Cổng DVC Hải Dương Phí giao dịch 0 VND "
        "Giá trị thanh toán: 5.000 VND Năm nghìn đồng "
        "Chọn một cách thanh toán Chọn ví điện tử VNPT VNPT Money "
        "Giao dịch hết hạn lúc 16:45 ngày 28/09/2022."
    ) in text
    assert "THANH TOÁN" in text
    assert "Chọn ngân hàng" not in text
    assert "Mã tra cứu: PG-7K3M-92QF" in text


def test_the_title_names_page_thing_and_service():
    page = a_checkout()

    dash = " \N{EN DASH} "
    assert page.frame.title == dash.join(
        ("Thanh toán lệ phí hồ sơ", f"hồ sơ {DOSSIER}", "Cổng thanh toán")
    )


def test_the_form_posts_the_method_back_to_its_page(html_of):
    outline = Outline(html_of(("checkout.html", a_checkout())))

    (form,) = outline.named("form")
    assert (form["method"], form["action"]) == ("post", PAY)
    radios = outline.named("input")
    assert {each["name"] for each in radios} == {"method"}
    assert [each["value"] for each in radios] == [each.value for each in (*BANKS, *WALLETS)]
    assert not any("checked" in each for each in radios)


def test_what_was_chosen_stays_when_the_form_comes_back(html_of):
    page = a_checkout(mistake=Mistake.NOT_OFFERED, chosen=WALLET.value)
    outline = Outline(html_of(("checkout.html", page)))

    assert [each["value"] for each in outline.named("input") if "checked" in each] == ["vnptpay"]
    assert page.frame.title.startswith("Lỗi: ")


@pytest.mark.parametrize("mistake", Mistake)
def test_a_mistake_is_told_at_the_top_and_at_the_choices(html_of, mistake):
    page = a_checkout(mistake=mistake)
    outline = Outline(html_of(("checkout.html", page)))

    assert outline.words.count(page.mistake) >= 2
    (field,) = outline.named("fieldset")
    assert field["aria-describedby"] in [each.get("id") for each in outline.named("p")]
    (first,) = [each for each in outline.named("input") if "id" in each]
    assert f"#{first['id']}" in outline.hrefs()
    assert first["value"] == BANKS[0].value


def test_a_way_that_explains_itself_has_a_wide_tile():
    hinted = Choice(value="qr", name="VietQR", letters="QR", hint="Quét mã")
    (group,) = a_checkout(banks=(hinted, BANKS[0]), wallets=()).groups

    assert group.small == (BANKS[0],)
    assert group.wide == (hinted,)


def test_words_are_for_vietnamese_readers():
    assert a_checkout().words == "Năm nghìn đồng"
    assert a_checkout(Language.EN).words is None


@pytest.mark.parametrize(
    ("kinds", "heading", "lead", "english"),
    [
        ("le_phi", "Thanh toán lệ phí hồ sơ", "Thanh toán lệ phí cho hồ sơ", "Fee payment"),
        ("phi", "Thanh toán phí hồ sơ", "Thanh toán phí cho hồ sơ", "Fee payment"),
        (
            "le_phi phi",
            "Thanh toán phí, lệ phí hồ sơ",
            "Thanh toán phí, lệ phí cho hồ sơ",
            "Fee payment",
        ),
        ("phat", "Thanh toán tiền phạt", "Thanh toán tiền phạt cho hồ sơ", "Payment of fine"),
        (
            "an_phi phi",
            "Thanh toán phí, án phí",
            "Thanh toán phí, án phí cho hồ sơ",
            "Payment of service fee, court fee",
        ),
        (
            "nghia_vu_tc",
            "Thanh toán nghĩa vụ tài chính",
            "Thanh toán nghĩa vụ tài chính cho hồ sơ",
            "Payment of financial obligation",
        ),
    ],
)
def test_the_order_is_named_by_its_kinds(kinds, heading, lead, english):
    order = replace(an_order_view(), fee_kinds=tuple(map(FeeKind, kinds.split())))

    page = a_checkout(order=order)
    other = a_checkout(order=replace(order, language=Language.EN))

    assert (page.heading, page.order_lead) == (heading, lead)
    assert other.order_lead == f"{english} for dossier"


@given(st.sets(st.sampled_from(FeeKind), min_size=1), st.sampled_from(Language))
def test_every_mixture_of_kinds_has_words(kinds, language):
    order = replace(an_order_view(language), fee_kinds=tuple(kinds))

    page = a_checkout(order=order)

    assert "{" not in page.heading + page.order_lead


# ---- errors ---------------------------------------------------------------------------------
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("status", STATUSES)
def test_an_error_says_what_happened_what_to_do_and_whom_to_call(html_of, status, language):
    page = error_page(
        language=language, status=status, request_id="req_1", support_phone="1900 0000"
    )
    text = Outline(html_of(("error.html", page))).text

    for part in (page.heading, page.happened, page.advice, "req_1", "1900 0000"):
        assert part in text
    assert str(status) not in text


@pytest.mark.parametrize(("status", "like"), [(418, 400), (409, 400), (502, 500), (504, 500)])
def test_a_status_without_a_page_reads_as_refused_or_broken(status, like):
    def page(code):
        return error_page(language=Language.VI, status=code, request_id="req_1", support_phone=None)

    assert page(status) == page(like)


def test_an_error_without_a_phone_still_names_its_request(html_of):
    page = error_page(language=Language.VI, status=500, request_id="req_1", support_phone=None)
    outline = Outline(html_of(("error.html", page)))

    assert "Mã yêu cầu: req_1" in outline.text
    assert not any(each.startswith("tel:") for each in outline.hrefs())
