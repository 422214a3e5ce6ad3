"""Who is logged in: rows on the server, of whose tokens only hashes are kept (TRUST S60)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.staff import DESK_IDLE, STEP_UP_LIFE, SessionKind, StaffId
from paygate.store.base import InstantColumn, StateColumn, metadata, one, one_of, values

table = sa.Table(
    "staff_session",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("token_sha256", sa.Text, nullable=False, unique=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("kind", StateColumn(SessionKind), nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("last_seen_at", InstantColumn, nullable=False),
    sa.Column("stepped_up_at", InstantColumn, nullable=False),
    sa.Column("ends_at", InstantColumn, nullable=False),
    sa.Column("revoked_at", InstantColumn),
    one_of("kind", SessionKind),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One login of one person, at the desk or on the command line."""

    id: str
    token_sha256: str = field(repr=False)
    staff_id: StaffId
    kind: SessionKind
    created_at: datetime
    last_seen_at: datetime
    stepped_up_at: datetime
    ends_at: datetime
    revoked_at: datetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Return whether it still opens anything; a command line is idle most of its time."""
        idle = self.kind is SessionKind.DESK and now >= self.last_seen_at + DESK_IDLE
        return self.revoked_at is None and now < self.ends_at and not idle

    def is_stepped_up(self, now: datetime) -> bool:
        """Return whether the person proved himself so lately that he may decide about money."""
        return now < self.stepped_up_at + STEP_UP_LIFE


ADD = table.insert()
BY_TOKEN = sa.select(table).where(table.c.token_sha256 == sa.bindparam("of_token"))
_ID = table.c.id == sa.bindparam("session_id")
_LIVES = table.c.revoked_at.is_(None)
SEE = (
    table.update()
    .where(_ID, table.c.last_seen_at < sa.bindparam("at"))
    .values(last_seen_at=sa.bindparam("at"))
)
REVOKE = table.update().where(_ID, _LIVES).values(revoked_at=sa.bindparam("at"))
REVOKE_ALL = (
    table.update()
    .where(table.c.staff_id == sa.bindparam("of_staff"), _LIVES)
    .values(revoked_at=sa.bindparam("at"))
)


def add(tx: sa.Connection, session: Session) -> None:
    """Keep a new session."""
    tx.execute(ADD, values(session))


def by_token(tx: sa.Connection, token: str) -> Session | None:
    """Return the session that *token* opened, dead or alive."""
    return one(Session, tx.execute(BY_TOKEN, {"of_token": hash_token(token)}))


def see(tx: sa.Connection, session_id: str, *, now: datetime) -> None:
    """Write down that the person did something."""
    tx.execute(SEE, {"session_id": session_id, "at": now})


def revoke(tx: sa.Connection, session_id: str, *, now: datetime) -> bool:
    """End one session; return whether it was not ended before."""
    return tx.execute(REVOKE, {"session_id": session_id, "at": now}).rowcount == 1


def revoke_all(tx: sa.Connection, staff_id: StaffId, *, now: datetime) -> int:
    """End every session of the person; return how many there were."""
    return tx.execute(REVOKE_ALL, {"of_staff": staff_id, "at": now}).rowcount


def hash_token(token: str) -> str:
    """Return what is kept of a token: 160 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
