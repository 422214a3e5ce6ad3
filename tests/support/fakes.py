"""Second implementations of what comes from outside: they obey the same types."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from paygate.domain.clock import from_stamp, to_stamp
from paygate.domain.codes import ALPHABET
from paygate.domain.ids import AttemptRef, Token
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    Ask,
    AttemptFacts,
    BadSignatureError,
    Capabilities,
    Checkout,
    HttpCall,
    HttpReply,
    ProviderInfo,
    RailKind,
    Redirect,
    Report,
    Said,
    ShowQr,
    SilentError,
    StartRefusedError,
    UnreadableError,
)


class SteppingClock:
    """A clock that stands until it is told to move."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def step(self, **by: float) -> datetime:
        self.instant += timedelta(**by)
        return self.instant


class CountingIds:
    """Ids that count, so that a failing test reads well; *salt* keeps processes apart."""

    def __init__(self, salt: str = "") -> None:
        self.salt = salt
        self.numbers = count(1)

    def new(self, prefix: str, now: datetime) -> str:
        # As real ids do, these sort by time first.
        return f"{prefix}_{to_stamp(now)}{self.salt}{next(self.numbers):08d}"

    def token(self) -> Token:
        return Token(f"token{self.salt}{next(self.numbers):027d}")

    def attempt_ref(self) -> AttemptRef:
        return AttemptRef(f"A{self.salt.upper()}{next(self.numbers):06d}")

    def code_payload(self) -> str:
        number, digits = next(self.numbers), ""
        number += sum(ord(each) * 10_000_000 for each in self.salt)
        for _ in range(7):
            number, place = divmod(number, len(ALPHABET))
            digits = ALPHABET[place] + digits
        return digits


WORDS: Mapping[str, Said] = {
    "00": Said.PAID,
    "01": Said.PENDING,
    "51": Said.FAILED,
    "24": Said.CANCELLED,
    "09": Said.REVERSED,
}


@dataclass(frozen=True, slots=True)
class FakeRail:
    """A rail that signs JSON bodies with one secret; its answers are the outcomes themselves."""

    secret: bytes = b"secret"
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(
            callback=True,
            query=True,
            minimum=Money(1_000),
            maximum=Money(100_000_000_000),
            session=timedelta(minutes=15),
            reference_max=20,
        )
    )

    @property
    def info(self) -> ProviderInfo:
        return ProviderInfo(
            code="fake",
            name_vi="Ví thử",
            name_en="Fake wallet",
            letters="FK",
            kind=RailKind.WALLET,
            settings=(),
        )

    @property
    def redirect_hosts(self) -> frozenset[str]:
        return frozenset({"rail.example"})

    def start(self, checkout: Checkout) -> Redirect | ShowQr | Ask[Redirect | ShowQr]:
        fields = {"ref": checkout.attempt_ref, "back": checkout.return_url}
        return Ask(
            HttpCall("POST", "https://rail.example/init", {}, json.dumps(fields).encode()), _led
        )

    def read_callback(self, arrival: Arrival) -> list[Report]:
        if not hmac.compare_digest(arrival.header("X-Signature").encode(), self.sign(arrival.body)):
            raise BadSignatureError
        return [_report(arrival.body, arrival.arrived_at)]

    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        del arrival
        return HttpReply(200, {"Content-Type": "text/plain"}, outcome.value.encode())

    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        call = HttpCall("POST", "https://rail.example/query", {}, attempt.attempt_ref.encode())
        return Ask(call, lambda reply: _report(reply.body, attempt.asked_at))

    def sign(self, body: bytes) -> bytes:
        return hmac.new(self.secret, body, "sha256").hexdigest().encode()


@dataclass(frozen=True, slots=True)
class FakeQrRail(FakeRail):
    """A rail that is paid by scanning; it knows a payment by what the transfer says."""

    @property
    def info(self) -> ProviderInfo:
        return replace(FakeRail().info, kind=RailKind.QR, letters="QR")

    def start(self, checkout: Checkout) -> ShowQr:
        return ShowQr(
            payload=f"{checkout.amount.dong} to 0011002233 for {checkout.attempt_ref}",
            bank_bin="970415",
            account_number="0011002233",
            account_holder="UBND TINH HAI DUONG",
            memo=checkout.attempt_ref,
        )


def says(
    ref: str,
    *,
    code: str = "00",
    dong: int = 5_000,
    txn: str | None = "R1",
    paid_at: datetime,
) -> bytes:
    """Return what the fake rail writes of an attempt."""
    return json.dumps(
        {"ref": ref, "code": code, "amount": dong, "txn": txn, "at": to_stamp(paid_at)}
    ).encode()


def _led(reply: HttpReply) -> Redirect:
    if reply.status != 200:  # plain HTTP
        raise StartRefusedError(str(reply.status))
    return Redirect(reply.body.decode())


def _report(body: bytes, arrived_at: datetime) -> Report:
    try:
        fields = json.loads(body)
        return Report(
            attempt_ref=AttemptRef(fields["ref"]),
            rail_txn=fields["txn"],
            amount=Money(fields["amount"]),
            said=WORDS.get(fields["code"], Said.UNKNOWN),
            code=fields["code"],
            paid_at=from_stamp(fields["at"]) if fields["at"] else arrived_at,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise UnreadableError("not a report") from error


class FakeLine:
    """The line to the rails: what each call is answered, and what was sent."""

    def __init__(self) -> None:
        self.sent: list[HttpCall] = []
        self.answer: Callable[[HttpCall], HttpReply] = _silence

    def __call__(self, call: HttpCall) -> HttpReply:
        self.sent.append(call)
        return self.answer(call)

    def says(self, body: bytes, status: int = 200) -> None:
        self.answer = lambda _: HttpReply(status, {}, body)

    def fails(self, error: Exception) -> None:
        def fail(_: HttpCall) -> HttpReply:
            raise error

        self.answer = fail


def _silence(_: HttpCall) -> HttpReply:
    raise SilentError
