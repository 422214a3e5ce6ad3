"""What a case works with: one rail at work, its emulator, and callbacks made to order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from providers.contract import (
    Arrival,
    Ask,
    AttemptFacts,
    BadSignatureError,
    Checkout,
    Emulator,
    EmulatorPlace,
    Fields,
    HttpCall,
    HttpReply,
    Provider,
    Rail,
    Redirect,
    Rehearsal,
    Report,
    Sample,
    UnreadableError,
    Values,
)

NOW = datetime(2022, 9, 28, 3, 15, 0, tzinfo=UTC)  # 10:15 in Viet Nam
REFERENCE = AttemptRef("7K3M92QFX0WJ4RTN8VZB")
FEE = Money(5_000)
GATEWAY = "https://gateway.example"
OTHER_KEY = "another-key-000000000000000000000"

SAMPLE = Sample(attempt_ref=REFERENCE, amount=FEE, code="", rail_txn="220928000123", paid_at=NOW)
CHECKOUT = Checkout(
    attempt_ref=REFERENCE,
    amount=FEE,
    description="Thanh toán lệ phí cho hồ sơ 000.30.27.H23-220928-0001",
    dossier_code="000.30.27.H23-220928-0001",
    bank=None,
    language="vi",
    return_url=f"{GATEWAY}/return/abc",
    client_ip="203.0.113.7",
    created_at=NOW,
    expires_at=NOW + timedelta(minutes=15),
)

AS_IT_IS: Mapping[str, str] = MappingProxyType({})

Problems = Iterator[str]
Case = Callable[["Stage"], Problems]


@dataclass(frozen=True, slots=True)
class Stage:
    """One rail on trial."""

    rail: Rail
    rehearsal: Rehearsal
    provider: Provider

    @classmethod
    def of(cls, rail: Rail) -> Stage:
        """Return a fresh stage for *rail*."""
        rehearsal = rail.rehearse()
        return cls(rail, rehearsal, rail.build(rehearsal.values))

    @property
    def key(self) -> str:
        return self.rehearsal.values[self.rehearsal.key_name][0]

    @property
    def forms(self) -> tuple[str, ...]:
        return self.rehearsal.forms

    def with_keys(self, *keys: str) -> Values:
        return {**self.rehearsal.values, self.rehearsal.key_name: keys}

    def sample(self, code: str | None = None) -> Sample:
        """Return the sample with that *code*, or with the first documented one."""
        return replace(SAMPLE, code=next(iter(self.rehearsal.meanings)) if code is None else code)

    def unsigned(
        self, sample: Sample | None = None, changed: Mapping[str, str] = AS_IT_IS
    ) -> Fields:
        """Return a callback without signature, with the fields of these names *changed*."""
        fields = self.rehearsal.callback(self.sample() if sample is None else sample)
        return tuple((name, changed.get(name, value)) for name, value in fields)

    def signed(self, sample: Sample | None = None, changed: Mapping[str, str] = AS_IT_IS) -> Fields:
        """Return a callback that the rail itself could have sent."""
        return self.rehearsal.sign(self.unsigned(sample, changed), self.key)

    def arrival(self, fields: Fields, form: str, at: datetime = NOW) -> Arrival:
        return self.rehearsal.arrival(fields, form=form, at=at)

    def emulator(self, values: Values | None = None) -> Emulator:
        place = EmulatorPlace(
            base_url="https://wallet.example",
            callback_url=f"{GATEWAY}/webhooks/x",
            return_url=f"{GATEWAY}/return/x",
        )
        return self.rail.emulate(self.rehearsal.values if values is None else values, place)


def read(provider: Provider, arrival: Arrival) -> list[Report] | str:
    """Return what *provider* reads, or the name of the refusal."""
    try:
        return provider.read_callback(arrival)
    except BadSignatureError:
        return "bad signature"
    except UnreadableError:
        return "unreadable"


def at_the_rail(emulator: Emulator, call: HttpCall, at: datetime = NOW) -> HttpReply:
    """Carry *call* to the emulator by hand; ValueError where it hangs up."""
    parts = urlsplit(call.url)
    visit = emulator.visit(
        Arrival(
            call.method,
            parts.path,
            parts.query.encode(),
            tuple(call.headers.items()),
            call.body,
            at,
        )
    )
    if visit.reply is None:
        raise ValueError("the emulator hung up")
    return visit.reply


def call_of(started: Redirect | Ask[Redirect]) -> HttpCall | str:
    """Return what a start sends, be it a call or an address."""
    return started.url if isinstance(started, Redirect) else started.call


def facts(checkout: Checkout) -> AttemptFacts:
    """Return what we know of the attempt of *checkout* a while later."""
    return AttemptFacts(
        attempt_ref=checkout.attempt_ref,
        amount=checkout.amount,
        created_at=checkout.created_at,
        asked_at=checkout.created_at + timedelta(minutes=5),
    )
