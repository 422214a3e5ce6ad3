"""How transactions begin: one way to write, one way to read."""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy import event

from paygate.store import driver

P = ParamSpec("P")
T = TypeVar("T")
TRIES_MAX = 5  # a conflict that lasts longer is a fault to be seen
BUSY_MS_MAX = 10_000  # behind the gate only a foreign program can make us wait
LOCK_MS_MAX = 5_000  # longer than any transaction of ours takes
STATEMENT_MS_MAX = 15_000
IDLE_MS_MAX = 15_000  # a transaction that waits for something else than the database is a bug
POOL_SIZE = 10
POOL_OVERFLOW = 10
PING_AFTER_S = 1.0  # unused for so long, a connection is asked whether it still lives
# A server that has vanished without a word is given up about as soon as one that is too slow.
_WAITS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,  # ms
}
# Serialization failure, deadlock, and a prepared statement that somebody dropped (PostgreSQL,
# appendix A of its manual).
RETRYABLE = frozenset({"40001", "40P01", "26000"})
LOCK_TIMEOUT = "55P03"


class Database(Protocol):
    """Opens transactions for those who own one."""

    def act(
        self,
        verb: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T: ...

    def read(self) -> AbstractContextManager[sa.Connection]: ...


class RunAgainError(Exception):
    """Another transaction was first: what the verb read is no longer so, and it must run again."""


class EngineDatabase:
    """Transactions of an engine: on SQLite one writer at a time, on PostgreSQL row locks."""

    def __init__(self, url: str) -> None:
        address = sa.make_url(url)
        self.engine = self._writers = self._readers = _create_engine(address)
        self._gate: _FairGate | _OpenGate = _OpenGate()
        if self.engine.dialect.name == "sqlite":
            _prepare_sqlite(self.engine)
            self._gate = _FairGate(f"{address.database}.gate")
            self._writers = self.engine.execution_options(writes=True)
        else:
            # Several statements of one reader see one moment of the book.
            self._readers = self.engine.execution_options(isolation_level="REPEATABLE READ")

    def act(
        self,
        verb: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return what *verb* returns, run in one transaction, again after a conflict."""
        for try_no in range(1, TRIES_MAX + 1):
            try:
                with self._gate.held(), self._writers.begin() as tx:
                    return verb(tx, *args, **kwargs)
            except (sa.exc.OperationalError, RunAgainError) as error:
                if try_no == TRIES_MAX or not _is_conflict(error):
                    raise
        raise AssertionError

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Yield a connection for reading: every statement sees the same moment."""
        with self._readers.begin() as tx:
            yield tx

    def close(self) -> None:
        """Give everything back."""
        self.engine.dispose()
        self._gate.close()


class _OpenGate:
    """No gate: the database queues its writers itself."""

    def held(self) -> AbstractContextManager[None]:
        """Hold nothing."""
        return nullcontext()

    def close(self) -> None:
        """Close nothing."""


class _FairGate:
    """Lets one writer in at a time, across threads and processes (TRUST 8.6.4)."""

    def __init__(self, path: str) -> None:
        self._file = Path(path).open("w")  # noqa: SIM115  # held for life
        self._thread = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the gate."""
        with self._thread:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def is_lock_timeout(error: sa.exc.DBAPIError) -> bool:
    """Return whether somebody held a row for longer than we wait."""
    return getattr(error.orig, "sqlstate", None) == LOCK_TIMEOUT


def _create_engine(address: sa.URL) -> sa.Engine:
    if address.get_backend_name() != "postgresql":
        return sa.create_engine(address, hide_parameters=True)  # they are never logged
    limits = {
        "lock_timeout": LOCK_MS_MAX,
        "statement_timeout": STATEMENT_MS_MAX,
        "idle_in_transaction_session_timeout": IDLE_MS_MAX,
    }
    engine = sa.create_engine(
        address,
        isolation_level="READ COMMITTED",
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        hide_parameters=True,  # they are never logged
        connect_args={
            "options": " ".join(f"-c {name}={limit}" for name, limit in limits.items()),
            "application_name": "paygate",
            **_WAITS,
        },
    )
    _ping_the_unused(engine)
    _keep_in_turn(engine)
    return engine


def _keep_in_turn(engine: sa.Engine) -> None:
    """Let what waits to be sent go before whatever Core runs, and be dropped by a rollback."""

    @event.listens_for(engine, "before_cursor_execute")
    def on_execute(tx: sa.Connection, *_: object) -> None:
        driver.settle(tx)

    @event.listens_for(engine, "savepoint")
    def on_savepoint(tx: sa.Connection, _name: str | None) -> None:
        driver.settle(tx)

    @event.listens_for(engine, "release_savepoint")
    def on_release(tx: sa.Connection, _name: str, _context: object) -> None:
        driver.settle(tx)

    @event.listens_for(engine, "rollback_savepoint")
    def on_rollback_savepoint(tx: sa.Connection, _name: str, _context: object) -> None:
        driver.forget(tx)

    event.listen(engine, "commit", driver.commit)
    event.listen(engine, "rollback", driver.forget)


def _ping_the_unused(engine: sa.Engine) -> None:
    """Renew connections that died while unused; a busy one is not asked before each act."""

    @event.listens_for(engine, "checkin")
    def on_checkin(
        _dbapi: sa.engine.interfaces.DBAPIConnection | None, record: sa.pool.ConnectionPoolEntry
    ) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(
        dbapi: sa.engine.interfaces.DBAPIConnection,
        record: sa.pool.ConnectionPoolEntry,
        _fairy: sa.pool.PoolProxiedConnection,
    ) -> None:
        now = time.monotonic()
        if now - record.info.get("used_at", now) < PING_AFTER_S:
            return
        try:
            engine.dialect.do_ping(dbapi)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error


def _prepare_sqlite(engine: sa.Engine) -> None:
    pragmas = {
        "journal_mode": "WAL",
        "synchronous": "FULL",  # NORMAL may lose acknowledged payments at power loss
        "foreign_keys": "ON",
        "busy_timeout": str(BUSY_MS_MAX),
    }

    @event.listens_for(engine, "connect")
    def on_connect(dbapi: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        dbapi.isolation_level = None  # we say BEGIN ourselves
        cursor = dbapi.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _is_conflict(error: sa.exc.OperationalError | RunAgainError) -> bool:
    if isinstance(error, RunAgainError):
        return True
    code = getattr(error.orig, "sqlstate", None)
    return code in RETRYABLE or "database is locked" in str(error.orig)
