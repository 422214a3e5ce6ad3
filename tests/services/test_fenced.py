"""Whoever was paused past the end of its lease writes nothing (TRUST R16)."""

from datetime import timedelta

import pytest

from paygate.services.fenced import FencedDatabase
from paygate.store import audit, jobs, orders
from paygate.store.jobs import LeaseLostError
from tests.support.builders import NOON, an_act, an_order, furnish
from tests.support.fakes import CountingIds

TTL = timedelta(seconds=15)


@pytest.fixture
def ids():
    return CountingIds()


def take(db, holder, now=NOON):
    lease = db.act(jobs.take, "worker", holder, now=now, until=now + TTL)
    assert lease is not None
    return lease


def write(tx, ids, subject):
    audit.note(tx, an_act(ids=ids), stream="system:test", action="tested", subject=subject)
    return subject


def written(db):
    with db.read() as tx:
        return [each.seq for each in audit.stream_of(tx, "system:test")]


def test_the_holder_writes_as_if_there_were_no_fence(db, ids):
    fenced = FencedDatabase(db, take(db, "a"))

    assert fenced.act(write, ids, subject="x") == "x"
    assert written(db) == [1]


def test_an_old_lease_writes_nothing_and_its_verb_is_not_even_run(db, ids):
    fenced = FencedDatabase(db, take(db, "a"))
    take(db, "b", NOON + 2 * TTL)
    runs = []

    with pytest.raises(LeaseLostError):
        fenced.act(lambda tx: runs.append(write(tx, ids, "x")))

    assert (runs, written(db)) == ([], [])


def test_what_the_holder_of_the_new_lease_writes_counts(db, ids):
    take(db, "a")
    fenced = FencedDatabase(db, take(db, "b", NOON + 2 * TTL))

    fenced.act(write, ids, "x")

    assert written(db) == [1]


def test_a_lease_that_ended_and_that_nobody_took_still_writes(db, ids):
    fenced = FencedDatabase(db, take(db, "a"))
    # It has ended by now; as long as nobody else acts, there is nothing to be fenced from.

    fenced.act(write, ids, "x")

    assert written(db) == [1]


def test_a_lease_that_is_taken_over_between_two_writes_stops_the_second(db, ids):
    fenced = FencedDatabase(db, take(db, "a"))
    fenced.act(write, ids, "x")
    take(db, "b", NOON + 2 * TTL)

    with pytest.raises(LeaseLostError):
        fenced.act(write, ids, "y")

    assert written(db) == [1]


def test_reading_needs_no_lease(db, ids):
    db.act(furnish)
    order = db.act(an_order, an_act(ids=ids))
    fenced = FencedDatabase(db, take(db, "a"))
    take(db, "b", NOON + 2 * TTL)

    with fenced.read() as tx:
        assert orders.get(tx, order.id) == order
