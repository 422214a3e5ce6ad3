"""How transactions begin, end and meet each other (TRUST 8.6)."""

import sqlite3
import threading

import pytest
import sqlalchemy as sa

from paygate.store.engine import (
    TRIES_MAX,
    EngineDatabase,
    RunAgainError,
    is_lock_timeout,
)
from tests.support.databases import a_postgres_url, url_of
from tests.support.races import PROCESSES, ROUNDS, together

counter = sa.table("engine_counter", sa.column("id"), sa.column("number"))
NUMBER = sa.select(counter.c.number)
INCREMENT_READ = NUMBER.where(counter.c.id == 1).with_for_update()


def make_counter(db):
    db.act(
        lambda tx: tx.exec_driver_sql(
            "CREATE TABLE engine_counter (id INTEGER PRIMARY KEY, number INTEGER NOT NULL)"
        )
    )
    db.act(lambda tx: tx.execute(counter.insert().values(id=1, number=0)))


@pytest.fixture
def count(bare_db):
    """A database with one row to fight for."""
    make_counter(bare_db)
    yield bare_db
    bare_db.act(lambda tx: tx.exec_driver_sql("DROP TABLE engine_counter"))


def number_of(db):
    with db.read() as tx:
        return tx.execute(NUMBER).scalar_one()


def increment(tx):
    """Read, then write what was read and one more: what a lost update would lose."""
    number = tx.execute(INCREMENT_READ).scalar_one()
    tx.execute(counter.update().values(number=number + 1))


def put(tx, number):
    tx.execute(counter.update().values(number=number))


def hammer(url, barrier, results, process):
    del process
    database = EngineDatabase(url)
    for _ in range(ROUNDS):
        barrier.wait(timeout=60)
        database.act(increment)
    database.close()
    results.put([])


@pytest.mark.timeout(300)
def test_no_update_of_processes_that_write_at_once_is_lost(count):
    count.engine.dispose()

    together(hammer, url_of(count))

    assert number_of(count) == PROCESSES * ROUNDS


def test_no_update_of_threads_that_write_at_once_is_lost(count):
    barrier = threading.Barrier(PROCESSES)

    def work():
        for _ in range(10):
            barrier.wait(timeout=30)
            count.act(increment)

    threads = [threading.Thread(target=work) for _ in range(PROCESSES)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert number_of(count) == PROCESSES * 10


def test_what_a_verb_returns_is_returned_and_committed(count):
    assert count.act(lambda tx: (put(tx, 7), "done")[1]) == "done"
    assert number_of(count) == 7


def test_a_verb_that_raises_leaves_nothing_and_is_not_run_again(count):
    runs = []

    def fail(tx):
        runs.append(1)
        put(tx, 7)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        count.act(fail)

    assert (number_of(count), len(runs)) == (0, 1)


def test_a_verb_that_came_second_runs_again_until_it_is_first(count):
    runs = []

    def second(tx):
        runs.append(number := tx.execute(INCREMENT_READ).scalar_one())
        put(tx, number + 1)
        if len(runs) < TRIES_MAX:
            raise RunAgainError
        return "done"

    assert count.act(second) == "done"
    assert runs == [0] * TRIES_MAX
    assert number_of(count) == 1


def test_a_conflict_that_lasts_is_seen_after_five_tries(count):
    runs = []

    def never_first(tx):
        put(tx, 7)
        runs.append(1)
        raise RunAgainError

    with pytest.raises(RunAgainError):
        count.act(never_first)

    assert (number_of(count), len(runs)) == (0, 5)


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_conflict_of_postgresql_runs_again(count, state):
    runs = []

    class ConflictError(Exception):
        sqlstate = state

    def loses_once(tx):
        runs.append(1)
        put(tx, 7)
        if len(runs) == 1:
            raise sa.exc.OperationalError("update", {}, ConflictError())

    count.act(loses_once)

    assert (number_of(count), len(runs)) == (7, 2)


def test_a_trouble_that_is_no_conflict_is_not_run_again(count):
    runs = []

    def broken(_):
        runs.append(1)
        raise sa.exc.OperationalError("update", {}, Exception("disk I/O error"))

    with pytest.raises(sa.exc.OperationalError):
        count.act(broken)

    assert len(runs) == 1


def test_a_reader_sees_nothing_that_is_not_committed(count):
    def write_and_look(tx):
        put(tx, 7)
        return number_of(count)

    assert count.act(write_and_look) == 0
    assert number_of(count) == 7


@pytest.fixture
def sqlite_db(tmp_path):
    database = EngineDatabase(f"sqlite:///{tmp_path}/e.db")
    yield database
    database.close()


@pytest.fixture
def postgresql_db(postgres_url):
    with a_postgres_url(postgres_url, "_e") as url:
        database = EngineDatabase(url)
        yield database
        database.close()


def test_a_writer_of_sqlite_holds_the_database_before_its_first_word(sqlite_db):
    foreign = sqlite3.connect(sqlite_db.engine.url.database, timeout=0)

    def look(_):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            foreign.execute("BEGIN IMMEDIATE")

    sqlite_db.act(look)
    with sqlite_db.read():
        foreign.execute("BEGIN IMMEDIATE")
        foreign.execute("ROLLBACK")
    foreign.close()


def test_a_database_of_sqlite_keeps_what_it_acknowledged(sqlite_db):
    with sqlite_db.read() as tx:
        told = [
            tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert told == ["wal", 2, 1]


def test_a_connection_of_postgresql_waits_for_nothing_without_end(postgresql_db):
    names = (
        "lock_timeout",
        "statement_timeout",
        "idle_in_transaction_session_timeout",
        "transaction_isolation",
    )

    def told(tx):
        return {name: tx.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names}

    with postgresql_db.read() as tx:
        reader = told(tx)
    writer = postgresql_db.act(told)

    limits = {
        "lock_timeout": "5s",
        "statement_timeout": "15s",
        "idle_in_transaction_session_timeout": "15s",
    }
    assert writer == limits | {"transaction_isolation": "read committed"}
    # A reader's statements see one moment; a writer sees what was committed before its lock.
    assert reader == limits | {"transaction_isolation": "repeatable read"}


def test_a_server_that_vanished_without_a_word_is_not_waited_for_without_end(postgresql_db):
    """TRUST R13: TCP by itself would wait for hours."""
    with postgresql_db.read() as tx:
        told = tx.connection.driver_connection.info.get_parameters()

    named = ("connect_timeout", "keepalives_idle", "tcp_user_timeout")
    assert [told.get(name) for name in named] == ["5", "10", "20000"]


def test_whoever_waits_too_long_for_a_row_knows_that_it_was_that(postgresql_db):
    make_counter(postgresql_db)

    def wait(tx):
        tx.exec_driver_sql("SET LOCAL lock_timeout = 50")
        tx.execute(INCREMENT_READ)

    def hold(tx):
        tx.execute(INCREMENT_READ)
        with pytest.raises(sa.exc.OperationalError) as raised:
            postgresql_db.act(wait)
        return raised.value

    assert is_lock_timeout(postgresql_db.act(hold))
    assert not is_lock_timeout(sa.exc.OperationalError("", {}, Exception("other")))


def test_an_error_of_the_database_prints_no_value(count):
    with pytest.raises(sa.exc.IntegrityError) as raised:
        count.act(lambda tx: tx.execute(counter.insert().values(id=1, number=987_654_321)))

    assert "987654321" not in str(raised.value)
