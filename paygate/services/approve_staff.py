"""Approve, as the second person, a grant or a reset that another proposed (DESIGN 2.16)."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import ENROLMENT_LIFE, GrantState, StaffId
from paygate.services.find_session import Visitor
from paygate.services.reset_staff import take_login_away
from paygate.services.second_person import places_of, refuse_beyond
from paygate.store import audit, grants, staff
from paygate.store.grants import Grant
from paygate.store.staff import Enrolment


def approve_staff(tx: sa.Connection, act: Act, approver: Visitor, proposal_id: str) -> StaffId:
    """Let the proposal of that id take effect; return whom it is about.

    Raises:
        ValueRefusedError: `role_missing`: the approver is no admin, or no longer;
            `beyond_your_agencies`; `proposal_unknown`; `approver_is_proposer`;
            `approver_is_concerned`; `proposal_done`.
    """
    found: Grant | Enrolment | None = grants.get(tx, proposal_id) or staff.enrolment(
        tx, proposal_id
    )
    refuse_beyond(tx, approver.staff.actor, ())
    if found is None:
        raise ValueRefusedError("proposal_unknown")
    staff.lock(tx, found.staff_id)
    places = (found.agency,) if isinstance(found, Grant) else places_of(tx, found.staff_id)
    refuse_beyond(tx, approver.staff.actor, places)
    if found.staff_id == approver.staff.id:
        raise ValueRefusedError("approver_is_concerned")
    if isinstance(found, Grant):
        _approve_grant(tx, act, found)
    else:
        _approve_reset(tx, act, found)
    return found.staff_id


def _approve_grant(tx: sa.Connection, act: Act, seen: Grant) -> None:
    grant = grants.get(tx, seen.id) or seen  # as it stands under the lock
    if grant.granted_by == act.actor:
        raise ValueRefusedError("approver_is_proposer")
    if grant.state is not GrantState.PROPOSED or grant.until is not None:
        raise ValueRefusedError("proposal_done")
    grants.approve(tx, grant.id, approver=act.actor, now=act.now)
    audit.note(
        tx,
        act,
        stream=f"staff:{grant.staff_id}",
        action="staff.grant_approved",
        subject=f"grant:{grant.id}",
        facts={"role": grant.role.value, "agency": grant.agency, "proposed_by": grant.granted_by},
    )


def _approve_reset(tx: sa.Connection, act: Act, seen: Enrolment) -> None:
    link = staff.enrolment(tx, seen.id) or seen  # as it stands under the lock
    if link.made_by == act.actor:
        raise ValueRefusedError("approver_is_proposer")
    if link.state is not GrantState.PROPOSED or link.used_at is not None:
        raise ValueRefusedError("proposal_done")
    ends_at = act.now + ENROLMENT_LIFE
    staff.approve_enrolment(tx, link.id, approved_by=act.actor, ends_at=ends_at)
    ended = take_login_away(tx, act, link)
    audit.note(
        tx,
        act,
        stream=f"staff:{link.staff_id}",
        action="staff.reset_approved",
        subject=f"enrolment:{link.id}",
        facts={"proposed_by": link.made_by, "sessions_ended": ended},
    )
