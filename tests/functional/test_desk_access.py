"""Every route of the desk, with every role, about one's own and about a foreign agency."""

import pytest

from paygate.bootstrap import create_app
from paygate.domain.codes import spaced
from paygate.domain.ids import AccountCode
from paygate.domain.staff import GrantState, Role, Scope
from paygate.store import desk as desk_store
from paygate.store import grants
from paygate.store.grants import Grant
from paygate.web.desk import access
from tests.support.builders import AGENCY
from tests.support.desk import FOREIGN, DeskBrowser, a_busy_day, below_a_province, enrolled
from tests.support.gateway import BASE, a_gateway

pytestmark = pytest.mark.functional
SAFE = {"GET", "HEAD"}
# What each role may open, written out once more: the table of the house is compared with it.
READERS = {"admin", "maker", "checker", "reconciler", "cashier", "viewer", "auditor"}
MAY_OPEN = {
    "/desk": READERS,
    "/desk/orders": READERS,
    "/desk/orders/<code>": READERS,
    "/desk/cases": READERS,
    "/desk/cases/<code>": READERS,
    "/desk/staff": {"admin", "auditor"},
}


@pytest.fixture
def gateway(db):
    """A gateway with a busy day, and one person of each role here and in another province."""
    gateway = a_gateway(db)
    db.act(below_a_province)
    for number, role in enumerate(Role):
        for where, agency in (("here", "H23"), ("there", FOREIGN)):
            email = f"{role}.{where}@hd.example"
            secret = f"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3P{'ABCDEFGH'[number]}P"
            person = enrolled(gateway.house, gateway.act(), email, secret=secret)
            hold(gateway, person, role, agency)
    return gateway


def hold(gateway, person, role, agency):
    """Let the person hold the role, whoever would have to approve it."""
    act = gateway.act()
    grant = Grant(
        id=act.ids.new("grt", act.now),
        staff_id=person,
        role=role,
        agency=agency,
        state=GrantState.ACTIVE,
        granted_at=act.now,
        granted_by="operator:test",
        since=act.now,
    )
    gateway.house.db.act(grants.add, grant)


def browser_of(gateway, role, where):
    number = list(Role).index(role)
    secret = f"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3P{'ABCDEFGH'[number]}P"
    browser = DeskBrowser.of(gateway)
    assert browser.log_in(f"{role}.{where}@hd.example", secret=secret).status_code == 303
    return browser


@pytest.fixture
def day(gateway):
    return a_busy_day(gateway)


def codes(gateway, day):
    """Return a code for each rule that names a thing, all of things in this province."""
    everything = Scope(everything=True)
    wanted = desk_store.CasesWanted(scope=everything, accounts=(AccountCode("fake"),), limit=9)
    with gateway.house.db.read() as tx:
        cases = desk_store.find_cases(tx, wanted)
    return {
        "/desk/orders/<code>": [spaced(each.code) for each in day.values()],
        "/desk/cases/<code>": [spaced(each.case.code) for each in cases if each.order],
        "of nobody": [spaced(each.case.code) for each in cases if each.order is None],
    }


def rules(gateway):
    return {
        rule.rule: rule.methods - {"OPTIONS"}
        for rule in gateway.app.url_map.iter_rules()
        if rule.rule == "/desk" or rule.rule.startswith("/desk/")
    }


def test_every_route_of_the_desk_is_in_the_table_and_the_table_has_no_other(gateway):
    known = set(access.ROLES) | access.WITHOUT_LOGIN | access.OF_ONESELF

    assert set(rules(gateway)) == known
    assert {rule: {*map(str, roles)} for rule, roles in access.ROLES.items()} == MAY_OPEN


def test_a_route_without_a_row_is_open_to_nobody(gateway):
    app = create_app(
        gateway.app.extensions["paygate"].config,
        gateway.house,
        clock=gateway.clock,
        ids=gateway.ids,
    )
    app.add_url_rule("/desk/forgotten", endpoint="desk.forgotten", view_func=lambda: "secret")
    gateway.app = app
    browser = browser_of(gateway, Role.ADMIN, "here")

    assert browser.get("/desk").status_code == 200
    answer = browser.get("/desk/forgotten")
    assert (answer.status_code, "secret" in answer.text) == (403, False)


