"""Ask VNPAY what became of an attempt: querydr."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from paygate.domain.clock import to_stamp
from paygate.domain.ids import AttemptRef
from providers.contract import (
    Ask,
    AttemptFacts,
    BadSignatureError,
    HttpCall,
    HttpReply,
    Report,
    Said,
    UnreadableError,
)
from providers.reading import are_names, read_object, text_of
from providers.signing import SignatureProfile
from providers.vnpay.callback import report_of
from providers.vnpay.checkout import VERSION
from providers.vnpay.codes import OK, STATUSES
from providers.vnpay.config import Account
from providers.vnpay.messages import QUERY, QUERY_REPLY, SIGNATURE

PAYMENT = "01"  # vnp_TransactionType


def ask_for_status(account: Account, attempt: AttemptFacts) -> Ask[Report]:
    """Return the question about *attempt*, which names the start by its time."""
    return Ask(
        question(
            account,
            attempt.attempt_ref,
            created_at=attempt.created_at,
            asked_at=attempt.asked_at,
        ),
        lambda reply: _read_status(account, attempt, reply),
    )


def question(
    account: Account, reference: AttemptRef, *, created_at: datetime, asked_at: datetime
) -> HttpCall:
    """Return the signed querydr about *reference*, of the payment or of its refund."""
    seed = f"{reference}|{created_at.isoformat()}|{asked_at.isoformat()}"
    fields = {
        # Unique in a day, and the same for the same question.
        "vnp_RequestId": hashlib.sha256(seed.encode()).hexdigest()[:32],
        "vnp_Version": VERSION,
        "vnp_Command": "querydr",
        "vnp_TmnCode": account.tmn_code,
        "vnp_TxnRef": str(reference),
        "vnp_TransactionDate": to_stamp(created_at),
        "vnp_CreateDate": to_stamp(asked_at),
        "vnp_IpAddr": account.server_ip,
        "vnp_OrderInfo": f"Truy van GD {reference}",
    }
    return post(account, QUERY, fields)


def post(account: Account, profile: SignatureProfile, fields: Mapping[str, str]) -> HttpCall:
    """Return a signed message as a call to the server of *account*."""
    signed = {**fields, SIGNATURE: profile.sign(fields, account.hash_secrets[0])}
    return HttpCall(
        method="POST",
        url=account.api_url,
        headers={"Content-Type": "application/json", "Accept": "application/json"},
        body=json.dumps(signed, separators=(",", ":")).encode(),
    )


def read_reply(
    account: Account, reply: HttpReply, profile: SignatureProfile, *, command: str
) -> tuple[dict[str, str], bool]:
    """Return the signed fields of a whole answer, and whether they were signed.

    Raises:
        UnreadableError: half an answer, a page of an office on the way, or no JSON object.
        BadSignatureError: signed by somebody else; or not at all, though it is no refusal.
    """
    if reply.status != HTTPStatus.OK:
        raise UnreadableError(f"answered with status {reply.status}")
    try:
        fields = read_object(reply.body)
        values = {name: text_of(fields, name) for name in profile.fields}
        signature = text_of(fields, SIGNATURE)
    except ValueError as error:
        raise UnreadableError(f"the answer is no message of the rail: {error}") from None
    code = values["vnp_ResponseCode"]
    if not code or not are_names((code, values["vnp_TransactionStatus"])):
        raise UnreadableError("no code of the rail")
    if not signature and code != OK:
        return values, False
    if not profile.verifies(values, signature=signature, secrets=account.hash_secrets):
        raise BadSignatureError("the answer is not signed by the rail")
    if values["vnp_Command"] != command or values["vnp_TmnCode"] != account.tmn_code:
        raise UnreadableError("an answer to somebody else's question")
    return values, True


def _read_status(account: Account, attempt: AttemptFacts, reply: HttpReply) -> Report:
    values, _ = read_reply(account, reply, QUERY_REPLY, command="querydr")
    response, status = values["vnp_ResponseCode"], values["vnp_TransactionStatus"]
    # The code of the answer is about our question; the money is in the status.
    if response != OK:
        return _nothing_said(attempt, response)
    if values["vnp_TxnRef"] != attempt.attempt_ref:
        raise UnreadableError("the answer is about another order")
    # Of a refund, "success" does not say that anything was paid.
    if values["vnp_TransactionType"] != PAYMENT:
        return _nothing_said(attempt, status)
    meaning = STATUSES.get(status)
    return report_of(
        values,
        said=Said.UNKNOWN if meaning is None else meaning.said,
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
