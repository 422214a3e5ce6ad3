"""`paygate account …` and `paygate conformance RAIL`: merchant accounts and their rails."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import click

from paygate.cli.common import configured, database, problems, say
from paygate.cli.database import json_option
from paygate.config import Account, Config
from paygate.domain.ids import AccountCode


@click.group()
def account() -> None:
    """Merchant accounts at the rails; they come from paygate.toml alone."""


@account.command("list")
@json_option
def list_accounts(*, as_json: bool) -> None:
    """List the configured accounts, and how each stands with its rail."""
    from paygate.domain.clock import SystemClock
    from paygate.store import account_states

    config, now = configured(), SystemClock().now()
    with database(config) as opened, opened.read() as tx:
        states = {each.code: each for each in account_states.every(tx)}
    rows: list[dict[str, Any]] = []
    for each in config.accounts:
        state = states.get(AccountCode(each.code))
        rows.append(
            {
                "code": each.code,
                "rail": each.rail,
                "enabled": each.enabled,
                "offered": None if state is None else state.offered,
                "resting": state is not None and state.is_resting(now),
                "portals": each.portals,
                "agencies": each.agencies,
                "callback_url": f"{config.gateway.base_url}/webhooks/{each.code}",
            }
        )
    human = "\n".join(f"{row['code']}\t{row['rail']}\t{_standing(row)}" for row in rows)
    say(human or "no accounts in the configuration", as_json=as_json, accounts=rows)


def _standing(row: dict[str, Any]) -> str:
    if not row["enabled"]:
        return "off: callbacks are still taken"
    if row["offered"] is None:
        return "not used yet"
    if not row["offered"]:
        return "not offered"
    return "rests: its rail keeps silent" if row["resting"] else "offered"


@account.command("check")
@click.argument("code", required=False)
@json_option
def check_accounts(code: str | None, *, as_json: bool) -> None:
    """Build each account, or the account CODE, and connect to its rail; nothing is sent.

    Name, address and TLS are tried, so it shows a closed way out or a certificate that nobody
    signed. Whether the keys are right only a payment shows.
    """
    config = configured()  # which builds every account, and tells all that is wrong
    chosen = [each for each in config.accounts if code in {None, each.code}]
    if not chosen:
        raise problems((f"there is no account {code or ''}".rstrip(),))
    rows = [row for each in chosen for row in _reached(each)]
    for row in () if as_json else rows:
        click.echo(f"{row['verdict']:4}  {row['account']}  {row['says']}")
    bad = [row for row in rows if row["verdict"] == "fail"]
    human = f"{len(rows) - len(bad)} of {len(rows)} as they should be"
    say(human, as_json=as_json, reached=not bad, checks=rows)
    sys.exit(1 if bad else 0)


def _reached(account: Account) -> list[dict[str, str]]:
    from paygate.bootstrap import addresses, cautions, reach
    from providers.contract import NotSentError

    rows = [_row(account, "warn", each) for each in cautions(account)]
    for name, url in addresses(account).items():
        try:
            reach(url)
        except NotSentError as error:
            rows.append(_row(account, "fail", f"{name}: {error}"))
        else:
            rows.append(_row(account, "ok", f"{name}: {url} is reached"))
    return rows


def _row(account: Account, verdict: str, says: str) -> dict[str, str]:
    return {"account": account.code, "verdict": verdict, "says": says}


def account_of(config: Config, code: str) -> Account:
    """Return the configured account of that code, or end the command."""
    found = next((each for each in config.accounts if each.code == code), None)
    if found is None:
        raise problems((f"there is no account {code}",))
    return found


@click.command()
@click.argument("rail")
@json_option
def conformance(rail: str, *, as_json: bool) -> None:
    """Run the suite that every rail must pass, and say what to mend."""
    from paygate.bootstrap import check_rail

    try:
        verdicts = check_rail(rail)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    failed = [each for each in verdicts if not each.passed]
    if as_json:
        rows = [asdict(each) for each in verdicts]
        click.echo(json.dumps({"rail": rail, "passed": not failed, "cases": rows}))
    else:
        for each in verdicts:
            mark = "pass" if each.passed else "FAIL"
            click.echo(f"{mark}  {each.case}" + (f": {each.detail}" if each.detail else ""))
        click.echo(f"{rail}: {len(verdicts) - len(failed)} of {len(verdicts)} cases passed")
    sys.exit(1 if failed else 0)
