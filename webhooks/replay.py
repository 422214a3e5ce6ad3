"""Read a kept message of a rail again, and apply it again: what is known already changes nothing.

For the day on which a key was wrong, a code had no meaning yet, or we failed. The evidence itself
stays as it is; the audit says who replayed it, and what became of it then.
"""

from __future__ import annotations

from typing import cast

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.ids import AccountCode, AttemptRef
from paygate.domain.outcome import Outcome
from paygate.house import House, Merchant
from paygate.store import attempts, audit, evidence
from paygate.store.evidence import Message, MessageKind
from providers.contract import (
    AnswersQueries,
    Arrival,
    AttemptFacts,
    BadSignatureError,
    HttpReply,
    Report,
    UnreadableError,
)
from webhooks.inbox import apply_reports


class NotReplayableError(Exception):
    """There is no such message, or nobody left who could read it; the text says which."""


class _RehearsalOverError(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def replay_message(house: House, act: Act, message_id: str, *, rehearse: bool) -> Outcome:
    """Return what becomes of the message now; with *rehearse* nothing of it is kept.

    Raises:
        NotReplayableError: no such message, or its account or attempt is no more.
        SealError: its bytes were erased, do not open, or are not what came.
    """
    if not rehearse:
        return house.db.act(_replay, act, house, message_id)
    try:
        house.db.act(_rehearse, act, house, message_id)
    except _RehearsalOverError as over:
        return over.outcome
    raise AssertionError


def _rehearse(tx: sa.Connection, act: Act, house: House, message_id: str) -> None:
    raise _RehearsalOverError(_replay(tx, act, house, message_id))


def _replay(tx: sa.Connection, act: Act, house: House, message_id: str) -> Outcome:
    kept = evidence.lock(tx, message_id)
    if kept is None:
        raise NotReplayableError("there is no such message")
    merchant = house.merchants.get(kept.account)
    if merchant is None:
        raise NotReplayableError(f"account {kept.account} is not configured")
    message = evidence.reopen(tx, house.vault, kept)
    try:
        reports = _read(tx, merchant, message)
    except BadSignatureError:
        outcome = Outcome.BAD_SIGNATURE
    except UnreadableError:
        outcome = Outcome.UNREADABLE
    else:
        outcome = apply_reports(tx, act, AccountCode(kept.account), reports)
    audit.note(
        tx,
        act,
        stream=f"message:{kept.id}",
        action="message.replayed",
        subject=f"message:{kept.id}",
        facts={"account": kept.account, "outcome": outcome.value, "was": kept.outcome.value},
    )
    return outcome


def _read(tx: sa.Connection, merchant: Merchant, message: Message) -> list[Report]:
    if message.kind is MessageKind.CALLBACK:
        return merchant.provider.read_callback(_arrival(message))
    return [_answer(tx, merchant, message)]


def _arrival(message: Message) -> Arrival:
    """Return the request as it came, at the time it came."""
    pairs = cast("list[list[str]]", message.head["headers"])
    return Arrival(
        method=str(message.head["method"]),
        path=str(message.head["path"]),
        query=message.query,
        headers=tuple((name, value) for name, value in pairs),
        body=message.body,
        arrived_at=message.arrived_at,
    )


def _answer(tx: sa.Connection, merchant: Merchant, message: Message) -> Report:
    """Return what the rail answered to our question, asked again in our mind alone."""
    ref = AttemptRef(" ".join(message.attempt_refs))
    attempt = attempts.by_ref(tx, ref)
    if attempt is None or not isinstance(merchant.provider, AnswersQueries):
        raise NotReplayableError("there is no attempt that it could answer for")
    facts = AttemptFacts(
        attempt_ref=attempt.ref,
        amount=attempt.amount,
        created_at=attempt.created_at,
        asked_at=message.arrived_at,
    )
    reply = HttpReply(
        cast("int", message.head["status"]),
        cast("dict[str, str]", message.head["headers"]),
        message.body,
    )
    report = merchant.provider.ask_status(facts).read(reply)
    if report.attempt_ref != attempt.ref:
        raise UnreadableError("the answer is about another attempt")
    return report
