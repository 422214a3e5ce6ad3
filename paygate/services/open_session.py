"""Open a session for somebody who has just proved who he is."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.ids import Token
from paygate.domain.staff import CLI_LIFE, DESK_LIFE, SessionKind
from paygate.store import audit, staff_sessions
from paygate.store.staff import Staff
from paygate.store.staff_sessions import Session

LIVES = {SessionKind.DESK: DESK_LIFE, SessionKind.CLI: CLI_LIFE}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A session, and the token that opens it: shown to its owner alone."""

    staff: Staff
    session: Session
    token: Token = field(repr=False)


def open_session(
    tx: sa.Connection, act: Act, person: Staff, *, kind: SessionKind, token: Token
) -> LoggedIn:
    """Return the new session: 15 minutes on the command line, at most 8 hours at the desk."""
    session = Session(
        id=act.ids.new("ses", act.now),
        token_sha256=staff_sessions.hash_token(token),
        staff_id=person.id,
        kind=kind,
        created_at=act.now,
        last_seen_at=act.now,
        stepped_up_at=act.now,
        ends_at=act.now + LIVES[kind],
    )
    staff_sessions.add(tx, session)
    audit.note(
        tx,
        act,
        stream=f"staff:{person.id}",
        action="staff.logged_in",
        subject=f"session:{session.id}",
        facts={"kind": kind.value},
    )
    return LoggedIn(staff=person, session=session, token=token)
