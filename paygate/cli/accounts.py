"""`paygate conformance RAIL`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from paygate.cli.database import json_option


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
