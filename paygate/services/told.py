"""A rail's word about an attempt of ours, read under the lock of its order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from paygate.domain.payment import PaymentEvent, PaymentState, step
from paygate.store import attempts
from paygate.store.attempts import Attempt
from paygate.store.orders import FeeOrder
from providers.contract import Report

# A rail that said one of these has nothing more to tell.
SETTLED = frozenset(
    {PaymentState.PAID, PaymentState.FAILED, PaymentState.CANCELLED, PaymentState.REVERSED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said, of which attempt, of which order; the order is locked."""

    order: FeeOrder
    attempt: Attempt
    others: tuple[Attempt, ...]  # attempts to pay the same order
    report: Report

    @property
    def states(self) -> tuple[PaymentState, ...]:
        """Return the states of all attempts to pay the order."""
        return tuple(each.payment_state for each in (self.attempt, *self.others))

    def move_attempt(self, tx: sa.Connection, event: PaymentEvent) -> Told:
        """Move the attempt by *event*, and stop asking once there is nothing more to tell."""
        state = step(self.attempt.payment_state, event)
        ask_at = None if state in SETTLED else self.attempt.ask_at
        attempts.move(tx, self.attempt.id, state, rail_code=self.report.code, ask_at=ask_at)
        moved = replace(
            self.attempt, payment_state=state, rail_code=self.report.code, ask_at=ask_at
        )
        return replace(self, attempt=moved)
