"""What the verbs that open transactions of their own work with."""

from __future__ import annotations

from dataclasses import dataclass

from paygate.config import Vault
from paygate.services.merchants import Merchants
from paygate.store.engine import Database
from providers.contract import Send


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The database, the keys, the merchant accounts, and the one way to speak to rails."""

    db: Database
    vault: Vault
    merchants: Merchants
    send: Send
