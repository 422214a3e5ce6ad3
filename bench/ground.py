"""The ground of a run: keys and configuration in a folder, a furnished database, copied orders."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.numbered import OPEN_SAMPLE, SAMPLE, NumberedIds
from paygate.bootstrap import meet_accounts
from paygate.config import Config
from paygate.domain.act import Act
from paygate.domain.clock import SystemClock, business_date
from paygate.domain.dossier import DossierCode
from paygate.domain.ids import AccountCode, AttemptId, Ids, RandomIds
from paygate.domain.money import Money
from paygate.domain.notice import Notice
from paygate.domain.order import FeeKind, LateMoney, Purpose
from paygate.domain.party import Party
from paygate.domain.payment import PaymentState
from paygate.http.auth import new_key
from paygate.services.add_portal import add_portal
from paygate.services.import_agencies import import_agencies, read_agencies
from paygate.services.issue_order import LineWanted, OrderWanted, issue_order
from paygate.services.move_order import move_order
from paygate.store import attempts, audit, schema
from paygate.store.attempts import Attempt
from paygate.store.portals import Portal

ACCOUNT = AccountCode("vnptpay")
MERCHANT = "6901"
AMOUNT = 5_000
BENEFICIARY = "000.30.27.H23"
AGENCIES = "code,name,parent\nH23,UBND tỉnh,\n000.30.27.H23,Bộ phận một cửa,H23\n"
KEYS = ("master", "index", "vnptpay-secret", "vnptpay-api")
COPY_BATCH = 5_000
ALMOST_NO_LIMIT = 1_000_000  # all load comes from one portal and one address
# Unique, and too short to hold the number: a copy writes it behind them.
NUMBER_BEHIND = {("fee_order", "code"), ("live_order", "payable")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A folder with the configuration of one server in it."""

    folder: Path
    port: int
    toml: Path
    secret: str  # with which the rail signs


def lay_site(folder: Path, database_url: str, port: int, *, processes: int, demo: bool) -> Site:
    """Write keys and configuration into *folder*, and return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in KEYS:
        path = folder / f"{name}.key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(base64.b64encode(secrets.token_bytes(32)).decode(), encoding="utf-8")
    toml = folder / ("demo.toml" if demo else "paygate.toml")
    toml.write_text(_toml(folder, database_url, port, processes=processes, demo=demo))
    return Site(
        folder=folder,
        port=port,
        toml=toml,
        secret=(folder / "vnptpay-secret.key").read_text(encoding="utf-8"),
    )


def _toml(folder: Path, database_url: str, port: int, *, processes: int, demo: bool) -> str:
    def key(name: str) -> str:
        return json.dumps(f"file:{folder / f'{name}.key'}")

    ours = f"http://127.0.0.1:{port}" if demo else "https://pay.example"
    rails = f"http://127.0.0.1:{port + 1}/{ACCOUNT}" if demo else "https://rail.example"
    return f"""[gateway]
base_url = "{ours}"
database_url = {json.dumps(database_url)}
support_phone = "1900 0000"
listen = "127.0.0.1:{port}"
processes = {processes}
threads = 8
index_key = {key("index")}
[gateway.limits]
portal_writes_per_s = {ALMOST_NO_LIMIT}
citizen_starts_per_minute = {ALMOST_NO_LIMIT}
[[gateway.master_keys]]
kid = "k1"
key = {key("master")}
[[account]]
code = "{ACCOUNT}"
rail = "vnptpay"
label_vi = "VNPT Money"
label_en = "VNPT Money"
[account.settings]
merchant_service_id = "{MERCHANT}"
secret_key = {key("vnptpay-secret")}
api_key = {key("vnptpay-api")}
base_url = "{rails}"
transaction_statuses = ["00=paid", "01=pending", "99=failed"]
"""


def an_act(ids: Ids) -> Act:
    """Return an act of the bench, now."""
    now = SystemClock().now()
    return Act(now=now, actor="operator:bench", via="bench", request_id="bench", ids=ids)


def furnish(tx: sa.Connection, config: Config) -> str:
    """Make the tables, a portal, its agencies and the sample; return the portal's key."""
    schema.upgrade(tx)
    meet_accounts(tx, config, SystemClock())
    import_agencies(tx, an_act(RandomIds()), config.vault, read_agencies(AGENCIES.encode()))
    key, key_id, secret = new_key()
    portal = add_portal(
        tx,
        an_act(RandomIds()),
        code="haiduong",
        name="Cổng DVC Hải Dương",
        origins=("https://portal.example",),
        late_money=LateMoney.ACCEPT,
        key_id=key_id,
        key_secret=secret,
        loopback=False,
    )
    _add_sample(tx, config, portal, SAMPLE, Purpose.FEE)
    _add_sample(tx, config, portal, OPEN_SAMPLE, Purpose.SUPPLEMENT)
    return key


