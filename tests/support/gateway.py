"""The whole web application over a test's database, with the fake rail, for functional tests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import flask
import flask.testing
import sqlalchemy as sa
from werkzeug.test import TestResponse

from paygate.bootstrap import create_app
from paygate.config import Config, Gateway, Limits
from paygate.domain.act import Act
from paygate.domain.ids import PortalId
from paygate.domain.order import LateMoney
from paygate.house import House
from paygate.http.auth import new_key
from paygate.store import portals
from paygate.store.engine import Database
from paygate.store.portals import PortalKey
from providers.contract import Provider
from tests.support.builders import (
    AGENCY,
    DOSSIER,
    FAKE,
    NOON,
    VAULT,
    a_house,
    a_merchant,
    a_portal,
    furnish,
)
from tests.support.fakes import CountingIds, FakeLine, SteppingClock

BASE = "https://pay.example"
# In a test time stands, so all that it does happens within one window.
GENEROUS = Limits(
    portal_writes_per_s=1_000_000,
    citizen_starts_per_minute=1_000_000,
    order_starts_per_minute=1_000_000,
    misses_per_minute=1_000_000,
    logins_per_minute=1_000_000,
)


@dataclass(slots=True)
class TestGateway:
    """The gateway as portals, citizens and rails meet it."""

    __test__ = False
    app: flask.Flask
    house: House
    clock: SteppingClock
    ids: CountingIds
    line: FakeLine
    key: str
    client: flask.testing.FlaskClient = field(init=False)
    keys_used: int = 0

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def act(self) -> Act:
        return Act(
            now=self.clock.now(), actor="system:test", via="test", request_id="r", ids=self.ids
        )

    def post_order(
        self, body: object | None = None, *, key: str | None = None, **headers: str
    ) -> TestResponse:
        """Post an order as the portal would; *body* None posts the deck's."""
        if key is None:
            self.keys_used += 1
            key = f"key-{self.keys_used}"
        sent = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        raw = body if isinstance(body, bytes) else json.dumps(body or deck_order()).encode()
        return self.client.post(
            "/v1/orders", data=raw, headers=sent, content_type="application/json"
        )

    def get(self, path: str) -> TestResponse:
        """Read what the portal may read."""
        return self.client.get(path, headers={"Authorization": f"Bearer {self.key}"})

    def call(
        self, method: str, path: str, body: object | None = None, *, key: str | None = None
    ) -> TestResponse:
        """Call the API as the portal, with an Idempotency-Key of its own unless one is given."""
        if key is None:
            self.keys_used += 1
            key = f"key-{self.keys_used}"
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        return self.client.open(path, method=method, headers=headers, json=body)

    def another_portal(self) -> TestGateway:
        """Return the same gateway as a second portal meets it."""
        key, key_id, secret = new_key()
        other = replace(a_portal(), id=PortalId("por_other"), code="other")

        def add(tx: sa.Connection) -> None:
            portals.add(tx, other, ("https://other.example",))
            hashed = portals.hash_secret(secret)
            portals.add_key(
                tx, PortalKey(id=key_id, portal_id=other.id, secret_sha256=hashed, created_at=NOON)
            )

        self.house.db.act(add)
        return replace(self, key=key)


def deck_order(**changes: object) -> dict[str, object]:
    """Return the order of the training deck as a portal posts it."""
    order: dict[str, object] = {
        "dossier": {
            "code": DOSSIER,
            "procedure_code": "1.001456",
            "procedure_name": "Cấp bản sao trích lục hộ tịch",
        },
        "purpose": "fee",
        "language": "vi",
        "lines": [
            {
                "kind": "le_phi",
                "code": "LP01",
                "name": "Lệ phí hộ tịch",
                "amount": 5000,
                "beneficiary": AGENCY,
            }
        ],
        "payer": {"name": "Trần Thị Minh Họa", "phone": "0900000123"},
        "refund_account": {
            "bank_bin": "970436",
            "account_number": "0011002233",
            "account_holder": "TRAN THI MINH HOA",
        },
        "return_url": "https://portal.example/return",
    }
    return order | changes


def a_gateway(
    db: Database,
    *,
    late_money: LateMoney = LateMoney.REFUND,
    limits: Limits = GENEROUS,
    rail: Provider | None = None,
    **settings: Any,
) -> TestGateway:
    """Furnish *db* and open the doors over it."""
    key, key_id, secret = new_key()
    clock, ids, line = SteppingClock(NOON), CountingIds(), FakeLine()
    house = a_house(db, send=line, merchants={FAKE: a_merchant(rail)})

    def prepare(tx: sa.Connection) -> None:
        furnish(tx, late_money=late_money)
        hashed = portals.hash_secret(secret)
        portals.add_key(
            tx,
            PortalKey(id=key_id, portal_id=a_portal().id, secret_sha256=hashed, created_at=NOON),
        )

    db.act(prepare)
    given: dict[str, Any] = {
        "base_url": BASE,
        "database_url": "",
        "support_phone": "1900 0000",
        "limits": limits,
        "quick_passwords": True,
    }
    config = Config(
        gateway=Gateway(**given | settings),
        vault=VAULT,
        accounts=tuple(each.account for each in house.merchants.values()),
    )
    app = create_app(config, house, clock=clock, ids=ids)
    return TestGateway(app=app, house=house, clock=clock, ids=ids, line=line, key=key)
