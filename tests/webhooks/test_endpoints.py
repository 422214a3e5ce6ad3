"""Addresses of portals: which are good, and what is kept of their secrets."""

import base64

import pytest
import sqlalchemy as sa

from paygate.domain.errors import ValueRefusedError
from paygate.store import audit, endpoints, sealed
from tests.support.builders import VAULT, a_portal, an_act, furnish
from tests.support.fakes import CountingIds
from webhooks.endpoints import add_endpoint, rotate_secret
from webhooks.secret import signing_secrets
from webhooks.signature import SECRET_BYTES

URL = "https://portal.example/hooks"
OURS = "http://127.0.0.1:8002/hooks"


@pytest.fixture
def add(db):
    db.act(furnish)
    ids = CountingIds()

    def add(url=URL, *, loopback=False):
        act = an_act(ids=ids)
        return db.act(add_endpoint, act, VAULT, a_portal().id, url, loopback=loopback)

    return add


def raw(shown):
    return base64.b64decode(shown.removeprefix("whsec_"))


def test_a_secret_is_shown_once_and_kept_sealed(db, add):
    endpoint, shown = add()

    with db.read() as tx:
        owner = sealed.Owner("webhook_endpoint", endpoint.id, "secret_sealed")
        assert sealed.open_for(tx, VAULT, owner, endpoint.secret_sealed) == raw(shown)
        everything = repr([tx.execute(sa.select(t)).all() for t in sa_tables()])
    assert len(raw(shown)) == SECRET_BYTES
    assert shown not in everything
    assert raw(shown).hex() not in everything


def sa_tables():
    return [endpoints.table, sealed.table, audit.table]


def test_every_endpoint_has_a_secret_of_its_own(add):
    shown = {add(f"{URL}/{number}")[1] for number in range(5)}

    assert len(shown) == 5


def test_a_secret_of_another_endpoint_does_not_open(db, add):
    one, other = add(f"{URL}/1")[0], add(f"{URL}/2")[0]
    owner = sealed.Owner("webhook_endpoint", one.id, "secret_sealed")

    with db.read() as tx, pytest.raises(sealed.SealError):
        sealed.open_for(tx, VAULT, owner, other.secret_sealed)


def test_an_endpoint_is_audited_without_its_secret(db, add):
    endpoint, shown = add()

    with db.read() as tx:
        (record,) = audit.stream_of(tx, f"endpoint:{endpoint.id}")
    assert '"action":"endpoint.added"' in record.record
    assert shown not in record.record


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example/hooks",
        OURS,
        "http://127.0.0.1:8002@evil.example/",
        "ftp://portal.example/",
        "portal.example/hooks",
        "//portal.example/hooks",
        "https:portal.example",
        "https://",
        "https://user@portal.example/",
        "https://portal.example./",
        "https://portal.example\\@evil.example/",
        "https://portal.example/a b",
        "https://portal.example/\n",
        "https://cổng.example/",
        "https://portal.example:port/",
        "javascript:alert(1)",
        "",
    ],
)
def test_an_address_that_may_be_read_in_two_ways_is_refused(add, url):
    with pytest.raises(ValueRefusedError) as refused:
        add(url)

    assert refused.value.code == "url_malformed"


def test_http_is_good_on_this_machine_for_the_demo_alone(add):
    assert add(OURS, loopback=True)[0].url == OURS
    for url in (
        "http://portal.example/",
        "http://localhost:8002/",
        "http://127.0.0.1.evil.example:1/",
    ):
        with pytest.raises(ValueRefusedError):
            add(url, loopback=True)


def test_an_old_secret_that_does_not_open_keeps_the_new_one_from_nothing(db, add):
    first, _ = add()
    act = an_act(ids=CountingIds("later"))
    rotated, shown = db.act(rotate_secret, act, VAULT, a_portal().id, first.id)
    spoilt = sealed.table.update().where(sealed.table.c.id == rotated.old_secret_sealed)
    db.act(lambda tx: tx.execute(spoilt.values(ciphertext="pg1.k1.AAAA")))

    with db.read() as tx:
        assert signing_secrets(tx, VAULT, rotated, now=act.now) == (raw(shown),)
