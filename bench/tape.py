"""The statements of one callback, as paygate itself runs them, taken down to be run by others.

Nothing here lists statements: whatever the road of a callback becomes, its comparisons become too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import event

from bench.calls import arrival_of
from bench.ground import ACCOUNT, an_act
from bench.numbered import SAMPLE, NumberedIds, at
from paygate.house import House
from paygate.store.driver import THROUGH_CORE
from webhooks.inbox import receive

P = ParamSpec("P")
T = TypeVar("T")
ERA = 5000  # the ids of the callback, apart from those of the order
_PARAMETER = re.compile(r"%\((\w+)\)s|(%%)")
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the callback about the sample: as Core was given it, and as it was sent."""

    clause: sa.Executable
    given: tuple[Row, ...]
    sql: str
    sent: tuple[Row, ...]

    @property
    def verb(self) -> str:
        """Return what it does to which table, for people."""
        words = re.sub(r"\s+", " ", self.sql).split(" ")
        table = re.search(r"(?:FROM|INTO|UPDATE) (\w+)", re.sub(r"\s+", " ", self.sql))
        lock = " FOR UPDATE" if "FOR UPDATE" in self.sql else ""
        return f"{words[0]} {table[1] if table else ''}{lock}"


def record(house: House, engine: sa.Engine, secret: str) -> tuple[Statement, ...]:
    """Return what one callback about the sample runs; the database is left as it was."""
    given: list[tuple[sa.Executable, tuple[Row, ...]]] = []
    sent: list[tuple[str, tuple[Row, ...]]] = []
    with engine.execution_options(writes=True, **{THROUGH_CORE: True}).connect() as connection:

        @event.listens_for(connection, "before_execute")
        def on_execute(*told: Any) -> None:  # noqa: ANN401  # SQLAlchemy's own signature
            _, clause, many, one, _ = told
            given.append((clause, tuple(many) or (dict(one),)))

        @event.listens_for(connection, "before_cursor_execute")
        def on_send(*told: Any) -> None:  # noqa: ANN401  # as above
            _, _, sql, parameters, _, several = told
            sent.append((sql, tuple(parameters) if several else (parameters,)))

        with connection.begin() as outer:
            speaking = House(db=_Inside(connection), vault=house.vault, merchants=house.merchants)
            act = an_act(NumberedIds(SAMPLE, era=ERA))
            arrival = arrival_of(SAMPLE, secret, act.now)
            answer = receive(speaking, act, house.merchants[ACCOUNT], arrival)
            outer.rollback()
    if b'"00"' not in answer.body:
        raise RuntimeError(f"the sample was not taken: {answer.body!r}")
    pairs = zip(given, sent, strict=True)
    return tuple(Statement(*clause, *text) for clause, text in pairs)


class _Inside:
    """A database whose only transaction is the caller's."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def act(
        self,
        verb: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        return verb(self._connection, *args, **kwargs)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        yield self._connection


def renumbered(row: Row, number: int) -> dict[str, object]:
    """Return the parameters of the sample's statement as they are for order *number*."""
    return {
        name: at(number, value) if isinstance(value, str) else value for name, value in row.items()
    }


def to_pgbench(statements: tuple[Statement, ...]) -> tuple[str, dict[str, str]]:
    """Return a script of pgbench that runs *statements* for its own numbers, and its variables.

    Every value is a variable, because pgbench would read names into a colon within quotes.
    """
    variables: dict[str, str] = {}

    def variable(text: str) -> str:
        if not text:
            return "''"  # pgbench defines no empty variable
        name = f"v{len(variables)}"
        variables[name] = text
        return f":{name}"

    def expression(value: object) -> str:
        if value is None:
            return "NULL"
        text = str(value)
        parts = [variable(each) for each in text.split(str(SAMPLE))]
        return parts[0] if len(parts) == 1 else f"({'::text || :n || '.join(parts)}::text)"

    def written(sql: str, row: Row) -> str:
        def replaced(found: re.Match[str]) -> str:
            return "%" if found[2] else expression(row[found[1]])

        return _PARAMETER.sub(replaced, sql) + ";"

    lines = ["\\set i :i + 1", "\\set n :base + :client_id * :stride + :i", "BEGIN;"]
    lines += [written(each.sql, row) for each in statements for row in each.sent]
    lines.append("COMMIT;")
    return "\n".join(lines) + "\n", variables
