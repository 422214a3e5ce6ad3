"""Staff of the demo's desk: one of each role that its pages are made for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pyotp

from paygate.domain.act import Act
from paygate.domain.staff import WHOLE_HOUSE, Role
from paygate.house import House
from paygate.services.add_staff import add_staff
from paygate.services.enrol_staff import enrol_staff, open_link
from paygate.services.grant_role import grant_role
from paygate.services.invite_staff import Invitation, new_invitation
from paygate.store.staff import Staff

PROVINCE = "H23"
PEOPLE = (
    ("admin@demo.example", "Đỗ Quản Trị", Role.ADMIN),
    ("maker@demo.example", "Lê Thu Lập", Role.MAKER),
    ("checker@demo.example", "Phạm Quốc Duyệt", Role.CHECKER),
    ("viewer@demo.example", "Vũ Tiếp Nhận", Role.VIEWER),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStaff:
    """One login of the demo; of a real one nobody but its owner knows any of this."""

    email: str
    password: str
    totp_secret: str
    roles: list[str]


def add_demo_staff(house: House, act: Act) -> tuple[DemoStaff, ...]:
    """Add the demo's staff and let them in; roles hold at once, since nobody could approve yet."""
    added: list[tuple[Staff, Invitation, Role]] = []
    for email, name, role in PEOPLE:
        invitation = new_invitation(act)
        person = house.db.act(add_staff, act, house.vault, invitation, email=email, name=name)
        agency = None if role in WHOLE_HOUSE else PROVINCE
        house.db.act(grant_role, act, person.id, role=role, agency=agency)
        added.append((person, invitation, role))
    return tuple(_let_in(house, act, *each) for each in added)


def _let_in(house: House, act: Act, person: Staff, invitation: Invitation, role: Role) -> DemoStaff:
    link = open_link(house, act, invitation.token)
    if link is None:
        raise LookupError(f"{person.id} has no link")
    password = secrets.token_urlsafe(15)
    # The code of the half minute before, so that today's first login need not wait for the next.
    code = pyotp.TOTP(invitation.secret).at(act.now, counter_offset=-1)
    enrol_staff(house, act, link, password=password, code=code)
    return DemoStaff(
        email=person.email,
        password=password,
        totp_secret=invitation.secret,
        roles=[role.value],
    )
