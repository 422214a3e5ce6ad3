"""The narrow table that allows one live order for each portal, dossier and purpose (DESIGN 3).

A key is held while its order is live, and where the fee is due once also while it is paid.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from paygate.domain.ids import OrderId, PortalId
from paygate.domain.order import Purpose
from paygate.store.base import StateColumn, add_if_absent, metadata, one_of
from paygate.store.engine import RunAgainError

table = sa.Table(
    "live_order",
    metadata,
    sa.Column("portal_id", sa.ForeignKey("portal.id"), primary_key=True),
    sa.Column(
        "payable", sa.Text, primary_key=True
    ),  # the normalised dossier code, or `type:code` of a paper
    sa.Column("purpose", StateColumn(Purpose), primary_key=True),
    sa.Column("order_id", sa.ForeignKey("fee_order.id"), nullable=False, unique=True),
    one_of("purpose", Purpose),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveKey:
    """What at most one live order may be about."""

    portal_id: PortalId
    payable: str
    purpose: Purpose


HOLDER = sa.select(table.c.order_id).where(
    table.c.portal_id == sa.bindparam("portal"),
    table.c.payable == sa.bindparam("about"),
    table.c.purpose == sa.bindparam("why"),
)
RELEASE = table.delete().where(table.c.order_id == sa.bindparam("held_by"))


def hold(tx: sa.Connection, key: LiveKey, order_id: OrderId) -> OrderId | None:
    """Take *key* for the order; return None, or the id of the order that holds it already.

    Raises:
        RunAgainError: the holder has just let go.
    """
    row = {
        "portal_id": key.portal_id,
        "payable": key.payable,
        "purpose": key.purpose,
        "order_id": order_id,
    }
    if add_if_absent(tx, table, row, key=("portal_id", "payable", "purpose")):
        return None
    found = tx.execute(
        HOLDER, {"portal": key.portal_id, "about": key.payable, "why": key.purpose}
    ).scalar_one_or_none()
    if found is None:
        raise RunAgainError(key.payable)  # it was let go of at this very moment
    return None if found == order_id else OrderId(found)


def release(tx: sa.Connection, order_id: OrderId) -> None:
    """Let go of whatever key the order holds."""
    tx.execute(RELEASE, {"held_by": order_id})
