"""Give a portal a new key, and let the old ones end a while later (TRUST S50)."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.store import audit, portals
from paygate.store.portals import PortalKey


def rotate_portal_key(
    tx: sa.Connection, act: Act, code: str, *, key_id: str, key_secret: str, overlap: timedelta
) -> int:
    """Keep the hash of the new key; return how many old ones now end when *overlap* is over.

    An old key that ends sooner keeps its end.

    Raises:
        ValueRefusedError: `portal_unknown`.
    """
    portal = portals.lock(tx, code)
    if portal is None:
        raise ValueRefusedError("portal_unknown")
    ending = portals.end_keys(tx, portal.id, until=act.now + overlap)
    key = PortalKey(
        id=key_id,
        portal_id=portal.id,
        secret_sha256=portals.hash_secret(key_secret),
        created_at=act.now,
    )
    portals.add_key(tx, key)
    audit.note(
        tx,
        act,
        stream=f"portal:{portal.id}",
        action="portal.key_rotated",
        subject=f"portal:{portal.id}",
        facts={"key": key_id, "ending": ending, "overlap_s": int(overlap.total_seconds())},
    )
    return ending
