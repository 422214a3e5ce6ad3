"""All that the book knows of one order, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from paygate.store import (
    agencies,
    attempts,
    audit,
    cases,
    collections,
    deliveries,
    lines,
    orders,
    outbox,
    portals,
    refund_accounts,
)
from paygate.store.attempts import Attempt
from paygate.store.audit import AuditRecord
from paygate.store.cases import Case
from paygate.store.collections import Collection
from paygate.store.deliveries import DeliveryTry
from paygate.store.lines import FeeLine
from paygate.store.orders import FeeOrder
from paygate.store.outbox import OutgoingMessage
from paygate.store.refund_accounts import SealedRefundAccount


@dataclass(frozen=True, slots=True)
class Told:
    """What the portal was to be told, and every try to tell it."""

    message: OutgoingMessage
    tries: tuple[DeliveryTry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One order with everything about it; personal values stay sealed."""

    order: FeeOrder
    portal: str
    agencies: Mapping[str, str]  # code: name, of those that it names
    lines: tuple[FeeLine, ...]
    attempts: tuple[Attempt, ...]
    collections: tuple[Collection, ...]
    cases: tuple[Case, ...]
    told: tuple[Told, ...]
    refund_account: SealedRefundAccount | None
    audit: tuple[AuditRecord, ...]


def read_story(tx: sa.Connection, code: str) -> Story | None:
    """Return the story of the order of that code, as it is stored."""
    order = orders.by_code(tx, code)
    if order is None:
        return None
    portal = portals.get(tx, order.portal_id)
    order_lines = lines.of_order(tx, order.id)
    named = {order.collecting_agency, *(each.beneficiary for each in order_lines)}
    found = [agencies.get(tx, each) for each in sorted(named)]
    return Story(
        order=order,
        portal="" if portal is None else portal.display_name,
        agencies={each.code: each.name for each in found if each is not None},
        lines=order_lines,
        attempts=attempts.of_order(tx, order.id),
        collections=collections.of_order(tx, order.id),
        cases=cases.of_order(tx, order.id),
        told=tuple(Told(each, _tries(tx, each.id)) for each in outbox.of_order(tx, order.id)),
        refund_account=refund_accounts.latest(tx, order.id),
        audit=audit.stream_of(tx, f"order:{order.id}"),
    )


def _tries(tx: sa.Connection, message_id: str) -> tuple[DeliveryTry, ...]:
    return tuple(
        each
        for delivery in deliveries.of_message(tx, message_id)
        for each in deliveries.tries_of(tx, delivery.id)
    )
