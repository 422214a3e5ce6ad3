"""What was shown to the citizen of an attempt that is paid by a QR code."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from paygate.domain.ids import AttemptId
from paygate.store.base import metadata, one, values

table = sa.Table(
    "qr_code",
    metadata,
    sa.Column("attempt_id", sa.ForeignKey("payment_attempt.id"), primary_key=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("bank_bin", sa.Text, nullable=False),
    sa.Column("account_number", sa.Text, nullable=False),
    sa.Column("account_holder", sa.Text, nullable=False),
    sa.Column("memo", sa.Text, nullable=False),
    sa.CheckConstraint("length(payload) > 0", "payload_says_something"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """A code, and the collecting account that it leads to: an agency's, so nothing personal."""

    attempt_id: AttemptId
    payload: str
    bank_bin: str
    account_number: str
    account_holder: str
    memo: str


ADD = table.insert()
OF_ATTEMPT = sa.select(table).where(table.c.attempt_id == sa.bindparam("of_attempt"))


def add(tx: sa.Connection, code: QrCode) -> None:
    """Keep what the citizen is shown."""
    tx.execute(ADD, values(code))


def of_attempt(tx: sa.Connection, attempt_id: AttemptId) -> QrCode | None:
    """Return what the attempt's citizen is shown, None where the rail has a page of its own."""
    return one(QrCode, tx.execute(OF_ATTEMPT, {"of_attempt": attempt_id}))
