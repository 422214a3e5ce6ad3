"""Staff who work at the desk of a test's gateway, and what their browser does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import flask.testing
import pyotp
import sqlalchemy as sa
from werkzeug.test import TestResponse

from paygate.domain.act import Act
from paygate.domain.staff import Role, StaffId
from paygate.house import House
from paygate.services.add_staff import add_staff
from paygate.services.enrol_staff import enrol_staff, open_link
from paygate.services.grant_role import grant_role
from paygate.services.invite_staff import Invitation
from paygate.store import agencies, staff
from paygate.store.agencies import Agency
from paygate.store.orders import FeeOrder
from tests.support.builders import AGENCY, a_callback, an_attempt, an_order
from tests.support.fakes import FakeRail
from tests.support.gateway import BASE, TestGateway

FOREIGN = "H99"
PASSWORD = "bốn con mèo ngủ trưa"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def enrolled(
    house: House,
    act: Act,
    email: str,
    *roles: Role,
    agency: str | None = "H23",
    password: str = PASSWORD,
    secret: str = SECRET,
) -> StaffId:
    """Return a staff member who can log in, with *roles* in the subtree of *agency*."""
    invitation = Invitation(token=act.ids.token(), secret=secret)
    added = house.db.act(add_staff, act, house.vault, invitation, email=email, name="Phạm Khánh")
    for role in roles:
        house.db.act(grant_role, act, added.id, role=role, agency=agency)
    link = open_link(house, act, invitation.token)
    assert link is not None
    code = pyotp.TOTP(secret).at(act.now)
    assert enrol_staff(house, act, link, password=password, code=code)
    # So that a test may log in at once: the code of this half minute was spent by enrolling.
    with house.db.read() as tx:
        tx.execute(staff.table.update().values(totp_last_counter=None))
    return added.id


def link_of(gateway: TestGateway, email: str, *roles: Role) -> str:
    """Return the path of the link of a new staff member."""
    act, house = gateway.act(), gateway.house
    invitation = Invitation(token=act.ids.token(), secret=SECRET)
    added = house.db.act(add_staff, act, house.vault, invitation, email=email, name="Người Mới")
    for role in roles:
        house.db.act(grant_role, act, added.id, role=role, agency="H23")
    return f"/desk/enrol/{invitation.token}"


def right_code(now: datetime) -> str:
    """Return the code that everybody's application shows at *now*."""
    return pyotp.TOTP(SECRET).at(now)


def below_a_province(tx: sa.Connection) -> None:
    """Put the deck's agency below its province, and another province beside it."""
    agencies.put(tx, Agency(code=AGENCY, name="Phòng Tư pháp", parent="H23"))
    agencies.put(tx, Agency(code=FOREIGN, name="Tỉnh khác"))


def a_busy_day(gateway: TestGateway) -> dict[str, FeeOrder]:
    """Return orders by what became of them; some left cases behind, and one has no order."""
    db, rail = gateway.house.db, FakeRail()
    made: dict[str, FeeOrder] = {}

    def order(name: str, number: int, dong: int) -> FeeOrder:
        gateway.clock.step(minutes=7)
        dossier = f"000.30.27.H23-220928-{number:04}"
        made[name] = db.act(an_order, gateway.act(), dossier=dossier, dong=dong)
        return made[name]

    def tell(ref: str, **more: Any) -> None:
        at = gateway.clock.step(seconds=41)
        arrival = a_callback(rail, ref, paid_at=at, **more)
        answer = gateway.client.post(
            "/webhooks/fake", data=arrival.body, headers=list(arrival.headers)
        )
        assert answer.status_code == 200

    paid = order("paid", 1, 5_000)
    first = db.act(an_attempt, gateway.act(), paid)
    tell(first.ref, code="51", txn=None)
    gateway.clock.step(minutes=2)
    second = db.act(an_attempt, gateway.act(), paid)
    tell(second.ref, txn="2209281200001")
    differs = db.act(an_attempt, gateway.act(), order("differs", 2, 2_147_483_000))
    tell(differs.ref, dong=2_147_482_000, txn="2209281200002")
    db.act(an_attempt, gateway.act(), order("processing", 3, 150_000))
    twice = order("twice", 4, 30_000)
    for number in (3, 4):
        attempt = db.act(an_attempt, gateway.act(), twice)
        tell(attempt.ref, dong=30_000, txn=f"220928120000{number}")
    order("open", 5, 200_000)
    tell("NOBODYSREFERENCE0001", dong=12_000, txn="2209281200009")
    return made


@dataclass(slots=True)
class DeskBrowser:
    """A browser of a staff member, with cookies of its own."""

    gateway: TestGateway
    client: flask.testing.FlaskClient

    @classmethod
    def of(cls, gateway: TestGateway) -> DeskBrowser:
        return cls(gateway, gateway.app.test_client())

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=BASE)

    def post(self, path: str, *, address: str = "203.0.113.1", **form: str) -> TestResponse:
        return self.client.post(
            path,
            data=form,
            base_url=BASE,
            headers={"Origin": BASE},
            environ_base={"REMOTE_ADDR": address},
        )

    def log_in(
        self,
        email: str,
        *,
        password: str = PASSWORD,
        code: str | None = None,
        secret: str = SECRET,
        **more: str,
    ) -> TestResponse:
        right = pyotp.TOTP(secret).at(self.gateway.clock.now())
        return self.post("/desk/login", email=email, password=password, code=code or right, **more)

    def csrf(self, path: str = "/desk") -> str:
        found = _CSRF.search(self.get(path).text)
        assert found is not None
        return found[1]
