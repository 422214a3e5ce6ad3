"""Ask the rail what became of an attempt: QUERY."""

from __future__ import annotations

from paygate.domain.clock import to_stamp
from providers.contract import (
    Ask,
    AttemptFacts,
    BadSignatureError,
    HttpReply,
    Report,
    Said,
    UnreadableError,
)
from providers.reading import text_of
from providers.signing import SignatureProfile
from providers.vnptpay.callback import report_of
from providers.vnptpay.checkout import post, read_reply
from providers.vnptpay.codes import OK
from providers.vnptpay.config import Account
from providers.vnptpay.messages import QUERY, QUERY_REPLY_FIELDS, SIGNATURE


def ask_for_status(account: Account, attempt: AttemptFacts) -> Ask[Report]:
    """Return the QUERY of *attempt*, which names the INIT by its time."""
    fields = {
        "ACTION": "QUERY",
        "VERSION": account.version,
        "MERCHANT_SERVICE_ID": account.merchant_service_id,
        "MERCHANT_ORDER_ID": str(attempt.attempt_ref),
        "CREATE_DATE": to_stamp(attempt.created_at),
    }
    signed = fields | {SIGNATURE: QUERY.sign(fields, account.secret_keys[0])}
    return Ask(
        post(account, "query_transaction", signed),
        lambda reply: _read_status(account, attempt, reply),
    )


def _read_status(account: Account, attempt: AttemptFacts, reply: HttpReply) -> Report:
    fields = read_reply(reply)
    try:
        values = {name: text_of(fields, name) for name in QUERY_REPLY_FIELDS}
        signature = text_of(fields, SIGNATURE)
    except ValueError as error:
        raise UnreadableError(str(error)) from None
    signed = bool(account.query_response_fields)
    if signed:
        profile = SignatureProfile(account.query_response_fields, "|")
        if not profile.verifies(values, signature=signature, secrets=account.secret_keys):
            raise BadSignatureError("the answer to our query is not signed by the rail")
    code = values["RESPONSE_CODE"]
    if not code:
        raise UnreadableError("no RESPONSE_CODE")
    if code != OK:
        return _nothing_said(attempt, code)
    if values["MERCHANT_ORDER_ID"] != attempt.attempt_ref:
        raise UnreadableError("the answer is about another order")
    # Unsigned, an answer counts only as an echo of what we know. Signed, another amount is news.
    if not signed and values["AMOUNT"] != str(attempt.amount.dong):
        raise UnreadableError("the answer is about another amount")
    status = values["TRANSACTION_STATUS"]
    return report_of(
        values,
        said=account.statuses.get(status, Said.UNKNOWN),
        code=status,
        arrived_at=attempt.asked_at,
    )


def _nothing_said(attempt: AttemptFacts, code: str) -> Report:
    """Return that the rail answered our question, and yet said nothing about the money."""
    return Report(
        attempt_ref=attempt.attempt_ref,
        rail_txn=None,
        amount=attempt.amount,
        said=Said.UNKNOWN,
        code=code,
        paid_at=attempt.asked_at,
    )
