"""Grant a role: at once, or when a second person has approved it (DESIGN 2.16)."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import UnknownAgencyError, ValueRefusedError
from paygate.domain.staff import (
    WHOLE_HOUSE,
    GrantState,
    Role,
    StaffId,
    StaffState,
    needs_second_person,
)
from paygate.services.second_person import has_second_person, refuse_beyond
from paygate.store import agencies, audit, grants, staff
from paygate.store.grants import Grant


def grant_role(
    tx: sa.Connection, act: Act, staff_id: StaffId, *, role: Role, agency: str | None
) -> Grant:
    """Return the new grant; where nobody else could approve it, it holds at once (ADR 0024).

    Raises:
        ValueRefusedError: `staff_unknown`, `staff_disabled`, `agency_needed`, `role_held`,
            `role_missing`, `beyond_your_agencies`.
        UnknownAgencyError: the agency is not in the register.
    """
    person = staff.lock(tx, staff_id)
    if person is None:
        raise ValueRefusedError("staff_unknown")
    if person.state is StaffState.DISABLED:
        raise ValueRefusedError("staff_disabled")
    if agency is None and role not in WHOLE_HOUSE:
        raise ValueRefusedError("agency_needed")
    if agency is not None and agencies.get(tx, agency) is None:
        raise UnknownAgencyError
    refuse_beyond(tx, act.actor, (agency,))
    known = grants.of_staff(tx, staff_id)
    if any(each.role is role and each.agency == agency and each.until is None for each in known):
        raise ValueRefusedError("role_held")
    waits = needs_second_person(role) and has_second_person(
        tx, act.actor, person.actor, about=(agency,)
    )
    grant = Grant(
        id=act.ids.new("grt", act.now),
        staff_id=staff_id,
        role=role,
        agency=agency,
        state=GrantState.PROPOSED if waits else GrantState.ACTIVE,
        granted_at=act.now,
        granted_by=act.actor,
        since=None if waits else act.now,
    )
    grants.add(tx, grant)
    audit.note(
        tx,
        act,
        stream=f"staff:{staff_id}",
        action="staff.granted",
        subject=f"grant:{grant.id}",
        facts={
            "role": role.value,
            "agency": agency,
            "state": grant.state.value,
            "alone": needs_second_person(role) and not waits,
        },
    )
    return grant
