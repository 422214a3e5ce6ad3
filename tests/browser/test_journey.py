"""The deck's flow in a browser, against the whole demo: gateway, worker, sandbox, portal."""

import json
import os
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.support.browser import DESKTOP, PHONE
from tests.support.servers import free_port, until_it_answers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.timeout(180),
]
SIZES = {"desktop": DESKTOP, "phone": PHONE}
SETTLED_S_MAX = 40  # the worker asks a silent rail a few seconds after the citizen is back
WAITING = "Giao dịch đang được xác nhận, vui lòng không thanh toán lại"
PAID = "Thanh toán thành công"


class Demo:
    """What `paygate demo --json` printed."""

    def __init__(self, line):
        told = json.loads(line)
        self.gateway, self.sandbox, self.portal = (
            told[name] for name in ("gateway", "sandbox", "portal")
        )
        self.key = told["api_key"]
        self.accounts = {each["code"]: each["callback_url"] for each in told["accounts"]}

    def newest(self):
        request = urllib.request.Request(
            f"{self.gateway}/v1/orders?limit=1", headers={"Authorization": f"Bearer {self.key}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["data"][0]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    command = [sys.executable, "-m", "paygate", "demo", "--json"]
    command += ["--port", str(port), "--data", str(folder)]
    log = folder / "demo.log"
    with log.open("wb") as out:
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
        try:
            until_it_answers(port, "/readyz", process, log)
            while not log.read_text().startswith("{"):
                time.sleep(0.1)
            yield Demo(log.read_text().splitlines()[0])
        finally:
            process.terminate()
            process.wait(30)


def file_dossier(visitor, demo, language, look=""):
    """File a dossier at the portal, and stand on the checkout."""
    page = visitor.open(f"{demo.portal}/?lang={language}")
    if look:
        visitor.look(f"{look}-1-portal")
    visitor.open(f"{demo.portal}/nop-ho-so/ho-tich")
    if look:
        visitor.look(f"{look}-2-form")
    page.check("input[type=checkbox]")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{demo.gateway}/pay/**")
    return page


def press_pay(page, demo, method="vnptpay"):
    page.check(f"input[value='{method}']")
    page.locator("form.checkout button[type=submit]").click()
    page.wait_for_url(f"{demo.sandbox}/{method.partition(':')[0]}/**")


def heading(page):
    return page.locator("h1").inner_text()


def until(page, wanted):
    """Press "check again" as a patient citizen does, until the heading is *wanted*."""
    patience_ends = time.monotonic() + SETTLED_S_MAX
    while heading(page) != wanted:
        assert time.monotonic() < patience_ends, f"still: {heading(page)}"
        time.sleep(0.5)
        page.reload()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_whole_flow_of_the_deck(visit, demo, language, size):
    visitor, name = visit(size=SIZES[size]), f"journey-{language}-{size}"
    page = file_dossier(visitor, demo, language, look=name)
    assert page.locator("html").get_attribute("lang") == language
    visitor.look(f"{name}-3-checkout")

    press_pay(page, demo)
    visitor.picture(f"{name}-4-rail")
    page.locator("button[value=pay]").click()
    page.wait_for_url(f"{demo.gateway}/return/**")
    until(page, {"vi": PAID, "en": "Payment successful"}[language])
    visitor.look(f"{name}-5-paid")
    page.locator("a.btn.primary").click()
    page.wait_for_url(f"{demo.portal}/ket-qua**")
    visitor.look(f"{name}-6-filed")

    order = demo.newest()
    assert order["state"] == "paid"
    assert order["dossier"]["code"] in page.locator("main").inner_text()
    if language == "vi":
        assert "Chúc mừng bạn đã nộp hồ sơ thành công!" in page.locator("main").inner_text()
    # The webhook is what the portal believes: it has it, signed and in order.
    page.goto(f"{demo.portal}/ho-so/{order['dossier']['code']}")
    patience_ends = time.monotonic() + SETTLED_S_MAX
    while "order.paid" not in page.locator("main").inner_text():
        assert time.monotonic() < patience_ends
        time.sleep(0.5)
        page.reload()
    visitor.look(f"{name}-7-dossier")
    assert visitor.strangers(demo.gateway, demo.sandbox, demo.portal) == []


@pytest.mark.parametrize("method", ["vnpay", "vnpay:VNPAYQR"])
def test_the_second_rail_takes_the_citizen_all_the_way_too(visit, demo, method):
    visitor = visit(size=PHONE)
    page = file_dossier(visitor, demo, "vi")

    press_pay(page, demo, method)
    visitor.picture(f"vnpay-{method.rpartition(':')[2]}-rail")
    page.locator("button[value=pay]").click()
    page.wait_for_url(f"{demo.gateway}/return/**")
    until(page, PAID)

    assert demo.newest()["attempts"][0]["account"] == "vnpay"
    assert "VNPAY" in page.locator("main").inner_text()


def test_the_demo_tells_of_every_account_that_it_has(demo):
    expected = {code: f"{demo.gateway}/webhooks/{code}" for code in ("vnptpay", "vnpay")}

    assert demo.accounts == expected


# What the citizen does at the rail, what the first page says, what it says in the end, and the
# order's state in the book then.
ENDS = {
    "decline": ("Thanh toán không thành công", "open"),
    "delay": (PAID, "paid"),
    "pay_twice": (PAID, "paid"),
    "wrong_amount": (
        "Số tiền nhận được khác số tiền phải trả, vui lòng không thanh toán lại",
        "processing",
    ),
    "lose_callback": (PAID, "paid"),
    "double_callback": (PAID, "paid"),
    "forge_callback": (WAITING, "processing"),
    "abandon": (WAITING, "processing"),
    "early_callback": (PAID, "paid"),
}


@pytest.mark.parametrize("action", ENDS)
def test_every_end_at_the_rail_is_told_rightly(visit, demo, action):
    visitor = visit(size=PHONE)
    page = file_dossier(visitor, demo, "vi")
    press_pay(page, demo)
    if action == "delay":
        page.fill("input[name=seconds]", "2")

    page.locator(f"button[value={action}]").click()
    page.wait_for_url(f"{demo.gateway}/return/**")
    said, state = ENDS[action]
    until(page, said)

    visitor.look(f"end-{action}")
    assert demo.newest()["state"] == state


def test_a_page_that_waits_opens_the_result_by_itself(visit, demo):
    visitor = visit(size=PHONE)
    page = file_dossier(visitor, demo, "vi")
    press_pay(page, demo)
    page.fill("input[name=seconds]", "5")
    page.locator("button[value=delay]").click()
    page.wait_for_url(f"{demo.gateway}/return/**")
    assert heading(page) == WAITING

    page.wait_for_function(
        f"() => document.querySelector('h1').textContent === '{PAID}'", timeout=SETTLED_S_MAX * 1000
    )

    assert visitor.complaints == []


def test_a_charge_without_an_answer_is_found_by_asking(visit, demo):
    visitor = visit(size=PHONE)
    page = file_dossier(visitor, demo, "vi")
    checkout = page.url
    press_pay(page, demo)

    page.locator("button[value=charge_then_timeout]").click(no_wait_after=True)
    # Some browsers try again by themselves, and then the rail says that it took the money.
    page.wait_for_selector("button[value=pay]", state="detached")
    # Nothing leads the citizen home, so he opens the address that he came from.
    visitor.open(checkout)
    assert heading(page) == WAITING
    page.locator("a.btn.primary").click()
    until(page, PAID)

    assert demo.newest()["state"] == "paid"


def test_the_citizen_may_choose_again_after_a_refusal_and_pay(visit, demo):
    visitor = visit(size=PHONE)
    page = file_dossier(visitor, demo, "vi")
    press_pay(page, demo)
    page.locator("button[value=decline]").click()
    page.wait_for_url(f"{demo.gateway}/return/**")
    until(page, "Thanh toán không thành công")

    page.locator("a.btn.primary").click()
    page.wait_for_url(f"{demo.gateway}/pay/**")
    press_pay(page, demo)
    page.locator("button[value=pay]").click()
    page.wait_for_url(f"{demo.gateway}/return/**")
    until(page, PAID)

    order = demo.newest()
    assert [each["payment_state"] for each in order["attempts"]] == ["failed", "paid"]


def test_a_form_without_a_choice_comes_back_with_the_focus_on_the_summary(visit, demo):
    visitor = visit(size=PHONE)
    page = file_dossier(visitor, demo, "vi")

    page.locator("form.checkout button[type=submit]").click()

    assert page.title().startswith("Lỗi: ")
    visitor.look("checkout-mistake")
