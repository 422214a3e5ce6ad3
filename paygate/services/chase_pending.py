"""Ask rails what became of attempts they did not report, with back-off, for seven days.

Never inside a callback or a page (DESIGN 2.13): the worker asks. The question is claimed in a
transaction of its own, so two workers never ask the same thing at once; then the network is
spoken to without any transaction; then the answer is applied by `record_payment`.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import groupby

import sqlalchemy as sa
import structlog

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.ids import AttemptId
from paygate.domain.order import GRACE
from paygate.domain.outcome import Outcome
from paygate.domain.payment import LIVE, PaymentEvent, PaymentState, step
from paygate.house import House
from paygate.services.move_order import move_order
from paygate.services.record_payment import record_payment
from paygate.services.spread import Spread
from paygate.services.told import SETTLED
from paygate.store import account_states, attempts, audit, evidence, orders
from paygate.store.attempts import Attempt
from paygate.store.evidence import Message, MessageKind
from paygate.store.jobs import LeaseLostError
from providers.contract import (
    AnswersQueries,
    Ask,
    AttemptFacts,
    BadSignatureError,
    HttpReply,
    NotSentError,
    Report,
    Said,
    SilentError,
    UnreadableError,
)

log = structlog.get_logger()
CHASE_FOR = timedelta(days=7)
# Each question comes when the attempt is half as old again: often at first, then rarely. The
# times are the attempt's own, so that one question more on the way makes no other one later.
WAIT_MIN = timedelta(minutes=2)
WAIT_MAX = timedelta(hours=6)
EACH = 10  # questions to one account in a round, so that no rail keeps the others waiting


class Asked(StrEnum):
    """What came of one question."""

    ANSWERED = "answered"
    SILENT = "silent"  # nobody answered
    UNUSABLE = "unusable"  # an answer that says nothing, or that could not be applied
    NOT_ASKED = "not_asked"


def chase_pending(house: House, act: Act, *, spread: Spread = map) -> Counter[Asked]:
    """Ask about every attempt whose time has come, and return how often what came of it.

    A rail that is silent is not asked again in this round; the other accounts do not wait for it.
    """
    with house.db.read() as tx:
        due = attempts.due(tx, by=act.now, each=EACH)
    rounds = [tuple(group) for _, group in groupby(due, key=lambda each: each.account)]
    return sum(spread(partial(_ask_one_rail, house, act), rounds), Counter())


def _ask_one_rail(house: House, act: Act, due: tuple[Attempt, ...]) -> Counter[Asked]:
    counts: Counter[Asked] = Counter()
    for attempt in due:
        asked = ask_about(house, act, attempt.id)
        counts[asked] += 1
        if asked is Asked.SILENT:
            break
    return counts


def ask_about(house: House, act: Act, attempt_id: AttemptId) -> Asked:
    """Ask the rail about one attempt now, if the rail can be asked and has not settled it."""
    attempt = house.db.act(_claim, act, attempt_id)
    if attempt is None:
        return Asked.NOT_ASKED
    merchant = house.merchants.get(attempt.account)
    if merchant is None or not isinstance(merchant.provider, AnswersQueries):
        house.db.act(_end_by_time, act, attempt.id)
        return Asked.NOT_ASKED
    facts = AttemptFacts(
        attempt_ref=attempt.ref,
        amount=attempt.amount,
        created_at=attempt.created_at,
        asked_at=act.now,
    )
    ask = merchant.provider.ask_status(facts)
    try:
        reply = merchant.send(ask.call)
    except (NotSentError, SilentError) as error:
        log.info("rail_silent", attempt_id=attempt.id, error=type(error).__name__)
        house.db.act(account_states.was_silent, attempt.account, now=act.now)
        return Asked.SILENT
    return _take_answer(house, act, attempt, ask, reply)


def _take_answer(
    house: House, act: Act, attempt: Attempt, ask: Ask[Report], reply: HttpReply
) -> Asked:
    """Apply what the rail answered, and keep it whatever comes of it."""
    message = _message(act, attempt, reply)
    try:
        report = ask.read(reply)
        if report.attempt_ref != attempt.ref:
            raise UnreadableError("the answer is about another attempt")  # noqa: TRY301  # as `read` says it
        house.db.act(_apply, act, house.vault, report, message)
    except LeaseLostError:
        raise
    except BadSignatureError:
        outcome = Outcome.BAD_SIGNATURE
    except UnreadableError:
        outcome = Outcome.UNREADABLE
    except Exception:
        # The edge: one answer that cannot be applied must not end the round.
        log.exception("answer_failed", attempt_id=attempt.id)
        outcome = Outcome.TROUBLE
    else:
        return Asked.ANSWERED
    house.db.act(evidence.keep, house.vault, message, outcome, act=act)
    log.warning("answer_kept_unapplied", attempt_id=attempt.id, outcome=outcome)
    return Asked.UNUSABLE


def _claim(tx: sa.Connection, act: Act, attempt_id: AttemptId) -> Attempt | None:
    """Take the question: until its answer is here, or the next wait is over, nobody else asks."""
    found = attempts.get(tx, attempt_id)
    if found is None or orders.lock(tx, found.order_id) is None:
        return None
    attempt = attempts.get(tx, attempt_id)
    if attempt is None or attempt.ask_at is None or attempt.ask_at > act.now:
        return None
    # A portal may have what is settled asked once more; that begins no new chase.
    settled = attempt.payment_state in SETTLED
    next_at = None if settled else next_question(attempt, act.now)
    attempts.ask_later(tx, attempt.id, now=act.now, next_at=next_at)
    return attempt


def next_question(attempt: Attempt, now: datetime) -> datetime | None:
    """Return when to ask again: ever more rarely, surely once after the session, for 7 days."""
    age = WAIT_MIN
    while attempt.created_at + age <= now:
        age += min(max(age / 2, WAIT_MIN), WAIT_MAX)
    next_at = attempt.created_at + age
    session_over = attempt.session_ends_at + GRACE
    if now < session_over < next_at:
        next_at = session_over
    return None if next_at > attempt.created_at + CHASE_FOR else next_at


def _apply(tx: sa.Connection, act: Act, vault: Vault, report: Report, message: Message) -> Outcome:
    outcome = record_payment(tx, act, message.account, report)
    evidence.keep(tx, vault, message, outcome, act=act)
    account_states.has_spoken(tx, message.account)
    attempt = attempts.by_ref(tx, report.attempt_ref)
    if attempt is not None and report.said not in {Said.PAID, Said.PENDING}:
        _end_by_time(tx, act, attempt.id)
    return outcome


def _end_by_time(tx: sa.Connection, act: Act, attempt_id: AttemptId) -> None:
    """Let a live attempt expire when its session and the grace are over (DESIGN 3)."""
    found = attempts.get(tx, attempt_id)
    order = None if found is None else orders.lock(tx, found.order_id)
    attempt = attempts.get(tx, attempt_id)
    if attempt is None or order is None or attempt.payment_state not in LIVE:
        return
    if act.now < attempt.session_ends_at + GRACE:
        return
    state = step(attempt.payment_state, PaymentEvent.TIMED_OUT)
    attempts.move(tx, attempt.id, state, rail_code=attempt.rail_code, ask_at=attempt.ask_at)
    move_order(tx, act, order)
    audit.note(
        tx,
        act,
        stream=f"order:{order.id}",
        action=f"attempt.{PaymentState.EXPIRED}",
        subject=f"attempt:{attempt.id}",
    )


def _message(act: Act, attempt: Attempt, reply: HttpReply) -> Message:
    return Message(
        id=act.ids.new("msg", act.now),
        account=attempt.account,
        kind=MessageKind.ANSWER,
        attempt_refs=(attempt.ref,),
        head={"status": reply.status, "headers": dict(reply.headers)},
        body=reply.body,
        arrived_at=act.now,
    )
