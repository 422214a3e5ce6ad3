"""Offer the merchant accounts through which an order may be paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.config import Account
from paygate.domain.ids import PortalId
from paygate.domain.money import Money
from paygate.house import Merchant, Merchants
from paygate.store import account_states, agencies, portals
from paygate.store.orders import FeeOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody may want to pay: to the agency that collects it, for an order of the portal."""

    portal_id: PortalId
    agency: str | None  # None: any
    amount: Money | None  # None: any


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The accounts that fit a wish: which may be chosen, and which of all are resting."""

    offered: tuple[Merchant, ...]
    resting: tuple[Merchant, ...]

    @property
    def left_out(self) -> tuple[Merchant, ...]:
        """Return the accounts that would fit, and rest while there is another way."""
        return tuple(each for each in self.resting if each not in self.offered)


def offer_merchants(
    tx: sa.Connection, merchants: Merchants, order: FeeOrder, *, now: datetime
) -> tuple[Merchant, ...]:
    """Return the accounts through which *order* may be paid, as the configuration orders them."""
    return weigh_merchants(tx, merchants, wish_of(order), now=now).offered


def wish_of(order: FeeOrder) -> Wish:
    """Return what the citizen of *order* wants to pay."""
    return Wish(portal_id=order.portal_id, agency=order.collecting_agency, amount=order.amount)


def weigh_merchants(tx: sa.Connection, merchants: Merchants, wish: Wish, *, now: datetime) -> Offer:
    """Return the accounts that fit *wish*, as the configuration orders them.

    An account fits when it lists, or leaves open, the portal and an agency at or above the
    collecting one; of one rail the account listed nearest to the agency is taken (DESIGN 5.5). A
    rail that keeps silent is left out while there is another way.
    """
    portal = portals.get(tx, wish.portal_id)
    line = () if wish.agency is None else agencies.lineage(tx, wish.agency)
    states = account_states.every(tx)
    switched_off = {each.code for each in states if not each.offered}
    resting = {each.code for each in states if each.is_resting(now)}
    nearest: dict[str, tuple[int, Merchant]] = {}
    for merchant in merchants.values():
        account, distance = merchant.account, _distance(merchant.account, line)
        fits = (
            account.enabled
            and merchant.code not in switched_off
            and portal is not None
            and (not account.portals or portal.code in account.portals)
            and _takes(merchant, wish.amount)
        )
        if not fits or distance is None:
            continue
        if account.rail not in nearest or distance < nearest[account.rail][0]:
            nearest[account.rail] = (distance, merchant)
    found = tuple(merchant for _, merchant in nearest.values())
    awake = tuple(merchant for merchant in found if merchant.code not in resting)
    return Offer(
        # Where every rail is silent, a citizen may still try.
        offered=awake or found,
        resting=tuple(merchant for merchant in found if merchant.code in resting),
    )


def _takes(merchant: Merchant, amount: Money | None) -> bool:
    limits = merchant.provider.capabilities
    return amount is None or limits.minimum <= amount <= limits.maximum


def _distance(account: Account, line: tuple[str, ...]) -> int | None:
    """Return how far above the collecting agency the account is listed, None if nowhere."""
    if not account.agencies:
        return len(line)
    return next((steps for steps, code in enumerate(line) if code in account.agencies), None)
