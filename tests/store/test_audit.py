"""The chain of records, by the reference values of TRUST 5.5."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from paygate.store import audit
from tests.support.builders import NOON, an_act
from tests.support.fakes import CountingIds

# TRUST 5.5: each line exactly the bytes of RFC 8785, and its hash.
REFERENCE = [
    (
        (
            '{"action":"order.created","actor":"portal:hd","agency":"H23","amount":5000,'
            '"at":"2022-09-28T03:30:00.000000Z","object":"order:01","seq":1,"stream":"order:01","v":1}'
        ),
        "e9fb0172e595fa82e3844722d62f3531fb1b85184b5adf15f6b484c542157a66",
    ),
    (
        (
            '{"action":"order.paid","actor":"provider:vnptpay","agency":"H23","amount":5000,'
            '"at":"2022-09-28T03:31:11.000000Z","object":"order:01","seq":2,"stream":"order:01","v":1}'
        ),
        "15d77c139b1b1dc370847bc5873c2ace39c4bfe643f65696fb1ea5dbc2b984f2",
    ),
    (
        (
            '{"action":"refund.requested","actor":"user:ketoan1","agency":"H23","amount":5000,'
            '"at":"2022-09-29T01:00:00.000000Z","note":"Hủy hồ sơ","object":"order:01","seq":3,'
            '"stream":"order:01","v":1}'
        ),
        "105dbc307ee71fe91b6a1ddec82ed35db6aab10f2e9e5c01e85579af0a5d65ab",
    ),
]


def note(db, ids, stream, *, now=NOON, **facts):
    db.act(
        audit.note,
        an_act(now, ids=ids),
        stream=stream,
        action="order.issued",
        subject=stream,
        facts=facts,
    )


def test_the_reference_chain_is_reproduced():
    previous = audit.GENESIS
    for text, reference in REFERENCE:
        shuffled = dict(reversed(json.loads(text).items()))
        assert audit.canonical(shuffled) == text
        previous = audit.link(previous, text)
        assert previous.hex() == reference


def test_a_records_hash_is_its_leaf_of_rfc_6962():
    empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

    assert audit.link(b"", "").hex() == empty


def test_each_stream_counts_and_chains_by_itself(db):
    ids = CountingIds()
    for stream in ("order:1", "order:2", "order:1", "order:1", "order:2"):
        note(db, ids, stream)

    for stream, count in (("order:1", 3), ("order:2", 2)):
        with db.read() as tx:
            records = audit.stream_of(tx, stream)
        assert [each.seq for each in records] == list(range(1, count + 1))
        previous = bytes(32)
        for each in records:
            assert each.prev_hash == previous.hex()
            # By hand, not by the code under test.
            previous = hashlib.sha256(b"\x00" + previous + each.record.encode()).digest()
            assert each.hash == previous.hex()


def test_a_record_says_who_when_where_and_what(db):
    note(db, CountingIds(), "order:1", amount=5_000)

    with db.read() as tx:
        (record,) = audit.stream_of(tx, "order:1")
    assert json.loads(record.record) == {
        "v": 1,
        "stream": "order:1",
        "seq": 1,
        "at": "2022-09-28T05:00:00.000000Z",
        "actor": "system:test",
        "via": "test",
        "request_id": "req_test",
        "action": "order.issued",
        "object": "order:1",
        "amount": 5_000,
    }


def test_no_fact_can_take_the_place_of_who_and_when(db):
    note(db, CountingIds(), "order:1", actor="portal:evil", seq=9, v=2, at="never")

    with db.read() as tx:
        record = json.loads(audit.stream_of(tx, "order:1")[0].record)
    assert (record["actor"], record["seq"], record["v"]) == ("system:test", 1, 1)
    assert record["at"] == "2022-09-28T05:00:00.000000Z"


def test_an_instant_is_written_in_utc_with_six_decimals(db):
    vietnam = datetime(2022, 9, 28, 12, 0, 0, 1, tzinfo=UTC).astimezone()
    note(db, CountingIds(), "order:1", now=vietnam + timedelta(0))

    with db.read() as tx:
        (record,) = audit.stream_of(tx, "order:1")
    assert '"at":"2022-09-28T12:00:00.000001Z"' in record.record


def test_two_records_cannot_take_one_place(db):
    ids = CountingIds()
    note(db, ids, "order:1")
    with db.read() as tx:
        (record,) = audit.stream_of(tx, "order:1")
    twin = audit.table.insert().values(
        id="aud_twin",
        stream=record.stream,
        seq=record.seq,
        at=record.at,
        record=record.record,
        prev_hash=record.prev_hash,
        hash=record.hash,
    )

    with pytest.raises(sa.exc.IntegrityError):
        db.act(lambda tx: tx.execute(twin))
