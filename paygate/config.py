"""Frozen settings as values: whoever needs a piece is handed it; `paygate.settings` reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from paygate.domain.fee_rule import FeeRuleUse


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKey:
    """A key that seals values at rest (TRUST 6)."""

    kid: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """All that sealing needs: the first key seals, every key opens."""

    keys: tuple[MasterKey, ...]
    index_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One merchant account at one rail (`[[account]]` in paygate.toml)."""

    code: str
    rail: str
    label_vi: str
    label_en: str
    portals: tuple[str, ...] = ()  # codes; empty: every portal
    agencies: tuple[str, ...] = ()  # codes of subtrees; empty: every agency
    enabled: bool = True
    settings: Mapping[str, tuple[str, ...]] = field(repr=False)
    in_clear: frozenset[str] = frozenset()  # settings whose value stands in the file itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often one and the same may come, counted over all nodes (TRUST S48)."""

    portal_writes_per_s: int = 50  # with one key; twice as many at once
    citizen_starts_per_minute: int = 120  # from one address, behind which a whole office may sit
    order_starts_per_minute: int = 10
    misses_per_minute: int = 60  # from one address: tokens and keys that open nothing
    logins_per_minute: int = 30  # of staff, from one address


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The gateway itself."""

    base_url: str  # scheme, host and port, no slash at the end
    database_url: str = field(repr=False)
    support_phone: str
    order_ends_s: int = 86_400  # when the portal does not say
    fee_rules: FeeRuleUse = FeeRuleUse.NOTE
    court_notice_days: int = 7  # working days within which a court's notice can be paid
    listen: str = "127.0.0.1:8080"
    processes: int = 2
    threads: int = 8
    trusted_proxies: int = 0  # how many in front of us may say whom they speak for
    egress_proxy: str | None = None  # `host:port` through which webhooks leave
    metrics_token: str | None = field(default=None, repr=False)  # without one there are no metrics
    limits: Limits = Limits()
    quick_passwords: bool = False  # staff passwords are hashed cheaply: refused but in the demo
    demo: bool = False  # set by `paygate demo` alone, never by a file or the environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that a process of paygate is told."""

    gateway: Gateway
    vault: Vault
    accounts: tuple[Account, ...]
