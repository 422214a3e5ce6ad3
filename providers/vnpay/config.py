"""The settings of one merchant account at VNPAY."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from paygate.domain.money import Money
from providers.contract import Bank, Capabilities, ProviderInfo, RailKind, Setting, Values
from providers.values import complete, https_url, items, whole_number

TIMEOUT_S_MAX = 60
UNIT = 100  # vnp_Amount counts hundredths of a dong
AMOUNT_MAX = Money((10**12 - 1) // UNIT)  # vnp_Amount has 12 digits at most
LIVE_PAY_URL = "https://pay.vnpay.vn/vpcpay.html"
LIVE_API_URL = "https://merchant.vnpay.vn/merchant_webapi/api/transaction"
PAY_PATH = "/paymentv2/vpcpay.html"
API_PATH = "/merchant_webapi/api/transaction"
_TERMINAL = re.compile(r"[A-Za-z0-9]{1,32}")
_ORDER_TYPE = re.compile(r"[A-Za-z0-9]{1,100}")

BANKS: Mapping[str, Bank] = MappingProxyType(
    {
        bank.code: bank
        for bank in (
            Bank(
                code="VNPAYQR",
                name_vi="Quét mã VNPAY-QR",
                name_en="Scan a VNPAY-QR code",
                letters="QR",
            ),
            Bank(
                code="VNBANK",
                name_vi="Thẻ hoặc tài khoản ngân hàng trong nước",
                name_en="Vietnamese bank card or account",
                letters="ATM",
            ),
            Bank(
                code="INTCARD",
                name_vi="Thẻ thanh toán quốc tế",
                name_en="International card",
                letters="CARD",
            ),
        )
    }
)
"""The groups of banks that stand in VNPAY's document; single banks are chosen at VNPAY."""

INFO = ProviderInfo(
    code="vnpay",
    name_vi="VNPAY",
    name_en="VNPAY",
    letters="VNP",
    kind=RailKind.AGGREGATOR,
    settings=(
        Setting(name="tmn_code", meaning="vnp_TmnCode, given by VNPAY"),
        Setting(
            name="hash_secret", secret=True, meaning="signs every message; of a list, the first"
        ),
        Setting(
            name="base_url",
            default="",
            meaning="host of both addresses below, with the paths of VNPAY's sandbox, "
            "https://sandbox.vnpayment.vn; empty: the live ones",
        ),
        Setting(
            name="pay_url",
            default="",
            meaning="page to which citizens are sent; instead of that under base_url",
        ),
        Setting(
            name="api_url",
            default="",
            meaning="address of questions and refunds; instead of that under base_url",
        ),
        Setting(
            name="banks",
            default=",".join(BANKS),
            meaning="what is offered on our page beside the choice at VNPAY",
        ),
        Setting(
            name="minimum_amount",
            default="5000",
            meaning="least amount in dong; VNPAY publishes none, so ask",
        ),
        Setting(name="order_type", default="other", meaning="vnp_OrderType, a category of VNPAY's"),
        Setting(
            name="server_ip",
            default="127.0.0.1",
            meaning="vnp_IpAddr of our own questions and refunds: our public address",
        ),
        Setting(name="timeout_s", default="10", meaning="longest wait for an answer, in seconds"),
    ),
)

CAPABILITIES = Capabilities(
    callback=True,
    query=True,
    minimum=Money(5_000),
    maximum=AMOUNT_MAX,
    session=timedelta(minutes=15),  # as in VNPAY's samples
    reference_max=100,
    bank_choices=tuple(BANKS.values()),
    refund_full=True,
    refund_partial=True,
    refund_query=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One merchant account, checked."""

    tmn_code: str
    hash_secrets: tuple[str, ...] = field(repr=False)
    pay_url: str
    api_url: str
    banks: tuple[Bank, ...]
    minimum: Money
    order_type: str
    server_ip: str


def read_account(values: Values) -> Account:
    """Read the settings of an account.

    Raises:
        ValueError: names the setting that is wrong.
    """
    given = complete(INFO.settings, values)
    whole_number("timeout_s", given["timeout_s"][0], least=1, most=TIMEOUT_S_MAX)
    pay_url, api_url = _addresses(given)
    minimum = given["minimum_amount"][0]
    server_ip = given["server_ip"][0]
    try:
        ipaddress.ip_address(server_ip)
    except ValueError:
        raise ValueError("server_ip: must be an address of IP") from None
    return Account(
        tmn_code=_matching("tmn_code", given["tmn_code"][0], _TERMINAL),
        hash_secrets=given["hash_secret"],
        pay_url=pay_url,
        api_url=api_url,
        banks=_banks(given["banks"]),
        minimum=Money(whole_number("minimum_amount", minimum, least=1, most=999_999_999)),
        order_type=_matching("order_type", given["order_type"][0], _ORDER_TYPE),
        server_ip=server_ip,
    )


def _addresses(given: Values) -> tuple[str, str]:
    pay_url, api_url = LIVE_PAY_URL, LIVE_API_URL
    if given["base_url"]:
        base_url = https_url("base_url", given["base_url"][0])
        pay_url, api_url = base_url + PAY_PATH, base_url + API_PATH
    if given["pay_url"]:
        pay_url = https_url("pay_url", given["pay_url"][0])
    if given["api_url"]:
        api_url = https_url("api_url", given["api_url"][0])
    return pay_url, api_url


def _banks(listed: tuple[str, ...]) -> tuple[Bank, ...]:
    codes = items(listed)
    if set(codes) - set(BANKS) or len(set(codes)) < len(codes):
        raise ValueError(f"banks: each must be one of {', '.join(BANKS)}, once")
    return tuple(BANKS[code] for code in codes)


def _matching(name: str, text: str, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(text):
        raise ValueError(f"{name}: must be letters and digits")
    return text
