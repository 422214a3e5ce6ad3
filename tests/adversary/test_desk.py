"""What strangers can make the desk say, and what it tells to whom it should not."""

import re
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa

from paygate.domain.codes import spaced
from paygate.domain.ids import AccountCode
from paygate.domain.staff import GrantState, Role
from paygate.services.disable_staff import disable_staff
from paygate.store import attempts, cases, collections, grants, staff
from paygate.store.grants import Grant
from tests.support.builders import AGENCY
from tests.support.desk import FOREIGN, DeskBrowser, a_busy_day, below_a_province, enrolled
from tests.support.gateway import a_gateway

pytestmark = pytest.mark.functional
EVIL = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}{% raw %}{0.__class__}"


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    db.act(below_a_province)
    return gateway


@pytest.fixture
def day(gateway):
    return a_busy_day(gateway)


def logged_in(gateway, email, role, agency):
    person = enrolled(gateway.house, gateway.act(), email)
    hold(gateway, person, role, agency)
    browser = DeskBrowser.of(gateway)
    assert browser.log_in(email).status_code == 303
    return browser


def hold(gateway, person, role, agency, state=GrantState.ACTIVE):
    act = gateway.act()
    grant = Grant(
        id=act.ids.new("grt", act.now),
        staff_id=person,
        role=role,
        agency=agency,
        state=state,
        granted_at=act.now,
        granted_by="operator:test",
        since=act.now if state is GrantState.ACTIVE else None,
    )
    gateway.house.db.act(grants.add, grant)


# ---- what portals and rails write -----------------------------------------------------------
class Outline(HTMLParser):
    """The elements of a page with the names of their attributes: what a text must not add to."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, *(name for name, _ in attrs)))


TEXTS = {
    "fee_order": ("dossier_code", "procedure_name", "procedure_code", "description", "extra"),
    "fee_line": ("name", "code"),
    "portal": ("display_name",),
    "agency": ("name",),
    "payment_attempt": ("rail_code",),
    "collection": ("rail_txn",),
    "staff": ("name",),
}


def test_no_text_of_a_portal_or_a_rail_becomes_an_element(gateway, day):
    browser = logged_in(gateway, "auditor@hd.example", Role.AUDITOR, None)
    paths = ["/desk", "/desk/orders", "/desk/cases", "/desk/staff"]
    paths += [f"/desk/orders/{spaced(each.code)}" for each in day.values()]
    paths += re.findall(r'class="code" href="(/desk/cases/[^"]*)"', browser.get("/desk/cases").text)

    def plant(tx, text):
        for name, columns in TEXTS.items():
            for column in columns:
                unique = " || id" if column == "rail_txn" else ""
                change = f"UPDATE {name} SET {column} = :text{unique} WHERE {column} IS NOT NULL"  # noqa: S608  # our own names
                tx.execute(sa.text(change), {"text": text})

    before = [Outline(browser.get(path).text).found for path in paths]
    gateway.house.db.act(plant, EVIL)

    for path, outline in zip(paths, before, strict=True):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert Outline(page.text).found == outline, path
    told = "".join(browser.get(path).text for path in paths)
    assert "{{7*7}}" in told
    assert "&lt;script&gt;alert(2)" in told


@pytest.mark.parametrize("field", ["q", "state", "from", "to", "cursor", "lang", "kind", "then"])
@pytest.mark.parametrize("path", ["/desk/orders", "/desk/cases", "/desk/login", "/desk/step-up"])
def test_no_address_becomes_an_element(gateway, path, field):
    browser = logged_in(gateway, "auditor@hd.example", Role.AUDITOR, None)

    page = browser.client.get(path, base_url="https://pay.example", query_string={field: EVIL})

    assert page.status_code in {200, 422}
    tags = {each[0] for each in Outline(page.text).found}
    assert tags.isdisjoint({"img", "script"})
    assert not any("onerror" in each for each in Outline(page.text).found)


# ---- who works elsewhere --------------------------------------------------------------------
def test_the_list_of_staff_tells_an_admin_of_an_agency_nothing_of_other_agencies(gateway):
    both = enrolled(gateway.house, gateway.act(), "both@hd.example")
    hold(gateway, both, Role.MAKER, AGENCY)
    hold(gateway, both, Role.CHECKER, FOREIGN)
    left = enrolled(gateway.house, gateway.act(), "left@hd.example")
    hold(gateway, left, Role.MAKER, AGENCY)
    gateway.house.db.act(grants.end_all, left, now=gateway.clock.now())
    hold(gateway, left, Role.CHECKER, FOREIGN)
    gone = enrolled(gateway.house, gateway.act(), "gone@hd.example")
    hold(gateway, gone, Role.MAKER, AGENCY)
    gateway.house.db.act(disable_staff, gateway.act(), gone)
    waits = enrolled(gateway.house, gateway.act(), "waits@hd.example")
    hold(gateway, waits, Role.MAKER, AGENCY, GrantState.PROPOSED)

    page = logged_in(gateway, "local@hd.example", Role.ADMIN, AGENCY).get("/desk/staff").text

    assert FOREIGN not in page
    assert "left@hd.example" not in page
    for email in ("both", "gone", "waits", "local"):
        assert f"{email}@hd.example" in page


# ---- cases ----------------------------------------------------------------------------------
def test_a_case_of_an_account_that_the_file_has_lost_is_seen_by_whoever_sees_all(gateway, day):
    assert day
    gateway.house.db.act(
        lambda tx: tx.execute(
            cases.table.update()
            .where(cases.table.c.order_id.is_(None))
            .values(account=AccountCode("lost"))
        )
    )
    auditor = logged_in(gateway, "auditor@hd.example", Role.AUDITOR, None)
    gateway.clock.step(seconds=30)
    local = logged_in(gateway, "local@hd.example", Role.CHECKER, "H23")

    assert "Giao dịch chưa xác định" in auditor.get("/desk/cases").text
    assert "lost" in auditor.get("/desk/cases").text
    assert "lost" not in local.get("/desk/cases").text


def test_the_overview_leads_to_exactly_the_cases_that_it_counts(gateway, day):
    def settle(tx):
        (case,) = cases.of_order(tx, day["differs"].id)
        at = gateway.clock.now()
        cases.resolve(tx, str(case.collection_id), case.kind, resolution="ok", now=at)

    gateway.house.db.act(settle)
    browser = logged_in(gateway, "auditor@hd.example", Role.AUDITOR, None)
    page = browser.get("/desk").text
    links = re.findall(r'<a href="([^"]*)"><b class="money">(\d+)</b>', page)
    links += re.findall(r'<b><a href="([^"]*)">.*?<dd class="money">(\d+)</dd>', page, re.DOTALL)

    assert len(links) == 5
    for url, number in links:
        rows = re.findall(
            r'<th scope="row"><a class="code"', browser.get(url.replace("&amp;", "&")).text
        )
        assert len(rows) == int(number), url


def test_a_filter_that_finds_no_case_does_not_say_that_there_is_none(gateway, day):
    assert day
    browser = logged_in(gateway, "auditor@hd.example", Role.AUDITOR, None)

    page = browser.get("/desk/cases?kind=late_payment").text

    assert "Không tìm thấy dữ liệu phù hợp" in page
    assert "Không có vụ việc nào" not in page


# ---- what an accountant holds in his hand ----------------------------------------------------
@pytest.fixture
def numbers(gateway, day):
    """What rails and banks print about the paid order: our reference, and the rail's number."""
    with gateway.house.db.read() as tx:
        tried = attempts.of_order(tx, day["paid"].id)
        (money,) = collections.of_order(tx, day["paid"].id)
    return [*(each.ref for each in tried), tried[0].ref.lower(), str(money.rails_number)]


