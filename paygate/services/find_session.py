"""Who comes with this session: the person, and what he holds at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from paygate.domain.ids import TOKEN_LENGTH
from paygate.domain.staff import Role, Scope, SessionKind, StaffState
from paygate.house import House
from paygate.store import grants, staff, staff_sessions
from paygate.store.grants import Grant
from paygate.store.staff import Staff
from paygate.store.staff_sessions import Session

SEEN_EVERY = timedelta(seconds=30)  # so that not each page costs a write


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A staff member who is logged in."""

    staff: Staff
    session: Session
    grants: tuple[Grant, ...]  # those that hold

    @property
    def roles(self) -> frozenset[Role]:
        """Return the roles that the person holds anywhere."""
        return frozenset(each.role for each in self.grants)

    def scope(self, roles: Iterable[Role]) -> Scope:
        """Return where the person holds one of *roles*."""
        wanted = frozenset(roles)
        held = [each for each in self.grants if each.role in wanted]
        return Scope(
            agencies=frozenset(each.agency for each in held if each.agency is not None),
            everything=any(each.agency is None for each in held),
        )


def find_session(house: House, token: str, *, kind: SessionKind, now: datetime) -> Visitor | None:
    """Return who comes with *token*, None where it opens nothing now; note that he was here."""
    if len(token) > 2 * TOKEN_LENGTH:
        return None
    with house.db.read() as tx:
        visitor = _visitor(tx, token, kind=kind, now=now)
    if visitor is not None and now - visitor.session.last_seen_at >= SEEN_EVERY:
        house.db.act(staff_sessions.see, visitor.session.id, now=now)
    return visitor


def _visitor(tx: sa.Connection, token: str, *, kind: SessionKind, now: datetime) -> Visitor | None:
    session = staff_sessions.by_token(tx, token)
    if session is None or session.kind is not kind or not session.is_alive(now):
        return None
    person = staff.get(tx, session.staff_id)
    if person is None or person.state is not StaffState.ACTIVE:
        return None
    held = tuple(each for each in grants.of_staff(tx, person.id) if each.holds)
    return Visitor(staff=person, session=session, grants=held)
