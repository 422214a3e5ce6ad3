"""`paygate portal …` and `paygate agency …`: who issues orders, and for whom."""

from __future__ import annotations

from pathlib import Path

import click
import sqlalchemy as sa

from paygate.cli.common import configured, database, operators_act, problems, say
from paygate.cli.database import json_option
from paygate.domain.errors import ValueRefusedError
from paygate.domain.order import LateMoney
from paygate.domain.payable import PayableType


@click.group()
def portal() -> None:
    """Portals that issue orders."""


@portal.command("add")
@click.argument("code")
@click.option("--name", required=True, help="What citizens see as the supplier.")
@click.option(
    "--return-origin",
    "origins",
    required=True,
    multiple=True,
    metavar="URL",
    help="Origin of its pages, https://host; may be given several times.",
)
@click.option("--webhook-url", metavar="URL", help="Where it wants to be told.")
@click.option(
    "--late-money",
    type=click.Choice([each.value for each in LateMoney]),
    default=LateMoney.REFUND.value,
    show_default=True,
    help="What becomes of money that arrives after its order ended.",
)
@click.option(
    "--payable",
    "payables",
    multiple=True,
    type=click.Choice([each.value for each in PayableType]),
    help="A paper that it may have paid without a dossier; may be given several times.",
)
@json_option
def add_portal_command(
    code: str,
    *,
    name: str,
    origins: tuple[str, ...],
    webhook_url: str | None,
    late_money: str,
    payables: tuple[str, ...],
    as_json: bool,
) -> None:
    """Add a portal; its API key and webhook secret are shown once, now."""
    from paygate.http.auth import new_key
    from paygate.services.add_portal import add_portal
    from webhooks.endpoints import add_endpoint

    config, act = configured(), operators_act("portal add")
    key, key_id, key_secret = new_key()
    loopback = config.gateway.demo

    def register(tx: sa.Connection) -> tuple[str, str | None]:
        added = add_portal(
            tx,
            act,
            code=code,
            name=name,
            origins=origins,
            late_money=LateMoney(late_money),
            payables=frozenset(map(PayableType, payables)),
            key_id=key_id,
            key_secret=key_secret,
            loopback=loopback,
        )
        if webhook_url is None:
            return added.id, None
        _, secret = add_endpoint(tx, act, config.vault, added.id, webhook_url, loopback=loopback)
        return added.id, secret

    try:
        with database(config) as opened:
            portal_id, secret = opened.act(register)
    except ValueRefusedError as error:
        raise problems((error.code,)) from None
    lines = [f"portal {code} added: {portal_id}", f"API key (shown once): {key}"]
    if secret is not None:
        lines.append(f"webhook secret (shown once): {secret}")
    say(
        "\n".join(lines),
        as_json=as_json,
        portal_id=portal_id,
        api_key=key,
        webhook_secret=secret,
    )


@portal.command("rotate-key")
@click.argument("code")
@click.option(
    "--overlap",
    "hours",
    default=24,
    show_default=True,
    type=click.IntRange(0, 24 * 90),
    help="Hours for which the old keys are still good; 0 ends them now.",
)
@json_option
def rotate_key(code: str, *, hours: int, as_json: bool) -> None:
    """Give the portal CODE a new API key, shown once, now; its old keys end when --overlap is over.

    With --overlap 0 they end at once: for a key that somebody else has seen.
    """
    from datetime import timedelta

    from paygate.domain.clock import in_vietnam
    from paygate.http.auth import new_key
    from paygate.services.rotate_portal_key import rotate_portal_key

    config, act = configured(), operators_act("portal rotate-key")
    key, key_id, key_secret = new_key()
    overlap = timedelta(hours=hours)
    try:
        with database(config) as opened:
            ending = opened.act(
                rotate_portal_key,
                act,
                code,
                key_id=key_id,
                key_secret=key_secret,
                overlap=overlap,
            )
    except ValueRefusedError as error:
        raise problems((error.code,)) from None
    ends_at = in_vietnam(act.now + overlap).isoformat(timespec="seconds")
    human = f"API key (shown once): {key}\n{ending} old keys end at {ends_at}"
    say(human, as_json=as_json, api_key=key, old_keys=ending, old_keys_end_at=ends_at)


@portal.command("payables")
@click.argument("code")
@click.option(
    "--set",
    "wanted",
    multiple=True,
    type=click.Choice([*(each.value for each in PayableType), "none"]),
    help="A paper that it may have paid from now on, instead of those before; several times.",
)
@json_option
def portal_payables(code: str, *, wanted: tuple[str, ...], as_json: bool) -> None:
    """Show, or set, which papers the portal CODE may have paid without a dossier."""
    from paygate.services.set_portal_payables import set_portal_payables
    from paygate.store import portals

    config, act = configured(), operators_act("portal payables")
    types = frozenset(PayableType(each) for each in wanted if each != "none")
    if types and len(types) < len(set(wanted)):
        raise problems(("--set none stands alone",))
    try:
        with database(config) as opened:
            if wanted:
                opened.act(set_portal_payables, act, code, types)
            with opened.read() as tx:
                found = portals.by_code(tx, code)
                held = frozenset() if found is None else portals.payables_of(tx, found.id)
    except ValueRefusedError as error:
        raise problems((error.code,)) from None
    if found is None:
        raise problems(("portal_unknown",))
    names = sorted(each.value for each in held)
    say("\n".join(names) or "dossiers only", as_json=as_json, payables=names)


@portal.command("list")
@json_option
def list_portals(*, as_json: bool) -> None:
    """List the portals."""
    from paygate.store import portals

    config = configured()
    with database(config) as opened, opened.read() as tx:
        found = portals.every(tx)
    human = "\n".join(f"{each.code}\t{each.id}\t{each.display_name}" for each in found)
    rows = [{"code": each.code, "id": each.id, "name": each.display_name} for each in found]
    say(human or "no portals yet", as_json=as_json, portals=rows)


@click.group()
def agency() -> None:
    """Agencies that collect fees."""


@agency.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def import_agencies_command(file: Path, *, as_json: bool) -> None:
    """Import agencies from a CSV in UTF-8: all rows, or none and every finding.

    Columns: code, name, parent, successor, valid_from, valid_to (dates as 2025-07-01), and for an
    account: bank, account_number, account_holder, procedure_code, fee_kind.
    """
    from paygate.services.csv_rows import FileUnreadableError
    from paygate.services.import_agencies import import_agencies, read_agencies

    config, act = configured(), operators_act("agency import")
    try:
        rows = read_agencies(file.read_bytes())
        with database(config) as opened:
            count = opened.act(import_agencies, act, config.vault, rows)
    except FileUnreadableError as error:
        raise problems(error.lines) from None
    say(f"{count} rows imported", as_json=as_json, rows=count)
