"""What bad rails share: a good rail that hands everything through, in the words of either rail."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    Ask,
    AttemptFacts,
    Capabilities,
    Checkout,
    HttpReply,
    ProviderInfo,
    Rail,
    RefundFacts,
    RefundOrder,
    RefundReport,
    Report,
    Values,
    WireNames,
)
from providers.registry import RAILS
from providers.signing import SignatureProfile
from providers.vnpay.messages import PAY
from providers.vnptpay.messages import CALLBACK

Start = Any  # Redirect or Ask[Redirect]: a sin of one rail knows which


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one rail says what every rail says."""

    code: str
    keys: str  # the account's field that holds them
    failed: str  # a code for a payment that failed
    forgiven: tuple[str, str]  # a signed field that the samples always fill alike
    invented: Mapping[str, tuple[str, ...]]  # a setting that must be given
    profile: SignatureProfile
    read: Callable[[Arrival], dict[str, str]]
    write: Callable[[Arrival, Mapping[str, str]], Arrival]

    @property
    def rail(self) -> Rail:
        return RAILS[self.code]

    @property
    def names(self) -> WireNames:
        return self.rail.rehearse().names

    @property
    def seal(self) -> str:
        """Return the name of the field that holds the signature."""
        return self.names.signature

    def keys_of(self, good: Any) -> tuple[str, ...]:
        keys: tuple[str, ...] = getattr(good.account, self.keys)
        return keys

    def with_keys(self, good: Any, keys: tuple[str, ...]) -> Any:
        return replace(good, account=replace(good.account, **{self.keys: keys}))

    def signed_again(self, bad: BadRail, arrival: Arrival, fields: Mapping[str, str]) -> Arrival:
        """Return *arrival* with *fields* as the rail itself could have signed them."""
        plain = {name: value for name, value in fields.items() if name != self.seal}
        made = self.profile.sign(plain, self.keys_of(bad.good)[0])
        return self.write(arrival, {**plain, self.seal: made})


def _loose_body(arrival: Arrival) -> dict[str, str]:
    """Read the fields as careless code does: the last of a repeated name wins."""
    try:
        if arrival.body.lstrip()[:1] == b"{":
            read: dict[str, str] = json.loads(arrival.body)
            return read
        form = dict(parse_qsl(arrival.body.decode(), keep_blank_values=True))
        return json.loads(form["data"]) if "data" in form else form
    except ValueError:
        return {}


def _loose_query(arrival: Arrival) -> dict[str, str]:
    try:
        read = dict(parse_qsl(arrival.query.decode(), keep_blank_values=True, errors="strict"))
    except ValueError:
        return {}
    return {name: value for name, value in read.items() if name.startswith("vnp_")}


def _as_body(arrival: Arrival, fields: Mapping[str, str]) -> Arrival:
    return replace(arrival, body=json.dumps(dict(fields)).encode())


def _as_query(arrival: Arrival, fields: Mapping[str, str]) -> Arrival:
    return replace(arrival, query=urlencode(dict(fields)).encode())


VNPTPAY = Dialect(
    code="vnptpay",
    keys="secret_keys",
    failed="99",
    forgiven=("PAYMENT_METHOD", "VNPTPAY"),
    invented={"api_key": ("invented",)},
    profile=CALLBACK,
    read=_loose_body,
    write=_as_body,
)
VNPAY = Dialect(
    code="vnpay",
    keys="hash_secrets",
    failed="51",
    forgiven=("vnp_CardType", "ATM"),
    invented={"tmn_code": ("INVENTED",)},
    profile=PAY,
    read=_loose_query,
    write=_as_query,
)
DIALECTS = (VNPTPAY, VNPAY)


@dataclass(frozen=True)
class BadRail:
    """A good rail, with everything handed through, so that each sin below is one method."""

    good: Any
    dialect: ClassVar[Dialect] = VNPTPAY
    gives_keys: ClassVar[bool] = True  # the caller must: none is invented

    @property
    def info(self) -> ProviderInfo:
        info: ProviderInfo = self.good.info
        return info

    @property
    def capabilities(self) -> Capabilities:
        capabilities: Capabilities = self.good.capabilities
        return capabilities

    @property
    def redirect_hosts(self) -> frozenset[str]:
        hosts: frozenset[str] = self.good.redirect_hosts
        return hosts

    def start(self, checkout: Checkout) -> Start:
        return self.good.start(checkout)

    def read_callback(self, arrival: Arrival) -> list[Report]:
        reports: list[Report] = self.good.read_callback(arrival)
        return reports

    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        reply: HttpReply = self.good.answer(arrival, outcome)
        return reply

    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        ask: Ask[Report] = self.good.ask_status(attempt)
        return ask

    def loosely(self, arrival: Arrival) -> dict[str, str]:
        return self.dialect.read(arrival)

    def signed_again(self, arrival: Arrival, fields: Mapping[str, str]) -> Arrival:
        return self.dialect.signed_again(self, arrival, fields)


class GivesBack:
    """The part of a bad rail that hands refunds through."""

    good: Any

    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        ask: Ask[RefundReport] = self.good.ask_refund(refund)
        return ask

    def ask_refund_status(self, refund: RefundFacts) -> Ask[RefundReport]:
        ask: Ask[RefundReport] = self.good.ask_refund_status(refund)
        return ask


def a_rail_of(bad: type[BadRail], dialect: Dialect) -> Rail:
    """Return the good rail of *dialect* with the sin of *bad*."""
    gives_back = (GivesBack,) if dialect.rail.info.code == "vnpay" else ()
    body = {"dialect": dialect, "__module__": bad.__module__}
    kind = type(bad.__name__, (bad, *gives_back), body)

    def build_bad(values: Values) -> Any:
        given = values if bad.gives_keys else {**dialect.invented, **values}
        return kind(dialect.rail.build(given))

    return replace(dialect.rail, build=build_bad)
