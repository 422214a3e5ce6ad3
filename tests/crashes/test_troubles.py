"""A full disk, a database that is killed, a paused worker: nothing is lost (R12, R13, R16)."""

import os
import resource
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from paygate.domain.order import OrderState
from paygate.domain.outcome import Outcome
from paygate.ledger import journal
from paygate.ledger.chart import Account
from paygate.services.fenced import FencedDatabase
from paygate.store import collections, jobs, orders, schema
from paygate.store.engine import EngineDatabase
from paygate.store.jobs import LeaseLostError
from tests.support import postgres
from tests.support.builders import (
    a_callback,
    a_house,
    a_merchant,
    an_act,
    an_attempt,
    an_order,
    furnish,
)
from tests.support.crashes import run_and_die
from tests.support.databases import url_of
from tests.support.fakes import CountingIds, FakeRail
from webhooks.inbox import receive

RAIL = FakeRail()
ACKNOWLEDGED = {Outcome.APPLIED, Outcome.KNOWN}
pytestmark = pytest.mark.timeout(300)


def open_orders(database, count):
    ids = CountingIds()
    database.act(furnish)
    for number in range(count):
        dossier = f"000.30.27.H23-220928-{number:04d}"
        order = database.act(an_order, an_act(ids=ids), dossier=dossier)
        database.act(an_attempt, an_act(ids=ids), order, ref=f"R{number}")


def call_back(database, number, ids):
    """Return whether the rail was told that its message is kept, as it is over HTTP."""
    arrival = a_callback(RAIL, f"R{number}", txn=f"T{number}")
    try:
        answer = receive(a_house(database), an_act(ids=ids), a_merchant(), arrival)
    except (sa.exc.SQLAlchemyError, OSError):
        return False  # the door answers 500, and the rail calls again
    return Outcome(answer.body.decode()) in ACKNOWLEDGED


def everything_is_booked_once(database, count):
    with database.read() as tx:
        balances = journal.trial_balance(tx)
        states = Counter(row.state for row in tx.execute(sa.select(orders.table)).all())
        kept = tx.execute(sa.select(collections.table)).all()
    assert states == {OrderState.PAID: count}
    assert len(kept) == count
    assert balances[Account.DUE_FROM_PROVIDER].dong == 5_000 * count
    assert balances[Account.OWED_TO_BENEFICIARY].dong == -5_000 * count


# ---- a full disk ----------------------------------------------------------------------------
COUNT = 60


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(tmp_path):
    """R12: the process may write so much and no more; then there is room again."""
    url, told = f"sqlite:///{tmp_path}/full.db", tmp_path / "acknowledged"
    database = EngineDatabase(url)
    database.act(schema.upgrade)
    open_orders(database, COUNT)
    database.close()
    # Everything lies in the main file now, so what is written next grows the log from nothing.
    grown = max(each.stat().st_size for each in tmp_path.iterdir())

    def life():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (grown + 150_000, resource.RLIM_INFINITY))
        here, ids = EngineDatabase(url), CountingIds("a")
        with told.open("w") as file:
            for number in range(COUNT):
                if call_back(here, number, ids):
                    file.write(f"{number}\n")
        here.close()

    assert run_and_die(life)
    acknowledged = [int(line) for line in told.read_text().split()]
    database = EngineDatabase(url)
    with database.read() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        paid = {row.told_ref for row in tx.execute(sa.select(collections.table)).all()}
    # The disk was full before the end, and what was acknowledged is there.
    assert 0 < len(acknowledged) < COUNT
    assert {f"R{number}" for number in acknowledged} <= paid
    ids = CountingIds("b")
    assert all(call_back(database, number, ids) for number in range(COUNT))
    everything_is_booked_once(database, COUNT)
    database.close()


# ---- a database that restarts ---------------------------------------------------------------
@contextmanager
def durable_server(home):
    """A PostgreSQL that keeps its word at power loss, and that can be killed and started again."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL found: this test did NOT run")
    command = (
        programs / "postgres",
        f"-D{home / 'd'}",
        f"--unix_socket_directories={home}",
        "--listen_addresses=",
        "--max_connections=50",
        "--fsync=on",
    )
    postgres._initialise(programs, home)
    running = []

    def start():
        running.append(postgres._spawn(home, *command))
        postgres._wait_until_it_answers(running[-1], home)

    def kill():
        running[-1].send_signal(signal.SIGQUIT)  # at once, without a checkpoint
        running[-1].wait(20)

    start()
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={home}", kill, start
    finally:
        running[-1].send_signal(signal.SIGINT)
        running[-1].wait(20)


def test_a_database_that_is_killed_under_load_loses_and_doubles_nothing():
    """R13: unknown commits are met by the rail's next call and the collection's own key."""
    count, threads_count = 240, 4
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        with durable_server(home) as (url, kill, start):
            database = EngineDatabase(url)
            database.act(schema.upgrade)
            open_orders(database, count)
            refused: Counter[int] = Counter()

            def client(share):
                ids = CountingIds(f"{share}")
                for number in range(share, count, threads_count):
                    while not call_back(database, number, ids):
                        refused[share] += 1
                        time.sleep(0.02)

            threads = [threading.Thread(target=client, args=(n,)) for n in range(threads_count)]
            for thread in threads:
                thread.start()
            for _ in range(2):
                time.sleep(0.3)
                kill()
                start()
            for thread in threads:
                thread.join()

            # A connection that was used just now is not asked first whether it still lives.
            database.engine.dispose()
            everything_is_booked_once(database, count)
            assert sum(refused.values()) > 0  # else nothing was in the way
            database.close()
    finally:
        shutil.rmtree(home)


# ---- a worker that is paused past its lease -------------------------------------------------
def test_a_worker_that_was_paused_past_its_lease_writes_nothing(bare_db):
    """R16: SIGSTOP, another takes over, SIGCONT: the fencing number refuses the first."""
    url = url_of(bare_db)
    bare_db.engine.dispose()
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        database = EngineDatabase(url)
        now = datetime.now(UTC)  # noqa: TID251  # a real process in real time
        ttl = timedelta(seconds=1)
        lease = database.act(jobs.take, "worker", "first", now=now, until=now + ttl)
        assert lease is not None
        os.write(ready[1], b"1")
        os.read(go[0], 1)  # paused here: the parent stops us, and much later lets us go on
        try:
            FencedDatabase(database, lease).act(furnish)
            code = 1
        except LeaseLostError:
            code = 0
        os._exit(code)
    os.read(ready[0], 1)
    os.kill(child, signal.SIGSTOP)
    time.sleep(1.2)

    now = datetime.now(UTC)  # noqa: TID251  # as above
    until = now + timedelta(minutes=1)
    second = bare_db.act(jobs.take, "worker", "second", now=now, until=until)
    assert second is not None
    os.write(go[1], b"1")
    os.kill(child, signal.SIGCONT)
    _, status = os.waitpid(child, 0)

    assert os.WEXITSTATUS(status) == 0
    assert second.fencing == 2
    with bare_db.read() as tx:
        assert tx.execute(sa.select(orders.table)).all() == []
    for end in (*ready, *go):
        os.close(end)
