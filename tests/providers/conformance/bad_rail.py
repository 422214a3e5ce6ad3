"""What bad rails share: a good rail that hands everything through."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import parse_qsl

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
    Redirect,
    Report,
    Values,
)
from providers.registry import RAILS
from providers.vnptpay.adapter import VnptPay, build
from providers.vnptpay.messages import CALLBACK, SIGNATURE

GOOD = RAILS["vnptpay"]


@dataclass(frozen=True)
class BadRail:
    """A good rail, with everything handed through, so that each sin below is one method."""

    good: VnptPay
    given: ClassVar[Values] = {}  # settings that it does not ask for

    @property
    def info(self) -> ProviderInfo:
        return self.good.info

    @property
    def capabilities(self) -> Capabilities:
        return self.good.capabilities

    @property
    def redirect_hosts(self) -> frozenset[str]:
        return self.good.redirect_hosts

    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        return self.good.start(checkout)

    def read_callback(self, arrival: Arrival) -> list[Report]:
        return self.good.read_callback(arrival)

    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        return self.good.answer(arrival, outcome)

    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        return self.good.ask_status(attempt)


def loosely(arrival: Arrival) -> dict[str, str]:
    """Read the fields as careless code does: the last of a repeated name wins."""
    try:
        if arrival.body.lstrip()[:1] == b"{":
            read: dict[str, str] = json.loads(arrival.body)
            return read
        form = dict(parse_qsl(arrival.body.decode(), keep_blank_values=True))
        return json.loads(form["data"]) if "data" in form else form
    except ValueError:
        return {}


def signed_again(rail: BadRail, arrival: Arrival, fields: dict[str, str]) -> Arrival:
    signature = CALLBACK.sign(fields, rail.good.account.secret_keys[0])
    return replace(arrival, body=json.dumps({**fields, SIGNATURE: signature}).encode())


def a_rail_of(bad: type[BadRail]) -> Rail:
    def build_bad(values: Values) -> BadRail:
        return bad(build({**bad.given, **values}))

    return replace(GOOD, build=build_bad)
