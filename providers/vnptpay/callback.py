"""Read the rail's CONFIRM, and answer it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from paygate.domain.clock import to_stamp
from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    BadSignatureError,
    HttpReply,
    Report,
    Said,
    UnreadableError,
)
from providers.reading import are_names, moment_near, read_form, read_object, text_of
from providers.vnptpay.codes import ANSWERS, MEANINGS
from providers.vnptpay.config import Account
from providers.vnptpay.messages import ANSWER, CALLBACK, SIGNATURE

_AMOUNT = re.compile(r"0|[1-9][0-9]{0,14}")
_ECHO = re.compile(r"[A-Za-z0-9_.-]{0,64}")


def read_confirm(account: Account, arrival: Arrival) -> Report:
    """Return what the rail says, once its signature is verified.

    Raises:
        BadSignatureError: not signed by the rail, or not for this account.
        UnreadableError: signed, and yet not a report.
    """
    values = _verified(account, arrival)
    if values["MERCHANT_SERVICE_ID"] != account.merchant_service_id:
        raise BadSignatureError("not for this account")
    code = values["RESPONSE_CODE"]
    meaning = MEANINGS.get(code)
    return report_of(
        values,
        said=Said.UNKNOWN if meaning is None else meaning.said,
        code=code,
        arrived_at=arrival.arrived_at,
    )


def report_of(values: Mapping[str, str], *, said: Said, code: str, arrived_at: datetime) -> Report:
    """Return the report in *values*, which are verified.

    Raises:
        UnreadableError: no amount of dong, or names that no rail gives.
    """
    reference, rail_txn = values["MERCHANT_ORDER_ID"], values["VNPTPAY_TRANSACTION_ID"]
    if not are_names((reference, rail_txn, code)):
        raise UnreadableError("an id or a code that cannot be one")
    # Either name alone is enough to keep money apart from other money.
    if not reference and not rail_txn:
        raise UnreadableError("neither an order nor a transaction")
    amount = values["AMOUNT"]
    if values["CURRENCY_CODE"] != "VND" or not _AMOUNT.fullmatch(amount):
        raise UnreadableError("not an amount of whole dong")
    if said is Said.PAID and amount == "0":
        raise UnreadableError("paid, and nothing came")
    return Report(
        attempt_ref=AttemptRef(reference),
        rail_txn=rail_txn or None,
        amount=Money(int(amount)),
        said=said,
        code=code,
        # The format of PAY_DATE stands in no document.
        paid_at=moment_near(values["PAY_DATE"], arrived_at),
    )


def answer(account: Account, arrival: Arrival, outcome: Outcome) -> HttpReply:
    """Return our signed answer, whatever arrived; what cannot be read in it stays empty."""
    row = ANSWERS[outcome]
    code = account.unknown_attempt_code if outcome is Outcome.UNKNOWN_ATTEMPT else row.code
    fields = {
        "RESPONSE_CODE": code,
        "DESCRIPTION": row.description,
        "MERCHANT_SERVICE_ID": account.merchant_service_id,
        "MERCHANT_ORDER_ID": _reference_in(arrival),
        "CREATE_DATE": to_stamp(arrival.arrived_at),
    }
    signed = fields | {SIGNATURE: ANSWER.sign(fields, account.secret_keys[0])}
    return HttpReply(
        status=HTTPStatus.OK,
        headers={"Content-Type": "application/json; charset=utf-8"},
        body=json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode(),
    )


def _verified(account: Account, arrival: Arrival) -> dict[str, str]:
    # Whatever fails before the signature holds is a bad signature: only what is verified may be
    # kept without bound, and a stranger's noise must not fill the disk by being unreadable.
    try:
        fields = _fields(arrival)
        values = {name: text_of(fields, name) for name in CALLBACK.fields}
        signature = text_of(fields, SIGNATURE)
    except ValueError as error:
        raise BadSignatureError(f"nothing that could be verified: {error}") from None
    if not CALLBACK.verifies(values, signature=signature, secrets=account.secret_keys):
        raise BadSignatureError("the signature does not hold")
    return values


def _fields(arrival: Arrival) -> dict[str, object]:
    # By what stands there, not by Content-Type: three shapes are known, and no header of them is.
    if arrival.body.lstrip()[:1] == b"{":
        return read_object(arrival.body)
    form = read_form(arrival.body)
    if "data" in form and SIGNATURE not in form:
        return read_object(text_of(form, "data"))
    return form


def _reference_in(arrival: Arrival) -> str:
    # We sign what we echo, so a stranger's text is echoed only where it can be nothing but an id.
    try:
        reference = text_of(_fields(arrival), "MERCHANT_ORDER_ID")
    except ValueError:
        return ""
    return reference if _ECHO.fullmatch(reference) else ""
