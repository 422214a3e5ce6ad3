"""Deliveries of messages to endpoints, each on its own schedule, and a line for every try."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from paygate.store import endpoints
from paygate.store.base import (
    InstantColumn,
    StateColumn,
    add_if_absent,
    in_turn,
    many,
    metadata,
    one,
    one_of,
    values,
)


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"  # every try was made; it may be sent again
    DROPPED = "dropped"  # its endpoint was retired before it arrived


table = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("message_id", sa.ForeignKey("outbox.id"), nullable=False),
    sa.Column("endpoint_id", sa.ForeignKey("webhook_endpoint.id"), nullable=False),
    sa.Column("state", StateColumn(DeliveryState), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due_at", InstantColumn, nullable=False),
    one_of("state", DeliveryState),
    sa.CheckConstraint("tries >= 0", "tries_count"),
    sa.UniqueConstraint("message_id", "endpoint_id"),
    sa.Index("ix_webhook_delivery_state_due_at", "state", "due_at"),
)
try_table = sa.Table(
    "webhook_try",
    metadata,
    sa.Column("delivery_id", sa.ForeignKey("webhook_delivery.id"), primary_key=True),
    sa.Column("try_no", sa.Integer, primary_key=True),
    sa.Column("at", InstantColumn, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("trouble", sa.Text),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message on its way to one endpoint; *tries* are those that the schedule counts."""

    id: str
    message_id: str
    endpoint_id: str
    state: DeliveryState
    tries: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one try: an HTTP status, or the kind of trouble on the way."""

    status: int | None = None
    trouble: str | None = None

    @property
    def is_success(self) -> bool:
        """Return whether the portal has the message; a redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004  # RFC 9110


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTry:
    """One try and what came of it, as it is kept."""

    delivery_id: str
    try_no: int
    at: datetime
    status: int | None
    trouble: str | None


TRIES_SHOWN_MAX = 20  # of a delivery: who sends a message again and again makes no list endless
GET = sa.select(table).where(table.c.id == sa.bindparam("delivery_id"))
_IS_DUE = (table.c.state == DeliveryState.WAITING, table.c.due_at <= sa.bindparam("by"))
# Each endpoint's first, then each one's second, …: a long queue of one holds no other back. So do
# portals take turns, however many endpoints one has.
_TURNS = (
    sa.select(
        table.c.id,
        table.c.due_at,
        endpoints.table.c.portal_id,
        in_turn(table.c.endpoint_id, by=(table.c.due_at, table.c.id)).label("turn"),
    )
    .join(endpoints.table, endpoints.table.c.id == table.c.endpoint_id)
    .where(
        *_IS_DUE,
        endpoints.table.c.enabled.is_(True),
        endpoints.table.c.id.not_in(sa.bindparam("busy", expanding=True)),
    )
    .subquery("turns")
)
_RANKED = sa.select(
    _TURNS.c.id,
    in_turn(_TURNS.c.portal_id, by=(_TURNS.c.turn, _TURNS.c.due_at, _TURNS.c.id)).label("place"),
).subquery("ranked")
DUE = (
    sa.select(table)
    .join(_RANKED, _RANKED.c.id == table.c.id)
    .where(*_IS_DUE)  # once more, of the row as it is when it is locked
    .order_by(_RANKED.c.place, table.c.due_at, table.c.id)
    .limit(sa.bindparam("batch"))
    .with_for_update(skip_locked=True, of=table)
)
CLAIM = (
    table.update()
    .where(table.c.id == sa.bindparam("delivery_id"))
    .values(tries=table.c.tries + 1, due_at=sa.bindparam("until"))
)
SETTLE = (
    table.update()
    .where(table.c.id == sa.bindparam("delivery_id"), table.c.state == DeliveryState.WAITING)
    .values(
        state=sa.bindparam("new_state"),
        tries=sa.bindparam("new_tries"),
        due_at=sa.bindparam("new_due_at"),
    )
)
END_SPENT = (
    table.update()
    .where(*_IS_DUE, table.c.tries >= sa.bindparam("tries_max"))
    .values(state=DeliveryState.DEAD)
)
ADD_TRY = try_table.insert()
LAST_TRY = sa.select(sa.func.max(try_table.c.try_no)).where(
    try_table.c.delivery_id == sa.bindparam("of_delivery")
)
TRIES_OF = (
    sa.select(try_table)
    .where(try_table.c.delivery_id == sa.bindparam("of_delivery"))
    .order_by(try_table.c.try_no)
)
DROP_OF = (
    table.update()
    .where(
        table.c.endpoint_id == sa.bindparam("of_endpoint"), table.c.state == DeliveryState.WAITING
    )
    .values(state=DeliveryState.DROPPED)
)
RESEND = (
    table.update()
    .where(
        table.c.message_id == sa.bindparam("of_message"),
        table.c.endpoint_id == sa.bindparam("of_endpoint"),
    )
    .values(state=DeliveryState.WAITING, tries=0, due_at=sa.bindparam("at"))
)
OF_MESSAGES = (
    sa.select(table)
    .where(table.c.message_id.in_(sa.bindparam("messages", expanding=True)))
    .order_by(table.c.id)
)
_LATER = try_table.alias("later")
_LATEST = (
    sa.select(sa.func.max(_LATER.c.try_no))
    .where(_LATER.c.delivery_id == table.c.id)
    .scalar_subquery()
)
TRIES_OF_MESSAGES = (
    sa.select(try_table)
    .join(table, table.c.id == try_table.c.delivery_id)
    .where(
        table.c.message_id.in_(sa.bindparam("messages", expanding=True)),
        try_table.c.try_no > _LATEST - TRIES_SHOWN_MAX,
    )
    .order_by(try_table.c.delivery_id, try_table.c.try_no)
)
OF_MESSAGE = (
    sa.select(table).where(table.c.message_id == sa.bindparam("of_message")).order_by(table.c.id)
)


