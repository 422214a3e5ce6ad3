"""HTTP as values, and what can go wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


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
class Ask(Generic[T_co]):
    """A question for the rail's server: send *call*, then *read* the reply.

    *read* raises `UnreadableError` or `BadSignatureError`; both leave the attempt unknown.
    """

    call: HttpCall
    read: Callable[[HttpReply], T_co]


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
