"""A database for jobs: whatever is written, is written by the one who may act (TRUST R16)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from paygate.store import jobs
from paygate.store.engine import Database
from paygate.store.jobs import Lease

P = ParamSpec("P")
T = TypeVar("T")


class FencedDatabase:
    """Runs every verb under the lease: with an old fencing number it writes nothing."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self._database = database
        self._lease = lease

    def act(
        self,
        verb: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return what *verb* returns.

        Raises:
            LeaseLostError: another process acts now, and nothing was written.
        """

        def fenced(tx: sa.Connection) -> T:
            jobs.fence(tx, self._lease)
            return verb(tx, *args, **kwargs)

        return self._database.act(fenced)

    def read(self) -> AbstractContextManager[sa.Connection]:
        """Read as anybody may."""
        return self._database.read()
