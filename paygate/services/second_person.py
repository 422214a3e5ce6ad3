"""Whether there is somebody who can be asked: what takes two waits only where there are two."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.staff import Role, StaffState
from paygate.store import grants, staff


def has_second_person(tx: sa.Connection, *but: str) -> bool:
    """Return whether an admin who can log in is there, other than the actors *but* name."""
    admins = {each.staff_id for each in grants.every(tx) if each.holds and each.role is Role.ADMIN}
    return any(
        each.id in admins and each.state is StaffState.ACTIVE and each.actor not in but
        for each in staff.every(tx)
    )
