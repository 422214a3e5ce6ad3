"""What Core sends to a database, written as `paygate.store.driver` sends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def as_the_driver_takes_it(
    sql: str, parameters: Mapping[str, Any] | Sequence[Any]
) -> tuple[str, list[Any]]:
    """Return what Core sends, with numbers where psycopg's cursor takes names."""
    if not isinstance(parameters, Mapping):
        return sql, list(parameters)
    names = sorted(parameters, key=lambda name: sql.index(f"%({name})s"))
    for number, name in enumerate(names, start=1):
        sql = sql.replace(f"%({name})s", f"${number}")
    return sql, [parameters[name] for name in names]
