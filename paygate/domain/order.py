"""The life of a fee order: its state is a pure function of its facts (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from paygate.domain.payment import LIVE, PaymentState

GRACE = timedelta(minutes=30)  # how long after its end an order or a session waits (DESIGN 3)


class OrderState(StrEnum):
    """Where a fee order stands."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    EXEMPT = "exempt"


class OrderEvent(StrEnum):
    """What can happen to a fee order."""

    ATTEMPT_STARTED = "attempt_started"
    ATTEMPTS_ENDED = "attempts_ended"
    COVERED = "covered"  # a collection of the right amount fits
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Purpose(StrEnum):
    """Why the order is issued (DOMAIN 4.5)."""

    FEE = "fee"
    ADVANCE = "advance"
    FINAL = "final"
    SUPPLEMENT = "supplement"
    RETRY = "retry"


class FeeKind(StrEnum):
    """What a line is: each kind has its own collector, receipt and refund rule (DOMAIN 4.1)."""

    PHI = "phi"
    LE_PHI = "le_phi"
    PHAT = "phat"
    NGHIA_VU_TC = "nghia_vu_tc"
    AN_PHI = "an_phi"
    CUOC_BUU_CHINH = "cuoc_buu_chinh"
    DICH_VU = "dich_vu"


class LateMoney(StrEnum):
    """What a portal wants done with money that arrives after its order ended."""

    ACCEPT = "accept"
    REFUND = "refund"


S, E = OrderState, OrderEvent
LIVE_STATES = (S.OPEN, S.PROCESSING)
# While one of these is paid and not fully refunded, another of the same purpose is refused.
ONCE = (Purpose.FEE, Purpose.ADVANCE, Purpose.FINAL)

# An advance, what is left of the fee after it, and what was missing: each a part of what the law
# says (DOMAIN 4.5).
IN_PARTS = (Purpose.ADVANCE, Purpose.FINAL, Purpose.SUPPLEMENT)

TRANSITIONS: Mapping[tuple[OrderState, OrderEvent], OrderState] = MappingProxyType(
    {
        (S.OPEN, E.ATTEMPT_STARTED): S.PROCESSING,
        (S.PROCESSING, E.ATTEMPTS_ENDED): S.OPEN,
        **{(state, E.EXPIRED): S.EXPIRED for state in LIVE_STATES},
        **{(state, E.CANCELLED): S.CANCELLED for state in LIVE_STATES},
        # Late money fits where the portal takes it.
        **{(state, E.COVERED): S.PAID for state in (*LIVE_STATES, S.EXPIRED, S.CANCELLED)},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """All that the state of an order depends on."""

    attempts: tuple[PaymentState, ...] = ()
    covered: bool = False  # a collection fits the order
    closed_as: OrderState | None = None  # EXPIRED or CANCELLED, once that was decided
    exempt: bool = False


def order_state(facts: OrderFacts) -> OrderState:
    """Return the state that *facts* make, whatever order they came in."""
    if facts.exempt:
        return S.EXEMPT
    if facts.covered:
        return S.PAID
    if facts.closed_as is not None:
        return facts.closed_as
    return S.PROCESSING if any_live(facts.attempts) else S.OPEN


def any_live(attempts: Iterable[PaymentState]) -> bool:
    """Return whether one of *attempts* may still become paid by itself."""
    return any(state in LIVE for state in attempts)
