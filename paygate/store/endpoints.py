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
    sa.Column("secret_no", sa.Integer, nullable=False, server_default="1"),
    sa.Column("old_secret_sealed", sa.ForeignKey("sealed_value.id")),
    sa.Column("old_secret_ends_at", InstantColumn),
    sa.Column("retired_at", InstantColumn),
    sa.CheckConstraint("secret_no > 0", "secret_no_counts"),
    sa.CheckConstraint("retired_at IS NULL OR enabled = false", "retired_is_silent"),
    sa.CheckConstraint(
        "(old_secret_sealed IS NULL) = (old_secret_ends_at IS NULL)", "old_secret_ends"
    ),
    sa.Index(
        "uq_webhook_endpoint_live",
        "portal_id",
        "url",
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
        sqlite_where=sa.text("retired_at IS NULL"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address of a portal; while it is disabled, its messages wait.

    *secret_no* counts its secrets; the one before still signs until *old_secret_ends_at*.
    """

    id: str
    portal_id: PortalId
    url: str
    secret_sealed: str
    enabled: bool
    created_at: datetime
    secret_no: int = 1
    old_secret_sealed: str | None = None
    old_secret_ends_at: datetime | None = None
    retired_at: datetime | None = None


ADD = table.insert()
GET = sa.select(table).where(table.c.id == sa.bindparam("endpoint_id"))
LOCK = GET.with_for_update()
OF_PORTAL = (
    sa.select(table)
    .where(table.c.portal_id == sa.bindparam("of_portal"), table.c.retired_at.is_(None))
    .order_by(table.c.id)
)
HOLD_OF_PORTAL = OF_PORTAL.with_for_update(read=True)
CHANGE = (
    table.update()
    .where(table.c.id == sa.bindparam("endpoint_id"))
    .values(
        url=sa.bindparam("new_url"),
        secret_sealed=sa.bindparam("new_secret_sealed"),
        enabled=sa.bindparam("new_enabled"),
        secret_no=sa.bindparam("new_secret_no"),
        old_secret_sealed=sa.bindparam("new_old_secret_sealed"),
        old_secret_ends_at=sa.bindparam("new_old_secret_ends_at"),
        retired_at=sa.bindparam("new_retired_at"),
    )
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


def lock(tx: sa.Connection, endpoint_id: str) -> Endpoint | None:
    """Return the endpoint of that id, held until *tx* ends."""
    return one(Endpoint, tx.execute(LOCK, {"endpoint_id": endpoint_id}))


def change(tx: sa.Connection, endpoint: Endpoint) -> None:
    """Write down the endpoint as it now is; the caller holds its lock."""
    tx.execute(
        CHANGE,
        {
            "endpoint_id": endpoint.id,
            "new_url": endpoint.url,
            "new_secret_sealed": endpoint.secret_sealed,
            "new_enabled": endpoint.enabled,
            "new_secret_no": endpoint.secret_no,
            "new_old_secret_sealed": endpoint.old_secret_sealed,
            "new_old_secret_ends_at": endpoint.old_secret_ends_at,
            "new_retired_at": endpoint.retired_at,
        },
    )


def of_portal(tx: sa.Connection, portal_id: PortalId) -> tuple[Endpoint, ...]:
    """Return the endpoints of a portal that are not retired, oldest first."""
    return many(Endpoint, tx.execute(OF_PORTAL, {"of_portal": portal_id}))


def hold_of_portal(tx: sa.Connection, portal_id: PortalId) -> tuple[Endpoint, ...]:
    """Return the endpoints of a portal, none of which is retired before *tx* ends."""
    return many(Endpoint, tx.execute(HOLD_OF_PORTAL, {"of_portal": portal_id}))


def switch(tx: sa.Connection, endpoint_id: str, *, on: bool) -> None:
    """Enable or disable the endpoint."""
    tx.execute(SWITCH, {"endpoint_id": endpoint_id, "on": on})
