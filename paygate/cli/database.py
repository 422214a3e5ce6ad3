"""`paygate db …`."""

from __future__ import annotations

from pathlib import Path

import click

from paygate.cli.common import configured, database, problems, say

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON line for programs.")


@click.group()
def db() -> None:
    """Make and check the tables."""


@db.command()
@json_option
def upgrade(*, as_json: bool) -> None:
    """Bring the tables to the newest revision; the tables of this version stay as they are."""
    from paygate.store import schema

    config = configured()
    with database(config) as opened:
        before = opened.act(schema.current)
        after = opened.act(schema.upgrade)
    human = f"tables are at {after}" + ("" if before == after else f" (were at {before})")
    say(human, as_json=as_json, revision=after, was=before)


@db.command()
@json_option
def check(*, as_json: bool) -> None:
    """Check that the book is whole: file, ledger, orders, audit. It reads everything."""
    from paygate.services.check_books import check_books

    config = configured()
    rows = []
    with database(config) as opened, opened.read() as tx:
        for each in check_books(tx):
            rows.append({"rule": each.rule, "whole": not each.findings, "findings": each.findings})
            if not as_json:
                click.echo(f"{'FAIL' if each.findings else 'ok  '}  {each.rule}")
                for finding in each.findings:
                    click.echo(f"        {finding}")
    broken = sum(not each["whole"] for each in rows)
    human = f"{broken} of {len(rows)} rules are broken" if broken else "the book is whole"
    say(human, as_json=as_json, whole=not broken, rules=rows)
    if broken:
        raise SystemExit(1)


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def backup(file: Path, *, as_json: bool) -> None:
    """Copy the SQLite database to the new FILE while everything runs; PostgreSQL has pg_dump.

    The copy holds sealed values as the database does: the keys are kept elsewhere.
    """
    from paygate.store.backup import NotSqliteError, back_up

    config = configured()
    try:
        with database(config) as opened:
            size = back_up(opened, file)
    except NotSqliteError:
        raise problems(("this is a PostgreSQL: use pg_dump",)) from None
    except FileExistsError:
        raise problems((f"{file} is there already, and is not overwritten",)) from None
    except OSError as error:
        raise problems((f"{file}: {error.strerror or error}",)) from None
    say(f"{size} bytes in {file}", as_json=as_json, file=str(file), bytes=size)
