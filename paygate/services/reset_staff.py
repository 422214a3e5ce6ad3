"""Let a person set password and code anew: two persons decide it (DESIGN 2.16)."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import GrantState, StaffId, StaffState
from paygate.services.invite_staff import Invitation, invite_staff
from paygate.services.second_person import (
    has_second_person,
    lock_with_admins,
    places_of,
    refuse_beyond,
    refuse_to_be_left_alone,
)
from paygate.store import audit, staff, staff_sessions
from paygate.store.staff import Enrolment


def reset_staff(
    tx: sa.Connection, act: Act, vault: Vault, invitation: Invitation, staff_id: StaffId
) -> Enrolment:
    """Return the new link; where nobody else could approve it, it opens at once (ADR 0024).

    Until then password and sessions stay as they are: whoever proposes a reset locks nobody out.

    Raises:
        ValueRefusedError: `staff_unknown`, `staff_disabled`, `role_missing`,
            `beyond_your_agencies`; `last_other_admin`: the new link would be a second login of
            whoever proposes it.
    """
    person = lock_with_admins(tx, staff_id)
    if person is None:
        raise ValueRefusedError("staff_unknown")
    if person.state is StaffState.DISABLED:
        raise ValueRefusedError("staff_disabled")
    places = places_of(tx, staff_id)
    refuse_beyond(tx, act.actor, places)
    waits = has_second_person(tx, act.actor, person.actor, about=places)
    if not waits:
        refuse_to_be_left_alone(tx, act.actor, person)
    state = GrantState.PROPOSED if waits else GrantState.ACTIVE
    link = invite_staff(tx, act, vault, invitation, staff_id, state=state)
    ended = 0 if waits else take_login_away(tx, act, link)
    audit.note(
        tx,
        act,
        stream=f"staff:{staff_id}",
        action="staff.reset",
        subject=f"enrolment:{link.id}",
        facts={"state": state.value, "alone": not waits, "sessions_ended": ended},
    )
    return link


def take_login_away(tx: sa.Connection, act: Act, link: Enrolment) -> int:
    """Leave the person nothing but the new link; return how many sessions ended."""
    staff.forget_login(tx, link.staff_id)
    staff.end_enrolments(tx, link.staff_id, now=act.now, but=link.id)
    return staff_sessions.revoke_all(tx, link.staff_id, now=act.now)
