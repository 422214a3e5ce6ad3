"""Give money back through VNPAY: it goes to the card or account that paid.

The answer to a request tells only that it was taken. What becomes of it is told by querydr, which
names the payment and not the refund: so an answer counts only where type, amount and number fit.
"""

from __future__ import annotations

import re

from paygate.domain.clock import to_stamp
from paygate.domain.money import Money
from providers.contract import (
    Ask,
    HttpReply,
    RefundFacts,
    RefundOrder,
    RefundReport,
    RefundSaid,
    UnreadableError,
)
from providers.reading import are_names, moment_near
from providers.vnpay.callback import NO_TRANSACTION, amount_of, transaction_of
from providers.vnpay.checkout import VERSION, describe
from providers.vnpay.codes import OK, REFUND_RESPONSES, REFUND_STATUSES
from providers.vnpay.config import UNIT, Account
from providers.vnpay.messages import QUERY_REPLY, REFUND, REFUND_REPLY
from providers.vnpay.query import post, question, read_reply

FULL, PARTIAL = "02", "03"  # vnp_TransactionType
OFFICER_CHARS_MAX = 64
_REQUEST = re.compile(r"[A-Za-z0-9-]{1,32}")


def ask_for_refund(account: Account, refund: RefundOrder) -> Ask[RefundReport]:
    """Return the request; the same order gives the same bytes, so that a resend is one.

    Raises:
        ValueError: nothing, more than was paid, or a reference that the rail does not take.
    """
    if not Money(0) < refund.amount <= refund.collected:
        raise ValueError("not an amount that can be given back")
    if not _REQUEST.fullmatch(refund.wire_ref):
        raise ValueError("not a reference that the rail takes")
    fields = {
        "vnp_RequestId": refund.wire_ref,
        "vnp_Version": VERSION,
        "vnp_Command": "refund",
        "vnp_TmnCode": account.tmn_code,
        "vnp_TransactionType": FULL if refund.amount == refund.collected else PARTIAL,
        "vnp_TxnRef": str(refund.attempt_ref),
        "vnp_Amount": str(refund.amount.dong * UNIT),
        # Unknown, it is `0`, and both signed and sent.
        "vnp_TransactionNo": refund.rail_txn or NO_TRANSACTION,
        "vnp_TransactionDate": to_stamp(refund.created_at),
        "vnp_CreateBy": describe(refund.officer)[:OFFICER_CHARS_MAX] or "paygate",
        "vnp_CreateDate": to_stamp(refund.ordered_at),
        "vnp_IpAddr": account.server_ip,
        "vnp_OrderInfo": describe(refund.reason) or f"Hoan tien {refund.wire_ref}",
    }
    return Ask(post(account, REFUND, fields), lambda reply: _read_taken(account, refund, reply))


def ask_for_refund_status(account: Account, refund: RefundFacts) -> Ask[RefundReport]:
    """Return the question about a refund, by the payment that it gives back."""
    return Ask(
        question(
            account, refund.attempt_ref, created_at=refund.created_at, asked_at=refund.asked_at
        ),
        lambda reply: _read_status(account, refund, reply),
    )


def _read_taken(account: Account, refund: RefundOrder, reply: HttpReply) -> RefundReport:
    values, signed = read_reply(account, reply, REFUND_REPLY, command="refund")
    response, status = values["vnp_ResponseCode"], values["vnp_TransactionStatus"]
    number = transaction_of(values)
    if not are_names((number or "",)):
        raise UnreadableError("an id that cannot be one")
    meaning = REFUND_RESPONSES.get(response)
    said = RefundSaid.UNKNOWN if meaning is None else meaning.said
    # Only failure lets another transfer go. So it must be signed, and nothing sent before may
    # have arrived: a second sending can be refused because the first was carried out.
    if said is RefundSaid.FAILED and (refund.again or not signed):
        said = RefundSaid.UNKNOWN
    if response == OK:
        told = (values["vnp_TxnRef"], amount_of(values), values["vnp_TransactionType"])
        asked = FULL if refund.amount == refund.collected else PARTIAL
        if told != (refund.attempt_ref, refund.amount, asked):
            raise UnreadableError("the answer is about another refund")
        # Whatever else stands there now, the end is told by a question alone.
        follow = REFUND_STATUSES.get(status)
        if follow is not None and follow.said is RefundSaid.PENDING:
            said = RefundSaid.PENDING
    return RefundReport(
        wire_ref=refund.wire_ref,
        rail_refund=number if response == OK and number != refund.rail_txn else None,
        amount=refund.amount,
        said=said,
        code=response,
        at=moment_near(values["vnp_PayDate"], refund.ordered_at),
    )


def _read_status(account: Account, refund: RefundFacts, reply: HttpReply) -> RefundReport:
    values, _ = read_reply(account, reply, QUERY_REPLY, command="querydr")
    response, status = values["vnp_ResponseCode"], values["vnp_TransactionStatus"]
    number = transaction_of(values)
    if not are_names((number or "",)):
        raise UnreadableError("an id that cannot be one")
    if response == OK and values["vnp_TxnRef"] != refund.attempt_ref:
        raise UnreadableError("the answer is about another order")
    ours = response == OK and _is_about(refund, values, number)
    meaning = REFUND_STATUSES.get(status) if ours else None
    return RefundReport(
        wire_ref=refund.wire_ref,
        rail_refund=number if ours else None,
        amount=refund.amount,
        said=RefundSaid.UNKNOWN if meaning is None else meaning.said,
        code=status if response == OK else response,
        at=moment_near(values["vnp_PayDate"], refund.asked_at),
    )


def _is_about(refund: RefundFacts, values: dict[str, str], number: str | None) -> bool:
    """Tell whether an answer about a payment speaks of this refund of it, and of no other."""
    if values["vnp_TransactionType"] not in {FULL, PARTIAL} or amount_of(values) != refund.amount:
        return False
    if refund.rail_refund is not None:
        return number == refund.rail_refund
    return not refund.others or (number is not None and number not in refund.others)
