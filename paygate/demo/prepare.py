"""Lay out a demo in its folder: keys, configuration, tables, a portal, its agencies."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from paygate.bootstrap import configuration, house_over
from paygate.config import Config
from paygate.demo.addresses import RAILS, Addresses
from paygate.demo.staff import DemoStaff, add_demo_staff
from paygate.domain.act import Act
from paygate.domain.clock import SystemClock
from paygate.domain.ids import RandomIds
from paygate.domain.order import LateMoney
from paygate.http.auth import new_key
from paygate.services.add_portal import add_portal
from paygate.services.import_agencies import import_agencies, read_agencies
from paygate.store import schema
from paygate.store.engine import EngineDatabase
from webhooks.endpoints import add_endpoint

BENEFICIARY = "000.30.27.H23"
PORTAL_NAME = "Cổng DVC Hải Dương"
AGENCIES = """code,name,parent
H23,UBND tỉnh Hải Dương,
000.00.27.H23,UBND huyện (minh họa),H23
000.30.27.H23,Bộ phận một cửa (minh họa),000.00.27.H23
"""
KEYS = ("master", "index", "vnptpay-secret", "vnptpay-api", "vnpay-hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the demo's portal was given, kept beside the database that knows it."""

    api_key: str
    webhook_secret: str


def prepare(data: Path, addresses: Addresses) -> tuple[Config, Credentials, tuple[DemoStaff, ...]]:
    """Return the configuration of the demo in *data*, made on its first run and kept after."""
    data.mkdir(parents=True, exist_ok=True)
    for name in KEYS:
        _keep_secret(data / f"{name}.key", base64.b64encode(secrets.token_bytes(32)).decode())
    (data / "paygate.toml").write_text(_toml(data, addresses), encoding="utf-8")
    config = configuration(demo=True)
    database = EngineDatabase(config.gateway.database_url)
    try:
        database.act(schema.upgrade)
        credentials = _credentials(database, config, data, addresses)
        people = _staff(database, config, data)
    finally:
        database.close()
    return config, credentials, people


def _credentials(
    database: EngineDatabase, config: Config, data: Path, addresses: Addresses
) -> Credentials:
    kept = data / "portal.json"
    if kept.exists():
        return Credentials(**json.loads(kept.read_text(encoding="utf-8")))
    credentials = database.act(_furnish, config, addresses)
    _keep_secret(kept, json.dumps(asdict(credentials)))
    return credentials


def _staff(database: EngineDatabase, config: Config, data: Path) -> tuple[DemoStaff, ...]:
    kept = data / "desk.json"
    if not kept.exists():
        act = _act()
        people = add_demo_staff(house_over(config, database), act)
        _keep_secret(kept, json.dumps([asdict(each) for each in people]))
    return tuple(DemoStaff(**each) for each in json.loads(kept.read_text(encoding="utf-8")))


def _act() -> Act:
    now, ids = SystemClock().now(), RandomIds()
    return Act(now=now, actor="operator:demo", via="paygate demo", request_id="demo", ids=ids)


def _furnish(tx: sa.Connection, config: Config, addresses: Addresses) -> Credentials:
    """Add the portal, its endpoint and the agencies."""
    act = _act()
    import_agencies(tx, act, config.vault, read_agencies(AGENCIES.encode()))
    key, key_id, key_secret = new_key()
    portal = add_portal(
        tx,
        act,
        code="haiduong",
        name=PORTAL_NAME,
        origins=(addresses.portal,),
        late_money=LateMoney.ACCEPT,
        key_id=key_id,
        key_secret=key_secret,
        loopback=True,
    )
    url = f"{addresses.portal}/webhooks/paygate"
    _, secret = add_endpoint(tx, act, config.vault, portal.id, url, loopback=True)
    return Credentials(api_key=key, webhook_secret=secret)


def _keep_secret(path: Path, text: str) -> None:
    """Write *text* for the owner alone, unless there is one already."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")


def _toml(data: Path, addresses: Addresses) -> str:
    def key(name: str) -> str:
        return json.dumps(f"file:{(data / f'{name}.key').resolve()}")

    database = json.dumps(f"sqlite:///{(data / 'paygate.db').resolve()}")
    return f"""# Written by `paygate demo`, for this machine alone.
[gateway]
base_url = "{addresses.gateway}"
database_url = {database}
support_phone = "1900 0000"
listen = "127.0.0.1:{addresses.port}"
processes = 1
index_key = {key("index")}

[[gateway.master_keys]]
kid = "k1"
key = {key("master")}
{_account("vnptpay", addresses)}
merchant_service_id = "6901"
secret_key = {key("vnptpay-secret")}
api_key = {key("vnptpay-api")}
transaction_statuses = ["00=paid", "01=pending", "99=failed"]
{_account("vnpay", addresses)}
tmn_code = "PAYGATE1"
hash_secret = {key("vnpay-hash")}
"""


def _account(rail: str, addresses: Addresses) -> str:
    """Return the head of an account's settings; the rail's own names follow."""
    return f"""
[[account]]
code = "{rail}"
rail = "{rail}"
label_vi = "{RAILS[rail]}"
label_en = "{RAILS[rail]}"

[account.settings]
base_url = {json.dumps(addresses.emulator(rail))}"""
