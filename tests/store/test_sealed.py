"""Personal values at rest, by the reference values of TRUST 6."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from paygate.config import MasterKey, Vault
from paygate.domain.party import Party, RefundAccount
from paygate.store import refund_accounts, schema, sealed
from paygate.store.engine import EngineDatabase
from paygate.store.sealed import Owner, SealError
from tests.support.builders import (
    VAULT,
    a_callback,
    a_house,
    a_merchant,
    an_act,
    an_attempt,
    an_order,
    furnish,
)
from tests.support.fakes import CountingIds, FakeRail
from webhooks.inbox import receive

# TRUST 6, reference value: master 00…1f, index master 20…3f, salt 00…0f, nonce 00…0b.
OWNER = Owner("refund_account", "0199f000-0000-7000-8000-000000000001", "account_no")
PLAIN = b"0123456789"
TEXT = "pg1.k1.AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKC8VGRugqTtdVz52ZKWEyYqKUykoHeYrbBNeH"
INDEX = "2b592716a92598977d10b785efcc0012a11cb163bf6c4b91e2bd98a7b94f377a"
K1, K2 = VAULT.keys[0], MasterKey(kid="k2", key=bytes(range(64, 96)))
SALT, NONCE = bytes(range(16)), bytes(range(12))


def a_vault(*keys):
    return Vault(keys=keys, index_key=VAULT.index_key)


def test_the_reference_value_is_sealed_exactly():
    assert sealed.encrypt(K1, OWNER, PLAIN, salt=SALT, nonce=NONCE) == TEXT


def test_the_reference_value_opens():
    assert sealed.decrypt(VAULT, OWNER, TEXT) == PLAIN


def test_the_blind_index_is_the_reference_value():
    assert sealed.blind_index(VAULT, "refund_account", "account_no", "0123456789") == INDEX


@pytest.mark.parametrize(
    ("table", "column"), [("beneficiary_account", "account_no"), ("refund_account", "holder")]
)
def test_equal_values_of_two_columns_do_not_look_equal(table, column):
    assert sealed.blind_index(VAULT, table, column, "0123456789") != INDEX


def test_the_blind_index_needs_its_key():
    other = Vault(keys=VAULT.keys, index_key=bytes(range(33, 65)))

    assert sealed.blind_index(other, "refund_account", "account_no", "0123456789") != INDEX


@pytest.mark.parametrize(
    "owner",
    [
        Owner("beneficiary_account", OWNER.row, OWNER.column),
        Owner(OWNER.table, OWNER.row[:-1] + "2", OWNER.column),
        Owner(OWNER.table, OWNER.row, "account_holder"),
        Owner(OWNER.table, "", f"{OWNER.row}\x1f{OWNER.column}"),
    ],
)
def test_a_ciphertext_moved_elsewhere_does_not_open(owner):
    with pytest.raises(SealError):
        sealed.decrypt(VAULT, owner, TEXT)


@pytest.mark.parametrize("place", range(len(TEXT)))
def test_no_character_can_be_changed(place):
    for other in ("A", "B", "-", "1", ".", "=", "!", "\n"):
        if other != TEXT[place]:
            with pytest.raises(SealError):
                sealed.decrypt(VAULT, OWNER, TEXT[:place] + other + TEXT[place + 1 :])


@pytest.mark.parametrize("length", range(6))
def test_the_last_character_says_nothing_that_is_overlooked(length):
    text = sealed.encrypt(K1, OWNER, bytes(length), salt=SALT, nonce=NONCE)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    opening = []
    for last in alphabet:
        try:
            sealed.decrypt(VAULT, OWNER, text[:-1] + last)
        except SealError:
            continue
        opening.append(last)

    assert opening == [text[-1]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pg1",
        "pg1.k1.",
        "pg1.k1",
        f"{TEXT}.x",
        f"{TEXT}=",
        f"{TEXT}A",
        f" {TEXT}",
        TEXT[:40],
        TEXT[:20] + "!" + TEXT[20:],
        TEXT.replace("pg1", "pg2"),
        TEXT.replace("k1", "k2"),
        TEXT.replace(".k1.", ".é."),
    ],
)
def test_what_was_not_sealed_does_not_open(text):
    with pytest.raises(SealError):
        sealed.decrypt(a_vault(K1, K2), OWNER, text)


def test_a_ciphertext_under_another_key_of_the_same_name_does_not_open():
    with pytest.raises(SealError):
        sealed.decrypt(a_vault(MasterKey(kid="k1", key=K2.key)), OWNER, TEXT)


def test_with_two_keys_the_first_seals_and_both_open(db):
    both = a_vault(K2, K1)

    sealed_id = db.act(sealed.seal, both, OWNER, PLAIN, act=an_act())

    with db.read() as tx:
        assert sealed.open_for(tx, both, OWNER, sealed_id) == PLAIN
        assert tx.execute(sa.select(sealed.table.c.kid)).scalars().all() == ["k2"]
        with pytest.raises(SealError):
            sealed.open_for(tx, a_vault(K1), OWNER, sealed_id)
    assert sealed.decrypt(both, OWNER, TEXT) == PLAIN


def test_a_row_that_points_at_anothers_value_gets_nothing(db):
    theirs = Owner(OWNER.table, "another-row", OWNER.column)
    sealed_id = db.act(sealed.seal, VAULT, theirs, PLAIN, act=an_act())

    with db.read() as tx:
        with pytest.raises(SealError):
            sealed.open_for(tx, VAULT, OWNER, sealed_id)
        assert sealed.unseal(tx, VAULT, sealed_id) == PLAIN


def test_a_value_that_is_gone_is_an_error_and_never_empty(db):
    with db.read() as tx, pytest.raises(SealError):
        sealed.open_for(tx, VAULT, OWNER, "sv_nothing")


def test_no_salt_and_no_nonce_comes_twice(db):
    ids = CountingIds()

    def seal_many(tx):
        for number in range(2_000):
            owner = Owner(OWNER.table, str(number), OWNER.column)
            sealed.seal(tx, VAULT, owner, PLAIN, act=an_act(ids=ids))

    db.act(seal_many)

    with db.read() as tx:
        rows = tx.execute(
            sa.select(sealed.table.c.ciphertext, sealed.table.c.commitment_salt)
        ).all()
    bodies = [row.ciphertext.split(".")[2] for row in rows]
    # 16 bytes of salt are 21 1/3 characters, 12 of nonce end at character 37 1/3.
    assert len({body[:21] for body in bodies}) == 2_000
    assert len({body[22:37] for body in bodies}) == 2_000
    assert len({row.commitment_salt for row in rows}) == 2_000


def test_nothing_that_is_printed_shows_a_key_or_a_value(db):
    sealed_id = db.act(sealed.seal, VAULT, OWNER, PLAIN, act=an_act())
    with db.read() as tx:
        row = sealed._get(tx, sealed_id)

    assert "1f" not in repr(VAULT).replace("\\x", "")
    assert repr(K1) == "MasterKey(kid='k1')"
    assert "index_key" not in repr(VAULT)
    assert row.ciphertext not in repr(row)
    assert row.commitment_salt not in repr(row)


CANARY_NUMBER, CANARY_NAME = "1029384756", "Nguyễn Thị Chim Hoàng Yến"
CANARY_ID, CANARY_PHONE, CANARY_MAIL = "030188123468", "0912345436", "hoang.yen@thu.example"
CANARIES = [
    CANARY_NUMBER,
    CANARY_NAME,
    CANARY_NAME.upper(),
    "NGUYEN THI CHIM HOANG YEN",
    "Chim Hoàng",
    CANARY_ID,
    CANARY_PHONE,
    CANARY_MAIL,
    "12 Ngõ Chim Yến",
]


def test_the_files_of_a_database_hold_no_account_and_no_name(tmp_path):
    database, ids, rail = EngineDatabase(f"sqlite:///{tmp_path}/p.db"), CountingIds(), FakeRail()
    database.act(schema.upgrade)
    database.act(furnish)
    payer = Party(
        name=CANARY_NAME,
        id_number=CANARY_ID,
        phone=CANARY_PHONE,
        email=CANARY_MAIL,
        address="12 Ngõ Chim Yến",
    )
    account = RefundAccount("970436", CANARY_NUMBER, "NGUYEN THI CHIM HOANG YEN")
    order = database.act(
        an_order, an_act(ids=ids), payer=payer, applicant=payer, refund_account=account
    )
    attempt = database.act(an_attempt, an_act(ids=ids), order)
    # What a rail writes of the payer is evidence, and sealed as well.
    plain = a_callback(rail, attempt.ref)
    body = json.dumps({**json.loads(plain.body), "payer": CANARY_NAME, "from": CANARY_NUMBER})
    signature = (("X-Signature", rail.sign(body.encode()).decode()),)
    arrival = replace(plain, headers=signature, body=body.encode())
    outcome = receive(a_house(database), an_act(arrival.arrived_at, ids=ids), a_merchant(), arrival)
    assert outcome.body == b"applied"

    files = {each.name: each.read_bytes() for each in Path(tmp_path).iterdir()}

    assert {"p.db", "p.db-wal"} <= set(files)
    found = {
        (name, canary)
        for name, content in files.items()
        for canary in CANARIES
        if canary.encode() in content or canary.encode("utf-16-le") in content
    }
    with database.read() as tx:
        kept = refund_accounts.latest(tx, order.id)
        assert kept is not None
        assert sealed.unseal(tx, VAULT, kept.number_sealed).decode() == CANARY_NUMBER
    database.close()
    assert found == set()
    assert any(b"970436" in content for content in files.values())  # so the search can find
