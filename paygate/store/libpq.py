"""Statements of PostgreSQL by libpq's own calls: each prepared once, then one call (ADR 0026).

psycopg's cursor sends, waits and reads in steps of its own, and gives up the interpreter between
them; with many threads that costs more than the statement. Its transactions, types and errors are
used as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return *sql* with `$1` for the first name in it and so on, and the names in this order."""
    places: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        name = found[1]
        return "%" if name is None else f"${places.setdefault(name, len(places) + 1)}"

    return _PARAMETER.sub(place, sql), tuple(places)


class DroppedError(psycopg.OperationalError):
    """Somebody dropped what was prepared; the act fails, and may be run again."""

    sqlstate = "26000"


class Line:
    """One connection, and the names of what is prepared on it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._types = Transformer(connection)
        self._prepared: set[bytes] = set()

    def ask(
        self, name: bytes, sql: str, values: Sequence[object]
    ) -> tuple[list[tuple[Any, ...]], int]:
        """Return the rows that the statement finds, and how many it found or changed.

        Raises:
            psycopg.Error: what the server refused, as psycopg's own cursor raises it.
        """
        server = self._connection.pgconn
        if server.transaction_status == TransactionStatus.IDLE:
            self._begin(server)
        if name not in self._prepared:
            self._prepare(server, name, sql)
        # As text: the server knows the types by the statement.
        written = self._types.dump_sequence(values, [PyFormat.TEXT] * len(values))
        result = server.exec_prepared(name, written)  # type: ignore[arg-type]  # None is NULL
        if result.status == ExecStatus.COMMAND_OK:
            return [], result.command_tuples or 0
        _check(server, result, ExecStatus.TUPLES_OK)
        self._types.set_pgresult(result)
        return self._types.load_rows(0, result.ntuples, tuple), result.ntuples

    def forget(self) -> None:
        """Prepare anew what is asked from now on: psycopg drops everything with a rollback."""
        self._prepared.clear()

    def _begin(self, server: PGconn) -> None:
        """Begin as psycopg does before its first statement."""
        connection = self._connection
        if connection.autocommit:
            return
        level = connection.isolation_level
        words = "" if level is None else f" ISOLATION LEVEL {level.name.replace('_', ' ')}"
        _check(server, server.exec_(f"BEGIN{words}".encode()), ExecStatus.COMMAND_OK)

    def _prepare(self, server: PGconn, name: bytes, sql: str) -> None:
        # Whether it outlived a rollback only psycopg knows; to close what is not there is no error.
        _check(server, server.close_prepared(name), ExecStatus.COMMAND_OK)
        _check(server, server.prepare(name, sql.encode()), ExecStatus.COMMAND_OK)
        self._prepared.add(name)


def _check(server: PGconn, result: PGresult, wanted: ExecStatus) -> None:
    if result.status == wanted:
        return
    if server.status == ConnStatus.BAD:
        raise psycopg.OperationalError(result.get_error_message())
    error = error_from_result(result)
    if error.sqlstate == DroppedError.sqlstate:
        raise DroppedError(*error.args)
    raise error
