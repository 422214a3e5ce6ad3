"""What every door hands to the verbs: the database, the keys, and the merchant accounts.

It lies below verbs and HTTP, so that both may name it and neither must know the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paygate.config import Account, Vault
from paygate.domain.ids import AccountCode
from paygate.store.engine import Database
from providers.contract import Provider, Send


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """One merchant account with the adapter of its rail, and the line to it."""

    account: Account
    provider: Provider
    send: Send  # waits for an answer as long as the account's `timeout_s`

    @property
    def code(self) -> AccountCode:
        """Return the code of the account."""
        return AccountCode(self.account.code)


Merchants = Mapping[AccountCode, Merchant]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the verbs that open transactions of their own work with."""

    db: Database
    vault: Vault
    merchants: Merchants
    quick_passwords: bool = False  # for tests and the demo: no real gateway has it
