"""Bank and treasury accounts to which an agency's fees go in the end (DOMAIN 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from paygate.domain.order import FeeKind
from paygate.store.base import InstantColumn, StateColumn, many, metadata, one_of, values

table = sa.Table(
    "beneficiary_account",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("agency", sa.ForeignKey("agency.code"), nullable=False, index=True),
    sa.Column("procedure_code", sa.Text),
    sa.Column("fee_kind", StateColumn(FeeKind)),
    sa.Column("bank", sa.Text, nullable=False),  # a NAPAS BIN, or the code of a treasury office
    sa.Column("holder", sa.Text, nullable=False),  # an office, so nothing personal
    sa.Column("number_sealed", sa.ForeignKey("sealed_value.id"), nullable=False),
    sa.Column("number_index", sa.Text, nullable=False, index=True),
    sa.Column("last4", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", InstantColumn, nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("approved_at", InstantColumn),
    one_of("fee_kind", FeeKind),
    # Nobody decides twice (DESIGN 2.16).
    sa.CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", "two_persons"),
    sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", "approval_whole"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeneficiaryAccount:
    """An account of an agency; it takes effect when a second person has approved it."""

    id: str
    agency: str
    procedure_code: str | None
    fee_kind: FeeKind | None
    bank: str
    holder: str
    number_sealed: str
    number_index: str
    last4: str
    valid_from: date | None
    valid_to: date | None
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None


ADD = table.insert()
OF_AGENCY = sa.select(table).where(table.c.agency == sa.bindparam("of_agency")).order_by(table.c.id)


def add(tx: sa.Connection, account: BeneficiaryAccount) -> None:
    """Keep a proposed account."""
    tx.execute(ADD, values(account))


def of_agency(tx: sa.Connection, agency: str) -> tuple[BeneficiaryAccount, ...]:
    """Return every account of *agency*, oldest first."""
    return many(BeneficiaryAccount, tx.execute(OF_AGENCY, {"of_agency": agency}))


def effective(
    accounts: tuple[BeneficiaryAccount, ...],
    *,
    procedure_code: str | None,
    fee_kind: FeeKind,
    day: date,
) -> BeneficiaryAccount | None:
    """Return the approved account that fits most closely on *day*: the procedure, then the kind."""
    fitting = [
        each
        for each in accounts
        if each.approved_at is not None
        and each.procedure_code in {None, procedure_code}
        and each.fee_kind in {None, fee_kind}
        and (each.valid_from is None or each.valid_from <= day)
        and (each.valid_to is None or day <= each.valid_to)
    ]
    return max(
        fitting,
        key=lambda each: (each.procedure_code is not None, each.fee_kind is not None, each.id),
        default=None,
    )
