"""The desk's login: two factors, sessions that end, no word of who exists, no lock-out."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher

from paygate.config import Limits
from paygate.domain.staff import Role
from paygate.services.disable_staff import disable_staff
from paygate.services.passwords import hash_password, is_outdated, is_password
from paygate.services.prove_identity import DELAY_MAX, FREE_FAILURES, delay_after
from paygate.store import audit, login_failures, staff
from tests.support.desk import (
    PASSWORD,
    SECRET,
    DeskBrowser,
    below_a_province,
    enrolled,
    link_of,
)
from tests.support.gateway import BASE, GENEROUS, a_gateway

pytestmark = pytest.mark.functional
WHO = "maker@hd.example"
WRONG = "Email, mật khẩu hoặc mã xác thực chưa đúng."


@pytest.fixture
def gateway(db):
    """A gateway where one maker works."""
    gateway = a_gateway(db)
    db.act(below_a_province)
    enrolled(gateway.house, gateway.act(), WHO, Role.MAKER)
    return gateway


@pytest.fixture
def maker(gateway):
    """The maker's id."""
    with gateway.house.db.read() as tx:
        return staff.by_email(tx, WHO).id  # type: ignore[union-attr]  # he was added above


@pytest.fixture
def browser(gateway):
    return DeskBrowser.of(gateway)


def is_in(browser, path="/desk"):
    return browser.get(path).status_code == 200


def code_at(gateway, steps=0):
    return pyotp.TOTP(SECRET).at(gateway.clock.now(), counter_offset=steps)


# ---- in and out -----------------------------------------------------------------------------
def test_both_factors_open_the_desk(maker, browser):
    answer = browser.log_in(WHO)

    assert maker.startswith("stf_")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    assert is_in(browser)


def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it(browser):
    cookie = browser.log_in(WHO).headers["Set-Cookie"]

    assert cookie.startswith("__Host-desk=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_whoever_is_not_logged_in_is_led_to_the_login_and_on_from_there(browser):
    answer = browser.get("/desk/orders?state=paid")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk/login?then=/desk/orders?state%3Dpaid"
    page = browser.get(answer.headers["Location"])
    assert 'name="then" value="/desk/orders?state=paid"' in page.text
    on = browser.log_in(WHO, then="/desk/orders?state=paid")
    assert on.headers["Location"] == "/desk/orders?state=paid"


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example/",
        "//evil.example",
        "/desk//../../x\r\nSet-Cookie: a=b",
        "/desk@evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/pay/token",
        "/deskevil",
    ],
)
def test_a_login_leads_on_to_the_desk_and_nowhere_else(browser, then):
    assert browser.log_in(WHO, then=then).headers["Location"] == "/desk"


def test_a_logout_ends_the_session_on_the_server(gateway, browser):
    browser.log_in(WHO)
    kept = browser.client.get_cookie("__Host-desk", "pay.example").value

    answer = browser.post("/desk/logout", csrf=browser.csrf())

    assert answer.status_code == 303
    thief = DeskBrowser.of(gateway)
    thief.client.set_cookie("__Host-desk", kept, domain="pay.example", secure=True)
    assert not is_in(thief)


def test_each_login_has_a_session_of_its_own(gateway, browser):
    browser.log_in(WHO)
    first = browser.client.get_cookie("__Host-desk", "pay.example").value
    gateway.clock.step(seconds=30)
    browser.log_in(WHO)

    assert browser.client.get_cookie("__Host-desk", "pay.example").value != first


def test_a_login_in_the_same_browser_ends_the_session_before(gateway, browser):
    browser.log_in(WHO)
    old = browser.client.get_cookie("__Host-desk", "pay.example").value
    gateway.clock.step(seconds=30)
    browser.log_in(WHO)

    thief = DeskBrowser.of(gateway)
    thief.client.set_cookie("__Host-desk", old, domain="pay.example", secure=True)
    assert is_in(browser)
    assert not is_in(thief)


