"""Answers that were given under a key of the portal's own: the same key, the same answer.

The key, what it caused and the answer commit together (ADR 0016), so a request that dies leaves
no trace, and one that comes twice at once waits for the first and repeats its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.errors import IdempotencyKeyReusedError, IdempotencyKeyRunningError
from paygate.domain.ids import PortalId
from paygate.store.base import InstantColumn, add_if_absent, metadata, one
from paygate.store.engine import is_lock_timeout

table = sa.Table(
    "idempotency_key",
    metadata,
    sa.Column("portal_id", sa.ForeignKey("portal.id"), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_sha256", sa.Text, nullable=False),
    sa.Column("status", sa.Integer),  # NULL only inside the transaction that claimed the key
    sa.Column("answer", sa.Text),
    sa.Column("created_at", InstantColumn, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A request that was answered before."""

    portal_id: PortalId
    key: str
    request_sha256: str
    status: int | None
    answer: str | None
    created_at: datetime


_KEY = sa.and_(table.c.portal_id == sa.bindparam("portal"), table.c.key == sa.bindparam("its_key"))
GET = sa.select(table).where(_KEY)
ANSWER = (
    table.update()
    .where(_KEY)
    .values(status=sa.bindparam("new_status"), answer=sa.bindparam("new_answer"))
)


def claim(
    tx: sa.Connection, portal_id: PortalId, key: str, request_sha256: str, *, now: datetime
) -> Answered | None:
    """Take *key* for a new request and return None, or return what it was answered before.

    Raises:
        IdempotencyKeyReusedError: the key came with another request.
        IdempotencyKeyRunningError: the first request still runs after all our patience.
    """
    row = {
        "portal_id": portal_id,
        "key": key,
        "request_sha256": request_sha256,
        "created_at": now,
    }
    try:
        is_new = add_if_absent(tx, table, row, key=("portal_id", "key"))
    except sa.exc.OperationalError as error:
        if is_lock_timeout(error):
            raise IdempotencyKeyRunningError from error
        raise
    if is_new:
        return None
    known = one(Answered, tx.execute(GET, {"portal": portal_id, "its_key": key}))
    if known is None or known.status is None:
        raise IdempotencyKeyRunningError
    if known.request_sha256 != request_sha256:
        raise IdempotencyKeyReusedError
    return known


def answer(tx: sa.Connection, portal_id: PortalId, key: str, *, status: int, text: str) -> None:
    """Keep the answer of the request that claimed *key*."""
    tx.execute(
        ANSWER,
        {"portal": portal_id, "its_key": key, "new_status": status, "new_answer": text},
    )
