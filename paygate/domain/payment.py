"""The life of one attempt to pay: three facts, and one table for the first of them (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from paygate.domain.errors import IllegalTransitionError


class PaymentState(StrEnum):
    """What the rail last said of an attempt, or what we decided in its silence."""

    CREATED = "created"
    REDIRECTED = "redirected"
    PENDING = "pending"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REVERSED = "reversed"


class PaymentEvent(StrEnum):
    """What can happen to an attempt."""

    SENT = "sent"  # the citizen has been sent to the rail
    HELD = "held"  # the rail says: not decided yet
    LOST = "lost"  # nobody can say what became of it
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    GIVEN_UP = "given_up"
    TIMED_OUT = "timed_out"
    TAKEN_BACK = "taken_back"


class SettlementState(StrEnum):
    """What the rail's settlement file says of the attempt."""

    NONE = "none"
    MATCHED = "matched"
    DIFFERS = "differs"


class BankState(StrEnum):
    """Whether the money was seen in the bank or treasury account."""

    NONE = "none"
    CREDITED = "credited"


S, E = PaymentState, PaymentEvent
LIVE = (S.CREATED, S.REDIRECTED, S.PENDING, S.UNKNOWN)

TRANSITIONS: Mapping[tuple[PaymentState, PaymentEvent], PaymentState] = MappingProxyType(
    {
        **{(state, E.SENT): S.REDIRECTED for state in LIVE},
        **{(state, E.HELD): S.PENDING for state in LIVE},
        **{(state, E.LOST): S.UNKNOWN for state in LIVE},
        **{(state, E.DECLINED): S.FAILED for state in LIVE},
        **{(state, E.GIVEN_UP): S.CANCELLED for state in LIVE},
        **{(state, E.TIMED_OUT): S.EXPIRED for state in LIVE},
        # Money that arrives after we gave up is still money.
        **{(state, E.CONFIRMED): S.PAID for state in (*LIVE, S.FAILED, S.CANCELLED, S.EXPIRED)},
        # What we decided alone gives way to what the rail decided.
        (S.EXPIRED, E.DECLINED): S.FAILED,
        (S.EXPIRED, E.GIVEN_UP): S.CANCELLED,
        (S.CANCELLED, E.DECLINED): S.FAILED,
        (S.PAID, E.TAKEN_BACK): S.REVERSED,
    }
)


def step(state: PaymentState, event: PaymentEvent) -> PaymentState:
    """Return the state after *event*.

    Raises:
        IllegalTransitionError: *event* cannot happen in *state*.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransitionError(f"{event} cannot happen to a {state} attempt") from None
