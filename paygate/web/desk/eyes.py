"""What the guest may see: his agencies, and the accounts whose money may be theirs."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.ids import AccountCode
from paygate.domain.staff import Scope
from paygate.house import Merchants
from paygate.store import agencies


def accounts_seen(tx: sa.Connection, merchants: Merchants, scope: Scope) -> tuple[AccountCode, ...]:
    """Return the accounts that collect for agencies of *scope* alone.

    A case without an order may be about anybody's money who is paid through its account, so only
    those see it who see all of them.
    """
    every = agencies.roots(tx)
    return tuple(
        code
        for code, merchant in merchants.items()
        if scope.everything
        or all(scope.covers(agencies.lineage(tx, a)) for a in merchant.account.agencies or every)
    )
