"""What a script adds, that nothing is missing without one, and what paper shows."""

import pytest

from tests.support.browser import DESKTOP, PHONE, served
from tests.support.pages import GALLERY, MEMO, gallery_app

pytestmark = [pytest.mark.browser, pytest.mark.allow_hosts(["127.0.0.1"])]
RESULTS = [name for name in GALLERY if not name.startswith("checkout")]


@pytest.fixture(scope="module")
def gallery():
    with served(gallery_app()) as origin:
        yield origin


# ---- without a script -----------------------------------------------------------------------
@pytest.mark.parametrize("name", GALLERY)
def test_without_a_script_nothing_is_offered_that_needs_one(visit, gallery, name):
    page = visit(size=PHONE, scripts=False).page

    page.goto(f"{gallery}/vi/{name}")

    for needs in ("[data-scripted]", "[data-copy]", "[data-search]"):
        assert [each.is_visible() for each in page.locator(needs).all()].count(True) == 0
    assert page.locator("h1").is_visible()
    assert page.locator("main .btn, main button:not([hidden]), .part").count() > 0


def test_a_code_can_be_scanned_typed_and_saved_without_a_script(visit, gallery):
    page = visit(scripts=False).page

    page.goto(f"{gallery}/vi/qr")

    assert page.get_by_role("img", name=MEMO).is_visible()
    assert page.get_by_text(MEMO, exact=True).is_visible()
    assert page.get_by_role("link", name="Lưu ảnh mã QR").get_attribute("href").endswith(".png")
    assert page.get_by_role("link", name="Kiểm tra lại").is_visible()


# ---- copying --------------------------------------------------------------------------------
def test_a_press_copies_what_the_app_wants_and_says_so(visit, gallery):
    visitor = visit(size=PHONE)
    page = visitor.open(f"{gallery}/vi/qr")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=gallery)

    page.get_by_role("button", name="Sao chép số tiền").click()

    assert page.evaluate("() => navigator.clipboard.readText()") == "5000"
    assert page.locator("[data-said]").inner_text() == "Đã sao chép"
    assert page.get_by_role("button", name="Đã sao chép").count() == 1


def test_the_keyboard_meets_the_page_in_the_order_that_it_is_read(visit, gallery):
    page = visit().open(f"{gallery}/vi/qr")

    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("() => document.activeElement.textContent.trim()"))

    read = [" ".join(each.split()) for each in seen]
    wanted = ["Lưu ảnh mã QR", "Sao chép số tài khoản", "Sao chép số tiền", "Kiểm tra lại"]
    assert sorted(wanted, key=read.index) == wanted


# ---- searching ------------------------------------------------------------------------------
def shown(page):
    return [each.inner_text() for each in page.locator(".group:has(.search) .tile:visible b").all()]


def test_a_bank_is_found_without_the_marks_and_the_choice_stays_in_sight(visit, gallery):
    visitor = visit(size=PHONE)
    page = visitor.open(f"{gallery}/vi/checkout-many")
    assert len(shown(page)) == 40
    page.get_by_text("Sacombank").click()

    page.get_by_label("Tìm theo tên").fill("vietin")

    assert shown(page) == ["Sacombank", "VietinBank"]
    assert page.locator("[data-count]").inner_text() == "Tìm thấy 1"
    visitor.look("checkout-many-found")


def test_enter_in_the_search_sends_no_form(visit, gallery):
    visitor = visit()
    page = visitor.open(f"{gallery}/vi/checkout-many")

    page.get_by_label("Tìm theo tên").press("Enter")

    assert page.url.endswith("/checkout-many")


def test_beside_forty_banks_the_pay_button_stays_in_sight(visit, gallery):
    page = visit(size=DESKTOP).open(f"{gallery}/vi/checkout-many")

    page.get_by_text("BVBank").scroll_into_view_if_needed()

    box = page.get_by_role("button", name="THANH TOÁN").bounding_box()
    assert 0 <= box["y"] <= DESKTOP[1] - box["height"]


# ---- a page that waits ----------------------------------------------------------------------
def test_a_waiting_page_opens_the_next_one_when_the_book_changes(visit, gallery):
    """The page asks one word, and opens itself anew when the word is another."""
    visitor = visit(size=PHONE)
    words = ["qr", "qr", "ended"]
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(json={"shows": words[min(len(asked), len(words)) - 1]})

    visitor.page.route("**/state/qr", answer)
    page = visitor.open(f"{gallery}/vi/qr")
    page.evaluate("() => { document.body.dataset.old = 'yes'; }")

    page.wait_for_function("() => !document.body.dataset.old", timeout=30_000)

    assert len(asked) >= 3
    assert visitor.complaints == []


# ---- paper ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", RESULTS)
def test_paper_shows_what_happened_and_no_buttons(visit, gallery, name):
    visitor = visit()
    page = visitor.open(f"{gallery}/vi/{name}")

    page.emulate_media(media="print")

    visitor.picture(f"print-{name}")
    assert page.locator("h1").is_visible()
    pressed = page.locator(".go .btn, .lang a, button")
    assert [each.is_visible() for each in pressed.all()].count(True) == 0
    assert visitor.sideways_px() <= 0