def test_a_link_that_is_used_in_the_browser_of_another_ends_his_session(gateway, browser):
    browser.log_in(WHO)
    old = browser.client.get_cookie("__Host-desk", "pay.example").value
    path = link_of(gateway, "new@hd.example", Role.VIEWER)

    form = {"password": PASSWORD, "again": PASSWORD, "code": code_at(gateway)}
    assert browser.post(path, **form).status_code == 303

    thief = DeskBrowser.of(gateway)
    thief.client.set_cookie("__Host-desk", old, domain="pay.example", secure=True)
    assert is_in(browser)
    assert not is_in(thief)


def test_an_address_that_leads_nowhere_still_has_the_tabs_of_whoever_is_logged_in(browser):
    assert "Đăng xuất" not in browser.get("/desk/nowhere").text
    browser.log_in(WHO)

    page = browser.get("/desk/nowhere")

    assert page.status_code == 404
    assert "Đăng xuất" in page.text
    assert browser.get("/desk/").status_code == 200


# ---- the clock (TRUST S60) ------------------------------------------------------------------
def test_a_session_ends_after_a_quarter_of_an_hour_of_silence(gateway, browser):
    browser.log_in(WHO)
    gateway.clock.step(minutes=14, seconds=59)
    assert is_in(browser)
    gateway.clock.step(minutes=14, seconds=59)
    assert is_in(browser)

    gateway.clock.step(minutes=15)

    assert not is_in(browser)


def test_a_session_ends_after_eight_hours_however_busy_it_was(gateway, browser):
    browser.log_in(WHO)
    for _ in range(47):
        gateway.clock.step(minutes=10)
        assert is_in(browser)
    gateway.clock.step(minutes=9, seconds=59)
    assert is_in(browser)

    gateway.clock.step(seconds=1)

    assert not is_in(browser)


def test_a_person_who_is_disabled_is_out_at_once(maker, gateway, browser):
    browser.log_in(WHO)
    assert is_in(browser)

    gateway.house.db.act(disable_staff, gateway.act(), maker)

    assert not is_in(browser)
    gateway.clock.step(seconds=30)
    assert WRONG in browser.log_in(WHO).text


def test_a_session_that_was_left_alive_is_of_no_use_to_a_person_who_is_disabled(
    maker, gateway, browser
):
    """The second lock: the state is read at every request."""
    browser.log_in(WHO)

    gateway.house.db.act(staff.disable, maker, now=gateway.clock.now())

    assert not is_in(browser)


# ---- the second factor (TRUST S57) ----------------------------------------------------------
def test_a_code_is_good_once(gateway, browser):
    code = code_at(gateway)
    assert browser.log_in(WHO, code=code).status_code == 303

    other = DeskBrowser.of(gateway)
    assert other.log_in(WHO, code=code).status_code == 422
    assert other.log_in(WHO, code=code_at(gateway, -1)).status_code == 422
    gateway.clock.step(seconds=30)
    assert other.log_in(WHO).status_code == 303


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_clock_may_be_half_a_minute_wrong(gateway, browser, steps, status):
    assert browser.log_in(WHO, code=code_at(gateway, steps)).status_code == status


def test_two_at_once_with_one_code_are_one_session(bare_db):
    """On a real database, so that both really hold their transactions."""
    gateway = a_gateway(bare_db)
    bare_db.act(below_a_province)
    enrolled(gateway.house, gateway.act(), WHO, Role.MAKER)
    code = code_at(gateway)

    with ThreadPoolExecutor(4) as crew:
        statuses = list(
            crew.map(lambda _: DeskBrowser.of(gateway).log_in(WHO, code=code).status_code, range(4))
        )

    assert sorted(statuses) == [303, 422, 422, 422]


# ---- who exists (TRUST S61) -----------------------------------------------------------------
def test_nobody_learns_which_factor_was_wrong_or_who_works_here(gateway, browser):
    answers = [
        browser.log_in(WHO, password="not the password"),
        DeskBrowser.of(gateway).log_in(WHO, code="000000", address="203.0.113.2"),
        DeskBrowser.of(gateway).log_in("nobody@hd.example", address="203.0.113.3"),
        DeskBrowser.of(gateway).log_in("no address at all", address="203.0.113.4"),
    ]

    assert {each.status_code for each in answers} == {422}
    pages = {re.sub(r'(id="email".*value=")[^"]*', r"\1", each.text) for each in answers}
    assert len(pages) == 1
    assert WRONG in pages.pop()


