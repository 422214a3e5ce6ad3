"""Offer the merchant accounts through which an order may be paid."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.config import Account
from paygate.house import Merchant, Merchants
from paygate.store import account_states, agencies, portals
from paygate.store.orders import FeeOrder


def offer_merchants(
    tx: sa.Connection, merchants: Merchants, order: FeeOrder
) -> tuple[Merchant, ...]:
    """Return the accounts through which *order* may be paid, as the configuration orders them.

    An account fits when it lists, or leaves open, the portal and an agency at or above the
    collecting one; of one rail the account listed nearest to the agency is taken (DESIGN 5.5).
    """
    portal = portals.get(tx, order.portal_id)
    line = agencies.lineage(tx, order.collecting_agency)
    switched_off = {each.code for each in account_states.every(tx) if not each.offered}
    nearest: dict[str, tuple[int, Merchant]] = {}
    for merchant in merchants.values():
        account, limits = merchant.account, merchant.provider.capabilities
        distance = _distance(account, line)
        fits = (
            account.enabled
            and merchant.code not in switched_off
            and portal is not None
            and (not account.portals or portal.code in account.portals)
            and limits.minimum <= order.amount <= limits.maximum
        )
        if not fits or distance is None:
            continue
        if account.rail not in nearest or distance < nearest[account.rail][0]:
            nearest[account.rail] = (distance, merchant)
    return tuple(merchant for _, merchant in nearest.values())


def _distance(account: Account, line: tuple[str, ...]) -> int | None:
    """Return how far above the collecting agency the account is listed, None if nowhere."""
    if not account.agencies:
        return len(line)
    return next((steps for steps, code in enumerate(line) if code in account.agencies), None)