def _add_sample(
    tx: sa.Connection, config: Config, portal: Portal, number: int, purpose: Purpose
) -> None:
    """Issue an order to be copied; that of a fee has a citizen on the way to the rail."""
    act = an_act(NumberedIds(number, era=0))
    wanted = OrderWanted(
        portal=portal,
        dossier=DossierCode.parse("000.30.27.H23-220928-0001", business_date(act.now)),
        procedure_code="1.001456",
        procedure_name="Cấp bản sao trích lục hộ tịch",
        purpose=purpose,
        lines=(
            LineWanted(
                kind=FeeKind.LE_PHI,
                code="LP01",
                name="Lệ phí hộ tịch",
                amount=Money(AMOUNT),
                beneficiary=BENEFICIARY,
            ),
        ),
        payer=Party(name="Trần Thị Minh Họa"),
        return_url="https://portal.example/return",
        expires_in=timedelta(days=1),
        metadata={},
    )
    order = issue_order(tx, act, config.vault, wanted)
    if number == OPEN_SAMPLE:
        return
    attempt = Attempt(
        id=AttemptId(act.ids.new("att", act.now)),
        order_id=order.id,
        ref=act.ids.attempt_ref(),
        account=ACCOUNT,
        amount=order.amount,
        payment_state=PaymentState.REDIRECTED,
        return_token=act.ids.token(),
        redirect_url="https://rail.example/pay?session=00000000000000000000",
        created_at=act.now,
        session_ends_at=act.now + timedelta(minutes=15),
        ask_at=act.now + timedelta(minutes=15),
    )
    attempts.add(tx, attempt)
    move_order(tx, act, order, tell=(Notice.ORDER_PROCESSING,))
    for action in ("attempt.created", "attempt.started"):
        audit.note(
            tx,
            act,
            stream=f"order:{order.id}",
            action=action,
            subject=f"attempt:{attempt.id}",
            facts={"account": attempt.account, "amount": attempt.amount.dong},
        )


def copy_orders(engine: sa.Engine, first: int, count: int, *, sample: int = SAMPLE) -> None:
    """Copy every row of the sample for the numbers from *first* on."""
    end = first + count
    with engine.connect() as connection:
        wanted = [(table, _rows_of(connection, table, sample)) for table in _tables()]
    for start in range(first, end, COPY_BATCH):
        with engine.execution_options(writes=True).begin() as tx:
            for table, rows in wanted:
                for row in rows:
                    copies = _copies(table, row, sample, start, min(start + COPY_BATCH, end))
                    tx.execute(copies)


def _tables() -> list[sa.Table]:
    return schema.metadata.sorted_tables


def _rows_of(connection: sa.Connection, table: sa.Table, sample: int) -> list[dict[str, object]]:
    """Return the rows of *table* in whose texts the sample's number stands."""
    texts = [each for each in table.columns if isinstance(each.type, sa.Text)]
    if not texts:
        return []
    query = sa.select(table).where(sa.or_(*(each.contains(str(sample)) for each in texts)))
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001  # public by its documentation


def _copies(
    table: sa.Table, row: dict[str, object], sample: int, start: int, end: int
) -> sa.Insert:
    numbers = sa.select(sa.literal(start, sa.BigInteger).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n + 1 < end))
    number = sa.cast(numbers.c.n, sa.Text)

    def column(each: sa.Column[Any]) -> sa.ColumnElement[Any]:
        value = row[each.name]
        if (table.name, each.name) in NUMBER_BEHIND:
            return sa.literal(value, sa.Text) + "-" + number
        if isinstance(value, str) and str(sample) in value:
            return sa.func.replace(sa.literal(value, sa.Text), str(sample), number)
        return sa.literal(value, each.type)

    chosen = sa.select(*(column(each) for each in table.columns)).select_from(numbers)
    return table.insert().from_select([each.name for each in table.columns], chosen)
