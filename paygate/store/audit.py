"""Who did what: append-only, hash-chained within each stream (TRUST 5.1, 5.2).

A record holds ids, states, amounts and hashes, never personal data. Its stream is the object
whose lock the transaction already holds, so the chain costs no lock of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.store import driver
from paygate.store.base import InstantColumn, many, metadata, values

VERSION = 1
GENESIS = bytes(32)
INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"

table = sa.Table(
    "audit_record",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("at", InstantColumn, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("prev_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.UniqueConstraint("stream", "seq"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One link of a stream's chain."""

    id: str
    stream: str
    seq: int
    at: datetime
    record: str
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What the next record of a stream needs of the last one."""

    seq: int
    hash: str


ADD = table.insert()
LAST = (
    sa.select(table.c.seq, table.c.hash)
    .where(table.c.stream == sa.bindparam("of_stream"))
    .order_by(table.c.seq.desc())
    .limit(1)
)
STREAM = sa.select(table).where(table.c.stream == sa.bindparam("of_stream")).order_by(table.c.seq)


def note(
    tx: sa.Connection,
    act: Act,
    *,
    stream: str,
    action: str,
    subject: str,
    facts: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """Append what was done to *subject*; the caller holds the lock of *stream*'s object."""
    last = driver.one(tx, LAST, {"of_stream": stream}, Link)
    seq, previous = (1, GENESIS) if last is None else (last.seq + 1, bytes.fromhex(last.hash))
    record = canonical(
        {
            **(facts or {}),
            "v": VERSION,
            "stream": stream,
            "seq": seq,
            "at": act.now.astimezone(UTC).strftime(INSTANT),
            "actor": act.actor,
            "via": act.via,
            "request_id": act.request_id,
            "action": action,
            "object": subject,
        }
    )
    row = AuditRecord(
        id=act.ids.new("aud", act.now),
        stream=stream,
        seq=seq,
        at=act.now,
        record=record,
        prev_hash=previous.hex(),
        hash=link(previous, record).hex(),
    )
    driver.later(tx, ADD, values(row))


def stream_of(tx: sa.Connection, stream: str) -> tuple[AuditRecord, ...]:
    """Return the records of a stream, oldest first."""
    return many(AuditRecord, tx.execute(STREAM, {"of_stream": stream}))


def canonical(record: Mapping[str, object]) -> str:
    """Return the JSON text of RFC 8785 of a record without floats and with ASCII keys."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def link(previous: bytes, record: str) -> bytes:
    """Return the hash of a record after *previous*: also its leaf in a tree of RFC 6962."""
    return hashlib.sha256(b"\x00" + previous + record.encode()).digest()