def test_a_stranger_leaves_the_same_rows_as_a_colleague_with_a_wrong_password(gateway):
    def rows(email, address):
        with gateway.house.db.read() as tx:
            before = counted(tx)
        DeskBrowser.of(gateway).log_in(email, password="wrong", address=address)
        with gateway.house.db.read() as tx:
            return [a - b for a, b in zip(counted(tx), before, strict=True)]

    assert rows(WHO, "203.0.113.5") == rows("nobody@hd.example", "203.0.113.6") == [1, 1]


def counted(tx):
    tables = (audit.table, login_failures.table)
    return [len(tx.execute(each.select()).all()) for each in tables]


def test_the_password_of_nobody_costs_as_much_as_one_of_somebody():
    """Both are compared with a real hash."""
    kept = hash_password(PASSWORD, quick=True)

    assert is_password(kept, PASSWORD, quick=True)
    assert not is_password(kept, "another", quick=True)
    assert not is_password(None, "nobody has this password", quick=True)


# ---- haste (TRUST S62) ----------------------------------------------------------------------
def test_a_hundred_wrong_ones_do_not_keep_the_right_one_out_elsewhere(gateway):
    attacker, at_home = DeskBrowser.of(gateway), DeskBrowser.of(gateway)
    wrong = {"password": "not the password", "address": "198.51.100.7"}
    statuses = [attacker.log_in(WHO, **wrong).status_code for _ in range(100)]

    assert set(statuses) == {422, 429}
    assert statuses[: FREE_FAILURES + 1] == [422] * (FREE_FAILURES + 1)
    assert attacker.log_in(WHO, address="198.51.100.7").status_code == 429
    assert at_home.log_in(WHO, address="203.0.113.9").status_code == 303


def test_whoever_waits_long_enough_is_heard_again_and_a_right_one_clears_the_count(gateway):
    browser = DeskBrowser.of(gateway)
    for _ in range(FREE_FAILURES + 1):
        browser.log_in(WHO, password="wrong")
    hasty = browser.log_in(WHO)
    seconds = int(hasty.headers["Retry-After"])
    gateway.clock.step(seconds=seconds)

    assert (hasty.status_code, seconds) == (429, 2)
    assert "Hãy đợi 2 giây" in hasty.text
    assert browser.log_in(WHO).status_code == 303
    assert browser.log_in(WHO, password="wrong").status_code == 422
    assert browser.log_in(WHO, password="wrong").status_code == 422


def test_the_wait_doubles_up_to_a_quarter_of_an_hour():
    waits = [delay_after(number).total_seconds() for number in range(16)]

    assert waits[:8] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert waits == sorted(waits)
    assert delay_after(10_000) == DELAY_MAX == timedelta(minutes=15)


def test_one_address_tries_only_so_often_whatever_accounts_it_names(db):
    few = Limits(**dict.fromkeys(GENEROUS.__slots__, 10**6) | {"logins_per_minute": 5})
    gateway = a_gateway(db, limits=few)
    browser = DeskBrowser.of(gateway)

    statuses = [browser.log_in(f"n{number}@hd.example").status_code for number in range(7)]

    assert statuses == [422] * 5 + [429] * 2
    other = DeskBrowser.of(gateway).log_in("n@hd.example", address="203.0.113.77")
    assert other.status_code == 422


# ---- forms (TRUST S18) ----------------------------------------------------------------------
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/desk/login", "/desk/logout", "/desk/step-up"])
def test_a_form_of_another_site_is_refused(browser, path, headers):
    browser.log_in(WHO)
    form = {"csrf": browser.csrf(), "email": WHO, "password": PASSWORD, "code": "123456"}

    answer = browser.client.post(path, data=form, base_url=BASE, headers=headers)

    assert answer.status_code == 403
    assert is_in(browser)


@pytest.mark.parametrize("csrf", ["", "0" * 64, "another", "ü"])
@pytest.mark.parametrize("path", ["/desk/logout", "/desk/step-up"])
def test_a_form_without_the_secret_of_the_session_is_refused(browser, path, csrf):
    browser.log_in(WHO)

    assert browser.post(path, csrf=csrf).status_code == 403
    assert is_in(browser)


