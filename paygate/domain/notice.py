"""What a portal can be told: the public vocabulary of webhooks (DESIGN 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from paygate.domain.case import CaseKind


class Notice(StrEnum):
    """The type of a message to a portal."""

    ORDER_PROCESSING = "order.processing"
    ORDER_PAID = "order.paid"
    ORDER_EXEMPT = "order.exempt"
    ORDER_EXPIRED = "order.expired"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_LATE_PAYMENT = "order.late_payment"
    ORDER_DUPLICATE_PAYMENT = "order.duplicate_payment"
    ORDER_AMOUNT_DIFFERS = "order.amount_differs"
    ORDER_PAYMENT_REVERSED = "order.payment_reversed"


# A case about an order's money is told to its portal; the other kinds are ours alone.
OF_CASE: Mapping[CaseKind, Notice] = MappingProxyType(
    {
        CaseKind.AMOUNT_DIFFERS: Notice.ORDER_AMOUNT_DIFFERS,
        CaseKind.DUPLICATE_PAYMENT: Notice.ORDER_DUPLICATE_PAYMENT,
        CaseKind.LATE_PAYMENT: Notice.ORDER_LATE_PAYMENT,
        CaseKind.PAYMENT_REVERSED: Notice.ORDER_PAYMENT_REVERSED,
    }
)
