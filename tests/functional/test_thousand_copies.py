"""R02: a thousand copies of one callback, 32 clients, the real server with two processes."""

import base64
import hashlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import count

import pytest
import sqlalchemy as sa

from paygate.domain.ids import AccountCode
from paygate.domain.order import OrderState
from paygate.ledger import journal
from paygate.store import account_states, collections, evidence, orders, outbox
from paygate.store.account_states import AccountState
from tests.support.builders import NOON, an_act, an_attempt, an_order, furnish
from tests.support.databases import url_of
from tests.support.fakes import CountingIds
from tests.support.servers import free_port, until_it_answers

COPIES, CLIENTS = 1_000, 32
SECRET = "a-secret-of-the-test"  # of nothing real
SIGNED = (
    "ACTION",
    "RESPONSE_CODE",
    "MERCHANT_SERVICE_ID",
    "MERCHANT_ORDER_ID",
    "AMOUNT",
    "CURRENCY_CODE",
    "VNPTPAY_TRANSACTION_ID",
    "PAYMENT_METHOD",
    "PAY_DATE",
    "ADDITIONAL_INFO",
)


def a_signed_callback(ref):
    """Write the IPN of protocols/vnptpay.md 3 with code that is not ours to be tested."""
    fields = {
        "ACTION": "CONFIRM",
        "RESPONSE_CODE": "00",
        "MERCHANT_SERVICE_ID": "6901",
        "MERCHANT_ORDER_ID": ref,
        "AMOUNT": "5000",
        "CURRENCY_CODE": "VND",
        "VNPTPAY_TRANSACTION_ID": "220928000123",
        "PAYMENT_METHOD": "VNPTPAY",
        "PAY_DATE": "20220928101620",
        "ADDITIONAL_INFO": "",
    }
    text = "|".join([*(fields[name] for name in SIGNED), SECRET])
    return json.dumps(fields | {"SECURE_CODE": hashlib.sha256(text.encode()).hexdigest()})


def configure(folder, url, port):
    for name in ("master", "index"):
        path = folder / f"{name}.key"
        path.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
        path.chmod(0o600)
    (folder / "paygate.toml").write_text(f"""
[gateway]
base_url = "https://pay.example"
database_url = {json.dumps(url)}
support_phone = "1900 0000"
listen = "127.0.0.1:{port}"
processes = 2
index_key = "file:{folder}/index.key"
[[gateway.master_keys]]
kid = "k1"
key = "file:{folder}/master.key"
[[account]]
code = "vnptpay"
rail = "vnptpay"
label_vi = "VNPT Money"
label_en = "VNPT Money"
[account.settings]
merchant_service_id = "6901"
secret_key = "env:TEST_VNPTPAY_SECRET"
api_key = "env:TEST_VNPTPAY_SECRET"
# The furnished house has attempts at no other account.
""")


@pytest.fixture
def server(bare_db, tmp_path):
    port = free_port()
    configure(tmp_path, url_of(bare_db), port)
    bare_db.act(furnish)
    account = AccountState(
        code=AccountCode("vnptpay"), rail="vnptpay", offered=True, first_seen_at=NOON
    )
    bare_db.act(account_states.meet, account)
    ids = CountingIds()
    order = bare_db.act(an_order, an_act(ids=ids))
    attempt = bare_db.act(an_attempt, an_act(ids=ids), order, account=AccountCode("vnptpay"))
    environment = os.environ | {
        "PAYGATE_CONFIG": str(tmp_path / "paygate.toml"),
        "TEST_VNPTPAY_SECRET": SECRET,
    }
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(  # our own program
            [sys.executable, "-m", "paygate", "serve"], env=environment, stdout=log, stderr=log
        )
        try:
            until_it_answers(port, "/readyz", process, tmp_path / "log")
            yield port, attempt.ref
        finally:
            process.terminate()
            process.wait(20)


@pytest.mark.loopback
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.timeout(300)
def test_a_thousand_copies_of_one_callback_are_one_payment(bare_db, server):
    port, ref = server
    body = a_signed_callback(ref)
    answers: Counter[tuple[int, str]] = Counter()
    numbers, lock = count(1), threading.Lock()
    start = threading.Barrier(CLIENTS)

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        start.wait()
        while True:
            with lock:
                if next(numbers) > COPIES:
                    break
            connection.request(
                "POST", "/webhooks/vnptpay", body, {"Content-Type": "application/json"}
            )
            reply = connection.getresponse()
            said = json.loads(reply.read())["RESPONSE_CODE"]
            with lock:
                answers[reply.status, said] += 1
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{COPIES} copies over {CLIENTS} clients: {time.monotonic() - begun:.1f} s")  # noqa: T201

    assert answers == {(200, "00"): COPIES}
    with bare_db.read() as tx:
        [order] = tx.execute(sa.select(orders.table)).all()
        [collection] = tx.execute(sa.select(collections.table)).all()
        legs = tx.execute(sa.select(journal.table)).all()
        paid = [row.type for row in tx.execute(sa.select(outbox.table)).all()]
        kept = Counter(tx.execute(sa.select(evidence.table.c.outcome)).scalars().all())
    assert order.state is OrderState.PAID
    assert collection.amount.dong == 5_000
    assert [leg.amount.dong for leg in legs] == [5_000, -5_000]
    assert paid == ["order.paid"]
    assert {outcome.value: number for outcome, number in kept.items()} == {
        "applied": 1,
        "known": COPIES - 1,
    }
