"""Take a person's login, roles and sessions away, for good."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import StaffId, StaffState
from paygate.services.second_person import (
    lock_with_admins,
    places_of,
    refuse_beyond,
    refuse_to_be_left_alone,
)
from paygate.store import audit, grants, staff, staff_sessions


def disable_staff(tx: sa.Connection, act: Act, staff_id: StaffId) -> int:
    """Return how many sessions ended.

    Raises:
        ValueRefusedError: `staff_unknown`, `staff_disabled`, `role_missing`,
            `beyond_your_agencies`, `last_other_admin`.
    """
    person = lock_with_admins(tx, staff_id)
    if person is None:
        raise ValueRefusedError("staff_unknown")
    if person.state is StaffState.DISABLED:
        raise ValueRefusedError("staff_disabled")
    refuse_beyond(tx, act.actor, places_of(tx, staff_id))
    refuse_to_be_left_alone(tx, act.actor, person)
    staff.disable(tx, staff_id, now=act.now)
    staff.end_enrolments(tx, staff_id, now=act.now)
    grants.end_all(tx, staff_id, now=act.now)
    ended = staff_sessions.revoke_all(tx, staff_id, now=act.now)
    audit.note(
        tx,
        act,
        stream=f"staff:{staff_id}",
        action="staff.disabled",
        subject=f"staff:{staff_id}",
        facts={"sessions_ended": ended},
    )
    return ended
