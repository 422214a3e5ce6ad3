"""Say which papers a portal may have paid beside dossiers."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.payable import PayableType
from paygate.store import audit, portals


def set_portal_payables(
    tx: sa.Connection, act: Act, code: str, types: frozenset[PayableType]
) -> None:
    """Let the portal of *code* issue orders for papers of *types*, and of no other.

    Raises:
        ValueRefusedError: `portal_unknown`.
    """
    portal = portals.lock(tx, code)
    if portal is None:
        raise ValueRefusedError("portal_unknown")
    if portals.payables_of(tx, portal.id) == types:
        return
    portals.set_payables(tx, portal.id, types)
    audit.note(
        tx,
        act,
        stream=f"portal:{portal.id}",
        action="portal.payables_set",
        subject=f"portal:{portal.id}",
        facts={"payables": " ".join(sorted(types))},
    )
