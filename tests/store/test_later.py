"""What needs no answer waits, and goes with the next statement or the commit, in its place."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from paygate.ledger import journal
from paygate.store import driver
from tests.store.test_driver import ENTRY, NOW

HOW_MANY = sa.select(sa.func.count()).select_from(journal.table)


def post(tx, cause):
    journal.post(tx, replace(ENTRY, cause=cause), booked_at=NOW)


def count(db):
    with db.read() as tx:
        return tx.execute(HOW_MANY).scalar_one()


def test_what_waits_is_committed_with_the_act(bare_db):
    bare_db.act(post, "collect:a:1")

    assert count(bare_db) == 2


def test_what_follows_sees_it_by_the_driver_and_by_core(bare_db):
    def verb(tx):
        post(tx, "collect:a:1")
        by_core = tx.execute(HOW_MANY).scalar_one()
        post(tx, "collect:a:2")
        text = sa.select(sa.func.count().label("n")).select_from(journal.table)
        found: tuple[dict[str, int], ...] = driver.many(tx, text, {}, dict)
        return by_core, found[0]["n"]

    assert bare_db.act(verb) == (2, 4)


def test_many_go_in_their_order(bare_db):
    def verb(tx):
        for number in range(40):
            post(tx, f"collect:a:{number}")

    bare_db.act(verb)
    assert count(bare_db) == 80


@pytest.mark.parametrize("then", ["commit", "core", "driver"])
def test_a_refusal_is_told_at_the_latest_there_and_nothing_is_kept(bare_db, then):
    def verb(tx):
        post(tx, "collect:a:1")
        post(tx, "collect:a:1")
        post(tx, "collect:a:2")
        if then == "core":
            tx.execute(HOW_MANY)
        elif then == "driver":
            journal.has(tx, "collect:a:9")

    for _ in range(3):
        with pytest.raises(sa.exc.IntegrityError):
            bare_db.act(verb)
        assert count(bare_db) == 0
    bare_db.act(post, "collect:a:1")
    assert count(bare_db) == 2


def test_an_act_that_fails_by_itself_sends_nothing_of_it(bare_db):
    def verb(tx):
        post(tx, "collect:a:1")
        raise KeyError("ours")

    with pytest.raises(KeyError):
        bare_db.act(verb)
    bare_db.act(post, "collect:a:2")

    assert count(bare_db) == 2


def test_a_savepoint_parts_what_was_before_from_what_is_in_it(bare_db):
    def verb(tx):
        post(tx, "collect:a:1")
        inner = tx.begin_nested()
        post(tx, "collect:a:2")
        inner.rollback()
        kept = tx.begin_nested()
        post(tx, "collect:a:3")
        kept.commit()

    bare_db.act(verb)
    with bare_db.read() as tx:
        causes = set(tx.execute(sa.select(journal.table.c.cause)).scalars())
    assert causes == {"collect:a:1", "collect:a:3"}


def test_a_conflict_told_at_the_commit_is_tried_again(bare_db):
    tries = []

    def verb(tx):
        tries.append("")
        post(tx, "collect:a:1")
        driver.settle(tx)
        post(tx, "collect:a:2")
        if len(tries) == 1 and tx.dialect.name == "postgresql":
            tx.connection.driver_connection.execute("DEALLOCATE ALL")

    bare_db.act(verb)
    assert count(bare_db) == 4
    assert len(tries) == (2 if bare_db.engine.dialect.name == "postgresql" else 1)
