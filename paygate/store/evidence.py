"""What rails told us and what became of it: append-only, the bytes themselves sealed (ADR 0017)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.ids import AccountCode, AttemptRef
from paygate.domain.outcome import Outcome
from paygate.store import driver, sealed
from paygate.store.base import InstantColumn, StateColumn, many, metadata, one, one_of, values


class MessageKind(StrEnum):
    """On which road a rail's word came."""

    CALLBACK = "callback"
    ANSWER = "answer"  # to a question of ours


table = sa.Table(
    "provider_message",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("kind", StateColumn(MessageKind), nullable=False),
    sa.Column("attempt_refs", sa.Text, nullable=False),  # those it speaks of, joined by spaces
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("sealed_id", sa.Text, nullable=False),  # no foreign key: erasure may delete it
    sa.Column("arrived_at", InstantColumn, nullable=False),
    sa.Column("outcome", StateColumn(Outcome), nullable=False),
    one_of("kind", MessageKind),
    one_of("outcome", Outcome),
    sa.Index("ix_provider_message_account_outcome_arrived_at", "account", "outcome", "arrived_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it came, byte for byte."""

    id: str
    account: AccountCode
    kind: MessageKind
    attempt_refs: tuple[str, ...] = ()
    head: Mapping[str, object]  # method, path and headers, or the status of a reply
    query: bytes = field(default=b"", repr=False)
    body: bytes = field(repr=False)
    arrived_at: datetime

    def sealed_form(self) -> bytes:
        """Return everything that came, as one JSON text: what is hashed and sealed."""
        content = {
            "head": self.head,
            "query": base64.b64encode(self.query).decode(),
            "body": base64.b64encode(self.body).decode(),
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """What is in clear of a message: its hash, its size and what became of it."""

    id: str
    account: AccountCode
    kind: MessageKind
    attempt_refs: str
    sha256: str
    size_bytes: int
    sealed_id: str
    arrived_at: datetime
    outcome: Outcome


KEEP = table.insert()
GET = sa.select(table).where(table.c.id == sa.bindparam("message_id"))
LOCK = GET.with_for_update()
LATEST = sa.select(table).order_by(table.c.id.desc()).limit(sa.bindparam("batch"))
ABOUT = (
    sa.select(table)
    .where(
        # All that there are, so that the index is used though it begins with these two.
        table.c.account == sa.bindparam("at_account"),
        table.c.outcome.in_(tuple(Outcome)),
        table.c.arrived_at >= sa.bindparam("since"),
        sa.literal(" ").concat(table.c.attempt_refs).concat(" ").contains(sa.bindparam("ref")),
    )
    .order_by(table.c.id)
)
COUNT_SINCE = sa.select(sa.func.count()).where(
    table.c.account == sa.bindparam("at_account"),
    table.c.outcome == sa.bindparam("of_outcome", type_=table.c.outcome.type),
    table.c.arrived_at > sa.bindparam("since"),
)


def keep(tx: sa.Connection, vault: Vault, message: Message, outcome: Outcome, *, act: Act) -> None:
    """Append *message* with what became of it; nothing here is ever changed."""
    content = message.sealed_form()
    owner = sealed.Owner(table.name, message.id, "sealed_id")
    row = KeptMessage(
        id=message.id,
        account=message.account,
        kind=message.kind,
        attempt_refs=" ".join(message.attempt_refs),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        sealed_id=sealed.seal(tx, vault, owner, content, act=act),
        arrived_at=message.arrived_at,
        outcome=outcome,
    )
    driver.later(tx, KEEP, values(row))


def get(tx: sa.Connection, message_id: str) -> KeptMessage | None:
    """Return what is in clear of a message."""
    return one(KeptMessage, tx.execute(GET, {"message_id": message_id}))


def lock(tx: sa.Connection, message_id: str) -> KeptMessage | None:
    """Return what is in clear of a message, held until *tx* ends: it is about to be handled."""
    return one(KeptMessage, tx.execute(LOCK, {"message_id": message_id}))


def latest(tx: sa.Connection, *, limit: int) -> tuple[KeptMessage, ...]:
    """Return the messages that came last, newest first."""
    return many(KeptMessage, tx.execute(LATEST, {"batch": limit}))


def about(
    tx: sa.Connection, account: AccountCode, ref: AttemptRef, *, since: datetime
) -> tuple[KeptMessage, ...]:
    """Return what *account*'s rail said of the attempt *ref* from *since* on, oldest first."""
    asked = {"at_account": account, "since": since, "ref": f" {ref} "}
    return many(KeptMessage, tx.execute(ABOUT, asked))


def reopen(tx: sa.Connection, vault: Vault, kept: KeptMessage) -> Message:
    """Return the message as it came.

    Raises:
        SealError: it was erased, does not open, or is not what was hashed when it came.
    """
    content = sealed.open_for(
        tx, vault, sealed.Owner(table.name, kept.id, "sealed_id"), kept.sealed_id
    )
    if hashlib.sha256(content).hexdigest() != kept.sha256:
        raise sealed.SealError(f"{kept.id} is not what came")
    read = json.loads(content)
    return Message(
        id=kept.id,
        account=kept.account,
        kind=kept.kind,
        attempt_refs=tuple(kept.attempt_refs.split()),
        head=read["head"],
        query=base64.b64decode(read["query"]),
        body=base64.b64decode(read["body"]),
        arrived_at=kept.arrived_at,
    )


def count_since(tx: sa.Connection, account: AccountCode, outcome: Outcome, since: datetime) -> int:
    """Return how many messages with that outcome were kept for *account* after *since*."""
    asked = {"at_account": account, "of_outcome": outcome, "since": since}
    return int(tx.execute(COUNT_SINCE, asked).scalar_one())
