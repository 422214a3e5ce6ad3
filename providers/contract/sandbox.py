"""The rail's own side, as the sandbox plays it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from providers.contract.wire import Arrival, HttpCall, HttpReply


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