def make(tx: sa.Connection, delivery: Delivery) -> None:
    """Keep a new delivery, unless that endpoint already has one of the message."""
    add_if_absent(tx, table, values(delivery), key=("message_id", "endpoint_id"))


def get(tx: sa.Connection, delivery_id: str) -> Delivery | None:
    """Return the delivery of that id."""
    return one(Delivery, tx.execute(GET, {"delivery_id": delivery_id}))


def claim_due(
    tx: sa.Connection,
    *,
    now: datetime,
    until: datetime,
    limit: int,
    busy: Collection[str] = (),
) -> tuple[Delivery, ...]:
    """Take deliveries that are due: until *until* nobody else takes them, then they are due again.

    Those of *busy* endpoints are left. The try is counted now, so that a death on the way does not
    make it endless.
    """
    taken = many(Delivery, tx.execute(DUE, {"by": now, "batch": limit, "busy": list(busy)}))
    for each in taken:
        tx.execute(CLAIM, {"delivery_id": each.id, "until": until})
    return taken


def end_spent(tx: sa.Connection, *, tries_max: int, now: datetime) -> int:
    """Give up what died on the way of its last try; return how many there were."""
    return tx.execute(END_SPENT, {"tries_max": tries_max, "by": now}).rowcount


def settle(
    tx: sa.Connection,
    delivery_id: str,
    *,
    answer: Answer,
    at: datetime,
    state: DeliveryState,
    tries: int,
    due_at: datetime,
) -> None:
    """Write down what came of a try, how many now count, and when the next is due.

    A delivery that has ended stays as it ended; the line of the try is written all the same.
    """
    tx.execute(
        SETTLE,
        {
            "delivery_id": delivery_id,
            "new_state": state,
            "new_tries": tries,
            "new_due_at": due_at,
        },
    )
    last = tx.execute(LAST_TRY, {"of_delivery": delivery_id}).scalar_one()
    line = DeliveryTry(
        delivery_id=delivery_id,
        try_no=(last or 0) + 1,
        at=at,
        status=answer.status,
        trouble=answer.trouble,
    )
    tx.execute(ADD_TRY, values(line))


def tries_of(tx: sa.Connection, delivery_id: str) -> tuple[DeliveryTry, ...]:
    """Return every try of a delivery, oldest first."""
    return many(DeliveryTry, tx.execute(TRIES_OF, {"of_delivery": delivery_id}))


def of_message(tx: sa.Connection, message_id: str) -> tuple[Delivery, ...]:
    """Return the deliveries of a message."""
    return many(Delivery, tx.execute(OF_MESSAGE, {"of_message": message_id}))


def drop_of(tx: sa.Connection, endpoint_id: str) -> int:
    """End what still waits for a retired endpoint; return how many there were."""
    return tx.execute(DROP_OF, {"of_endpoint": endpoint_id}).rowcount


def resend(tx: sa.Connection, message_id: str, endpoint_id: str, *, at: datetime) -> None:
    """Begin the delivery anew, due at *at*, however it stood."""
    tx.execute(RESEND, {"of_message": message_id, "of_endpoint": endpoint_id, "at": at})


def of_messages(tx: sa.Connection, message_ids: Collection[str]) -> tuple[Delivery, ...]:
    """Return the deliveries of several messages."""
    return many(Delivery, tx.execute(OF_MESSAGES, {"messages": list(message_ids)}))


def tries_of_messages(tx: sa.Connection, message_ids: Collection[str]) -> tuple[DeliveryTry, ...]:
    """Return the last tries of the deliveries of several messages, each one's oldest first."""
    return many(DeliveryTry, tx.execute(TRIES_OF_MESSAGES, {"messages": list(message_ids)}))
