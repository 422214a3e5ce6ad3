"""Values and rows with defaults, so that a test names only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from paygate.config import Account, MasterKey, Vault
from paygate.domain.act import Act
from paygate.domain.dossier import DossierCode
from paygate.domain.ids import AccountCode, AttemptId, AttemptRef, Ids, OrderId, PortalId, Token
from paygate.domain.money import Money
from paygate.domain.order import FeeKind, LateMoney, Purpose
from paygate.domain.payment import LIVE, PaymentState
from paygate.house import House, Merchant, Merchants
from paygate.services.issue_order import LineWanted, OrderWanted, issue_order
from paygate.services.move_order import move_order
from paygate.store import account_states, agencies, attempts, orders, portals
from paygate.store.account_states import AccountState
from paygate.store.agencies import Agency
from paygate.store.attempts import Attempt
from paygate.store.engine import Database
from paygate.store.orders import FeeOrder
from paygate.store.portals import Portal
from providers.contract import Arrival, Provider, Send
from tests.support.fakes import CountingIds, FakeLine, FakeRail, says

NOON = datetime(2022, 9, 28, 5, 0, tzinfo=UTC)  # 12:00 in Ha Noi, on the deck's day
FAKE = AccountCode("fake")
AGENCY = "000.30.27.H23"
DOSSIER = "000.30.27.H23-220928-0001"
VAULT = Vault(keys=(MasterKey(kid="k1", key=bytes(range(32))),), index_key=bytes(range(32, 64)))


def an_act(now: datetime = NOON, *, ids: Ids | None = None, actor: str = "system:test") -> Act:
    return Act(now=now, actor=actor, via="test", request_id="req_test", ids=ids or CountingIds())


def a_portal(code: str = "hd", *, late_money: LateMoney = LateMoney.REFUND) -> Portal:
    return Portal(
        id=PortalId(f"por_{code}"),
        code=code,
        display_name="Cổng DVC Hải Dương",
        late_money=late_money,
        created_at=NOON,
    )


def furnish(tx: sa.Connection, *, late_money: LateMoney = LateMoney.REFUND) -> None:
    """Keep what every order needs: a portal, an agency and an account."""
    portals.add(tx, a_portal(late_money=late_money), ("https://portal.example",))
    agencies.put(tx, Agency(code=AGENCY, name="Phòng Tư pháp", valid_from=date(2020, 1, 1)))
    agencies.put(tx, Agency(code="H23", name="Tỉnh Hải Dương"))
    for code in (FAKE, AccountCode("other")):
        account_states.meet(
            tx, AccountState(code=code, rail="fake", offered=True, first_seen_at=NOON)
        )


def a_merchant(provider: Provider | None = None, *, code: str = "fake") -> Merchant:
    account = Account(code=code, rail="fake", label_vi="Ví thử", label_en="Wallet", settings={})
    return Merchant(account=account, provider=provider or FakeRail(), send=FakeLine())


def a_house(db: Database, *, send: Send | None = None, merchants: Merchants | None = None) -> House:
    """Return a house whose merchants all speak over *send*."""
    line = send or FakeLine()
    given = merchants or {FAKE: a_merchant()}
    speaking = {code: replace(merchant, send=line) for code, merchant in given.items()}
    return House(db=db, vault=VAULT, merchants=speaking, quick_passwords=True)


def a_line(dong: int = 5_000, *, code: str = "LP01", beneficiary: str = AGENCY) -> LineWanted:
    return LineWanted(
        kind=FeeKind.LE_PHI,
        code=code,
        name="Lệ phí hộ tịch",
        amount=Money(dong),
        beneficiary=beneficiary,
    )


def order_wanted(
    *,
    dossier: str = DOSSIER,
    dong: int = 5_000,
    purpose: Purpose = Purpose.FEE,
    lines: tuple[LineWanted, ...] | None = None,
    expires_in: timedelta = timedelta(days=1),
    metadata: Mapping[str, str] | None = None,
    **more: object,
) -> OrderWanted:
    wanted: dict[str, object] = {
        "portal": a_portal(),
        "dossier": DossierCode.parse(dossier, date(2026, 1, 1)),
        "purpose": purpose,
        "lines": lines or (a_line(dong),),
        "expires_in": expires_in,
        "metadata": metadata or {},
    }
    return OrderWanted(**(wanted | more))  # type: ignore[arg-type]  # each test gives what fits


def an_order(tx: sa.Connection, act: Act, /, **wanted: object) -> FeeOrder:
    """Issue an order of the furnished house."""
    return issue_order(tx, act, VAULT, order_wanted(**wanted))  # type: ignore[arg-type]  # as above


def an_attempt(
    tx: sa.Connection,
    act: Act,
    order: FeeOrder,
    *,
    ref: str | None = None,
    state: PaymentState = PaymentState.REDIRECTED,
    account: AccountCode = FAKE,
    session: timedelta = timedelta(minutes=15),
) -> Attempt:
    """Keep an attempt of *order* in *state*, and move the order as it then must be."""
    attempt = Attempt(
        id=AttemptId(act.ids.new("att", act.now)),
        order_id=order.id,
        ref=AttemptRef(ref) if ref else act.ids.attempt_ref(),
        account=account,
        amount=order.amount,
        payment_state=state,
        return_token=Token(act.ids.token()),
        created_at=act.now,
        session_ends_at=act.now + session,
        ask_at=act.now + timedelta(minutes=2) if state in LIVE else None,
    )
    attempts.add(tx, attempt)
    held = orders.lock(tx, OrderId(order.id))
    if held is not None:
        move_order(tx, act, held)
    return attempt


def a_callback(
    rail: FakeRail,
    ref: str,
    *,
    code: str = "00",
    dong: int = 5_000,
    txn: str | None = "R1",
    paid_at: datetime = NOON,
    arrived_at: datetime | None = None,
) -> Arrival:
    """Return a signed callback of the fake rail."""
    body = says(ref, code=code, dong=dong, txn=txn, paid_at=paid_at)
    return Arrival(
        method="POST",
        path="/webhooks/fake",
        query=b"",
        headers=(("X-Signature", rail.sign(body).decode()),),
        body=body,
        arrived_at=arrived_at or paid_at + timedelta(seconds=2),
    )
