"""Which entry each event of the business makes (the table of DESIGN 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from paygate.domain.money import Money, total
from paygate.ledger.chart import Account
from paygate.ledger.entry import Entry, Leg

Shares = tuple[tuple[str, Money], ...]
"""What each beneficiary agency is owed, by its code."""


def collect(account: str, rail_txn: str, shares: Shares, *, business_date: date) -> Entry:
    """Return the entry of money that came in for an order: one collection is one cause."""
    owed = _owed(shares)
    amount = total(tuple(share for _, share in shares))
    return Entry(
        cause=collect_cause(account, rail_txn),
        business_date=business_date,
        legs=(Leg(Account.DUE_FROM_PROVIDER, account, amount), *owed),
    )


def park(account: str, rail_txn: str, amount: Money, *, business_date: date) -> Entry:
    """Return the entry of money that came in and fits nothing: the same cause, to suspense."""
    return Entry(
        cause=collect_cause(account, rail_txn),
        business_date=business_date,
        legs=(
            Leg(Account.DUE_FROM_PROVIDER, account, amount),
            Leg(Account.SUSPENSE, account, -amount),
        ),
    )


def identify(account: str, collection_id: str, shares: Shares, *, business_date: date) -> Entry:
    """Return the entry of money in suspense that has found its order."""
    amount = total(tuple(share for _, share in shares))
    return Entry(
        cause=f"identify:{collection_id}",
        business_date=business_date,
        legs=(Leg(Account.SUSPENSE, account, amount), *_owed(shares)),
    )


def take_back(account: str, rail_txn: str, amount: Money, *, business_date: date) -> Entry:
    """Return the entry of money that the rail takes back: whose loss it is, staff decide."""
    return Entry(
        cause=f"takeback:{account}:{rail_txn}",
        business_date=business_date,
        legs=(
            Leg(Account.CHARGEBACKS, account, amount),
            Leg(Account.DUE_FROM_PROVIDER, account, -amount),
        ),
    )


def collect_cause(account: str, rail_txn: str) -> str:
    """Return what makes one collection one posting."""
    return f"collect:{account}:{rail_txn}"


def _owed(shares: Iterable[tuple[str, Money]]) -> tuple[Leg, ...]:
    return tuple(
        Leg(Account.OWED_TO_BENEFICIARY, agency, -share) for agency, share in shares if share
    )
