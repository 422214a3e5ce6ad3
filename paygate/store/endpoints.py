"""Where portals want to be told, and the secret that signs what they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.ids import PortalId
from paygate.store.base import InstantColumn, many, metadata, one, values

table = sa.Table(
    "webhook_endpoint",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("portal_id", sa.ForeignKey("portal.id"), nullable=False, index=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret_sealed", sa.ForeignKey("sealed_value.id"), nullable=False),
    sa.Column("enabled", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.UniqueConstraint("portal_id", "url"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address of a portal; while it is disabled, its messages wait."""

    id: str
    portal_id: PortalId
    url: str
    secret_sealed: str
    enabled: bool
    created_at: datetime


ADD = table.insert()
GET = sa.select(table).where(table.c.id == sa.bindparam("endpoint_id"))
OF_PORTAL = (
    sa.select(table).where(table.c.portal_id == sa.bindparam("of_portal")).order_by(table.c.id)
)
SWITCH = (
    table.update()
    .where(table.c.id == sa.bindparam("endpoint_id"))
    .values(enabled=sa.bindparam("on"))
)


def add(tx: sa.Connection, endpoint: Endpoint) -> None:
    """Keep a new endpoint."""
    tx.execute(ADD, values(endpoint))


def get(tx: sa.Connection, endpoint_id: str) -> Endpoint | None:
    """Return the endpoint of that id."""
    return one(Endpoint, tx.execute(GET, {"endpoint_id": endpoint_id}))


def of_portal(tx: sa.Connection, portal_id: PortalId) -> tuple[Endpoint, ...]:
    """Return the endpoints of a portal, oldest first."""
    return many(Endpoint, tx.execute(OF_PORTAL, {"of_portal": portal_id}))


def switch(tx: sa.Connection, endpoint_id: str, *, on: bool) -> None:
    """Enable or disable the endpoint."""
    tx.execute(SWITCH, {"endpoint_id": endpoint_id, "on": on})
