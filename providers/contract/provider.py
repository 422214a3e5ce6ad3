"""A rail at work for one merchant account, and what it says of itself, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract.payment import AttemptFacts, Checkout, Redirect, Report, ShowQr
from providers.contract.refunds import RefundFacts, RefundOrder, RefundReport
from providers.contract.wire import Arrival, Ask, HttpReply


class RailKind(StrEnum):
    """Where on the checkout page the rail stands."""

    BANK = "bank"
    WALLET = "wallet"
    AGGREGATOR = "aggregator"
    QR = "qr"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One entry of `[account.settings]`, by the name that protocols/README.md 10 fixes."""

    name: str
    secret: bool = False  # may be a list: the first signs, all verify
    default: str | None = None  # None: must be given
    choices: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderInfo:
    """Who the rail is."""

    code: str
    name_vi: str
    name_en: str
    letters: str  # at most 4, for the tile: logos are trademarks
    kind: RailKind
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A choice within the rail, for the checkout page to offer."""

    code: str  # after the colon of the form's `method`, and in `Checkout.bank`
    name_vi: str
    name_en: str
    letters: str  # at most 4, for the tile


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the rail can do, as data."""

    callback: bool
    query: bool
    minimum: Money
    maximum: Money
    session: timedelta  # how long a citizen can pay after the start
    reference_max: int  # characters of attempt_ref on the wire
    bank_choices: tuple[Bank, ...] = ()
    refund_full: bool = False
    refund_partial: bool = False
    refund_query: bool = False

    @property
    def banks(self) -> tuple[str, ...]:
        """Return the codes that `Checkout.bank` may hold, beside None."""
        return tuple(each.code for each in self.bank_choices)


Values = Mapping[str, tuple[str, ...]]
"""Settings of an account: each value a tuple, one member where it is no list; secrets resolved."""


class Provider(Protocol):
    """An adapter at work for one merchant account: pure, so every method is a function."""

    @property
    def info(self) -> ProviderInfo: ...
    @property
    def capabilities(self) -> Capabilities: ...
    @property
    def redirect_hosts(self) -> frozenset[str]: ...  # `host[:port]` to which we may send citizens

    def start(self, checkout: Checkout) -> Redirect | ShowQr | Ask[Redirect | ShowQr]: ...

    def read_callback(self, arrival: Arrival) -> list[Report]:
        """Verify the bytes, then read them.

        Raises:
            BadSignatureError: not signed by the rail, or not for this account.
            UnreadableError: signed, and yet not a report.
        """
        ...

    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply: ...


@runtime_checkable
class AnswersQueries(Protocol):
    """A rail that can be asked what became of an attempt (capability `query`)."""

    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]: ...


@runtime_checkable
class Refunds(Protocol):
    """A rail that gives money back itself, and can be asked about it (capabilities `refund_*`)."""

    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        """Return the request; the same order gives the same bytes for ever.

        Raises:
            ValueError: an order that the rail cannot carry out.
        """
        ...

    def ask_refund_status(self, refund: RefundFacts) -> Ask[RefundReport]: ...
