"""`paygate doctor`: look at everything, say what is not well and what to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
import sqlalchemy as sa

from paygate.cli.common import database, say
from paygate.cli.database import json_option
from paygate.cli.health import (
    Judged,
    Verdict,
    judge_account,
    judge_admins,
    judge_calendar,
    judge_clock,
    judge_disk,
    judge_stock,
    judge_tables,
)
from paygate.config import Config
from paygate.domain.ids import AccountCode


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Look at configuration, database, worker, accounts and queues; change nothing.

    Each line is ok, warn or fail, with what to do. The exit code is 0 only without a fail.
    """
    judged = tuple(_look())
    for each in () if as_json else judged:
        click.echo(f"{each.verdict:4}  {each.name}: {each.says}")
        if each.do and each.verdict is not Verdict.OK:
            click.echo(f"      -> {each.do}")
    count = {verdict: sum(each.verdict is verdict for each in judged) for verdict in Verdict}
    human = ", ".join(f"{number} {verdict}" for verdict, number in count.items())
    well = not count[Verdict.FAIL]
    say(human, as_json=as_json, well=well, checks=[asdict(each) for each in judged])
    sys.exit(0 if well else 1)


def _look() -> Iterator[Judged]:
    from paygate.bootstrap import configuration
    from paygate.settings import SettingsError

    try:
        config = configuration()
    except SettingsError as error:
        for problem in error.problems:
            yield _fail("configuration", problem, "mend paygate.toml or the environment")
        return
    yield Judged(name="configuration", verdict=Verdict.OK, says=f"{len(config.accounts)} accounts")
    path = sa.make_url(config.gateway.database_url).database or ""
    is_file = config.gateway.database_url.startswith("sqlite")
    if is_file and not Path(path).exists():
        yield _fail("database", f"there is no {path}", "run paygate db upgrade")
        return
    try:
        with database(config) as opened, opened.read() as tx:
            yield from _look_inside(tx, config)
    except sa.exc.SQLAlchemyError as error:
        # Its text may hold the address, and that a password.
        says = f"{type(error).__name__} of {type(getattr(error, 'orig', None)).__name__}"
        yield _fail("database", says, "look at database_url, and whether the database runs")
    if is_file:
        yield judge_disk(shutil.disk_usage(Path(path).parent).free)


def _look_inside(tx: sa.Connection, config: Config) -> Iterator[Judged]:
    from paygate.bootstrap import cautions, lost_accounts
    from paygate.domain.clock import SystemClock, in_vietnam
    from paygate.services.second_person import admins
    from paygate.services.take_stock import take_stock
    from paygate.store import calendars, figures, jobs, schema
    from paygate.web.health import WORKER_LEASE

    yield Judged(name="database", verdict=Verdict.OK, says=tx.dialect.name)
    tables = judge_tables(schema.current(tx), schema.head())
    yield tables
    if tables.verdict is Verdict.FAIL:
        return
    now = SystemClock().now()
    theirs = jobs.database_time(tx, now)
    if tx.dialect.name == "postgresql":  # SQLite lives by the clock of this very machine
        yield judge_clock(now - theirs)
    missing = set(figures.kids(tx)) - {each.kid for each in config.vault.keys}
    if missing:
        says = f"values are sealed under {', '.join(sorted(missing))}"
        yield _fail("keys", says, "put that key back among master_keys")
    else:
        yield Judged(name="keys", verdict=Verdict.OK, says="all that is sealed has its key")
    codes = [AccountCode(each.code) for each in config.accounts]
    stock = take_stock(tx, codes, lease=WORKER_LEASE, now=theirs)
    yield from judge_stock(stock)
    for each in config.accounts:
        yield from judge_account(stock, AccountCode(each.code), cautions(each))
    for problem in lost_accounts(tx, config):
        yield _fail("accounts", problem, "put it back into paygate.toml")
    year = in_vietnam(now).year
    yield judge_calendar(year, loaded=any(day.year == year for day in calendars.read(tx).days))
    yield judge_admins(len(admins(tx)))


def _fail(name: str, says: str, do: str) -> Judged:
    return Judged(name=name, verdict=Verdict.FAIL, says=says, do=do)
