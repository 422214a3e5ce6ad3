"""Which roles staff hold, where, since when, and who let them: history, never rewritten."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.staff import GrantState, Role, StaffId
from paygate.store import agencies
from paygate.store.base import InstantColumn, StateColumn, many, metadata, one, one_of, values

table = sa.Table(
    "staff_grant",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("role", StateColumn(Role), nullable=False),
    sa.Column("agency", sa.ForeignKey("agency.code")),  # none: the whole house
    sa.Column("state", StateColumn(GrantState), nullable=False),
    sa.Column("granted_at", InstantColumn, nullable=False),
    sa.Column("granted_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("since", InstantColumn),
    sa.Column("until", InstantColumn),
    one_of("role", Role),
    one_of("state", GrantState),
    sa.CheckConstraint("agency IS NOT NULL OR role IN ('admin', 'auditor')", "somewhere"),
    sa.CheckConstraint("(state = 'active') = (since IS NOT NULL)", "active_since"),
    sa.CheckConstraint("approved_by IS NULL OR approved_by <> granted_by", "approved_by_another"),
    sa.CheckConstraint("approved_by IS NULL OR approved_by <> 'user:' || staff_id", "not_his_own"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One role of one person in the subtree of one agency."""

    id: str
    staff_id: StaffId
    role: Role
    agency: str | None
    state: GrantState
    granted_at: datetime
    granted_by: str
    approved_by: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def holds(self) -> bool:
        """Return whether it has effect."""
        return self.state is GrantState.ACTIVE and self.until is None


_ID = table.c.id == sa.bindparam("grant_id")
ADD = table.insert()
GET = sa.select(table).where(_ID)
OF_STAFF = sa.select(table).where(table.c.staff_id == sa.bindparam("of_staff")).order_by(table.c.id)
ALL = sa.select(table).order_by(table.c.id)
APPROVE = (
    table.update()
    .where(_ID, table.c.state == GrantState.PROPOSED)
    .values(
        state=GrantState.ACTIVE,
        approved_by=sa.bindparam("approver"),
        since=sa.bindparam("at"),
    )
)
END_ALL = (
    table.update()
    .where(table.c.staff_id == sa.bindparam("of_staff"), table.c.until.is_(None))
    .values(until=sa.bindparam("at"))
)


def add(tx: sa.Connection, grant: Grant) -> None:
    """Keep a new grant."""
    tx.execute(ADD, values(grant))


def get(tx: sa.Connection, grant_id: str) -> Grant | None:
    """Return the grant of that id."""
    return one(Grant, tx.execute(GET, {"grant_id": grant_id}))


def of_staff(tx: sa.Connection, staff_id: StaffId) -> tuple[Grant, ...]:
    """Return what the person was ever granted, oldest first."""
    return many(Grant, tx.execute(OF_STAFF, {"of_staff": staff_id}))


def every(tx: sa.Connection) -> tuple[Grant, ...]:
    """Return every grant, oldest first."""
    return many(Grant, tx.execute(ALL))


def within(tx: sa.Connection, agency_codes: Collection[str]) -> tuple[Grant, ...]:
    """Return what was ever granted in the subtrees of those agencies, oldest first."""
    return many(Grant, tx.execute(ALL.where(table.c.agency.in_(agencies.below(agency_codes)))))


def approve(tx: sa.Connection, grant_id: str, *, approver: str, now: datetime) -> None:
    """Let a proposed grant have effect."""
    tx.execute(APPROVE, {"grant_id": grant_id, "approver": approver, "at": now})


def end_all(tx: sa.Connection, staff_id: StaffId, *, now: datetime) -> None:
    """End all that the person was granted."""
    tx.execute(END_ALL, {"of_staff": staff_id, "at": now})
