"""The portal's own memory: one small SQLite file, one short transaction an act.

The state of a payment is nowhere written by hand. It is read off the log of verified events: of an
order's events the one with the highest version speaks. So messages may come twice, late, or in any
order.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from paygate.demo.portal.client import Order
from paygate.demo.portal.procedures import Procedure
from paygate.demo.portal.webhooks import Event
from paygate.domain.clock import in_vietnam
from paygate.domain.money import Money

RECEIVING_AGENCY = "000.30.27.H23"
BUSY_SECONDS = 10
UNSENT, REFUSED = "unsent", "refused"  # our own words, before the gateway has any
DONE = ("paid", "exempt")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dossier (
  code TEXT PRIMARY KEY,
  day TEXT NOT NULL,
  number INTEGER NOT NULL,
  procedure TEXT NOT NULL,
  login TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount >= 0),
  idempotency_key TEXT NOT NULL UNIQUE,
  body TEXT,
  filed_at TEXT NOT NULL,
  first_state TEXT NOT NULL,
  order_id TEXT UNIQUE,
  order_code TEXT,
  checkout_url TEXT,
  UNIQUE (day, number)
);
CREATE TABLE IF NOT EXISTS event (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  object TEXT NOT NULL,
  order_id TEXT NOT NULL,
  dossier_code TEXT NOT NULL,
  state TEXT NOT NULL,
  amount INTEGER,
  version INTEGER NOT NULL,
  happened_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS event_of_order ON event (order_id, version);
"""
# A refund's or a receipt's event has a version, too, but its state is not the order's.
_SPEAKS = """
  event.object = 'order' AND event.order_id = dossier.order_id
  AND event.dossier_code = dossier.code AND event.amount = dossier.amount AND event.state <> ''
"""
_DOSSIERS = f"""
SELECT code, procedure, login, amount, idempotency_key, body, filed_at, order_id, order_code,
  checkout_url,
  coalesce((SELECT event.state FROM event WHERE {_SPEAKS} ORDER BY event.version DESC LIMIT 1),
    first_state) AS state,
  (SELECT max(event.version) FROM event WHERE {_SPEAKS}) AS version
FROM dossier
"""  # noqa: S608  # put together from this file's own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A dossier, what it costs, and how its payment stands."""

    code: str
    procedure: str
    login: str
    amount: Money
    idempotency_key: str
    body: str | None = field(repr=False)  # what we ask the gateway; forgotten once it answered
    filed_at: datetime
    order_id: str | None
    order_code: str | None
    checkout_url: str | None = field(repr=False)  # whoever has it can open the checkout
    state: str
    version: int | None  # of the event that told the state; None when no event did

    @property
    def done(self) -> bool:
        """Return whether the dossier counts as submitted."""
        return self.state in DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event as it was received."""

    id: str
    type: str
    state: str
    version: int
    happened_at: str
    received_at: datetime
    body: str


class Store:
    """Keeps dossiers and events in the file at *path*."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    def file(
        self,
        procedure: Procedure,
        *,
        idempotency_key: str,
        refused_code: str,
        login: str,
        body_for: Callable[[str], str],
        now: datetime,
    ) -> Dossier:
        """Keep an application under a dossier code of its own, and return the dossier.

        The same key gives the same dossier. A corrected application takes over the code that the
        gateway refused; any other takes the next number of the day, in one step with keeping it.
        """
        with self._writing() as tx:
            known = _find(tx, "idempotency_key", idempotency_key)
            if known is not None and known.state != REFUSED:
                return known
            refused = known or _find(tx, "code", refused_code)
            if refused and (refused.state, refused.procedure) == (REFUSED, procedure.slug):
                code = refused.code
                tx.execute("DELETE FROM dossier WHERE code = ?", (code,))
                day, number = _day_and_number(code)
            else:
                day, number, code = _next_code(tx, procedure, now)
            tx.execute(
                "INSERT INTO dossier VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
                (
                    code,
                    day,
                    number,
                    procedure.slug,
                    login,
                    procedure.amount.dong,
                    idempotency_key,
                    body_for(code),
                    now.isoformat(),
                    UNSENT,
                ),
            )
            return _dossier(tx.execute(f"{_DOSSIERS} WHERE code = ?", (code,)).fetchone())

    def mark_issued(self, code: str, order: Order) -> None:
        """Keep where the order is, and forget the personal data that asked for it."""
        with self._writing() as tx:
            tx.execute(
                "UPDATE dossier SET order_id = ?, order_code = ?, checkout_url = ?,"
                " first_state = ?, body = NULL WHERE code = ?",
                (order.id, order.code, order.checkout_url, order.state, code),
            )

    def mark_refused(self, code: str) -> None:
        """Keep that the gateway refused, and forget the personal data."""
        with self._writing() as tx:
            tx.execute(
                "UPDATE dossier SET first_state = ?, body = NULL"
                " WHERE code = ? AND order_id IS NULL",
                (REFUSED, code),
            )

    def keep(self, event: Event, *, now: datetime) -> bool:
        """Keep *event*; return whether it was new."""
        with self._writing() as tx:
            added = tx.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                (
                    event.id,
                    event.type,
                    event.object,
                    event.order_id,
                    event.dossier_code,
                    event.state,
                    event.amount,
                    event.version,
                    event.happened_at,
                    now.isoformat(),
                    event.body,
                ),
            )
            return added.rowcount == 1

    def dossier(self, code: str) -> Dossier | None:
        with self._reading() as tx:
            return _find(tx, "code", code)

    def of_order(self, order_id: str) -> Dossier | None:
        with self._reading() as tx:
            return _find(tx, "order_id", order_id)

    def newest(self, limit: int) -> list[Dossier]:
        """Return the last dossiers filed, newest first."""
        with self._reading() as tx:
            rows = tx.execute(f"{_DOSSIERS} ORDER BY filed_at DESC, code DESC LIMIT ?", (limit,))
            return [_dossier(row) for row in rows]

    def events(self, order_id: str | None) -> list[LoggedEvent]:
        """Return what the gateway told of an order, in the order in which it came."""
        with self._reading() as tx:
            rows = tx.execute(
                "SELECT id, type, state, version, happened_at, received_at, body FROM event"
                " WHERE order_id = ? ORDER BY received_at, rowid",
                (order_id,),
            )
            return [
                LoggedEvent(**{**row, "received_at": datetime.fromisoformat(row["received_at"])})
                for row in rows
            ]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        # IMMEDIATE: whoever reads the last number of a day must already hold the right to write.
        with self._transaction("BEGIN IMMEDIATE") as tx:
            yield tx

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._transaction("BEGIN") as tx:
            yield tx

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(begin)
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()


def _next_code(tx: sqlite3.Connection, procedure: Procedure, now: datetime) -> tuple[str, int, str]:
    first = procedure.first_code
    if first and _find(tx, "code", first) is None:
        return *_day_and_number(first), first
    day = in_vietnam(now).strftime("%y%m%d")
    (last,) = tx.execute(
        "SELECT coalesce(max(number), 0) FROM dossier WHERE day = ?", (day,)
    ).fetchone()
    return day, last + 1, f"{RECEIVING_AGENCY}-{day}-{last + 1:04d}"


def _day_and_number(code: str) -> tuple[str, int]:
    _, day, number = code.rsplit("-", 2)
    return day, int(number)


def _find(tx: sqlite3.Connection, column: str, value: str) -> Dossier | None:
    row = tx.execute(f"{_DOSSIERS} WHERE {column} = ?", (value,)).fetchone()
    return None if row is None else _dossier(row)


def _dossier(row: sqlite3.Row) -> Dossier:
    return Dossier(
        **{
            **row,
            "amount": Money(row["amount"]),
            "filed_at": datetime.fromisoformat(row["filed_at"]),
        }
    )
