"""Find the collection that a report speaks of, if the book has it under any of its names."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.ids import AccountCode
from paygate.store import collections
from paygate.store.collections import Collection
from providers.contract import Report


def known_money(tx: sa.Connection, account: AccountCode, report: Report) -> Collection | None:
    """Return the money of *report* as the book knows it.

    One road may name a payment by the rail's number and another not: a number is then given to
    the unnamed collection of the same reference and amount, once, and a report without a number
    is taken for the collection that has one.
    """
    name, no_name = report.collection_key, f"ref:{report.attempt_ref}"
    found = collections.called(tx, account, name, no_name)
    named = next((each for each in found if name in {each.rail_txn, each.also}), None)
    if named is not None:
        return named
    if report.rail_txn is None:
        return collections.by_ref(tx, account, report.attempt_ref, report.amount)
    unnamed = next(iter(found), None)
    if unnamed is None or unnamed.also is not None or unnamed.amount != report.amount:
        return None
    collections.name(tx, unnamed.id, report.collection_key)
    return unnamed