def test_the_secret_of_one_session_is_of_no_use_in_another(gateway, browser):
    browser.log_in(WHO)
    theirs = browser.csrf()
    gateway.clock.step(seconds=30)
    other = DeskBrowser.of(gateway)
    other.log_in(WHO)

    assert other.post("/desk/logout", csrf=theirs).status_code == 403


def test_a_form_beyond_all_measure_is_refused(browser):
    assert browser.post("/desk/login", email="x" * 20_000).status_code == 413


# ---- step up (TRUST S58) --------------------------------------------------------------------
def test_whoever_proves_himself_again_gets_a_new_session_with_the_same_end(gateway, browser):
    browser.log_in(WHO)
    old = browser.client.get_cookie("__Host-desk", "pay.example").value
    gateway.clock.step(minutes=10)

    answer = browser.post(
        "/desk/step-up",
        csrf=browser.csrf("/desk/step-up"),
        password=PASSWORD,
        code=code_at(gateway),
        then="/desk/cases",
    )

    assert answer.headers["Location"] == "/desk/cases"
    assert is_in(browser)
    thief = DeskBrowser.of(gateway)
    thief.client.set_cookie("__Host-desk", old, domain="pay.example", secure=True)
    assert not is_in(thief)
    for _ in range(47):
        gateway.clock.step(minutes=10)
        browser.get("/desk")
    assert not is_in(browser)


def test_a_wrong_password_steps_nobody_up(gateway, browser):
    browser.log_in(WHO)
    gateway.clock.step(seconds=30)
    csrf = browser.csrf("/desk/step-up")

    answer = browser.post("/desk/step-up", csrf=csrf, password="wrong", code=code_at(gateway))

    assert answer.status_code == 422
    assert is_in(browser)


# ---- passwords (TRUST S55) ------------------------------------------------------------------
def test_the_parameters_are_those_of_the_rfc():
    kept = hash_password(PASSWORD, quick=False)

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password(kept, PASSWORD, quick=False)
    assert not is_outdated(kept, quick=False)


def test_a_hash_of_yesterday_is_made_anew_at_the_login(maker, gateway, browser):

    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    with gateway.house.db.read() as tx:
        enrolled_with = staff.get(tx, maker).password_hash  # type: ignore[union-attr]  # as above
    gateway.house.db.act(staff.rehash, maker, old, instead_of=enrolled_with)

    assert browser.log_in(WHO).status_code == 303

    with gateway.house.db.read() as tx:
        kept = staff.get(tx, maker).password_hash or ""  # type: ignore[union-attr]  # as above
    assert kept != old
    assert not is_outdated(kept, quick=True)


# ---- the first time -------------------------------------------------------------------------
def test_a_new_colleague_sets_both_factors_and_is_in(gateway, browser):
    path = link_of(gateway, "new@hd.example", Role.VIEWER)
    page = browser.get(path)
    form = {"password": PASSWORD, "again": PASSWORD, "code": code_at(gateway)}

    answer = browser.post(path, **form)

    assert "JBSW Y3DP EHPK 3PXP" in page.text
    assert '<svg viewBox="' in page.text
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    assert is_in(browser)
    assert browser.get(path).status_code == 404
    assert DeskBrowser.of(gateway).post(path, **form).status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "ngắn", "again": "ngắn"}, "Mật khẩu cần ít nhất 12 ký tự."),
        ({"again": "something else"}, "Hai lần nhập mật khẩu không giống nhau."),
        ({"code": "000000"}, "Mã chưa đúng; hãy nhập mã mà ứng dụng đang hiện."),
        ({"password": "new@hd.example", "again": "new@hd.example"}, "Mật khẩu này dễ đoán"),
    ],
)
def test_a_mistake_brings_the_form_back_and_the_link_stays_good(gateway, browser, change, said):
    path = link_of(gateway, "new@hd.example", Role.VIEWER)
    form = {"password": PASSWORD, "again": PASSWORD, "code": code_at(gateway)}

    answer = browser.post(path, **form | change)

    assert answer.status_code == 422
    assert said in answer.text
    assert PASSWORD not in answer.text
    assert browser.post(path, **form).status_code == 303


def test_a_link_that_is_not_ours_is_not_there(browser):
    assert browser.get("/desk/enrol/" + "a" * 32).status_code == 404
