"""A portal, the origins of its pages, and its key, of which only a hash is kept."""

import pytest
import sqlalchemy as sa

from paygate.domain.errors import ValueRefusedError
from paygate.domain.order import LateMoney
from paygate.http.auth import new_key
from paygate.services.add_portal import add_portal
from paygate.store import audit, portals, schema
from tests.support.builders import NOON, an_act
from tests.support.fakes import CountingIds

ORIGIN = "https://portal.example"


@pytest.fixture
def add(db):
    ids = CountingIds()

    def add(code="haiduong", *, origins=(ORIGIN,), loopback=False, name="Cổng DVC Hải Dương"):
        key, key_id, secret = new_key()
        portal = db.act(
            add_portal,
            an_act(ids=ids),
            code=code,
            name=name,
            origins=origins,
            late_money=LateMoney.ACCEPT,
            key_id=key_id,
            key_secret=secret,
            loopback=loopback,
        )
        return portal, key

    return add


def parts(key):
    _, key_id, secret = key.split(".")
    return key_id, secret


def test_a_new_portal_is_found_by_its_key_and_by_no_other(db, add):
    portal, key = add()
    key_id, secret = parts(key)

    with db.read() as tx:
        assert portals.by_key(tx, key_id, secret, now=NOON) == portal
        assert portals.by_key(tx, key_id, secret[:-1], now=NOON) is None
        assert portals.by_key(tx, "0" * 12, secret, now=NOON) is None
        assert portals.origins_of(tx, portal.id) == {ORIGIN}


def test_nothing_in_the_database_holds_the_key(db, add):
    _, key = add()
    _, secret = parts(key)

    with db.read() as tx:
        everything = repr([tx.execute(sa.select(t)).all() for t in schema.metadata.sorted_tables])
    assert secret not in everything
    assert key not in everything


def test_every_portal_has_a_key_of_256_random_bits(add):
    keys = {add(f"p{number}")[1] for number in range(20)}

    assert len(keys) == 20
    assert all(len(parts(key)[1]) == 43 for key in keys)  # 32 bytes in base64url


def test_a_portal_is_audited_without_its_key(db, add):
    portal, key = add()

    with db.read() as tx:
        (record,) = audit.stream_of(tx, f"portal:{portal.id}")
    assert '"action":"portal.added"' in record.record
    assert parts(key)[1] not in record.record


def test_a_code_is_given_once(db, add):
    add()

    with pytest.raises(ValueRefusedError) as refused:
        add()

    assert refused.value.code == "portal_code_taken"
    with db.read() as tx:
        assert len(portals.every(tx)) == 1


@pytest.mark.parametrize("code", ["", " ", "Hải", "HD", "a b", "-a", "a" * 41, "a\n", "../x"])
def test_a_code_is_what_accounts_can_name(add, code):
    with pytest.raises(ValueRefusedError) as refused:
        add(code)

    assert refused.value.code == "portal_code_malformed"


@pytest.mark.parametrize(
    "origin",
    [
        "http://portal.example",
        "http://127.0.0.1:8002",
        "https://portal.example/",
        "https://portal.example/return",
        "https://portal.example?x",
        "https://portal.example#x",
        "https://portal.example:443",
        "https://Portal.example",
        "https://user@portal.example",
        "https://portal.example.",
        "portal.example",
        "//portal.example",
        "https://*.portal.example x",
        "https://cổng.example",
        "javascript:alert(1)",
        "",
    ],
)
def test_an_origin_is_https_and_nothing_but_an_origin(add, origin):
    with pytest.raises(ValueRefusedError) as refused:
        add(origins=(ORIGIN, origin))

    assert refused.value.code == "return_origin_malformed"


def test_an_origin_that_is_named_twice_is_one(db, add):
    portal, _ = add(origins=(ORIGIN, ORIGIN))

    with db.read() as tx:
        assert portals.origins_of(tx, portal.id) == {ORIGIN}


def test_http_on_this_machine_is_good_for_the_demo_alone(db, add):
    portal, _ = add(origins=("http://127.0.0.1:8002",), loopback=True)

    with db.read() as tx:
        assert portals.origins_of(tx, portal.id) == {"http://127.0.0.1:8002"}
    for origin in ("http://portal.example", "http://localhost:8002", "http://127.0.0.1:8002/"):
        with pytest.raises(ValueRefusedError):
            add("other", origins=(origin,), loopback=True)


@pytest.mark.parametrize(("name", "code"), [("", "name_empty"), ("x" * 201, "name_too_long")])
def test_a_name_is_what_citizens_can_read(add, name, code):
    with pytest.raises(ValueRefusedError) as refused:
        add(name=name)

    assert refused.value.code == code
