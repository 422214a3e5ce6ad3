"""Make the link by which one person sets password and code, once."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.ids import Token
from paygate.domain.staff import ENROLMENT_LIFE, GrantState, StaffId
from paygate.services import totp
from paygate.store import sealed, staff
from paygate.store.staff import Enrolment
from paygate.store.staff_sessions import hash_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What is made outside the transaction, which may run twice: a token, shown once, a secret."""

    token: Token = field(repr=False)
    secret: str = field(repr=False)


def new_invitation(act: Act) -> Invitation:
    """Return a new link's token (160 bits) and a new second factor's secret."""
    return Invitation(token=act.ids.token(), secret=totp.new_secret())


def invite_staff(
    tx: sa.Connection,
    act: Act,
    vault: Vault,
    invitation: Invitation,
    staff_id: StaffId,
    *,
    state: GrantState,
) -> Enrolment:
    """Return the person's new link, good for 24 hours, from its approval where it needs one."""
    enrolment_id = act.ids.new("enr", act.now)
    owner = totp.owner_of(enrolment_id, staff_id)
    enrolment = Enrolment(
        id=enrolment_id,
        staff_id=staff_id,
        token_sha256=hash_token(invitation.token),
        totp_sealed=sealed.seal(tx, vault, owner, invitation.secret.encode(), act=act),
        state=state,
        made_at=act.now,
        made_by=act.actor,
        ends_at=act.now + ENROLMENT_LIFE,
    )
    staff.add_enrolment(tx, enrolment)
    return enrolment
