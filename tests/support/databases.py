"""Databases for tests, made by the migrations, left without a trace."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from paygate.store import driver, schema
from paygate.store.engine import Database, EngineDatabase

P = ParamSpec("P")
T = TypeVar("T")


class Rehearsal:
    """A database whose every transaction is a savepoint: a test leaves no trace."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def act(
        self,
        verb: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        with self.connection.begin_nested():
            result = verb(self.connection, *args, **kwargs)
            driver.settle(self.connection)  # a refusal comes before the end, as with a commit
            return result

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with self.connection.begin_nested():
            yield self.connection


@contextmanager
def a_database(url: str) -> Iterator[EngineDatabase]:
    """Open the empty database at *url*, and make its tables by the migrations."""
    database = EngineDatabase(url)
    try:
        database.act(schema.upgrade)
        yield database
    finally:
        database.close()


@contextmanager
def a_postgres_url(server_url: str, suffix: str = "") -> Iterator[str]:
    """Make a database of our own on the server; what else is there stays as it is."""
    name = f"paygate_test_{os.getpid()}{suffix}"
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
            try:
                yield server.url.set(database=name).render_as_string(hide_password=False)
            finally:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        server.dispose()


def url_of(database: EngineDatabase) -> str:
    """Return the address with which another process opens the same database."""
    return database.engine.url.render_as_string(hide_password=False)


def empty(database: Database) -> None:
    """Take every row out, append-only tables included."""
    database.act(_clear)


def _clear(tx: sa.Connection) -> None:
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no triggers
        for table in reversed(schema.metadata.sorted_tables):
            tx.execute(table.delete())
        return
    triggers = tx.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    ).all()
    for name, _ in triggers:
        tx.exec_driver_sql(f"DROP TRIGGER {name}")
    for table in reversed(schema.metadata.sorted_tables):
        tx.execute(table.delete())
    for _, text in triggers:
        tx.exec_driver_sql(text)
