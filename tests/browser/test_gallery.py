"""Every page in both languages and on two widths: accessible, whole, and from one origin."""

import pytest

from paygate.http.i18n import Language
from tests.support.browser import DESKTOP, NARROW, PHONE, served
from tests.support.pages import GALLERY, gallery_app

pytestmark = [pytest.mark.browser, pytest.mark.allow_hosts(["127.0.0.1"])]
SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture(scope="module")
def gallery():
    with served(gallery_app()) as origin:
        yield origin


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", GALLERY)
def test_a_page_is_accessible_whole_and_from_one_origin(visit, gallery, name, language, size):
    visitor = visit(size=SIZES[size])

    page = visitor.open(f"{gallery}/{language}/{name}")

    visitor.look(f"{name}-{language}-{size}")
    assert page.locator("html").get_attribute("lang") == language
    assert visitor.strangers(gallery) == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", GALLERY)
def test_nothing_stands_out_of_a_very_narrow_window(visit, gallery, name, language):
    visitor = visit(size=NARROW)

    visitor.open(f"{gallery}/{language}/{name}")

    assert visitor.sideways_px() <= 0


def test_a_picture_needs_no_other_font_than_ours(visit, gallery):
    visitor = visit()

    page = visitor.open(f"{gallery}/vi/checkout")

    loaded = page.evaluate("() => [...document.fonts].map(each => each.status)")
    assert loaded == ["loaded", "loaded"]


def test_nothing_is_chosen_for_the_citizen(visit, gallery):
    page = visit().open(f"{gallery}/vi/checkout")

    assert page.locator("input:checked").count() == 0


def test_the_summary_of_a_mistake_has_the_focus_and_leads_to_the_choices(visit, gallery):
    page = visit().open(f"{gallery}/vi/checkout-nothing-chosen")
    focused = "() => document.activeElement.className || document.activeElement.id"

    assert page.evaluate(focused) == "errors"
    assert page.title().startswith("Lỗi: ")
    page.get_by_role("link", name="Chọn một cách thanh toán").click()
    assert page.evaluate(focused) == "method-first"


def test_the_whole_tile_is_the_label(visit, gallery):
    page = visit(size=PHONE).open(f"{gallery}/vi/checkout")

    page.get_by_text("VNPT Money").click()

    assert page.locator("input:checked").get_attribute("value") == "vnptpay"


def test_a_choice_and_the_payment_need_no_mouse(visit, gallery):
    page = visit().open(f"{gallery}/vi/checkout-deck")
    page.locator("#method-first").focus()

    page.keyboard.press("Space")
    with page.expect_request("**/pay/t") as sent:
        page.keyboard.press("Enter")

    assert sent.value.method == "POST"
    assert sent.value.post_data == "method=vnptpay"


def test_what_has_the_focus_is_never_under_the_pay_button(visit, gallery):
    page = visit(size=PHONE).open(f"{gallery}/vi/checkout")
    hidden = """() => {
      const bar = document.querySelector(".act"), one = document.activeElement;
      if (one === document.body || bar.contains(one) || one.closest("footer")) return "";
      const below = one.getBoundingClientRect().bottom > bar.getBoundingClientRect().top;
      return below ? one.outerHTML : "";
    }"""

    seen = []
    for key in ["Tab"] * 4 + ["ArrowDown"] * 11 + ["Tab"] * 2:
        page.keyboard.press(key)
        seen.append(page.evaluate(hidden))

    assert "".join(seen) == ""
    assert page.evaluate("() => document.activeElement.tagName") == "BUTTON"


def test_the_first_stop_of_the_keyboard_skips_to_the_content(visit, gallery):
    page = visit().open(f"{gallery}/en/paid")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("() => document.activeElement.id") == "main"


def test_a_request_to_a_stranger_would_be_seen(visit, gallery):
    visitor = visit()

    visitor.open(gallery.replace("127.0.0.1", "localhost") + "/vi/paid")

    assert len(visitor.strangers(gallery)) > 3


def test_what_the_content_policy_refuses_would_be_seen(visit, gallery):
    visitor = visit()
    page = visitor.open(f"{gallery}/vi/paid")

    page.evaluate("() => document.body.setAttribute('style', 'color: red')")
    page.evaluate("() => fetch('http://localhost:9/').catch(() => 0)")

    assert any("Content Security Policy" in each for each in visitor.complaints)


def test_a_page_that_is_not_accessible_would_be_seen(visit, gallery):
    visitor = visit()
    page = visitor.open(f"{gallery}/vi/paid")

    page.evaluate("() => document.querySelector('.top').append(new Image())")

    assert [each.split(":")[0] for each in visitor.axe_violations()] == ["image-alt"]
