"""Portals that issue orders, where their citizens may be led back to, and their keys."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.ids import PortalId
from paygate.domain.order import LateMoney
from paygate.domain.payable import PayableType
from paygate.store.base import InstantColumn, StateColumn, many, metadata, one, one_of, values

table = sa.Table(
    "portal",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("late_money", StateColumn(LateMoney), nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    one_of("late_money", LateMoney),
)
origin_table = sa.Table(
    "portal_origin",
    metadata,
    sa.Column("portal_id", sa.ForeignKey("portal.id"), primary_key=True),
    sa.Column("origin", sa.Text, primary_key=True),
)
payable_table = sa.Table(
    "portal_payable",
    metadata,
    sa.Column("portal_id", sa.ForeignKey("portal.id"), primary_key=True),
    sa.Column("type", StateColumn(PayableType), primary_key=True),
    one_of("type", PayableType),
)
key_table = sa.Table(
    "portal_key",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # the part of the key that is no secret
    sa.Column("portal_id", sa.ForeignKey("portal.id"), nullable=False),
    sa.Column("secret_sha256", sa.Text, nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("ends_at", InstantColumn),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A program that issues orders; *display_name* is the supplier that citizens see."""

    id: PortalId
    code: str
    display_name: str
    late_money: LateMoney
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalKey:
    """An API key, of which only a hash is kept: 256 random bits need no slow one."""

    id: str
    portal_id: PortalId
    secret_sha256: str
    created_at: datetime
    ends_at: datetime | None = None


ADD = table.insert()
ADD_ORIGIN = origin_table.insert()
ADD_KEY = key_table.insert()
GET = sa.select(table).where(table.c.id == sa.bindparam("id"))
BY_CODE = sa.select(table).where(table.c.code == sa.bindparam("code"))
ALL = sa.select(table).order_by(table.c.code)
ORIGINS = sa.select(origin_table.c.origin).where(
    origin_table.c.portal_id == sa.bindparam("portal_id")
)
ADD_PAYABLE = payable_table.insert()
PAYABLES = sa.select(payable_table.c.type).where(
    payable_table.c.portal_id == sa.bindparam("of_portal")
)
END_PAYABLES = payable_table.delete().where(payable_table.c.portal_id == sa.bindparam("of_portal"))
LOCK = BY_CODE.with_for_update()
# Orders of the portal may be issued meanwhile: only its key must stay.
HOLD = GET.with_for_update(key_share=True)
KEYS = (
    sa.select(key_table)
    .where(key_table.c.portal_id == sa.bindparam("of_portal"))
    .order_by(key_table.c.created_at, key_table.c.id)
)
END_KEYS = (
    key_table.update()
    .where(
        key_table.c.portal_id == sa.bindparam("of_portal"),
        sa.or_(key_table.c.ends_at.is_(None), key_table.c.ends_at > sa.bindparam("until")),
    )
    .values(ends_at=sa.bindparam("until"))
)
KEY = sa.select(key_table).where(key_table.c.id == sa.bindparam("id"))


def add(tx: sa.Connection, portal: Portal, origins: tuple[str, ...]) -> None:
    """Keep a new portal with the origins of its pages."""
    tx.execute(ADD, values(portal))
    for origin in origins:
        tx.execute(ADD_ORIGIN, {"portal_id": portal.id, "origin": origin})


def add_key(tx: sa.Connection, key: PortalKey) -> None:
    """Keep a new key of a portal."""
    tx.execute(ADD_KEY, values(key))


def get(tx: sa.Connection, portal_id: PortalId) -> Portal | None:
    """Return the portal of that id."""
    return one(Portal, tx.execute(GET, {"id": portal_id}))


def by_code(tx: sa.Connection, code: str) -> Portal | None:
    """Return the portal of that code."""
    return one(Portal, tx.execute(BY_CODE, {"code": code}))


def lock(tx: sa.Connection, code: str) -> Portal | None:
    """Return the portal of that code, held until *tx* ends."""
    return one(Portal, tx.execute(LOCK, {"code": code}))


def hold(tx: sa.Connection, portal_id: PortalId) -> Portal | None:
    """Return the portal of that id, held until *tx* ends, though orders may refer to it."""
    return one(Portal, tx.execute(HOLD, {"id": portal_id}))


def keys_of(tx: sa.Connection, portal_id: PortalId) -> tuple[PortalKey, ...]:
    """Return the keys that the portal was ever given, oldest first."""
    return many(PortalKey, tx.execute(KEYS, {"of_portal": portal_id}))


def end_keys(tx: sa.Connection, portal_id: PortalId, *, until: datetime) -> int:
    """Let every key of the portal end at *until*, unless it ends sooner; return how many did."""
    return tx.execute(END_KEYS, {"of_portal": portal_id, "until": until}).rowcount


def every(tx: sa.Connection) -> tuple[Portal, ...]:
    """Return all portals, by code."""
    return many(Portal, tx.execute(ALL))


def origins_of(tx: sa.Connection, portal_id: PortalId) -> frozenset[str]:
    """Return the origins to which citizens of the portal may be led back."""
    return frozenset(tx.execute(ORIGINS, {"portal_id": portal_id}).scalars())


def payables_of(tx: sa.Connection, portal_id: PortalId) -> frozenset[PayableType]:
    """Return the papers for which the portal may issue orders, beside dossiers."""
    return frozenset(tx.execute(PAYABLES, {"of_portal": portal_id}).scalars())


def set_payables(tx: sa.Connection, portal_id: PortalId, types: frozenset[PayableType]) -> None:
    """Let the portal issue orders for papers of *types*, and of no other."""
    tx.execute(END_PAYABLES, {"of_portal": portal_id})
    for kind in sorted(types):
        tx.execute(ADD_PAYABLE, {"portal_id": portal_id, "type": kind})


def by_key(tx: sa.Connection, key_id: str, secret: str, *, now: datetime) -> Portal | None:
    """Return the portal whose key this is, if it is valid at *now*."""
    key = one(PortalKey, tx.execute(KEY, {"id": key_id}))
    known = hash_secret("") if key is None else key.secret_sha256
    same = hmac.compare_digest(known.encode(), hash_secret(secret).encode())
    if key is None or not same or (key.ends_at is not None and key.ends_at <= now):
        return None
    return get(tx, key.portal_id)


def hash_secret(secret: str) -> str:
    """Return what is kept of a key's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
