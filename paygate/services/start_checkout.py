"""Start an attempt: commit the intention, ask the rail, commit the answer (DESIGN 2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa
import structlog

from paygate.domain.act import Act
from paygate.domain.errors import MethodNotOfferedError, OrderNotPayableError
from paygate.domain.ids import AttemptId, OrderId
from paygate.domain.notice import Notice
from paygate.domain.order import GRACE, OrderState
from paygate.domain.origin import origin_of
from paygate.domain.payment import LIVE, PaymentEvent, PaymentState, step
from paygate.house import House, Merchant, Merchants
from paygate.services.move_order import move_order
from paygate.services.offer_merchants import offer_merchants
from paygate.store import account_states, attempts, audit, cases, orders, qr_codes
from paygate.store.attempts import Attempt
from paygate.store.orders import FeeOrder
from paygate.store.qr_codes import QrCode
from providers.contract import (
    AnswersQueries,
    Ask,
    BadSignatureError,
    Checkout,
    NotSentError,
    Redirect,
    ShowQr,
    SilentError,
    StartRefusedError,
    UnreadableError,
)

log = structlog.get_logger()
FIRST_QUESTION = timedelta(minutes=2)  # most callbacks come sooner


class NotStarted(StrEnum):
    """Why the citizen is not at the rail."""

    UNREACHABLE = "unreachable"  # nothing left us: nothing was charged, another try is safe
    REFUSED = "refused"  # the rail said that it opens no session
    UNKNOWN = "unknown"  # nobody knows: the citizen must wait, not pay again


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutWanted:
    """What the citizen chose, and where from."""

    order_id: OrderId
    account: str
    bank: str | None
    client_ip: str
    language: str
    return_url: str  # ends with the place of the token: `{}`
    again: bool = False  # warned that an earlier attempt, whose session is over, may still count


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The attempt, and where its citizen goes or what to scan, or why nothing."""

    attempt: Attempt
    result: Redirect | ShowQr | NotStarted


def start_checkout(house: House, act: Act, wanted: CheckoutWanted) -> Started:
    """Return where to send the citizen or what to show, with the attempt committed before.

    Raises:
        OrderNotPayableError: the order is not open, has ended, or an attempt is still live.
        MethodNotOfferedError: this way to pay is not offered for the order.
    """
    order, attempt, merchant = house.db.act(_intend, act, house.merchants, wanted)
    result = _ask_rail(merchant, _checkout(order, attempt, wanted))
    started, ended = house.db.act(_conclude, act, attempt.id, result)
    if ended:  # while the rail was asked: nobody is led to pay what is no longer wanted
        raise OrderNotPayableError
    return Started(attempt=started, result=result)


def _ask_rail(merchant: Merchant, checkout: Checkout) -> Redirect | ShowQr | NotStarted:
    try:
        started = merchant.provider.start(checkout)
        if isinstance(started, Ask):
            started = started.read(merchant.send(started.call))
    except NotSentError:
        log.warning("checkout_unreachable", account=merchant.code)
        return NotStarted.UNREACHABLE
    except StartRefusedError as refusal:
        log.warning("checkout_refused", account=merchant.code, rail_code=refusal.code)
        return NotStarted.REFUSED
    except (SilentError, UnreadableError, BadSignatureError) as error:
        log.warning("checkout_unknown", account=merchant.code, error=type(error).__name__)
        return NotStarted.UNKNOWN
    if isinstance(started, Redirect) and not _may_lead_to(merchant, started.url):
        log.error("checkout_host_refused", account=merchant.code)
        return NotStarted.UNKNOWN
    return started


def _may_lead_to(merchant: Merchant, url: str) -> bool:
    """Return whether the rail's configuration names the host of *url* (TRUST S21)."""
    scheme, _, host = (origin_of(url) or "").partition("://")
    loopback = host.startswith("127.0.0.1:")  # such hosts are configured in a demo alone
    return host in merchant.provider.redirect_hosts and (scheme == "https" or loopback)


