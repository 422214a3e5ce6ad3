"""Statements of PostgreSQL by libpq's own calls: each prepared once, then sent (ADR 0026).

psycopg's cursor sends, waits and reads in steps of its own, and gives up the interpreter between
them; with many threads that costs more than the statement. Its transactions, types and errors are
used as they are. What needs no answer of its own waits until something does, or until the commit,
and goes with it in one journey (libpq's pipeline mode).
"""

from __future__ import annotations

import re
import select
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

_PARAMETER = re.compile(r"%\((\w+)\)s|%%")
_BLOCKED = 1  # what PQflush says of a full socket
_GOOD = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


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


@dataclass(frozen=True, slots=True)
class Wish:
    """A statement with its values, written for the server."""

    name: bytes  # when it is prepared
    sql: str
    values: Sequence[Any]


_COMMIT = Wish(b"paygate_commit", "COMMIT", ())


class Line:
    """One connection, what is prepared on it, and what waits to be sent."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._types = Transformer(connection)
        self._prepared: set[bytes] = set()
        self._waiting: list[Wish] = []
        self._poll = select.poll()
        self._poll.register(connection.pgconn.socket, select.POLLIN)

    def ask(
        self, name: bytes, sql: str, values: Sequence[object]
    ) -> tuple[list[tuple[Any, ...]], int]:
        """Return the rows that the statement finds, and how many it found or changed.

        Raises:
            psycopg.Error: what the server refused, also of what waited, as psycopg's own cursor
                raises it.
        """
        result = self._send(self._wish(name, sql, values))
        if result.status == ExecStatus.COMMAND_OK:
            return [], result.command_tuples or 0
        self._types.set_pgresult(result)
        return self._types.load_rows(0, result.ntuples, tuple), result.ntuples

    def later(self, name: bytes, sql: str, values: Sequence[object]) -> None:
        """Let the statement go with the next one, or with the commit: it needs no answer."""
        self._waiting.append(self._wish(name, sql, values))

    def settle(self) -> None:
        """Send what waits.

        Raises:
            psycopg.Error: as `ask`.
        """
        if self._waiting:
            self._send(self._waiting.pop())

    def commit(self) -> None:
        """Send what waits, and the commit with it.

        Raises:
            psycopg.Error: as `ask`; whether it was committed is unknown where the line broke.
        """
        if self._waiting:
            self._send(_COMMIT)

    def forget(self) -> None:
        """Drop what waits, and prepare anew what is asked from now on.

        With a rollback psycopg may drop everything that is prepared.
        """
        self._waiting.clear()
        self._prepared.clear()

    def _wish(self, name: bytes, sql: str, values: Sequence[object]) -> Wish:
        # As text: the server knows the types by the statement.
        return Wish(name, sql, self._types.dump_sequence(values, [PyFormat.TEXT] * len(values)))

    def _send(self, last: Wish) -> PGresult:
        """Send what waits and *last*, and return what the server answers to that."""
        server = self._connection.pgconn
        begins = self._begins(server)
        wishes = [*begins, *self._waiting, last]
        self._waiting.clear()
        for each in wishes:
            if each.name not in self._prepared:
                self._prepare(server, each)
        if len(wishes) == 1:
            result = server.exec_prepared(last.name, last.values)
            _check(server, result)
            return result
        return self._journey(server, wishes)

    def _begins(self, server: PGconn) -> tuple[Wish, ...]:
        """Begin as psycopg does before its first statement."""
        connection = self._connection
        if connection.autocommit or server.transaction_status != TransactionStatus.IDLE:
            return ()
        level = connection.isolation_level
        words = "" if level is None else f" ISOLATION LEVEL {level.name.replace('_', ' ')}"
        return (Wish(f"paygate_begin{words}".encode(), f"BEGIN{words}", ()),)

    def _journey(self, server: PGconn, wishes: Sequence[Wish]) -> PGresult:
        """Send all *wishes* at once, and return the last answer, or raise the first refusal."""
        server.enter_pipeline_mode()
        try:
            for each in wishes:
                server.send_query_prepared(each.name, each.values)
            server.pipeline_sync()
            while server.flush() == _BLOCKED:
                self._wait(server)
            answers = [self._answer(server) for _ in wishes]
            self._answer(server)  # of the sync
        finally:
            if server.status == ConnStatus.OK:
                server.exit_pipeline_mode()
        for answer in answers:
            _check(server, answer)
        return answers[-1]

    def _answer(self, server: PGconn) -> PGresult:
        while server.is_busy():
            self._wait(server)
        result = server.get_result()
        if result is None:  # it stands between two answers
            return self._answer(server)
        return result

    def _wait(self, server: PGconn) -> None:
        self._poll.poll()
        server.consume_input()

    def _prepare(self, server: PGconn, wish: Wish) -> None:
        # Whether it outlived a rollback only psycopg knows; to close what is not there is no error.
        _check(server, server.close_prepared(wish.name))
        _check(server, server.prepare(wish.name, wish.sql.encode()))
        self._prepared.add(wish.name)


def _check(server: PGconn, result: PGresult) -> None:
    if result.status in _GOOD:
        return
    if server.status == ConnStatus.BAD:
        raise psycopg.OperationalError(result.get_error_message())
    error = error_from_result(result)
    if error.sqlstate == DroppedError.sqlstate:
        raise DroppedError(*error.args)
    raise error
