"""What paygate asks of a rail, and the values that pass between them (DESIGN 4).

An adapter is pure: no socket, no row, no clock, no randomness. Times, ids and references come
in the values, so the same arguments give the same bytes for ever. A capability that a rail
lacks is absent data, never a method that raises: the optional methods have protocols of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar, runtime_checkable

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome

T = TypeVar("T")


# ---- HTTP, as values ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request that an adapter wants made: complete, signed, ready to send."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What came back, or what we answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that came to us, byte for byte, and when. Headers may repeat, so they are pairs."""

    method: str
    path: str
    query: bytes
    headers: tuple[tuple[str, str], ...]
    body: bytes
    arrived_at: datetime

    def header(self, name: str) -> str:
        """Return the first header of that *name* in any case, empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """A question for the rail's server: send *call*, then *read* the reply.

    *read* raises `UnreadableError` or `BadSignatureError`; both leave the attempt unknown.
    """

    call: HttpCall
    read: Callable[[HttpReply], T]


# ---- what can go wrong ----------------------------------------------------------------------
class BadSignatureError(ValueError):
    """The message was not signed by whom it claims."""


class UnreadableError(ValueError):
    """The message is signed, or needs no signature, and still makes no sense."""


class StartRefusedError(ValueError):
    """The rail answered that it opens no session; *code* is its word for the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotSentError(OSError):
    """No byte of the call reached the rail: nothing can have happened there."""


class SilentError(OSError):
    """The call left and no whole answer came: what happened is unknown."""


Send = Callable[[HttpCall], HttpReply]
"""Sends one call. Raises `NotSentError` or `SilentError`, nothing else."""


# ---- starting a payment ---------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to send the citizen."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """One attempt to pay one order."""

    attempt_ref: AttemptRef
    amount: Money
    description: str  # Vietnamese, no personal data, NFC
    dossier_code: str
    bank: str | None  # the choice within the rail, where it has one
    language: str  # vi or en
    return_url: str
    client_ip: str
    created_at: datetime
    expires_at: datetime


# ---- what a rail says -----------------------------------------------------------------------
class Said(StrEnum):
    """What a rail can say of an attempt. Never a bool: not paid is not failed."""

    PAID = "paid"
    PENDING = "pending"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the rail says became of an attempt."""

    attempt_ref: AttemptRef
    rail_txn: str | None
    amount: Money
    said: Said
    code: str  # the rail's own word
    paid_at: datetime  # by the rail's clock; if not paid, when it said so

    @property
    def collection_key(self) -> str:
        """Name the money: the rail's transaction, else our own reference (DESIGN 3)."""
        if self.rail_txn is None or self.rail_txn == "":
            return f"ref:{self.attempt_ref}"
        # A rail's number must never pass for our reference.
        strange = self.rail_txn.startswith(("ref:", "txn:"))
        return f"txn:{self.rail_txn}" if strange else self.rail_txn


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFacts:
    """What we know of an attempt when we ask the rail about it."""

    attempt_ref: AttemptRef
    amount: Money
    created_at: datetime
    asked_at: datetime


# ---- the rail's own data --------------------------------------------------------------------
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
class Capabilities:
    """What the rail can do, as data."""

    callback: bool
    query: bool
    minimum: Money
    maximum: Money
    session: timedelta  # how long a citizen can pay after the start
    reference_max: int  # characters of attempt_ref on the wire
    banks: tuple[str, ...] = ()


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

    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]: ...

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


# ---- the rail's side, for the sandbox -------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Errand:
    """A message the emulated rail sends us *after_s* seconds from now, until acknowledged."""

    call: HttpCall
    after_s: float = 0.0
    once: bool = False  # a forger does not wait for an answer, and does not come again


@dataclass(frozen=True, slots=True)
class Visit:
    """What the emulator does with a request: run *before*, answer, then run *after*.

    *reply* None means: drop the connection without an answer.
    """

    reply: HttpReply | None
    before: tuple[Errand, ...] = ()
    after: tuple[Errand, ...] = ()


class Emulator(Protocol):
    """Plays the rail's side of the protocol for one merchant account, with code of its own.

    It keeps what it took in memory; time comes with each arrival.
    """

    def visit(self, arrival: Arrival) -> Visit: ...  # a path below the account's base address
    def control(self, wishes: Mapping[str, str]) -> None: ...  # ValueError for what it cannot do
    def acknowledged(self, reply: HttpReply) -> bool: ...  # does this answer stop the retries?


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorPlace:
    """Where an emulator lives and whom it calls."""

    base_url: str  # of this account at the sandbox, no slash at the end
    callback_url: str  # of this account at the gateway
    return_url: str  # where the merchant registered that citizens come back to


# ---- the rail's side, for the conformance suite ---------------------------------------------
Fields = tuple[tuple[str, str], ...]
"""A message as it is written: names and values in order, so that a name can stand twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a made-up callback says."""

    attempt_ref: AttemptRef
    amount: Money
    code: str
    rail_txn: str
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WireNames:
    """Which field of a callback plays which part."""

    signature: str
    reference: str
    amount: str
    currency: str
    merchant: str
    code: str
    text: str  # may hold anything that a person can type
    signed: tuple[str, ...]


class Rehearsal(Protocol):
    """Makes a rail's callbacks to order, with the emulator's own code."""

    @property
    def values(self) -> Values: ...  # a made-up account, one key for each secret
    @property
    def key_name(self) -> str: ...  # the setting whose secret signs callbacks
    @property
    def forms(self) -> tuple[str, ...]: ...  # the ways to write a callback on the wire
    @property
    def names(self) -> WireNames: ...
    @property
    def meanings(self) -> Mapping[str, Said]: ...  # every documented code, and what it must mean

    def callback(self, sample: Sample) -> Fields: ...  # not signed yet
    def sign(self, fields: Fields, key: str) -> Fields: ...  # puts the signature at the end
    def arrival(self, fields: Fields, *, form: str, at: datetime) -> Arrival: ...

    def answer_word(self, reply: HttpReply) -> str:
        """Return what our answer says; ValueError where the rail would not believe it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """One folder of `providers/`, as the registry knows it."""

    info: ProviderInfo
    build: Callable[[Values], Provider]  # raises ValueError, which names the setting
    emulate: Callable[[Values, EmulatorPlace], Emulator]
    rehearse: Callable[[], Rehearsal]
