"""Add a staff member, who sets password and code through a link of his own."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.party import NAME_MAX
from paygate.domain.staff import GrantState, StaffId, StaffState, read_email
from paygate.domain.text import clean_text
from paygate.services.invite_staff import Invitation, invite_staff
from paygate.store import audit, staff
from paygate.store.staff import Staff


def add_staff(
    tx: sa.Connection, act: Act, vault: Vault, invitation: Invitation, *, email: str, name: str
) -> Staff:
    """Return the new staff member, who holds no role yet.

    Raises:
        ValueRefusedError: `email_taken`, or the refusal of an address or a name.
    """
    address = read_email(email)
    if staff.by_email(tx, address) is not None:
        raise ValueRefusedError("email_taken")
    added = Staff(
        id=StaffId(act.ids.new("stf", act.now)),
        email=address,
        name=clean_text("name", name, NAME_MAX),
        state=StaffState.INVITED,
        created_at=act.now,
    )
    staff.add(tx, added)
    enrolment = invite_staff(tx, act, vault, invitation, added.id, state=GrantState.ACTIVE)
    audit.note(
        tx,
        act,
        stream=f"staff:{added.id}",
        action="staff.added",
        subject=f"staff:{added.id}",
        facts={"enrolment": enrolment.id},
    )
    return added
