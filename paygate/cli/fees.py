"""`paygate fee …`: what the law says each fee is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from paygate.cli.common import configured, database, operators_act, problems, say
from paygate.cli.database import json_option


@click.group()
def fee() -> None:
    """Fee rules, to which the amounts of orders are compared."""


@fee.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@json_option
def import_fee_rules_command(file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Import fee rules from a CSV in UTF-8: all rows, or none and every finding.

    Columns: fee_code, valid_from, amount (200000 or 25000-100000), refund_policy (full, none,
    unprocessed_only, by_reason), legal_basis; and if wanted procedure_code, case_code, agency,
    channel (online, offline), applicant_category, valid_to, percent, unit, cap, source.
    """
    from paygate.services.csv_rows import FileUnreadableError
    from paygate.services.import_fee_rules import changes, import_fee_rules, read_fee_rules

    config, act = configured(), operators_act("fee import")
    try:
        rows = read_fee_rules(file.read_bytes(), now=act.now)
        with database(config) as opened:
            if dry_run:
                with opened.read() as tx:
                    found = changes(tx, rows)
            else:
                found = opened.act(import_fee_rules, act, rows)
    except FileUnreadableError as error:
        raise problems(error.lines) from None
    count = f"{len(rows)} rows, {len(found)} {'would change' if dry_run else 'changed'}"
    human = "\n".join((*(each.line() for each in found), count))
    say(human, as_json=as_json, rows=len(rows), changed=len(found), dry_run=dry_run)


@fee.command("list")
@click.option("--procedure", metavar="CODE", help="Only rules of this procedure, or of all.")
@click.option("--agency", metavar="CODE", help="Only rules of this agency and of those above it.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Another day than today.")
@json_option
def list_fee_rules(
    *, procedure: str | None, agency: str | None, on: datetime | None, as_json: bool
) -> None:
    """List the rules in force."""
    from paygate.domain.clock import SystemClock, business_date
    from paygate.store import agencies, fee_rules

    config = configured()
    day = business_date(SystemClock().now()) if on is None else on.date()
    with database(config) as opened, opened.read() as tx:
        line = None if agency is None else {None, *agencies.lineage(tx, agency)}
        found = [
            each
            for each in fee_rules.every_in_force(tx, day=day)
            if (procedure is None or each.procedure_code in (None, procedure))
            and (line is None or each.agency in line)
        ]
    human = "\n".join(
        "\t".join(
            (
                each.fee_code,
                each.procedure_code or "*",
                each.case_code or "*",
                each.agency or "*",
                each.channel or "*",
                each.applicant_category or "*",
                f"{each.valid_from} - {each.valid_to or ''}".rstrip(),
                str(each.price),
                each.legal_basis,
            )
        )
        for each in found
    )
    rows = [
        {
            "id": each.id,
            "fee_code": each.fee_code,
            "procedure_code": each.procedure_code,
            "case_code": each.case_code,
            "agency": each.agency,
            "channel": each.channel,
            "applicant_category": each.applicant_category,
            "valid_from": each.valid_from.isoformat(),
            "valid_to": None if each.valid_to is None else each.valid_to.isoformat(),
            "price": str(each.price),
            "refund_policy": each.refund_policy.value,
            "legal_basis": each.legal_basis,
            "source": each.source,
        }
        for each in found
    ]
    say(human or "no rules are in force", as_json=as_json, day=day.isoformat(), rules=rows)
