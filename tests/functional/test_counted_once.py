"""One request of a portal is looked at once: its key, and the count of its writes."""

import re

import pytest
import sqlalchemy as sa

from paygate.store import portals, rate_limits
from paygate.web.api import ROUTES
from tests.support.gateway import a_gateway

pytestmark = pytest.mark.functional
WRITES = [each for each in ROUTES if each.method not in {"GET", "HEAD"}]


@pytest.mark.parametrize("route", WRITES, ids=lambda route: f"{route.method} {route.path}")
def test_a_request_is_authenticated_and_counted_once(db, route, monkeypatch):
    gateway = a_gateway(db)
    order_id = str(gateway.post_order().headers["Location"]).rpartition("/")[2]
    asked = []
    by_key = portals.by_key

    def count_and_ask(*arguments, **more):
        asked.append("")
        return by_key(*arguments, **more)

    monkeypatch.setattr(portals, "by_key", count_and_ask)
    path = re.sub("<[^>]+>", order_id, route.path)
    with gateway.house.db.read() as tx:
        before = tx.execute(sa.select(sa.func.sum(rate_limits.table.c.spent))).scalar_one()

    gateway.client.open(
        f"/v1{path}",
        method=route.method,
        json={"metadata": {}},
        headers={
            "Authorization": f"Bearer {gateway.key}",
            "Idempotency-Key": "another",
            "If-Match": '"1"',
        },
    )

    assert len(asked) == 1
    with gateway.house.db.read() as tx:
        after = tx.execute(sa.select(sa.func.sum(rate_limits.table.c.spent))).scalar_one()
    assert after - before == 1
