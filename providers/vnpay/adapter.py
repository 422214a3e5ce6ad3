"""VNPAY as a `Provider`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

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
    RefundFacts,
    RefundOrder,
    RefundReport,
    Report,
    Values,
)
from providers.vnpay.callback import answer, read_call
from providers.vnpay.checkout import lead_to_page
from providers.vnpay.config import CAPABILITIES, INFO, Account, read_account
from providers.vnpay.query import ask_for_status
from providers.vnpay.refund import ask_for_refund, ask_for_refund_status


@dataclass(frozen=True, slots=True)
class Vnpay:
    """The rail at work for one merchant account."""

    account: Account

    @property
    def info(self) -> ProviderInfo:
        return INFO

    @property
    def capabilities(self) -> Capabilities:
        return replace(CAPABILITIES, minimum=self.account.minimum, bank_choices=self.account.banks)

    @property
    def redirect_hosts(self) -> frozenset[str]:
        return frozenset({urlsplit(self.account.pay_url).netloc})

    def start(self, checkout: Checkout) -> Redirect:
        return lead_to_page(self.account, checkout)

    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [read_call(self.account, arrival)]

    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        del arrival  # the answer says nothing of the order
        return answer(outcome)

    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        return ask_for_status(self.account, attempt)

    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        return ask_for_refund(self.account, refund)

    def ask_refund_status(self, refund: RefundFacts) -> Ask[RefundReport]:
        return ask_for_refund_status(self.account, refund)


def build(values: Values) -> Vnpay:
    """Return the rail for the account of *values*; ValueError names the setting that is wrong."""
    return Vnpay(read_account(values))
