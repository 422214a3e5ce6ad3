"""Add a portal with the origins of its pages and its first key."""

from __future__ import annotations

import re

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.ids import PortalId
from paygate.domain.order import LateMoney
from paygate.domain.origin import origin_of
from paygate.domain.payable import PayableType
from paygate.domain.text import clean_text
from paygate.store import audit, portals
from paygate.store.portals import Portal, PortalKey

NAME_LENGTH_MAX = 200
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")  # as accounts name it in paygate.toml


def add_portal(
    tx: sa.Connection,
    act: Act,
    *,
    code: str,
    name: str,
    origins: tuple[str, ...],
    late_money: LateMoney,
    payables: frozenset[PayableType] = frozenset(),
    key_id: str,
    key_secret: str,
    loopback: bool,
) -> Portal:
    """Return the new portal; of its key only a hash is kept.

    Raises:
        ValueRefusedError: `portal_code_malformed`, `portal_code_taken`,
            `return_origin_malformed`, or a name's refusal.
    """
    if not _CODE.fullmatch(code):
        raise ValueRefusedError("portal_code_malformed")
    if portals.by_code(tx, code) is not None:
        raise ValueRefusedError("portal_code_taken")
    for origin in origins:
        here = loopback and origin.startswith("http://127.0.0.1:")
        if origin_of(origin) != origin or not (origin.startswith("https://") or here):
            raise ValueRefusedError("return_origin_malformed")
    portal = Portal(
        id=PortalId(act.ids.new("por", act.now)),
        code=code,
        display_name=clean_text("name", name, NAME_LENGTH_MAX),
        late_money=late_money,
        created_at=act.now,
    )
    portals.add(tx, portal, tuple(dict.fromkeys(origins)))
    portals.set_payables(tx, portal.id, payables)
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
        action="portal.added",
        subject=f"portal:{portal.id}",
        facts={
            "code": code,
            "key": key_id,
            "late_money": late_money.value,
            "payables": " ".join(sorted(payables)),
        },
    )
    return portal
