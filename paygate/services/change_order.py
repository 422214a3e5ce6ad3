"""Change what a portal may change of its order: the refund account, and its own metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.errors import OrderNotFoundError, VersionDiffersError
from paygate.domain.ids import OrderId
from paygate.domain.party import RefundAccount
from paygate.services.register_refund_account import register_refund_account
from paygate.store import audit, orders
from paygate.store.orders import FeeOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesWanted:
    """What shall be different: None stays as it is."""

    version: int  # of the order that the portal looked at
    refund_account: RefundAccount | None = None
    metadata: Mapping[str, str] | None = None


def change_order(
    tx: sa.Connection, act: Act, vault: Vault, order_id: OrderId, wanted: ChangesWanted
) -> FeeOrder:
    """Return the order as changed, one version further.

    Raises:
        VersionDiffersError: the order has moved since the portal looked at it.
    """
    order = orders.lock(tx, order_id)
    if order is None:
        raise OrderNotFoundError
    if order.version != wanted.version:
        raise VersionDiffersError(version=str(order.version))
    if wanted.refund_account is not None:
        register_refund_account(tx, act, vault, order.id, wanted.refund_account)
    extra = order.extra
    if wanted.metadata is not None:
        extra = json.dumps(dict(wanted.metadata), ensure_ascii=False, sort_keys=True)
        audit.note(
            tx,
            act,
            stream=f"order:{order.id}",
            action="order.metadata_set",
            subject=f"order:{order.id}",
            facts={"keys": len(wanted.metadata)},
        )
    changed = replace(order, extra=extra, version=order.version + 1)
    orders.change(tx, order.id, extra=extra, version=changed.version)
    return changed
