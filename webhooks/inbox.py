"""Read a rail's message, apply it, keep it with its outcome, answer: one commit in the plain case.

A process that dies before the commit has answered nothing, and the rail sends again. What is
refused or fails is kept in a commit of its own (ADR 0004).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
import structlog

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.ids import AccountCode
from paygate.domain.outcome import Outcome, worst
from paygate.house import House, Merchant
from paygate.services.record_payment import record_payment
from paygate.store import evidence
from paygate.store.evidence import Message, MessageKind
from providers.contract import (
    Arrival,
    BadSignatureError,
    HttpReply,
    Report,
    UnreadableError,
)

log = structlog.get_logger()
# Forgeries must not fill the disk; what verified is never counted here (DESIGN 2.7).
UNVERIFIED_KEPT_MAX = 60
UNVERIFIED_COUNTED_FOR = timedelta(minutes=1)
NO_ACCOUNT = AccountCode("?")  # no account's code, so strangers share one bound


def receive(house: House, act: Act, merchant: Merchant, arrival: Arrival) -> HttpReply:
    """Return what to answer the rail, in its own words.

    Raises:
        Exception: when not even the evidence could be kept; then nothing may be acknowledged.
    """
    message = _message(act, merchant.code, arrival)
    try:
        reports = merchant.provider.read_callback(arrival)
    except BadSignatureError:
        outcome = house.db.act(_keep_unverified, act, house.vault, message)
    except UnreadableError:
        outcome = _keep_alone(house, act, message, Outcome.UNREADABLE)
    except Exception:
        # The edge: a fault of the adapter. Nobody knows whether it verified, so it is bounded.
        log.exception("callback_broke_its_adapter", message_id=message.id)
        outcome = house.db.act(_keep_unverified, act, house.vault, message, outcome=Outcome.TROUBLE)
    else:
        told = replace(message, attempt_refs=tuple(each.attempt_ref for each in reports))
        outcome = _apply(house, act, told, reports)
    log.info("callback_answered", message_id=message.id, account=merchant.code, outcome=outcome)
    return merchant.provider.answer(arrival, outcome)


def receive_stray(house: House, act: Act, arrival: Arrival) -> None:
    """Keep a message for an account that we do not have, within the bound of unverified ones."""
    house.db.act(_keep_unverified, act, house.vault, _message(act, NO_ACCOUNT, arrival))


def _message(act: Act, account: AccountCode, arrival: Arrival) -> Message:
    return Message(
        id=act.ids.new("msg", act.now),
        account=account,
        kind=MessageKind.CALLBACK,
        head={
            "method": arrival.method,
            "path": arrival.path,
            "headers": [list(pair) for pair in arrival.headers],
        },
        query=arrival.query,
        body=arrival.body,
        arrived_at=arrival.arrived_at,
    )


def _apply(house: House, act: Act, message: Message, reports: list[Report]) -> Outcome:
    try:
        return house.db.act(_keep_and_apply, act, house.vault, message, reports)
    except Exception:
        # The edge: whatever it was, the evidence stays and the rail tries again.
        log.exception("callback_failed", message_id=message.id)
        refs = tuple(_storable(each) for each in message.attempt_refs)
        return _keep_alone(house, act, replace(message, attempt_refs=refs), Outcome.TROUBLE)


def _storable(ref: str) -> str:
    """Return *ref* without what no database keeps: its bytes are in the message."""
    return ref.encode("utf-8", "replace").decode().replace("\0", "?")


def _keep_and_apply(
    tx: sa.Connection, act: Act, vault: Vault, message: Message, reports: list[Report]
) -> Outcome:
    outcome = apply_reports(tx, act, message.account, reports)
    evidence.keep(tx, vault, message, outcome, act=act)
    return outcome


def apply_reports(
    tx: sa.Connection, act: Act, account: AccountCode, reports: Iterable[Report]
) -> Outcome:
    """Return what became of all that one message reports: the worst decides."""
    # In one order always, so that two messages about the same attempts never block each other.
    sorted_reports = sorted(reports, key=lambda report: report.attempt_ref)
    return worst(record_payment(tx, act, account, report) for report in sorted_reports)


def _keep_alone(house: House, act: Act, message: Message, outcome: Outcome) -> Outcome:
    house.db.act(evidence.keep, house.vault, message, outcome, act=act)
    return outcome


def _keep_unverified(
    tx: sa.Connection,
    act: Act,
    vault: Vault,
    message: Message,
    *,
    outcome: Outcome = Outcome.BAD_SIGNATURE,
) -> Outcome:
    since = act.now - UNVERIFIED_COUNTED_FOR
    if evidence.count_since(tx, message.account, outcome, since) < UNVERIFIED_KEPT_MAX:
        evidence.keep(tx, vault, message, outcome, act=act)
    else:
        log.warning("unverified_message_dropped", account=message.account)
    return outcome
