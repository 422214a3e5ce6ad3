"""Send the citizen to VNPAY's page: the address itself is the signed message."""

from __future__ import annotations

import ipaddress
import re
import unicodedata

from paygate.domain.clock import to_stamp
from providers.contract import Checkout, Redirect
from providers.vnpay.config import AMOUNT_MAX, UNIT, Account
from providers.vnpay.messages import PAY, SIGNATURE

VERSION = "2.1.0"
TEXT_CHARS_MAX = 255  # of vnp_OrderInfo
RETURN_URL_CHARS_MAX = 255
ADDRESS_CHARS_MIN = 7  # of vnp_IpAddr, and `::1` has three
LANGUAGES = {"vi": "vn", "en": "en"}
# Encoders differ in `~ * ! ' ( )`, and VNPAY asks for texts without accents.
_STRANGE = re.compile(r"[^A-Za-z0-9.,:_-]+")


def lead_to_page(account: Account, checkout: Checkout) -> Redirect:
    """Return VNPAY's page for *checkout*, with exactly the text that was signed.

    Raises:
        ValueError: an amount or a bank that is not offered, or an address of ours that is too long.
    """
    if not account.minimum <= checkout.amount <= AMOUNT_MAX:
        raise ValueError("not an amount that can be paid here")
    if checkout.bank is not None and checkout.bank not in [each.code for each in account.banks]:
        raise ValueError("not a bank that is offered here")
    if len(checkout.return_url) > RETURN_URL_CHARS_MAX:
        raise ValueError("the return address is too long for the rail")
    fields = {
        "vnp_Version": VERSION,
        "vnp_Command": "pay",
        "vnp_TmnCode": account.tmn_code,
        "vnp_Amount": str(checkout.amount.dong * UNIT),
        "vnp_BankCode": checkout.bank or "",
        "vnp_CreateDate": to_stamp(checkout.created_at),
        "vnp_CurrCode": "VND",
        "vnp_IpAddr": address(checkout.client_ip),
        "vnp_Locale": LANGUAGES.get(checkout.language, "vn"),
        "vnp_OrderInfo": describe(checkout.description) or f"Thanh toan {checkout.attempt_ref}",
        "vnp_OrderType": account.order_type,
        "vnp_ReturnUrl": checkout.return_url,
        "vnp_ExpireDate": to_stamp(checkout.expires_at),
        "vnp_TxnRef": str(checkout.attempt_ref),
    }
    signed = PAY.text(fields)
    signature = PAY.sign(fields, account.hash_secrets[0])
    return Redirect(f"{account.pay_url}?{signed}&{SIGNATURE}={signature}")


def describe(text: str) -> str:
    """Return *text* as the rail can sign and show it: no accents, nothing but plain characters."""
    split = unicodedata.normalize("NFD", text)
    bare = "".join(each for each in split if not unicodedata.combining(each))
    # Đ is a letter of its own, which NFD does not split.
    plain = _STRANGE.sub(" ", bare.replace("Đ", "D").replace("đ", "d"))
    return " ".join(plain.split())[:TEXT_CHARS_MAX].rstrip()


def address(text: str) -> str:
    """Return an IP address as long as the rail wants it."""
    if len(text) >= ADDRESS_CHARS_MIN:
        return text
    try:
        return ipaddress.ip_address(text).exploded
    except ValueError:
        return text
