"""Fee orders: what a portal asks a citizen to pay for a dossier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.ids import AccountCode, AttemptRef, OrderId, PortalId, Token
from paygate.domain.money import Money
from paygate.domain.order import LIVE_STATES, OrderState, Purpose
from paygate.domain.payable import PayableType, payable_key
from paygate.store import attempts, driver
from paygate.store.base import (
    InstantColumn,
    MoneyColumn,
    StateColumn,
    in_turn,
    many,
    metadata,
    one,
    one_of,
    values,
)

# As a text, so that both databases see that the index below answers the question.
CANCELLING = sa.text("cancel_asked_at IS NOT NULL AND closed_as IS NULL AND covered_by IS NULL")
table = sa.Table(
    "fee_order",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("portal_id", sa.ForeignKey("portal.id"), nullable=False),
    sa.Column("dossier_code", sa.Text, nullable=False),
    sa.Column("dossier_canonical", sa.Text, nullable=False, index=True),  # not unique (DOMAIN 3.2)
    sa.Column("procedure_code", sa.Text),
    sa.Column("procedure_name", sa.Text),
    sa.Column("purpose", StateColumn(Purpose), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("amount", MoneyColumn, nullable=False),
    sa.Column("collecting_agency", sa.ForeignKey("agency.code"), nullable=False),
    sa.Column("exemption_reason", sa.Text),
    sa.Column("exemption_basis", sa.Text),
    sa.Column("payer_sealed", sa.ForeignKey("sealed_value.id")),
    sa.Column("applicant_sealed", sa.ForeignKey("sealed_value.id")),
    sa.Column("return_url", sa.Text),
    sa.Column("extra", sa.Text, nullable=False),  # the portal's own metadata, as JSON
    sa.Column("checkout_token", sa.Text, nullable=False, unique=True),
    sa.Column("status_token", sa.Text, nullable=False, unique=True),
    sa.Column("state", StateColumn(OrderState), nullable=False),
    sa.Column("closed_as", StateColumn(OrderState)),
    sa.Column("covered_by", sa.Text),
    sa.Column("paid_at", InstantColumn),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("expires_at", InstantColumn, nullable=False),
    # Of an order without a dossier: its paper's code stands where the dossier's would.
    sa.Column("payable_type", StateColumn(PayableType)),
    sa.Column("payable_facts", sa.Text),  # the fields that may be shown, as JSON
    sa.Column("payable_sealed", sa.ForeignKey("sealed_value.id")),
    one_of("payable_type", PayableType),
    sa.Column("cancel_asked_at", InstantColumn),  # by the portal, while rails are asked
    one_of("purpose", Purpose),
    one_of("state", OrderState),
    sa.CheckConstraint("language IN ('vi', 'en')", "language_known"),
    sa.CheckConstraint("amount >= 0", "amount_not_negative"),
    sa.CheckConstraint("closed_as IS NULL OR closed_as IN ('expired', 'cancelled')", "closed_as"),
    sa.CheckConstraint("(state = 'exempt') = (amount = 0)", "exempt_costs_nothing"),
    sa.CheckConstraint(
        "state <> 'exempt' OR (exemption_reason IS NOT NULL AND exemption_basis IS NOT NULL)",
        "exempt_with_reason",
    ),
    sa.CheckConstraint("(state = 'paid') = (covered_by IS NOT NULL)", "paid_is_covered"),
    sa.CheckConstraint("(covered_by IS NULL) = (paid_at IS NULL)", "covered_at_a_time"),
    sa.CheckConstraint("version > 0", "version_counts"),
    sa.Index("ix_fee_order_portal_id_id", "portal_id", "id"),
    sa.Index("ix_fee_order_portal_id_dossier_code", "portal_id", "dossier_code"),
    sa.Index("ix_fee_order_state_expires_at", "state", "expires_at"),
    sa.Index("ix_fee_order_cancelling", "id", postgresql_where=CANCELLING, sqlite_where=CANCELLING),
    sa.Index("ix_fee_order_collecting_agency_id", "collecting_agency", "id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeOrder:
    """One order; its state is the pure function of its facts (`paygate/domain/order.py`)."""

    id: OrderId
    code: str
    portal_id: PortalId
    dossier_code: str
    dossier_canonical: str
    procedure_code: str | None
    procedure_name: str | None
    purpose: Purpose
    description: str
    language: str
    amount: Money
    collecting_agency: str
    exemption_reason: str | None
    exemption_basis: str | None
    payer_sealed: str | None
    applicant_sealed: str | None
    return_url: str | None
    extra: str
    checkout_token: Token = field(repr=False)
    status_token: Token = field(repr=False)
    state: OrderState
    closed_as: OrderState | None = None
    covered_by: str | None = None
    paid_at: datetime | None = None
    version: int
    created_at: datetime
    expires_at: datetime
    payable_type: PayableType | None = None
    payable_facts: str | None = None
    payable_sealed: str | None = None
    cancel_asked_at: datetime | None = None

    @property
    def payable(self) -> str:
        """Return what at most one live order may be about: a dossier's code, or a paper's."""
        return payable_key(self.payable_type, self.dossier_code)

    @property
    def is_cancelling(self) -> bool:
        """Return whether its portal wants it cancelled, and rails are still being asked."""
        return self.cancel_asked_at is not None and self.state in LIVE_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSearch:
    """What a portal looks for among its own orders; newest first, below the id *before*."""

    portal_id: PortalId
    dossier_code: str | None = None
    payable_code: str | None = None
    state: OrderState | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    before: OrderId | None = None
    limit: int


ByToken = Callable[[sa.Connection, str], FeeOrder | None]
"""Finds an order by a token that opens it without login."""

_ID = table.c.id == sa.bindparam("order_id")
ADD = table.insert()
GET = sa.select(table).where(_ID)
LOCK = GET.with_for_update()
LOCK_TRIED = (
    sa.select(table)
    .where(
        table.c.id
        == sa.select(attempts.table.c.order_id)
        .where(
            attempts.table.c.ref == sa.bindparam("tried_ref"),
            attempts.table.c.account == sa.bindparam("tried_account"),
        )
        .scalar_subquery()
    )
    .with_for_update()
)
BY_CODE = sa.select(table).where(table.c.code == sa.bindparam("order_code"))
BY_CHECKOUT_TOKEN = sa.select(table).where(table.c.checkout_token == sa.bindparam("token"))
BY_STATUS_TOKEN = sa.select(table).where(table.c.status_token == sa.bindparam("token"))
MOVE = (
    table.update()
    .where(_ID)
    .values(
        state=sa.bindparam("new_state"),
        closed_as=sa.bindparam("new_closed_as"),
        covered_by=sa.bindparam("new_covered_by"),
        paid_at=sa.bindparam("new_paid_at"),
        version=sa.bindparam("new_version"),
    )
)
PAID = (
    sa.select(table.c.id)
    .where(
        table.c.portal_id == sa.bindparam("portal"),
        table.c.dossier_code == sa.bindparam("about"),
        sa.func.coalesce(table.c.payable_type, "") == sa.bindparam("paper", type_=sa.Text()),
        table.c.purpose == sa.bindparam("why"),
        table.c.state == OrderState.PAID,
    )
    .limit(1)
)
OVERDUE = (
    sa.select(table.c.id, table.c.expires_at)
    .where(table.c.state.in_(LIVE_STATES), table.c.expires_at <= sa.bindparam("ended_by"))
    .order_by(table.c.expires_at, table.c.id)
    .limit(sa.bindparam("batch"))
)


ASK_CANCEL = (
    table.update()
    .where(_ID, table.c.cancel_asked_at.is_(None))
    .values(cancel_asked_at=sa.bindparam("at"))
)
# Each portal's first wish, then each one's second, …: many wishes of one hold no other back.
_WISHES = (
    sa.select(
        table.c.id,
        table.c.cancel_asked_at,
        in_turn(table.c.portal_id, by=(table.c.cancel_asked_at, table.c.id)).label("turn"),
    )
    .where(CANCELLING)
    .subquery("wishes")
)
TO_CANCEL = (
    sa.select(_WISHES.c.id)
    .order_by(_WISHES.c.turn, _WISHES.c.cancel_asked_at, _WISHES.c.id)
    .limit(sa.bindparam("batch"))
)
CHANGE = (
    table.update()
    .where(_ID)
    .values(extra=sa.bindparam("new_extra"), version=sa.bindparam("new_version"))
)


def add(tx: sa.Connection, order: FeeOrder) -> None:
    """Keep a new order."""
    tx.execute(ADD, values(order))


def get(tx: sa.Connection, order_id: OrderId) -> FeeOrder | None:
    """Return the order as it was committed last."""
    return one(FeeOrder, tx.execute(GET, {"order_id": order_id}))


def lock(tx: sa.Connection, order_id: OrderId) -> FeeOrder | None:
    """Return the order, held until *tx* ends: the first lock of every act about it."""
    return one(FeeOrder, tx.execute(LOCK, {"order_id": order_id}))


def lock_tried(tx: sa.Connection, ref: AttemptRef, account: AccountCode) -> FeeOrder | None:
    """Return, held until *tx* ends, the order that somebody tried to pay as *ref* at *account*."""
    asked = {"tried_ref": ref, "tried_account": account}
    return driver.one(tx, LOCK_TRIED, asked, FeeOrder)


def by_code(tx: sa.Connection, code: str) -> FeeOrder | None:
    """Return the order of the short code that people read aloud, as it is stored."""
    return one(FeeOrder, tx.execute(BY_CODE, {"order_code": code}))


def by_checkout_token(tx: sa.Connection, token: str) -> FeeOrder | None:
    """Return the order that the link of the checkout page opens."""
    return one(FeeOrder, tx.execute(BY_CHECKOUT_TOKEN, {"token": token}))


def by_status_token(tx: sa.Connection, token: str) -> FeeOrder | None:
    """Return the order that the link of the status page opens."""
    return one(FeeOrder, tx.execute(BY_STATUS_TOKEN, {"token": token}))


def move(tx: sa.Connection, order: FeeOrder) -> None:
    """Write down the state of *order* and what it follows from; the caller holds its lock."""
    driver.later(
        tx,
        MOVE,
        {
            "order_id": order.id,
            "new_state": order.state,
            "new_closed_as": order.closed_as,
            "new_covered_by": order.covered_by,
            "new_paid_at": order.paid_at,
            "new_version": order.version,
        },
    )


def has_paid(tx: sa.Connection, like: FeeOrder) -> bool:
    """Return whether the dossier or paper of *like* has a paid order of its purpose."""
    asked = {
        "portal": like.portal_id,
        "about": like.dossier_code,
        "paper": like.payable_type or "",
        "why": like.purpose,
    }
    return tx.execute(PAID, asked).first() is not None


def overdue(
    tx: sa.Connection, *, ended_by: datetime, limit: int
) -> tuple[tuple[OrderId, datetime], ...]:
    """Return live orders whose time to pay had ended by *ended_by*, longest first, each with it."""
    found = tx.execute(OVERDUE, {"ended_by": ended_by, "batch": limit})
    return tuple((OrderId(order_id), expires_at) for order_id, expires_at in found)


def ask_cancel(tx: sa.Connection, order_id: OrderId, *, now: datetime) -> None:
    """Write down that the portal wants the order cancelled; the caller holds its lock."""
    tx.execute(ASK_CANCEL, {"order_id": order_id, "at": now})


def to_cancel(tx: sa.Connection, *, limit: int) -> tuple[OrderId, ...]:
    """Return live orders that their portals want cancelled, portals taking turns."""
    return tuple(OrderId(each) for each in tx.execute(TO_CANCEL, {"batch": limit}).scalars())


def change(tx: sa.Connection, order_id: OrderId, *, extra: str, version: int) -> None:
    """Write down what the portal changed of its own; the caller holds the order's lock."""
    tx.execute(CHANGE, {"order_id": order_id, "new_extra": extra, "new_version": version})


def search(tx: sa.Connection, wanted: OrderSearch) -> tuple[FeeOrder, ...]:
    """Return the portal's orders that match, newest first."""
    query = sa.select(table).where(table.c.portal_id == wanted.portal_id)
    if wanted.dossier_code is not None:
        about = (table.c.dossier_code == wanted.dossier_code, table.c.payable_type.is_(None))
        query = query.where(*about)
    if wanted.payable_code is not None:
        about = (table.c.dossier_code == wanted.payable_code, table.c.payable_type.is_not(None))
        query = query.where(*about)
    if wanted.state is not None:
        query = query.where(table.c.state == wanted.state)
    if wanted.created_from is not None:
        query = query.where(table.c.created_at >= wanted.created_from)
    if wanted.created_to is not None:
        query = query.where(table.c.created_at < wanted.created_to)
    if wanted.before is not None:
        query = query.where(table.c.id < wanted.before)
    query = query.order_by(table.c.id.desc()).limit(wanted.limit)
    return many(FeeOrder, tx.execute(query))
