"""The desk as staff meet it: log in, look for orders and cases, see one order's story."""

import pytest

from paygate.domain.codes import spaced
from paygate.domain.staff import Role
from tests.support.builders import an_attempt, an_order
from tests.support.desk import DeskBrowser, below_a_province, enrolled
from tests.support.gateway import a_gateway

pytestmark = pytest.mark.functional


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    db.act(below_a_province)
    return gateway


@pytest.fixture
def desk(gateway):
    """A maker of the province, logged in."""
    enrolled(gateway.house, gateway.act(), "maker@hd.example", Role.MAKER, agency="H23")
    browser = DeskBrowser.of(gateway)
    assert browser.log_in("maker@hd.example").status_code == 303
    return browser


def test_a_maker_logs_in_and_sees_the_orders_of_his_agencies(gateway, desk):
    order = gateway.house.db.act(an_order, gateway.act())

    page = desk.get("/desk/orders")

    assert page.status_code == 200
    assert spaced(order.code) in page.text


def test_one_order_tells_its_story(gateway, desk):
    act = gateway.act()
    order = gateway.house.db.act(an_order, act)
    gateway.house.db.act(an_attempt, act, order)

    page = desk.get(f"/desk/orders/{spaced(order.code)}")

    assert page.status_code == 200
    assert "Ví thử" in page.text