def _intend(
    tx: sa.Connection, act: Act, merchants: Merchants, wanted: CheckoutWanted
) -> tuple[FeeOrder, Attempt, Merchant]:
    """Keep the attempt that is about to be made."""
    order = orders.lock(tx, wanted.order_id)
    if order is None or order.is_cancelling or order.expires_at <= act.now:
        raise OrderNotPayableError
    if not _may_begin(tx, act, order, wanted):
        raise OrderNotPayableError
    choices = {
        each.account.code: each for each in offer_merchants(tx, merchants, order, now=act.now)
    }
    merchant = choices.get(wanted.account)
    if merchant is None or not _has_bank(merchant, wanted.bank):
        raise MethodNotOfferedError
    session_ends_at = min(order.expires_at, act.now + merchant.provider.capabilities.session)
    can_ask = isinstance(merchant.provider, AnswersQueries)
    attempt = Attempt(
        id=AttemptId(act.ids.new("att", act.now)),
        order_id=order.id,
        ref=act.ids.attempt_ref(),
        account=merchant.code,
        bank=wanted.bank,
        amount=order.amount,
        return_token=act.ids.token(),
        created_at=act.now,
        session_ends_at=session_ends_at,
        # A rail that answers no questions is looked at once, when its time is over.
        ask_at=act.now + FIRST_QUESTION if can_ask else session_ends_at + GRACE,
    )
    attempts.add(tx, attempt)
    order = move_order(tx, act, order, tell=(Notice.ORDER_PROCESSING,))
    audit.note(
        tx,
        act,
        stream=f"order:{order.id}",
        action="attempt.created",
        subject=f"attempt:{attempt.id}",
        facts={"account": attempt.account, "amount": attempt.amount.dong},
    )
    return order, attempt, merchant


def _may_begin(tx: sa.Connection, act: Act, order: FeeOrder, wanted: CheckoutWanted) -> bool:
    """Return whether the citizen may begin to pay: nothing waits, or only what is long over."""
    if any(each.is_about_other_money for each in cases.of_order(tx, order.id)):
        return False
    if order.state is OrderState.OPEN:
        return True
    live = [each for each in attempts.of_order(tx, order.id) if each.payment_state in LIVE]
    over = all(each.session_ends_at <= act.now for each in live)
    return order.state is OrderState.PROCESSING and wanted.again and over


def _has_bank(merchant: Merchant, bank: str | None) -> bool:
    return bank is None or bank in merchant.provider.capabilities.banks


def _checkout(order: FeeOrder, attempt: Attempt, wanted: CheckoutWanted) -> Checkout:
    return Checkout(
        attempt_ref=attempt.ref,
        amount=attempt.amount,
        description=order.description,
        dossier_code=order.dossier_code,
        bank=attempt.bank,
        language=wanted.language,
        return_url=wanted.return_url.format(attempt.return_token),
        client_ip=wanted.client_ip,
        created_at=attempt.created_at,
        expires_at=attempt.session_ends_at,
    )


# A rail that was not reached, or opened no session, has said nothing of a payment: it is we who
# give the attempt up, and that yields to whatever the rail says later.
EVENTS = {
    NotStarted.UNREACHABLE: PaymentEvent.GIVEN_UP,
    NotStarted.REFUSED: PaymentEvent.GIVEN_UP,
    NotStarted.UNKNOWN: PaymentEvent.LOST,
}


def _conclude(
    tx: sa.Connection, act: Act, attempt_id: AttemptId, result: Redirect | ShowQr | NotStarted
) -> tuple[Attempt, bool]:
    """Write down how the start ended; a callback may have been faster, and then it counts.

    Return also whether the order has ended unpaid, or is about to.
    """
    attempt = attempts.get(tx, attempt_id)
    order = None if attempt is None else orders.lock(tx, attempt.order_id)
    attempt = attempts.get(tx, attempt_id)
    if attempt is None or order is None:
        raise OrderNotPayableError
    if isinstance(result, NotStarted):
        if result is not NotStarted.REFUSED:
            account_states.was_silent(tx, attempt.account, now=act.now)
    else:
        _keep_way(tx, attempt.id, result)
        account_states.has_spoken(tx, attempt.account)
    event = EVENTS[result] if isinstance(result, NotStarted) else PaymentEvent.SENT
    if attempt.payment_state is PaymentState.CREATED:
        state = step(attempt.payment_state, event)
        ask_at = attempt.ask_at if state in LIVE else None
        attempts.move(tx, attempt.id, state, rail_code=None, ask_at=ask_at)
        move_order(tx, act, order)
    audit.note(
        tx,
        act,
        stream=f"order:{order.id}",
        action=f"attempt.{event}",
        subject=f"attempt:{attempt.id}",
    )
    found = attempts.get(tx, attempt_id)
    ended = order.closed_as is not None or order.is_cancelling
    return attempt if found is None else found, ended


def _keep_way(tx: sa.Connection, attempt_id: AttemptId, way: Redirect | ShowQr) -> None:
    """Write down where the citizen is sent, or what is shown, to lead there again."""
    if isinstance(way, Redirect):
        attempts.lead(tx, attempt_id, way.url)
        return
    code = QrCode(
        attempt_id=attempt_id,
        payload=way.payload,
        bank_bin=way.bank_bin,
        account_number=way.account_number,
        account_holder=way.account_holder,
        memo=way.memo,
    )
    qr_codes.add(tx, code)
