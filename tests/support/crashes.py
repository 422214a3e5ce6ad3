"""Kill -9 at the n-th point: the database and the line are handed in, so a test can wrap them.

The product has no crash hooks of its own (ADR 0018).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from paygate.store.engine import Database
from providers.contract import HttpCall, HttpReply, Send
from webhooks.egress import Post

P = ParamSpec("P")
T = TypeVar("T")


class CrashPoints:
    """Counts the points of a process, and ends it at one of them as a power cut would."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0

    def point(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class CrashingDatabase:
    """A database with points before the transaction, before its commit and after it."""

    def __init__(self, database: Database, points: CrashPoints) -> None:
        self._database = database
        self._points = points

    def act(
        self,
        verb: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        def to_the_brink(tx: sa.Connection) -> T:
            result = verb(tx, *args, **kwargs)
            self._points.point()
            return result

        self._points.point()
        result = self._database.act(to_the_brink)
        self._points.point()
        return result

    def read(self) -> AbstractContextManager[sa.Connection]:
        return self._database.read()


def crashing_send(send: Send, points: CrashPoints) -> Send:
    """Return *send* with a point before the call leaves and one after its answer came."""

    def crash_or_send(call: HttpCall) -> HttpReply:
        points.point()
        reply = send(call)
        points.point()
        return reply

    return crash_or_send


def crashing_post(post: Post, points: CrashPoints) -> Post:
    """Return *post* with a point before the message leaves and one after its answer came."""

    def crash_or_post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        points.point()
        status = post(url, headers, body)
        points.point()
        return status

    return crash_or_post


def run_and_die(life: Callable[[], None]) -> bool:
    """Run *life* in a process of its own; return whether it lived to its end."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            life()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "the life failed by itself; see its output above"
    return True
