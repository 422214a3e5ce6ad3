"""Alembic's way in: the caller hands over an open connection."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from alembic import context

from paygate.store.schema import metadata


def render_item(kind: str, item: object, autogen_context: object) -> str | Literal[False]:
    """Write the plain type, so that a migration never imports live code."""
    del autogen_context
    if kind == "type" and isinstance(item, sa.TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
