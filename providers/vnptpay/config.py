"""The settings of one merchant account at VNPT Pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from paygate.domain.money import DONG_MAX, Money
from providers.contract import Capabilities, ProviderInfo, RailKind, Said, Setting, Values
from providers.values import complete, host_names, https_url, items, whole_number
from providers.vnptpay.codes import NOT_FOUND, OK
from providers.vnptpay.messages import QUERY_REPLY_FIELDS, QUERY_REPLY_MUST_SIGN

TIMEOUT_S_MAX = 60

INFO = ProviderInfo(
    code="vnptpay",
    name_vi="VNPT Money",
    name_en="VNPT Money",
    letters="VNPT",
    kind=RailKind.WALLET,
    settings=(
        Setting(name="merchant_service_id", meaning="MERCHANT_SERVICE_ID, given by VNPT"),
        Setting(
            name="secret_key", secret=True, meaning="signs every message; of a list, the first"
        ),
        Setting(
            name="api_key", secret=True, meaning="bearer token of our calls; the first is sent"
        ),
        Setting(name="version", default="1.0.5", choices=("1.0.5",), meaning="of the merchant API"),
        Setting(
            name="base_url",
            default="https://api.vnptpay.vn",
            meaning="live by default; VNPT's own sandbox is https://sandbox.vnptpay.vn",
        ),
        Setting(
            name="redirect_hosts",
            default="",
            meaning="more hosts, beside that of base_url, to which citizens may be sent",
        ),
        Setting(
            name="transaction_statuses",
            default="",
            meaning="what each TRANSACTION_STATUS of a query means, such as 00=paid; "
            "empty: every status is unknown",
        ),
        Setting(
            name="query_response_fields",
            default="",
            meaning="signed fields of the answer to a query, in order; "
            "empty: not checked, and the answer must repeat our order and amount",
        ),
        Setting(
            name="unknown_attempt_code",
            default=NOT_FOUND,
            choices=(NOT_FOUND, OK),
            meaning="what we answer when the order is not ours",
        ),
        Setting(name="timeout_s", default="10", meaning="longest wait for an answer, in seconds"),
    ),
)

CAPABILITIES = Capabilities(
    callback=True,
    query=True,
    # The rail publishes neither limits nor the life of a session: these are ours.
    minimum=Money(1),
    maximum=Money(DONG_MAX),
    session=timedelta(minutes=15),
    reference_max=20,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One merchant account, checked."""

    merchant_service_id: str
    secret_keys: tuple[str, ...] = field(repr=False)
    api_key: str = field(repr=False)
    version: str
    base_url: str
    redirect_hosts: frozenset[str]
    statuses: Mapping[str, Said]
    query_response_fields: tuple[str, ...]
    unknown_attempt_code: str


def read_account(values: Values) -> Account:
    """Read the settings of an account.

    Raises:
        ValueError: names the setting that is wrong.
    """
    given = complete(INFO.settings, values)
    base_url = https_url("base_url", given["base_url"][0])
    whole_number("timeout_s", given["timeout_s"][0], least=1, most=TIMEOUT_S_MAX)
    merchant_service_id = given["merchant_service_id"][0]
    if "|" in merchant_service_id:
        raise ValueError("merchant_service_id: must not hold |")
    return Account(
        merchant_service_id=merchant_service_id,
        secret_keys=given["secret_key"],
        api_key=given["api_key"][0],
        version=given["version"][0],
        base_url=base_url,
        redirect_hosts=host_names("redirect_hosts", given["redirect_hosts"])
        | {urlsplit(base_url).netloc},
        statuses=_statuses(given["transaction_statuses"]),
        query_response_fields=_signed_fields(given["query_response_fields"]),
        unknown_attempt_code=given["unknown_attempt_code"][0],
    )


def _statuses(listed: tuple[str, ...]) -> Mapping[str, Said]:
    statuses: dict[str, Said] = {}
    for item in items(listed):
        code, sign, word = item.partition("=")
        if not (sign and code) or word not in set(Said) or code in statuses:
            raise ValueError(
                f"transaction_statuses: each must be CODE=WORD, once, with a word of {list(Said)}"
            )
        statuses[code] = Said(word)
    return MappingProxyType(statuses)


def _signed_fields(listed: tuple[str, ...]) -> tuple[str, ...]:
    fields = tuple(items(listed))
    if not fields:
        return ()
    strange = set(fields) - set(QUERY_REPLY_FIELDS)
    missing = QUERY_REPLY_MUST_SIGN - set(fields)
    if strange or missing or len(set(fields)) < len(fields):
        raise ValueError(
            "query_response_fields: each must be a field of the answer, once; "
            f"{', '.join(sorted(QUERY_REPLY_MUST_SIGN))} must be among them"
        )
    return fields
