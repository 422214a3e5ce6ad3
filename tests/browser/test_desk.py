"""The desk in a browser: logged in for real, in both languages, on two widths."""

import pyotp
import pytest

from paygate.domain.codes import spaced
from paygate.domain.ids import Token
from paygate.domain.staff import Role, Scope
from paygate.http.i18n import Language
from paygate.services.add_staff import add_staff
from paygate.services.invite_staff import Invitation
from paygate.store import desk as desk_store
from tests.support.browser import NARROW, PHONE, served
from tests.support.builders import FAKE
from tests.support.databases import a_database
from tests.support.desk import PASSWORD, SECRET, a_busy_day, below_a_province, enrolled
from tests.support.gateway import a_gateway
from tests.support.servers import free_port

pytestmark = [pytest.mark.browser, pytest.mark.allow_hosts(["127.0.0.1"])]
SIZES = {"desktop": (1180, 900), "phone": PHONE}
LINK = Token("l" * 32)


class Desk:
    """A served gateway over a database of its own, and where its pages are."""

    def __init__(self, gateway, origin):
        self.gateway, self.origin = gateway, origin
        orders = a_busy_day(gateway)
        act = gateway.act()
        enrolled(gateway.house, act, "admin@hd.example", Role.ADMIN, agency=None)
        enrolled(gateway.house, act, "checker@hd.example", Role.CHECKER, Role.MAKER)
        invitation = Invitation(token=LINK, secret=SECRET)
        gateway.house.db.act(
            add_staff,
            act,
            gateway.house.vault,
            invitation,
            email="new.colleague@hd.example",
            name="Nguyễn Thị Mới",
        )
        with gateway.house.db.read() as tx:
            wanted = desk_store.CasesWanted(scope=Scope(everything=True), accounts=(FAKE,), limit=9)
            cases = desk_store.find_cases(tx, wanted)
        self.pages = {
            "home": "/desk",
            "orders": "/desk/orders",
            "orders-none": "/desk/orders?q=PG-7K3M-92QX&state=paid",
            "order-paid": f"/desk/orders/{spaced(orders['paid'].code)}",
            "order-differs": f"/desk/orders/{spaced(orders['differs'].code)}",
            "order-open": f"/desk/orders/{spaced(orders['open'].code)}",
            "cases": "/desk/cases",
            "case": f"/desk/cases/{spaced(cases[0].case.code)}",
            "case-without-order": "/desk/cases/"
            + next(spaced(each.case.code) for each in cases if each.order is None),
            "staff": "/desk/staff",
            "step-up": "/desk/step-up",
            "not-found": "/desk/nothing",
        }

    def log_in(self, visitor, language, email="admin@hd.example", then="/desk"):
        """Log in as a person does: by typing."""
        self.gateway.clock.step(seconds=30)
        visitor.open(f"{self.origin}/desk/login?lang={language}&then={then}")
        page = visitor.page
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.fill("#code", pyotp.TOTP(SECRET).at(self.gateway.clock.now()))
        page.locator("main form button").click()
        page.wait_for_url(f"{self.origin}{then}")
        return page


PAGES = (
    "home",
    "orders",
    "orders-none",
    "order-paid",
    "order-differs",
    "order-open",
    "cases",
    "case",
    "case-without-order",
    "staff",
    "step-up",
    "not-found",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    port = free_port()
    url = f"sqlite:///{tmp_path_factory.mktemp('desk')}/desk.db"
    origin = f"http://127.0.0.1:{port}"
    with a_database(url) as db:
        gateway = a_gateway(db, base_url=origin, demo=True)
        db.act(below_a_province)
        with served(gateway.app, port):
            yield Desk(gateway, origin)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", Language)
def test_every_page_is_accessible_whole_and_from_one_origin(visit, desk, language, size):
    visitor = visit(size=SIZES[size])
    desk.log_in(visitor, language)

    for name in PAGES:
        page = visitor.open(f"{desk.origin}{desk.pages[name]}")
        visitor.look(f"desk-{name}-{language}-{size}")
        assert page.locator("html").get_attribute("lang") == language, name
    assert visitor.strangers(desk.origin) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", Language)
def test_the_doors_are_accessible_too(visit, desk, language, size):
    visitor = visit(size=SIZES[size])

    visitor.open(f"{desk.origin}/desk/login?lang={language}")
    visitor.look(f"desk-login-{language}-{size}")
    visitor.open(f"{desk.origin}/desk/enrol/{LINK}")
    visitor.look(f"desk-enrol-{language}-{size}")

    visitor.page.fill("#password", "too short")
    visitor.page.fill("#again", "too short")
    visitor.page.fill("#code", "000000")
    visitor.page.locator("main form button").click()
    visitor.look(f"desk-enrol-mistake-{language}-{size}")
    assert visitor.page.evaluate("() => document.activeElement.className") == "errors"


def test_a_wrong_password_brings_the_form_back_with_the_focus_on_the_summary(visit, desk):
    visitor = visit(size=PHONE)
    page = visitor.open(f"{desk.origin}/desk/login")
    page.fill("#email", "nobody@hd.example")
    page.fill("#password", "whatever it is")
    page.fill("#code", "123456")

    page.locator("main form button").click()

    visitor.look("desk-login-mistake-vi-phone")
    assert page.title().startswith("Lỗi: ")
    assert page.evaluate("() => document.activeElement.className") == "errors"
    assert page.input_value("#email") == "nobody@hd.example"
    assert page.input_value("#password") == ""


@pytest.mark.parametrize("name", PAGES)
def test_nothing_stands_out_of_a_very_narrow_window(visit, desk, name):
    visitor = visit(size=NARROW)
    desk.log_in(visitor, "vi")

    visitor.open(f"{desk.origin}{desk.pages[name]}")

    assert visitor.sideways_px() <= 0


def test_a_search_and_a_logout_need_no_script(visit, desk):
    page = desk.log_in(visit(), "vi")
    page.goto(f"{desk.origin}/desk/orders")
    page.fill("#q", "000 30 27 h23 220928 0002")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/orders?**")

    assert page.locator("tbody tr").count() == 1
    page.locator("tbody a").click()
    assert "000.30.27.H23-220928-0002" in page.locator("main").inner_text()
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/desk/login**")
    page.goto(f"{desk.origin}/desk/orders")
    assert "/desk/login" in page.url
