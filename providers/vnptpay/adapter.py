"""VNPT Money as a `Provider`."""

from __future__ import annotations

from dataclasses import dataclass

from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    Ask,
    AttemptFacts,
    Capabilities,
    Checkout,
    HttpReply,
    ProviderInfo,
    Redirect,
    Report,
    Values,
)
from providers.vnptpay.callback import answer, read_confirm
from providers.vnptpay.checkout import ask_for_session
from providers.vnptpay.config import CAPABILITIES, INFO, Account, read_account
from providers.vnptpay.query import ask_for_status


@dataclass(frozen=True, slots=True)
class VnptPay:
    """The rail at work for one merchant account."""

    account: Account

    @property
    def info(self) -> ProviderInfo:
        return INFO

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    @property
    def redirect_hosts(self) -> frozenset[str]:
        return self.account.redirect_hosts

    def start(self, checkout: Checkout) -> Ask[Redirect]:
        return ask_for_session(self.account, checkout)

    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [read_confirm(self.account, arrival)]

    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        return answer(self.account, arrival, outcome)

    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        return ask_for_status(self.account, attempt)


def build(values: Values) -> VnptPay:
    """Return the rail for the account of *values*; ValueError names the setting that is wrong."""
    return VnptPay(read_account(values))
