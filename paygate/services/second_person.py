"""Whether there is somebody who can be asked: what takes two waits only where there are two."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.staff import Role, StaffState
from paygate.store import grants, staff
from paygate.store.staff import Staff


def admins(tx: sa.Connection) -> tuple[Staff, ...]:
    """Return the admins who can log in."""
    held = {each.staff_id for each in grants.every(tx) if each.holds and each.role is Role.ADMIN}
    return tuple(
        each for each in staff.every(tx) if each.id in held and each.state is StaffState.ACTIVE
    )


def has_second_person(tx: sa.Connection, *but: str) -> bool:
    """Return whether an admin who can log in is there, other than the actors *but* name."""
    return any(each.actor not in but for each in admins(tx))
