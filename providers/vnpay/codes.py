"""What the rail's codes mean, and what we answer; each row with its source.

A callback carries two codes, of the answer and of the transaction, and both must agree. A code
that stands here nowhere is *unknown*: never failed, never paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paygate.domain.outcome import Outcome
from providers.contract import RefundSaid, Said

OK = "00"
BAD_STATUS = "02"
PAY_DOCUMENT = "VNPAY's document on paying"
QUERY_DOCUMENT = "VNPAY's document on questions and refunds"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says, and who says that it does."""

    said: Said
    source: str


_FAILED = Meaning(Said.FAILED, PAY_DOCUMENT)

RESPONSES: Mapping[str, Meaning] = MappingProxyType(
    {
        OK: Meaning(Said.PAID, PAY_DOCUMENT),
        # Debited, and suspected of fraud: VNPAY holds it for a person. The citizen waits.
        "07": Meaning(Said.PENDING, PAY_DOCUMENT),
        "09": _FAILED,  # no internet banking
        "10": _FAILED,  # not authenticated, more than three times
        "11": _FAILED,  # the time to pay is over
        "12": _FAILED,  # card or account is locked
        "13": _FAILED,  # wrong one-time password
        "24": Meaning(Said.CANCELLED, PAY_DOCUMENT),
        "51": _FAILED,  # not enough money
        "65": _FAILED,  # over the limit of the day
        "75": _FAILED,  # the bank is under maintenance
        "79": _FAILED,  # too many wrong passwords
        "99": _FAILED,  # anything else
    }
)
"""vnp_ResponseCode of a callback."""

STATUSES: Mapping[str, Meaning] = MappingProxyType(
    {
        OK: Meaning(Said.PAID, QUERY_DOCUMENT),
        "01": Meaning(Said.PENDING, QUERY_DOCUMENT),  # not completed
        BAD_STATUS: Meaning(Said.FAILED, QUERY_DOCUMENT),
        # The bank took the money and VNPAY did not get it. Whoever was told "failed" would pay
        # again, so the citizen waits until the rail knows.
        "04": Meaning(Said.PENDING, QUERY_DOCUMENT),
        "05": Meaning(Said.UNKNOWN, QUERY_DOCUMENT),  # of a refund: it says nothing of a payment
        "06": Meaning(Said.UNKNOWN, QUERY_DOCUMENT),
        "07": Meaning(Said.PENDING, QUERY_DOCUMENT),
        "09": Meaning(Said.UNKNOWN, QUERY_DOCUMENT),
    }
)
"""vnp_TransactionStatus of a payment."""


def meaning_of(response: str, status: str) -> Said:
    """Return what both codes of a callback say together."""
    first, second = RESPONSES.get(response), STATUSES.get(status)
    if first is None or second is None:
        return Said.UNKNOWN
    both = {first.said, second.said}
    if Said.UNKNOWN in both:
        return Said.UNKNOWN
    if Said.PENDING in both:
        return Said.PENDING
    # One of them success and the other not: only a question can tell.
    if Said.PAID in both and len(both) > 1:
        return Said.UNKNOWN
    return first.said


def word_of(response: str, status: str) -> str:
    """Return the code to remember: the first alone where the second only repeats it."""
    usual = OK if response == OK else BAD_STATUS
    return response if status == usual else f"{response}/{status}"


# ---- what we answer -------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Answer:
    """What we reply to a callback: the rail's code, and a text for its log."""

    code: str
    message: str
    source: str


_KNOWN = Answer("02", "Order already confirmed", PAY_DOCUMENT)
_TROUBLE = Answer("99", "Unknow error", PAY_DOCUMENT)  # spelt so there

ANSWERS: Mapping[Outcome, Answer] = MappingProxyType(
    {
        Outcome.APPLIED: Answer(OK, "Confirm Success", PAY_DOCUMENT),
        Outcome.KNOWN: _KNOWN,
        # The money is in the book and a case is open: calling again would bring nothing new.
        Outcome.CONTRADICTS: _KNOWN,
        # Booked too. The rail calls once more, and then it is known.
        Outcome.AMOUNT_DIFFERS: Answer("04", "invalid amount", PAY_DOCUMENT),
        Outcome.UNKNOWN_ATTEMPT: Answer("01", "Order not found", PAY_DOCUMENT),
        Outcome.BAD_SIGNATURE: Answer("97", "Invalid signature", PAY_DOCUMENT),
        Outcome.UNREADABLE: _TROUBLE,
        Outcome.TROUBLE: _TROUBLE,
    }
)


# ---- refunds --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class RefundMeaning:
    """What a code says of a refund, and who says that it does."""

    said: RefundSaid
    source: str


REFUND_RESPONSES: Mapping[str, RefundMeaning] = MappingProxyType(
    {
        OK: RefundMeaning(RefundSaid.ACCEPTED, QUERY_DOCUMENT),
        "02": RefundMeaning(RefundSaid.FAILED, QUERY_DOCUMENT),  # not their merchant
        "03": RefundMeaning(RefundSaid.FAILED, QUERY_DOCUMENT),  # bad format
        "91": RefundMeaning(RefundSaid.FAILED, QUERY_DOCUMENT),  # no such payment
        # "Already requested": by an earlier sending of ours, or by somebody else. Ask.
        "94": RefundMeaning(RefundSaid.UNKNOWN, QUERY_DOCUMENT),
        "95": RefundMeaning(RefundSaid.FAILED, QUERY_DOCUMENT),  # it was no successful payment
        "97": RefundMeaning(RefundSaid.FAILED, QUERY_DOCUMENT),  # bad checksum
        "99": RefundMeaning(RefundSaid.UNKNOWN, QUERY_DOCUMENT),  # anything else
    }
)
"""vnp_ResponseCode of the answer to a refund. A failure counts only where it is signed."""

REFUND_STATUSES: Mapping[str, RefundMeaning] = MappingProxyType(
    {
        OK: RefundMeaning(RefundSaid.SUCCEEDED, QUERY_DOCUMENT),
        "05": RefundMeaning(RefundSaid.PENDING, QUERY_DOCUMENT),  # with VNPAY
        "06": RefundMeaning(RefundSaid.PENDING, QUERY_DOCUMENT),  # with the bank
        "09": RefundMeaning(RefundSaid.FAILED, QUERY_DOCUMENT),  # refused
    }
)
"""vnp_TransactionStatus of a refund."""
