"""What commands share: the configuration or all its problems, and an act of the operator."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import sqlalchemy as sa

from paygate.config import Config
from paygate.domain.act import Act
from paygate.domain.clock import SystemClock
from paygate.domain.ids import RandomIds
from paygate.store.engine import EngineDatabase


def configured() -> Config:
    """Return the configuration, or end with every problem of it."""
    from paygate.bootstrap import configuration
    from paygate.settings import SettingsError

    try:
        return configuration()
    except SettingsError as error:
        raise problems(error.problems) from None


def problems(found: tuple[str, ...]) -> click.ClickException:
    """Return the end of a command that lists everything that is wrong."""
    return click.ClickException("\n" + "\n".join(f"  - {each}" for each in found))


@contextmanager
def database(config: Config) -> Iterator[EngineDatabase]:
    """Open the configured database for one command, its folder made for SQLite."""
    address = sa.make_url(config.gateway.database_url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    opened = EngineDatabase(config.gateway.database_url)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def quietly() -> Iterator[None]:
    """Let only errors be logged, and to the standard error stream: the rest is the command's."""
    import logging
    import sys

    import structlog

    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    try:
        yield
    finally:
        structlog.configure(**before)


def operators_act(command: str) -> Act:
    """Return an act of whoever is logged in on this machine."""
    now, ids = SystemClock().now(), RandomIds()
    return Act(
        now=now,
        actor=f"operator:{getpass.getuser()}",
        via=f"paygate {command}",
        request_id=ids.new("cmd", now),
        ids=ids,
    )


def say(human: str, *, as_json: bool, **facts: object) -> None:
    """Print *human*, or the same as one JSON line for programs."""
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else human)
