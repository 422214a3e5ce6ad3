"""What the guest may see beside his agencies: accounts whose money may be theirs."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.ids import AccountCode
from paygate.domain.staff import Scope
from paygate.house import Merchants
from paygate.http.i18n import Language
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


def account_name(merchants: Merchants, code: AccountCode, language: Language) -> str:
    """Return what people call an account; one that the file has lost is named by its code."""
    merchant = merchants.get(code)
    if merchant is None:
        return code
    account = merchant.account
    return account.label_vi if language is Language.VI else account.label_en
