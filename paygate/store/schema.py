"""All tables of the house, and how they are made: Alembic inside the caller's transaction."""

from __future__ import annotations

import importlib
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from paygate.store.base import metadata

__all__ = ["TABLE_MODULES", "config", "current", "head", "metadata", "upgrade"]

# By name, because the book lies a floor above: whoever declares a table stands here.
TABLE_MODULES = (
    "paygate.store.account_states",
    "paygate.store.agencies",
    "paygate.store.attempts",
    "paygate.store.audit",
    "paygate.store.beneficiary_accounts",
    "paygate.store.calendars",
    "paygate.store.cases",
    "paygate.store.collections",
    "paygate.store.deliveries",
    "paygate.store.endpoints",
    "paygate.store.evidence",
    "paygate.store.fee_rules",
    "paygate.store.grants",
    "paygate.store.idempotency",
    "paygate.store.jobs",
    "paygate.store.lines",
    "paygate.store.live_orders",
    "paygate.store.login_failures",
    "paygate.store.orders",
    "paygate.store.outbox",
    "paygate.store.portals",
    "paygate.store.qr_codes",
    "paygate.store.rate_limits",
    "paygate.store.refund_accounts",
    "paygate.store.sealed",
    "paygate.store.staff",
    "paygate.store.staff_sessions",
    "paygate.ledger.journal",
)
for name in TABLE_MODULES:
    importlib.import_module(name)

SCRIPTS = Path(__file__).with_name("migrations")


def config(tx: sa.Connection | None = None) -> Config:
    """Return what Alembic needs to work inside *tx*."""
    settings = Config(attributes={} if tx is None else {"connection": tx})
    settings.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(tx: sa.Connection) -> str:
    """Bring the tables to the newest revision, and return it."""
    command.upgrade(config(tx), "head")
    return head()


def current(tx: sa.Connection) -> str | None:
    """Return the revision of the database, None where there are no tables yet."""
    return MigrationContext.configure(tx).get_current_revision()


def head() -> str:
    """Return the newest revision that this version of paygate knows."""
    newest = ScriptDirectory.from_config(config()).get_current_head()
    if newest is None:
        raise LookupError("there are no migrations")
    return newest
