"""Run the statements of the callback's road by the driver itself, not by Core (ADR 0026).

Each is written in Core as every other, and its text is made of that once; `Connection.execute`
prepares a call, a context and a result anew each time, which costs more than the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from paygate.domain.invariants import invariant
from paygate.store.libpq import Line, numbered

R = TypeVar("R")
Row = Mapping[str, Any]
Turned = tuple[str, Callable[[Any], Any] | None]
Clause = sa.Select[Any] | sa.CompoundSelect[Any] | sa.UpdateBase
THROUGH_CORE = "through_core"
"""The option of a connection whose statements are run by Core, for comparison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A statement as one driver takes it, and what turns Python's values into its own and back."""

    sql: str
    name: bytes  # when it is prepared
    places: tuple[Turned, ...]  # which value stands where
    asked: int  # how many values the caller gives
    own: Row  # values that the statement brings
    columns: tuple[Turned, ...]

    def values(self, row: Row) -> list[Any]:
        """Return *row* as the driver takes it."""
        invariant(len(row) == self.asked, "a value too many or too few")
        given = {**self.own, **row} if self.own else row
        return [turn(given[name]) if turn else given[name] for name, turn in self.places]

    def fields(self, found: tuple[Any, ...]) -> dict[str, Any]:
        """Return a row that the driver *found* by its columns."""
        pairs = zip(self.columns, found, strict=True)
        return {name: turn(value) if turn else value for (name, turn), value in pairs}


LINE = "paygate_line"
_numbers = count(1)
_texts: dict[tuple[Clause, str], Text] = {}


def run(tx: sa.Connection, clause: Clause, row: Row) -> int:
    """Run a statement that changes rows, and return how many it changed."""
    if tx.get_execution_options().get(THROUGH_CORE):
        return tx.execute(clause, dict(row), execution_options={"preserve_rowcount": True}).rowcount
    return _send(tx, text_of(tx.dialect, clause, row), row)[1]


def later(tx: sa.Connection, clause: Clause, row: Row) -> None:
    """Run a statement of which nothing is asked: at the latest before the next one, or the commit.

    What it would be refused for is told there.
    """
    if tx.get_execution_options().get(THROUGH_CORE):
        tx.execute(clause, dict(row))
    else:
        _send_later(tx, text_of(tx.dialect, clause, row), row)


def one(tx: sa.Connection, clause: Clause, row: Row, made: Callable[..., R]) -> R | None:
    """Return the only row that is found as *made*, or None."""
    found = many(tx, clause, row, made)
    invariant(len(found) <= 1, "more than one row where one was asked for")
    return found[0] if found else None


def many(tx: sa.Connection, clause: Clause, row: Row, made: Callable[..., R]) -> tuple[R, ...]:
    """Return every row that is found as *made*, which takes its columns by name."""
    if tx.get_execution_options().get(THROUGH_CORE):
        return tuple(made(**each) for each in tx.execute(clause, dict(row)).mappings())
    text = text_of(tx.dialect, clause, row)
    return tuple(made(**text.fields(each)) for each in _send(tx, text, row)[0])


def text_of(dialect: sa.Dialect, clause: Clause, row: Row) -> Text:
    """Return the text of *clause*, made when it is first run with the names in *row*."""
    key = clause, dialect.name
    text = _texts.get(key)
    if text is None:
        text = _texts[key] = _write(dialect, clause, row)
    return text


def forget(tx: sa.Connection) -> None:
    """Drop what waits on the connection of *tx*, and prepare anew: it is rolled back."""
    line = None if tx.invalidated else tx.info.get(LINE)
    if line is not None:
        line.forget()


def settle(tx: sa.Connection) -> None:
    """Send what waits on the connection of *tx*: something else is about to be run on it."""
    line = tx.info.get(LINE)
    if line is not None:
        _by(tx, "", line.settle)


def commit(tx: sa.Connection) -> None:
    """Send what waits, and the commit with it: what then commits has nothing left to do."""
    line = tx.info.get(LINE)
    if line is not None:
        _by(tx, "COMMIT", line.commit)


def _send(tx: sa.Connection, text: Text, row: Row) -> tuple[list[tuple[Any, ...]], int]:
    """Return what the statement finds, and how many rows it found or changed."""
    values = text.values(row)
    if tx.dialect.name == "postgresql":
        return _by(tx, text.sql, partial(_line(tx).ask, text.name, text.sql, values))
    return _by(tx, text.sql, partial(_by_cursor, tx, text.sql, values))


def _send_later(tx: sa.Connection, text: Text, row: Row) -> None:
    values = text.values(row)
    if tx.dialect.name == "postgresql":
        _by(tx, text.sql, partial(_line(tx).later, text.name, text.sql, values))
    else:
        _by(tx, text.sql, partial(_by_cursor, tx, text.sql, values))


def _by_cursor(tx: sa.Connection, sql: str, values: list[Any]) -> tuple[list[tuple[Any, ...]], int]:
    cursor = tx.connection.cursor()
    cursor.execute(sql, values)
    return list(cursor.fetchall()), cursor.rowcount


def _by(tx: sa.Connection, sql: str, do: Callable[[], R]) -> R:
    try:
        return do()
    except tx.dialect.loaded_dbapi.Error as error:
        forget(tx)  # nothing of a transaction that was refused is sent any more
        # As Core does: the error is wrapped, a lost connection is renewed with all its neighbours.
        tx._handle_dbapi_exception(error, sql, None, None, None)  # noqa: SLF001  # there is no public way


def _line(tx: sa.Connection) -> Line:
    known = tx.info
    line = known.get(LINE)
    if line is None:
        connection = tx.connection.driver_connection
        assert connection is not None  # noqa: S101  # for the type checker
        line = known[LINE] = Line(connection)
    return line


def _write(dialect: sa.Dialect, clause: Clause, row: Row) -> Text:
    compiled = clause.compile(dialect=dialect, column_keys=list(row))
    assert isinstance(compiled, SQLCompiler)  # noqa: S101  # for the type checker
    # What Core would write into the text anew each time.
    invariant(not compiled.post_compile_params, "an IN with a list of any length")
    turns: Mapping[str, Any] = compiled._bind_processors  # noqa: SLF001  # Core's own, and the only ones
    own = {
        name: bind.effective_value
        for bind, name in compiled.bind_names.items()
        if bind.key not in row
    }
    columns = tuple(each[0] for each in compiled._result_columns)  # noqa: SLF001  # as above
    types = [each[3] for each in compiled._result_columns]  # noqa: SLF001  # as above
    reads = [each._cached_result_processor(dialect, None) for each in types]  # noqa: SLF001  # as above
    sql, places = str(compiled), tuple(compiled.positiontup or ())
    if dialect.name == "postgresql":
        sql, places = numbered(sql)
    return Text(
        sql=sql,
        name=f"paygate_{next(_numbers)}".encode(),
        places=tuple((name, turns.get(name)) for name in places),
        asked=len(row),
        own=own,
        columns=tuple(zip(columns, reads, strict=True)),
    )
