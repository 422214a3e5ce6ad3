"""Metadata, naming convention, column types, and the two shapes that every noun shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from paygate.domain.money import Money
from paygate.store import driver

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
R = TypeVar("R")


class MoneyColumn(sa.TypeDecorator[Money]):
    """Whole dong in a BIGINT."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: sa.Dialect) -> int | None:
        """Give the database an int."""
        del dialect
        return None if value is None else value.dong

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Money | None:
        """Give Python a Money."""
        del dialect
        return None if value is None else Money(int(value))


class InstantColumn(sa.TypeDecorator[datetime]):
    """An instant, kept in UTC, refused where naive."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive time, and store UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("naive time")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give aware time back."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


class StateColumn(sa.TypeDecorator[StrEnum]):
    """A state by its value, in a TEXT."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, states: type[StrEnum]) -> None:
        super().__init__()
        self.states = states

    def process_bind_param(self, value: StrEnum | None, dialect: sa.Dialect) -> str | None:
        """Give the database the value."""
        del dialect
        return None if value is None else self.states(value).value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> StrEnum | None:
        """Give Python the member."""
        del dialect
        return None if value is None else self.states(value)


def one_of(column: str, states: type[StrEnum]) -> sa.CheckConstraint:
    """Return the CHECK that says the same in the schema."""
    values = ", ".join(f"'{state.value}'" for state in states)
    return sa.CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


def values(row: DataclassInstance) -> dict[str, Any]:
    """Return what an INSERT of *row* needs: a noun's fields are its table's columns."""
    return {name: getattr(row, name) for name in _names(type(row))}


@cache
def _names(noun: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(noun))


def one(made: type[R], result: sa.CursorResult[Any]) -> R | None:
    """Return the only row of *result* as *made*, or None."""
    row = result.one_or_none()
    return None if row is None else made(**row._mapping)  # noqa: SLF001  # public by its documentation


def many(made: type[R], result: sa.CursorResult[Any]) -> tuple[R, ...]:
    """Return every row of *result* as *made*."""
    return tuple(made(**row._mapping) for row in result)  # noqa: SLF001  # public by its documentation


def add_if_absent(
    tx: sa.Connection, table: sa.Table, row: Mapping[str, Any], *, key: tuple[str, ...]
) -> bool:
    """Insert *row* unless its *key* is taken; return whether it was inserted.

    Any other unique key that is taken fails the act: it is no news, but a clash of names.

    A row that another transaction is inserting is waited for, and counts once it is committed.
    """
    statement = _insert_unless_taken(table, key, tx.dialect.name)
    return driver.run(tx, statement, row) == 1


@cache
def _insert_unless_taken(table: sa.Table, key: tuple[str, ...], dialect: str) -> sa.Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing(index_elements=key)


def in_turn(
    *owner: sa.ColumnElement[Any], by: tuple[sa.ColumnElement[Any], ...]
) -> sa.ColumnElement[int]:
    """Return the place of a row among those of its *owner*, counted from 1 in the order of *by*.

    Ordered by it, each owner's first row comes before anybody's second: who has a long queue holds
    no other back.
    """
    return sa.func.row_number().over(partition_by=owner, order_by=by)
