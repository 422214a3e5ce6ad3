"""Log a staff member in: a new session for whoever has both factors."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.staff import SessionKind
from paygate.house import House
from paygate.services.open_session import LoggedIn, open_session
from paygate.services.prove_identity import Delayed, Proof, Refused, prove_identity
from paygate.store.staff import Staff


def log_in(
    house: House, act: Act, proof: Proof, *, kind: SessionKind
) -> LoggedIn | Refused | Delayed:
    """Return the new session, or why there is none."""
    token = act.ids.token()

    def begin(tx: sa.Connection, act: Act, person: Staff) -> LoggedIn:
        return open_session(tx, act, person, kind=kind, token=token)

    return prove_identity(house, act, proof, begin)
