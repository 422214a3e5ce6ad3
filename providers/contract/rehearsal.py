"""The rail's side for the conformance suite, and the rail as the registry knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract.payment import Said
from providers.contract.provider import Provider, ProviderInfo, Values
from providers.contract.refunds import RefundOrder, RefundSaid
from providers.contract.sandbox import Emulator, EmulatorPlace
from providers.contract.wire import Arrival, HttpCall, HttpReply

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
    currency: str  # empty where a callback names none
    merchant: str
    code: str
    text: str  # may hold anything that a person can type
    signed: tuple[str, ...]
    unit: int = 1  # the wire counts in parts of a dong: how many make one


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
    @property
    def answers(self) -> Mapping[Outcome, str]: ...  # the word that the rail must hear

    def callback(self, sample: Sample) -> Fields: ...  # not signed yet
    def sign(self, fields: Fields, key: str) -> Fields: ...  # puts the signature at the end
    def arrival(self, fields: Fields, *, form: str, at: datetime) -> Arrival: ...

    def started_at(self, call: HttpCall) -> datetime: ...  # when a start says that it is

    def answer_word(self, reply: HttpReply) -> str:
        """Return what our answer says; ValueError where the rail would not believe it."""
        ...


@runtime_checkable
class RehearsesRefunds(Protocol):
    """Makes a rail's answers to refunds to order, with the emulator's own code."""

    @property
    def refund_meanings(self) -> Mapping[str, RefundSaid]: ...  # of the answer to a request
    @property
    def refund_statuses(self) -> Mapping[str, RefundSaid]: ...  # of the answer to a question

    def refund_reply(self, order: RefundOrder, code: str, *, signed: bool) -> HttpReply: ...
    def refund_status_reply(
        self, order: RefundOrder, status: str, *, rail_refund: str
    ) -> HttpReply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """One folder of `providers/`, as the registry knows it."""

    info: ProviderInfo
    build: Callable[[Values], Provider]  # raises ValueError, which names the setting
    emulate: Callable[[Values, EmulatorPlace], Emulator]
    rehearse: Callable[[], Rehearsal]
