"""End a session of a staff member."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.services.find_session import Visitor
from paygate.store import audit, staff, staff_sessions


def log_out(tx: sa.Connection, act: Act, visitor: Visitor) -> None:
    """End the session that the person came with."""
    staff.lock(tx, visitor.staff.id)
    staff_sessions.revoke(tx, visitor.session.id, now=act.now)
    audit.note(
        tx,
        act,
        stream=f"staff:{visitor.staff.id}",
        action="staff.logged_out",
        subject=f"session:{visitor.session.id}",
    )