def test_an_order_is_found_by_what_rails_and_banks_call_its_money(gateway, day, numbers):
    browser = logged_in(gateway, "maker@hd.example", Role.MAKER, "H23")

    for number in numbers:
        page = browser.get(f"/desk/orders?q=%20{number}").text
        codes = re.findall(r'<th scope="row"><a class="code" href="[^"]*">([^<]*)</a>', page)
        assert codes == [spaced(day["paid"].code)], number
        assert not re.search('class="code"', browser.get(f"/desk/orders?q={number[:-1]}").text)


def test_no_number_finds_an_order_of_a_foreign_agency(gateway, day, numbers):
    assert day
    browser = logged_in(gateway, "maker@hd.example", Role.MAKER, FOREIGN)

    for number in numbers:
        page = browser.get(f"/desk/orders?q={number}").text
        assert "Không tìm thấy dữ liệu phù hợp" in page


def test_a_case_code_that_is_typed_among_the_orders_leads_to_its_case(gateway, day):
    with gateway.house.db.read() as tx:
        (case,) = cases.of_order(tx, day["differs"].id)
    here = logged_in(gateway, "here@hd.example", Role.MAKER, "H23")
    gateway.clock.step(seconds=30)
    there = logged_in(gateway, "there@hd.example", Role.MAKER, FOREIGN)

    found = here.get(f"/desk/orders?q={case.code.lower()}")
    foreign = there.get(f"/desk/orders?q={case.code}")

    assert found.headers["Location"] == foreign.headers["Location"]
    assert here.get(found.headers["Location"]).status_code == 200
    assert there.get(foreign.headers["Location"]).status_code == 404


def test_a_case_of_money_that_nobody_knows_names_the_reference_that_was_told(gateway, day):
    assert day
    browser = logged_in(gateway, "auditor@hd.example", Role.AUDITOR, None)
    listed = browser.get("/desk/cases?kind=unknown_attempt").text
    (url,) = re.findall(r'class="code" href="([^"]*)"', listed)

    assert "NOBODYSREFERENCE0001" in browser.get(url).text


# ---- what browsers and proxies keep ---------------------------------------------------------
def test_no_answer_of_the_desk_is_kept_by_anybody(gateway, day):
    browser = logged_in(gateway, "auditor@hd.example", Role.AUDITOR, None)
    paths = ["/desk", "/desk/orders", "/desk/cases", "/desk/staff", "/desk/login", "/desk/step-up"]
    paths += [f"/desk/orders/{spaced(day['paid'].code)}", "/desk/nothing", "/desk/enrol/x"]

    answers = [each.get(path) for each in (browser, DeskBrowser.of(gateway)) for path in paths]

    assert {each.status_code for each in answers} == {200, 303, 404}
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_log_of_staff_names_nobody(gateway, capsys):
    browser = logged_in(gateway, "auditor@hd.example", Role.AUDITOR, None)
    browser.get("/desk/orders?q=someone%40hd.example")
    DeskBrowser.of(gateway).log_in("auditor@hd.example", password="wrong")

    told = "".join(capsys.readouterr())

    assert "request_answered" in told
    with gateway.house.db.read() as tx:
        person = staff.by_email(tx, "auditor@hd.example")
    assert person is not None
    for personal in (person.email, person.name, "someone"):
        assert personal not in told
