"""`paygate db …`."""

from __future__ import annotations

import click

from paygate.cli.common import configured, database, say

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
