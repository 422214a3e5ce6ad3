"""Open a session: INIT of version 1.0.5."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from paygate.domain.clock import to_stamp
from providers.contract import (
    Ask,
    Checkout,
    HttpCall,
    HttpReply,
    Redirect,
    StartRefusedError,
    UnreadableError,
)
from providers.reading import read_object, text_of
from providers.vnptpay.codes import OK
from providers.vnptpay.config import CAPABILITIES, Account
from providers.vnptpay.messages import INIT, SIGNATURE

DESCRIPTION_CHARS_MAX = 255  # said of PAY 1.0.6; of INIT nothing is said
_ADDRESS = re.compile(r"https?://[\x21-\x5b\x5d-\x7e]+")  # no space, no backslash, ASCII


def ask_for_session(account: Account, checkout: Checkout) -> Ask[Redirect]:
    """Return the INIT of *checkout*; the same checkout gives the same bytes.

    Raises:
        ValueError: an amount that the rail does not take.
    """
    if not CAPABILITIES.minimum <= checkout.amount <= CAPABILITIES.maximum:
        raise ValueError("not an amount that can be paid here")
    amount = str(checkout.amount.dong)
    fields = {
        "ACTION": "INIT",
        "VERSION": account.version,
        "MERCHANT_SERVICE_ID": account.merchant_service_id,
        "MERCHANT_ORDER_ID": str(checkout.attempt_ref),
        "AMOUNT": amount,
        "AMOUNT_DETAIL": amount,
        "SERVICE_ID": "1",
        "DEVICE": "1",
        "LOCALE": "vi-VN",
        "CURRENCY_CODE": "VND",
        "PAYMENT_METHOD": "VNPTPAY",
        "DESCRIPTION": describe(checkout.description),
        "CREATE_DATE": to_stamp(checkout.created_at),
        "CLIENT_IP": checkout.client_ip,
    }
    signed = fields | {SIGNATURE: INIT.sign(fields, account.secret_keys[0])}
    return Ask(
        post(account, "init", signed), lambda reply: _read_session(account.redirect_hosts, reply)
    )


def describe(text: str) -> str:
    """Return *text* as the rail can sign and show it: NFC, one line, without `|`."""
    plain = "".join(
        " " if each == "|" or unicodedata.category(each)[0] in "CZ" else each
        for each in unicodedata.normalize("NFC", text)
    )
    return " ".join(plain.split())[:DESCRIPTION_CHARS_MAX].rstrip()


def post(account: Account, verb: str, fields: Mapping[str, str]) -> HttpCall:
    """Return a signed message as a call to the server of *account*."""
    return HttpCall(
        method="POST",
        url=f"{account.base_url}/rest/payment/v{account.version}/{verb}",
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Authorization": f"Bearer {account.api_key}",
        },
        body=json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode(),
    )


def read_reply(reply: HttpReply) -> dict[str, object]:
    """Return the fields of a whole answer.

    Raises:
        UnreadableError: half an answer, a page of an office on the way, or no JSON object.
    """
    if reply.status != HTTPStatus.OK:
        raise UnreadableError(f"answered with status {reply.status}")
    try:
        return read_object(reply.body)
    except ValueError as error:
        raise UnreadableError(f"the answer is no JSON object: {error}") from None


def _read_session(hosts: frozenset[str], reply: HttpReply) -> Redirect:
    fields = read_reply(reply)
    try:
        code, url = text_of(fields, "RESPONSE_CODE"), text_of(fields, "REDIRECT_URL")
    except ValueError as error:
        raise UnreadableError(str(error)) from None
    if not code:
        raise UnreadableError("no RESPONSE_CODE")
    if code != OK:
        raise StartRefusedError(code)
    # What this answer is signed with is not public, so the list of hosts is what guards citizens.
    if not _ADDRESS.fullmatch(url) or not _leads_to(url, hosts):
        raise UnreadableError("REDIRECT_URL leads to no host of this account")
    return Redirect(url)


def _leads_to(url: str, hosts: frozenset[str]) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain_is_fine = parts.hostname in {"127.0.0.1", "localhost"}
    return parts.netloc.lower() in hosts and (parts.scheme == "https" or plain_is_fine)
