"""Fee rules: what a fee is, by which law and for how long; a rule that changes stays on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from paygate.domain.fee_rule import Channel, FeeKey, Price, RefundPolicy
from paygate.domain.money import Money
from paygate.store.base import (
    InstantColumn,
    MoneyColumn,
    StateColumn,
    many,
    metadata,
    one_of,
    values,
)

table = sa.Table(
    "fee_rule",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("fee_code", sa.Text, nullable=False, index=True),
    sa.Column("procedure_code", sa.Text),
    sa.Column("case_code", sa.Text),
    sa.Column("agency", sa.ForeignKey("agency.code")),
    sa.Column("channel", StateColumn(Channel)),
    sa.Column("applicant_category", sa.Text),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    sa.Column("lowest", MoneyColumn, nullable=False),
    sa.Column("highest", MoneyColumn),
    sa.Column("unit", sa.Text),
    sa.Column("refund_policy", StateColumn(RefundPolicy), nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),  # how sure whoever wrote the file is
    sa.Column("imported_at", InstantColumn, nullable=False),
    sa.Column("replaced_at", InstantColumn),
    one_of("channel", Channel),
    one_of("refund_policy", RefundPolicy),
    sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", "valid"),
    sa.CheckConstraint("lowest >= 0 AND (highest IS NULL OR lowest <= highest)", "price"),
    sa.CheckConstraint("unit IS NULL OR lowest > 0", "unit_costs"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRule:
    """One rule with its validity, both ends in; *replaced_at* is set when it was corrected."""

    id: str
    fee_code: str
    procedure_code: str | None = None
    case_code: str | None = None
    agency: str | None = None
    channel: Channel | None = None
    applicant_category: str | None = None
    valid_from: date
    valid_to: date | None = None
    lowest: Money
    highest: Money | None
    unit: str | None = None
    refund_policy: RefundPolicy
    legal_basis: str
    source: str
    imported_at: datetime
    replaced_at: datetime | None = None

    @property
    def key(self) -> FeeKey:
        """Return what the rule is about."""
        return FeeKey(
            procedure_code=self.procedure_code,
            case_code=self.case_code,
            fee_code=self.fee_code,
            agency=self.agency,
            channel=self.channel,
            applicant_category=self.applicant_category,
        )

    @property
    def price(self) -> Price:
        """Return what it says the fee is."""
        return Price(lowest=self.lowest, highest=self.highest, unit=self.unit)

    @property
    def validity(self) -> tuple[date, date | None]:
        """Return its first and its last day."""
        return self.valid_from, self.valid_to


_CURRENT = table.c.replaced_at.is_(None)
_BEGUN = table.c.valid_from <= sa.bindparam("day")
_NOT_OVER = sa.or_(table.c.valid_to.is_(None), table.c.valid_to >= sa.bindparam("day"))
ADD = table.insert()
CURRENT = sa.select(table).where(_CURRENT).order_by(table.c.valid_from, table.c.id)
IN_FORCE = CURRENT.where(
    table.c.fee_code.in_(sa.bindparam("codes", expanding=True)), _BEGUN, _NOT_OVER
)
ALL_IN_FORCE = (
    sa.select(table)
    .where(_CURRENT, _BEGUN, _NOT_OVER)
    .order_by(table.c.procedure_code, table.c.fee_code, table.c.valid_from, table.c.id)
)
END = (
    table.update()
    .where(table.c.id == sa.bindparam("ended"))
    .values(valid_to=sa.bindparam("last_day"))
)
REPLACE = (
    table.update()
    .where(table.c.id == sa.bindparam("replaced"))
    .values(replaced_at=sa.bindparam("at"))
)


def add(tx: sa.Connection, rule: FeeRule) -> None:
    """Keep a new rule."""
    tx.execute(ADD, values(rule))


def end(tx: sa.Connection, rule_id: str, *, last_day: date) -> None:
    """Let the rule end on *last_day*, because another one follows."""
    tx.execute(END, {"ended": rule_id, "last_day": last_day})


def replace_at(tx: sa.Connection, rule_id: str, *, at: datetime) -> None:
    """Take the rule out of use for every day: it was wrong from its first one."""
    tx.execute(REPLACE, {"replaced": rule_id, "at": at})


def current(tx: sa.Connection) -> tuple[FeeRule, ...]:
    """Return the rules of past, present and future days, by their first ones."""
    return many(FeeRule, tx.execute(CURRENT))


def in_force(tx: sa.Connection, codes: frozenset[str], *, day: date) -> tuple[FeeRule, ...]:
    """Return the rules of these fee codes that hold on *day*, by their first days."""
    return many(FeeRule, tx.execute(IN_FORCE, {"codes": sorted(codes), "day": day}))


def every_in_force(tx: sa.Connection, *, day: date) -> tuple[FeeRule, ...]:
    """Return every rule that holds on *day*."""
    return many(FeeRule, tx.execute(ALL_IN_FORCE, {"day": day}))
