"""Let a logged-in person prove himself again before he decides about money (TRUST S58)."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.house import House
from paygate.services.find_session import Visitor
from paygate.services.open_session import LoggedIn
from paygate.services.prove_identity import Delayed, Proof, Refused, prove_identity
from paygate.store import audit, staff_sessions
from paygate.store.staff import Staff


def step_up(
    house: House, act: Act, visitor: Visitor, *, password: str, code: str, network: str
) -> LoggedIn | Refused | Delayed:
    """Return the session under a new token, good for money acts for 5 minutes; the old one ends.

    Its end stays where it was. Whoever logged out meanwhile stays out.
    """
    token = act.ids.token()
    proof = Proof(email=visitor.staff.email, password=password, code=code, network=network)

    def renew(tx: sa.Connection, act: Act, person: Staff) -> LoggedIn | Refused:
        if not staff_sessions.revoke(tx, visitor.session.id, now=act.now):
            return Refused()
        session = replace(
            visitor.session,
            id=act.ids.new("ses", act.now),
            token_sha256=staff_sessions.hash_token(token),
            last_seen_at=act.now,
            stepped_up_at=act.now,
        )
        staff_sessions.add(tx, session)
        audit.note(
            tx,
            act,
            stream=f"staff:{person.id}",
            action="staff.stepped_up",
            subject=f"session:{session.id}",
            facts={"instead_of": visitor.session.id},
        )
        return LoggedIn(staff=person, session=session, token=token)

    return prove_identity(house, act, proof, renew)
