"""What staff look for across orders and cases, within the agencies that they may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.case import CaseKind, CaseState, severity
from paygate.domain.ids import AccountCode, OrderId
from paygate.domain.order import LIVE_STATES, OrderState
from paygate.domain.staff import Scope
from paygate.store import agencies, attempts, cases, collections, orders
from paygate.store.base import InstantColumn, many
from paygate.store.cases import Case
from paygate.store.orders import FeeOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersWanted:
    """What somebody at the desk looks for; newest first, below the id *before*."""

    scope: Scope
    code: str | None = None  # as it is stored
    dossier: str | None = None  # letters and digits alone
    number: str | None = None  # or else what rails or banks call an attempt or its money
    accounts: Collection[AccountCode] = ()  # whose numbers are looked at
    state: OrderState | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    before: OrderId | None = None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesWanted:
    """Cases of orders in *scope*, and of *accounts* where a case has no order.

    Open ones first, the gravest first, the oldest first; behind the place *after*.
    """

    scope: Scope
    accounts: Collection[AccountCode]
    state: CaseState | None = None
    kind: CaseKind | None = None
    after: CasePlace | None = None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePlace:
    """Where a case stands in the list of all."""

    rank: int
    opened_at: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFound:
    """A case, and the order that it is about."""

    case: Case
    order: FeeOrder | None

    @property
    def place(self) -> CasePlace:
        """Return where it stands in the list."""
        rank = _rank_of(self.case)
        return CasePlace(rank=rank, opened_at=self.case.opened_at, id=self.case.id)


_O, _C = orders.table.c, cases.table.c
_DONE = 100  # ranks of what is resolved come after all that is open
_RANK = sa.case(
    (_C.state == CaseState.RESOLVED, sa.literal_column(str(_DONE))),
    *((_C.kind == kind, sa.literal_column(str(severity(kind)))) for kind in CaseKind),
    else_=sa.literal_column("1"),
)


def find_orders(tx: sa.Connection, wanted: OrdersWanted) -> tuple[FeeOrder, ...]:
    """Return the orders that match, newest first."""
    query = sa.select(orders.table).where(_within(wanted.scope, _O.collecting_agency))
    if wanted.code is not None:
        query = query.where(_O.code == wanted.code)
    if wanted.dossier is not None:
        query = query.where(_O.id.in_(_known_as(wanted, wanted.dossier, wanted.number or "")))
    if wanted.state is not None:
        query = query.where(_state_of(wanted.state) == wanted.state)
    if wanted.created_from is not None:
        query = query.where(_O.created_at >= wanted.created_from)
    if wanted.created_to is not None:
        query = query.where(_O.created_at < wanted.created_to)
    if wanted.before is not None:
        query = query.where(_O.id < wanted.before)
    return many(FeeOrder, tx.execute(query.order_by(_O.id.desc()).limit(wanted.limit)))


def _known_as(wanted: OrdersWanted, dossier: str, number: str) -> sa.CompoundSelect[OrderId]:
    """Return the question for the ids of orders of a dossier, or of money of that number.

    One question for each name, so that each is looked up in the index of its own.
    """
    money, attempt = collections.table.c, attempts.table.c
    at_account = money.account.in_(sorted(wanted.accounts))
    spelled = {number, number.upper()}
    names = {*spelled, *(f"txn:{each}" for each in spelled)}  # as `Report.collection_key` does
    of_money = sa.select(money.order_id).where(at_account, money.order_id.is_not(None))
    return sa.union_all(
        sa.select(_O.id).where(_O.dossier_canonical == dossier),
        sa.select(attempt.order_id).where(attempt.ref.in_(spelled)),
        of_money.where(money.rail_txn.in_(names)),
        of_money.where(money.also.in_(names)),
    )


def _state_of(state: OrderState) -> sa.ColumnElement[OrderState]:
    """Return the column as it is compared with *state*.

    Orders that live are few, and found by the index of states. Those that ended are nearly all:
    by that index every one of them would be sorted before the newest are known.
    """
    return _O.state if state in LIVE_STATES else sa.func.coalesce(_O.state, _O.state)


def live_orders(tx: sa.Connection, scope: Scope) -> Mapping[OrderState, int]:
    """Return how many orders have no end yet, by their state."""
    query = (
        sa.select(_O.state, sa.func.count())
        .where(_O.state.in_(LIVE_STATES), _within(scope, _O.collecting_agency))
        .group_by(_O.state)
    )
    found = {state: int(number) for state, number in tx.execute(query)}
    return {state: found.get(state, 0) for state in LIVE_STATES}


def find_cases(tx: sa.Connection, wanted: CasesWanted) -> tuple[CaseFound, ...]:
    """Return the cases that match."""
    query = _cases(wanted.scope, wanted.accounts)
    if wanted.state is not None:
        query = query.where(_C.state == wanted.state)
    if wanted.kind is not None:
        query = query.where(_C.kind == wanted.kind)
    if wanted.after is not None:
        place = wanted.after
        query = query.where(
            sa.tuple_(_RANK, _C.opened_at, _C.id)
            > sa.tuple_(
                sa.literal(place.rank),
                sa.literal(place.opened_at, InstantColumn()),
                sa.literal(place.id),
            )
        )
    query = query.order_by(_RANK, _C.opened_at, _C.id).limit(wanted.limit)
    return tuple(_found(row) for row in tx.execute(query))


def find_case(
    tx: sa.Connection, scope: Scope, accounts: Collection[AccountCode], code: str
) -> CaseFound | None:
    """Return the case of that code, None where it is not for these eyes."""
    row = tx.execute(_cases(scope, accounts).where(_C.code == code)).one_or_none()
    return None if row is None else _found(row)


def open_cases(
    tx: sa.Connection, scope: Scope, accounts: Collection[AccountCode]
) -> tuple[tuple[CaseKind, int, datetime], ...]:
    """Return the kinds of open cases, how many there are and since when, the gravest first."""
    query = (
        sa.select(_C.kind, sa.func.count(), sa.func.min(_C.opened_at))
        .select_from(_WITH_ORDER)
        .where(_C.state == CaseState.OPEN, _seen(scope, accounts))
        .group_by(_C.kind)
    )
    found = [(kind, int(number), oldest) for kind, number, oldest in tx.execute(query)]
    return tuple(sorted(found, key=lambda each: (severity(each[0]), each[2])))


_WITH_ORDER = cases.table.outerjoin(orders.table, _C.order_id == _O.id)


def _cases(scope: Scope, accounts: Collection[AccountCode]) -> sa.Select[tuple[object, ...]]:
    columns = [each.label(f"case_{each.name}") for each in cases.table.columns]
    columns += [each.label(f"order_{each.name}") for each in orders.table.columns]
    return sa.select(*columns).select_from(_WITH_ORDER).where(_seen(scope, accounts))


def _seen(scope: Scope, accounts: Collection[AccountCode]) -> sa.ColumnElement[bool]:
    if scope.everything:  # also a case of an account that the file has lost
        return sa.true()
    orderless = sa.and_(_C.order_id.is_(None), _C.account.in_(sorted(accounts)))
    mine = sa.and_(_C.order_id.is_not(None), _within(scope, _O.collecting_agency))
    return sa.or_(mine, orderless)


def _found(row: sa.Row[tuple[object, ...]]) -> CaseFound:
    given = row._mapping  # noqa: SLF001  # public by its documentation
    case = {each.name: given[f"case_{each.name}"] for each in cases.table.columns}
    order = {each.name: given[f"order_{each.name}"] for each in orders.table.columns}
    return CaseFound(case=Case(**case), order=None if order["id"] is None else FeeOrder(**order))


def _rank_of(case: Case) -> int:
    return _DONE if case.state is CaseState.RESOLVED else severity(case.kind)


def _within(scope: Scope, agency: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return whether *agency* lies in a subtree of *scope*."""
    if scope.everything:
        return sa.true()
    return agency.in_(agencies.below(scope.agencies))
