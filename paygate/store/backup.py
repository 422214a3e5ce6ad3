"""A copy of the SQLite database while it works, and what the database says of its own file."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from paygate.store.engine import EngineDatabase

OWNER_ALONE = 0o600  # it holds what the database holds
FINDINGS_MAX = 20


class NotSqliteError(Exception):
    """The database is not a file that we could copy."""


def back_up(database: EngineDatabase, path: Path) -> int:
    """Copy one moment of the database to the new file *path*, and return its size in bytes.

    Writers go on meanwhile: they are in the write-ahead log, which the copy does not follow.

    Raises:
        NotSqliteError: it is a PostgreSQL.
        FileExistsError: *path* is there; nothing is ever overwritten.
        OSError: it cannot be written; nothing is left of it.
    """
    if database.engine.dialect.name != "sqlite":
        raise NotSqliteError
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ALONE))
    try:
        _copy(database, path)
    except sqlite3.Error as error:
        path.unlink()
        raise OSError(str(error)) from error
    with path.open("rb") as copy:
        os.fsync(copy.fileno())
    return path.stat().st_size


def _copy(database: EngineDatabase, path: Path) -> None:
    source = database.engine.raw_connection()
    copy = sqlite3.connect(path)
    try:
        driver = source.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101  # for the type checker: the dialect says so
        driver.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
        (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
    finally:
        copy.close()
        source.close()


def file_problems(tx: sa.Connection) -> list[str]:
    """Return what SQLite finds wrong in its file; PostgreSQL has checks of its own."""
    if tx.dialect.name != "sqlite":
        return []
    found = tx.exec_driver_sql(f"PRAGMA integrity_check({FINDINGS_MAX})").scalars()
    problems = [str(each) for each in found if each != "ok"]
    orphans = tx.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(FINDINGS_MAX)
    return problems + [f"{each[0]} row {each[1]} has lost its {each[2]}" for each in orphans]
