"""Change the CHECK of a table on either database: SQLite writes the whole table anew for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

_TRIGGERS = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")


def recheck(table: str, name: str, condition: str) -> None:
    """Let the CHECK *name* of *table* demand *condition*; the table's triggers stay."""
    tx = op.get_bind()
    kept: list[str] = []
    if tx.dialect.name == "sqlite":
        kept = list(tx.execute(_TRIGGERS, {"name": table}).scalars())
    with op.batch_alter_table(table) as change:
        change.drop_constraint(op.f(name), type_="check")
        change.create_check_constraint(op.f(name), condition)
    for trigger in kept:
        op.execute(trigger)


def known(column: str, *values: str) -> str:
    """Return the condition that *column* holds one of *values*."""
    listed = ", ".join(f"'{each}'" for each in values)
    return f"{column} IN ({listed})"
