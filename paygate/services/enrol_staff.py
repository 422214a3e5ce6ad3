"""Let a person in who came through his link: password and second factor, set once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import SessionKind, StaffState, check_password
from paygate.house import House
from paygate.services import passwords, totp
from paygate.services.open_session import LoggedIn, open_session
from paygate.store import audit, staff, staff_sessions
from paygate.store.staff import Enrolment, Staff
from paygate.store.staff_sessions import hash_token


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink:
    """A link that is good now: whose it is, and the secret that his application must learn."""

    staff: Staff
    enrolment: Enrolment
    secret: str = field(repr=False)


def open_link(house: House, act: Act, token: str) -> OpenLink | None:
    """Return what the link shows, None where it is used, over, or waits for a second person."""
    with house.db.read() as tx:
        link = staff.by_token(tx, hash_token(token))
        if link is None or not link.is_open(act.now):
            return None
        person = staff.get(tx, link.staff_id)
        if person is None or person.state is StaffState.DISABLED:
            return None
        secret = totp.secret_of(tx, house.vault, link.id, person.id)
    return OpenLink(staff=person, enrolment=link, secret=secret)


def enrol_staff(
    house: House, act: Act, link: OpenLink, *, password: str, code: str
) -> LoggedIn | None:
    """Set both factors, close the link and log the person in; None where it was closed meanwhile.

    The code is spent by this, so the person need not wait for the next one to log in.

    Raises:
        ValueRefusedError: `code_wrong`, or the refusal of a password.
    """
    check_password(password, (link.staff.email, link.staff.name))
    counter = totp.counter_of(link.secret, code, now=act.now, last=None)
    if counter is None:
        raise ValueRefusedError("code_wrong")
    hashed = passwords.hash_password(password, quick=house.quick_passwords)
    own = replace(act, actor=link.staff.actor)
    token = act.ids.token()

    def keep(tx: sa.Connection) -> LoggedIn | None:
        person = staff.lock(tx, link.staff.id)
        still = staff.enrolment(tx, link.enrolment.id)
        if person is None or person.state is StaffState.DISABLED:
            return None
        if still is None or not still.is_open(own.now):
            return None
        staff.enrol(tx, person.id, password_hash=hashed, enrolment_id=still.id)
        staff.spend_code(tx, person.id, counter)
        staff.end_enrolments(tx, person.id, now=own.now)
        ended = staff_sessions.revoke_all(tx, person.id, now=own.now)
        audit.note(
            tx,
            own,
            stream=f"staff:{person.id}",
            action="staff.enrolled",
            subject=f"staff:{person.id}",
            facts={"enrolment": still.id, "sessions_ended": ended},
        )
        return open_session(tx, own, person, kind=SessionKind.DESK, token=token)

    return house.db.act(keep)
