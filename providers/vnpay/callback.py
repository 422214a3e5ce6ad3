"""Read VNPAY's call (IPN), and answer it.

The browser comes back with the very same signed fields. Where somebody carries those to the
callback's address they are as true as there: the signature is VNPAY's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import unquote_plus

from paygate.domain.ids import AttemptRef
from paygate.domain.money import DONG_MAX, Money
from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    BadSignatureError,
    HttpReply,
    Report,
    Said,
    UnreadableError,
)
from providers.reading import FIELDS_MAX, are_names, moment_near
from providers.vnpay.codes import ANSWERS, meaning_of, word_of
from providers.vnpay.config import UNIT, Account
from providers.vnpay.messages import PAY, PREFIX, SIGNATURE, SIGNATURE_KIND

NO_TRANSACTION = "0"  # vnp_TransactionNo where nothing was taken
_AMOUNT = re.compile(r"0|[1-9][0-9]{0,16}")


@dataclass(frozen=True, slots=True)
class Pair:
    """One field of a query string: as it was sent, and what it says."""

    sent: str  # `name=value`, escapes and all
    name: str
    value: str


def read_call(account: Account, arrival: Arrival) -> Report:
    """Return what the rail says, once its signature is verified.

    Raises:
        BadSignatureError: not signed by the rail, or not for this account.
        UnreadableError: signed, and yet not a report.
    """
    values = _verified(account, arrival.query)
    if values.get("vnp_TmnCode") != account.tmn_code:
        raise BadSignatureError("not for this account")
    response = values.get("vnp_ResponseCode", "")
    status = values.get("vnp_TransactionStatus", "")
    return report_of(
        values,
        said=meaning_of(response, status),
        code=word_of(response, status),
        arrived_at=arrival.arrived_at,
    )


def report_of(values: Mapping[str, str], *, said: Said, code: str, arrived_at: datetime) -> Report:
    """Return the report in *values*, which are verified.

    Raises:
        UnreadableError: no amount of dong, or names that no rail gives.
    """
    reference = values.get("vnp_TxnRef", "")
    rail_txn = transaction_of(values)
    if not are_names((reference, rail_txn or "", code)):
        raise UnreadableError("an id or a code that cannot be one")
    # Either name alone is enough to keep money apart from other money.
    if not reference and rail_txn is None:
        raise UnreadableError("neither an order nor a transaction")
    if values.get("vnp_CurrCode", "VND") != "VND":
        raise UnreadableError("not an amount of whole dong")
    amount = amount_of(values)
    if said is Said.PAID and not amount:
        raise UnreadableError("paid, and nothing came")
    return Report(
        attempt_ref=AttemptRef(reference),
        rail_txn=rail_txn,
        amount=amount,
        said=said,
        code=code,
        paid_at=moment_near(values.get("vnp_PayDate", ""), arrived_at),
    )


def amount_of(values: Mapping[str, str]) -> Money:
    """Return vnp_Amount in dong; UnreadableError where it is none, or has a remainder."""
    text = values.get("vnp_Amount", "")
    if not _AMOUNT.fullmatch(text):
        raise UnreadableError("not an amount of whole dong")
    dong, rest = divmod(int(text), UNIT)
    if rest or dong > DONG_MAX:
        raise UnreadableError("not an amount of whole dong")
    return Money(dong)


def transaction_of(values: Mapping[str, str]) -> str | None:
    """Return vnp_TransactionNo, None where VNPAY gave no number."""
    number = values.get("vnp_TransactionNo", "")
    return None if number in {"", NO_TRANSACTION} else number


def answer(outcome: Outcome) -> HttpReply:
    """Return our answer, which VNPAY does not ask us to sign."""
    row = ANSWERS[outcome]
    return HttpReply(
        status=HTTPStatus.OK,
        headers={"Content-Type": "application/json; charset=utf-8"},
        body=json.dumps({"RspCode": row.code, "Message": row.message}).encode(),
    )


def _verified(account: Account, query: bytes) -> dict[str, str]:
    # Whatever fails before the signature holds is a bad signature: only what is verified may be
    # kept without bound, and a stranger's noise must not fill the disk by being unreadable.
    try:
        pairs = {each.name: each for each in _pairs(query)}
    except ValueError as error:
        raise BadSignatureError(f"nothing that could be verified: {error}") from None
    given = pairs.pop(SIGNATURE, None)
    pairs.pop(SIGNATURE_KIND, None)
    if given is None:
        raise BadSignatureError("no signature")
    if not PAY.verifies_text(_texts(pairs), signature=given.value, secrets=account.hash_secrets):
        raise BadSignatureError("the signature does not hold")
    # Empty and missing are signed alike, so they are read alike.
    return {name: each.value for name, each in pairs.items() if each.value}


def _pairs(query: bytes) -> Iterator[Pair]:
    """Yield the rail's own fields, each name once.

    Raises:
        ValueError: a name stands twice, or a field of the rail's cannot be read.
    """
    parts = query.decode().split("&")
    if len(parts) > FIELDS_MAX:
        raise ValueError("too many fields")
    seen: set[str] = set()
    for part in parts:
        before, sign, after = part.partition("=")
        name = unquote_plus(before, errors="replace")
        if not name.startswith(PREFIX):
            continue  # somebody's on the way: nobody signed it, and nobody reads it
        if name in seen or not sign:
            raise ValueError("a name stands twice, or without a value")
        seen.add(name)
        yield Pair(part, name, unquote_plus(after, errors="strict"))


def _texts(pairs: Mapping[str, Pair]) -> list[str]:
    """Return the few ways in which the rail may have written what it signed.

    Its samples disagree on empty fields and on six characters: as it was sent, or written anew by
    the rule, each without the empty fields and with them. All of them say the same.
    """
    listed = sorted(pairs.values(), key=lambda each: each.name)
    values = {each.name: each.value for each in listed}
    full = {name: value for name, value in values.items() if value}
    sent = PAY.separator
    return [
        PAY.text(full),
        sent.join(each.sent for each in listed if each.value),
        sent.join(each.sent for each in listed),
        # The rule drops empty fields; written anew and kept, they end in `=`.
        sent.join(PAY.text({each.name: each.value}) or f"{each.name}=" for each in listed),
    ]
