"""How the parts of one job are run: one after another, or side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Spread(Protocol):
    """Calls a function on each item, perhaps side by side; the results come in the items' order."""

    def __call__(self, of: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]: ...
