"""The lease and its fencing number: exactly one may act (TRUST R16)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from paygate.store import jobs
from paygate.store.engine import EngineDatabase
from paygate.store.jobs import LeaseLostError
from tests.support.builders import NOON
from tests.support.databases import url_of
from tests.support.races import ROUNDS, together

TTL = timedelta(seconds=15)


def take(db, holder, *, now=NOON, name="worker"):
    return db.act(jobs.take, name, holder, now=now, until=now + TTL)


def test_the_first_takes_the_lease_and_the_second_waits(db):
    first, second = take(db, "a"), take(db, "b")

    assert first is not None
    assert (first.holder, first.fencing, first.expires_at) == ("a", 1, NOON + TTL)
    assert second is None
    with db.read() as tx:
        assert jobs.current(tx, "worker") == first


def test_leases_of_two_names_are_two(db):
    assert take(db, "a") is not None
    assert take(db, "b", name="other") is not None


def test_to_renew_keeps_the_fencing_number(db):
    lease = take(db, "a")
    renewed = db.act(jobs.renew, lease, until=NOON + 2 * TTL)

    assert (renewed.fencing, renewed.expires_at) == (lease.fencing, NOON + 2 * TTL)
    assert take(db, "b", now=NOON + TTL + timedelta(seconds=1)) is None


def test_at_its_very_end_a_lease_is_still_held(db):
    take(db, "a")

    assert take(db, "b", now=NOON + TTL) is None


def test_to_take_over_raises_the_fencing_number(db):
    take(db, "a")

    over = take(db, "b", now=NOON + TTL + timedelta(seconds=1))

    assert over is not None
    assert (over.holder, over.fencing) == ("b", 2)


def test_whoever_takes_its_own_lease_again_is_a_new_one(db):
    old = take(db, "a")
    new = take(db, "a", now=NOON + 2 * TTL)

    assert new.fencing == old.fencing + 1
    with pytest.raises(LeaseLostError):
        db.act(jobs.renew, old, until=NOON + 9 * TTL)


def test_the_old_holder_can_neither_renew_nor_write(db):
    old = take(db, "a")
    take(db, "b", now=NOON + 2 * TTL)

    with pytest.raises(LeaseLostError):
        db.act(jobs.renew, old, until=NOON + 9 * TTL)
    with pytest.raises(LeaseLostError):
        db.act(jobs.fence, old)


def test_a_holder_that_nobody_replaced_may_still_write(db):
    lease = take(db, "a")

    db.act(jobs.fence, lease)


def test_a_lease_that_was_never_taken_is_nobodys(db):
    lease = take(db, "a")
    db.act(lambda tx: tx.execute(jobs.lease_table.delete()))

    with pytest.raises(LeaseLostError):
        db.act(jobs.fence, lease)
    with db.read() as tx:
        assert jobs.current(tx, "worker") is None


def test_a_run_is_made_once(db):
    lease = take(db, "a")

    begun = [
        db.act(jobs.begin_run, "seal", key, lease=lease, now=NOON)
        for key in ("2022-09-28", "2022-09-28", "2022-09-29")
    ]
    db.act(jobs.end_run, "seal", "2022-09-28", result="3 leaves", now=NOON + TTL)

    assert begun == [True, False, True]
    with db.read() as tx:
        rows = tx.execute(sa.select(jobs.run_table).order_by(jobs.run_table.c.run_key)).all()
    assert [(row.run_key, row.result, row.ended_at) for row in rows] == [
        ("2022-09-28", "3 leaves", NOON + TTL),
        ("2022-09-29", None, None),
    ]


def test_the_time_of_leases_is_the_databases(real_db):
    with real_db.read() as tx:
        told = jobs.database_time(tx, NOON)
        is_postgres = tx.dialect.name == "postgresql"

    assert told.tzinfo is not None
    assert (told == NOON) is not is_postgres


def grab(url, barrier, results, process):
    """Try to take the lease of each round at the same moment as the others."""
    database, taken = EngineDatabase(url), []
    for number in range(ROUNDS):
        barrier.wait(timeout=60)
        name, now = f"round-{number // 2}", NOON + number % 2 * 2 * TTL
        lease = database.act(jobs.take, name, f"{process}", now=now, until=now + TTL)
        if lease is not None:
            taken.append((number, lease.fencing))
    database.close()
    results.put(taken)


@pytest.mark.timeout(300)
def test_of_those_that_take_a_lease_at_once_one_has_it(bare_db):
    bare_db.engine.dispose()

    taken = together(grab, url_of(bare_db))

    # Even rounds take it first, odd ones take it over.
    assert sorted(taken) == [(number, 1 + number % 2) for number in range(ROUNDS)]