def test_nothing_but_the_doors_opens_to_whoever_is_not_logged_in(gateway, day):
    browser = DeskBrowser.of(gateway)
    things = codes(gateway, day)

    for rule, methods in rules(gateway).items():
        if rule in access.WITHOUT_LOGIN:
            continue
        for code in things.get(rule, ["x"]):
            for method in methods:
                path = rule.replace("<code>", code)
                headers = {"Origin": BASE}
                answer = browser.client.open(path, method=method, base_url=BASE, headers=headers)
                assert answer.status_code == 303, (method, path)
                assert answer.headers["Location"].startswith("/desk/login")


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_the_table_says_and_sees_its_own_agencies_alone(gateway, day, role):
    here, there = (browser_of(gateway, role, where) for where in ("here", "there"))
    things = codes(gateway, day)
    canaries = [*things["/desk/orders/<code>"], *things["/desk/cases/<code>"], AGENCY]
    canaries += things["of nobody"]

    for rule, methods in rules(gateway).items():
        if rule not in access.ROLES:
            continue
        allowed = str(role) in MAY_OPEN[rule]
        for code in things.get(rule, [""]):
            path = rule.replace("<code>", code)
            assert methods == SAFE, f"{rule}: walk its forms, too"
            assert here.get(path).status_code == (200 if allowed else 403), path
            foreign = there.get(path)
            if "<code>" in rule and allowed:
                assert foreign.status_code == 404, path
            else:
                assert foreign.status_code == (200 if allowed else 403), path
            told = [each for each in canaries if each in foreign.text]
            assert told == [], (path, told)


@pytest.mark.parametrize("rule", ["/desk/orders/<code>", "/desk/cases/<code>"])
def test_what_is_foreign_and_what_is_not_there_read_the_same(gateway, day, rule):
    browser = browser_of(gateway, Role.CHECKER, "there")
    foreign = browser.get(rule.replace("<code>", codes(gateway, day)[rule][0]))
    nothing = browser.get(rule.replace("<code>", "PG-0000-0000"))

    def without_request(text):
        return "".join(line for line in text.splitlines() if "req_" not in line)

    def cut(answer, path):
        return without_request(answer.text).replace(path, "")

    assert foreign.status_code == nothing.status_code == 404
    assert cut(foreign, "x") == cut(nothing, "x")


def test_a_search_for_foreign_codes_finds_nothing(gateway, day):
    browser = browser_of(gateway, Role.MAKER, "there")

    for order in day.values():
        for query in (spaced(order.code), order.code, order.dossier_code, order.dossier_canonical):
            page = browser.get(f"/desk/orders?q={query}")
            assert page.status_code == 200
            assert "Không tìm thấy dữ liệu phù hợp" in page.text


@pytest.mark.parametrize(
    ("agencies", "sees"), [((AGENCY,), False), (("H23",), False), (("H23", FOREIGN), True)]
)
def test_money_of_nobody_is_seen_by_whoever_sees_all_that_the_account_collects_for(
    gateway, day, agencies, sees
):
    person = enrolled(gateway.house, gateway.act(), "office@hd.example")
    for agency in agencies:
        hold(gateway, person, Role.CHECKER, agency)
    gateway.clock.step(seconds=30)
    browser = DeskBrowser.of(gateway)
    browser.log_in("office@hd.example")
    (code,) = codes(gateway, day)["of nobody"]

    page = browser.get("/desk/cases").text

    assert "Sai số tiền" in page
    assert (code in page) is sees
    assert browser.get(f"/desk/cases/{code}").status_code == (200 if sees else 404)


def test_whoever_holds_no_role_sees_nothing_and_may_log_out(gateway):
    enrolled(gateway.house, gateway.act(), "nobody@hd.example")
    gateway.clock.step(seconds=30)
    browser = DeskBrowser.of(gateway)
    browser.log_in("nobody@hd.example")

    assert {browser.get(rule).status_code for rule in ("/desk", "/desk/orders")} == {403}
    csrf = browser.csrf("/desk/step-up")
    assert browser.post("/desk/logout", csrf=csrf).status_code == 303
