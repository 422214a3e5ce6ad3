"""`paygate smoke`: one payment at a configured account, against the emulator of its rail."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from paygate.cli.accounts import account_of
from paygate.cli.common import configured, quietly, say
from paygate.cli.database import json_option
from paygate.cli.health import Judged, Verdict
from paygate.config import Account

if TYPE_CHECKING:
    from paygate.cli.rehearsal import Rehearsal

DONG = 1_000
Facts = dict[str, str]
Step = Callable[["Rehearsal", Facts], tuple[Verdict, str]]


class _StepError(Exception):
    """A step went wrong; the text says how."""


@click.command()
@click.option("--account", "code", required=True, metavar="CODE", help="As in paygate.toml.")
@json_option
def smoke(code: str, *, as_json: bool) -> None:
    """Pay 1.000 VND at the account CODE: issue, start, pay, callback, question, book.

    The rail is its emulator within this process, with the account's own keys; the book is thrown
    away. Nothing is sent to anybody, so it is safe with the keys of production, and it shows
    nothing of the rail itself: for that see `paygate account check`.
    """
    account = account_of(configured(), code)
    with quietly():
        steps = tuple(_run(account))
    for each in () if as_json else steps:
        click.echo(f"{each.verdict:4}  {each.name}: {each.says}")
        if each.do:
            click.echo(f"      -> {each.do}")
    passed = all(each.verdict is not Verdict.FAIL for each in steps)
    human = "paid and booked" if passed else "this account cannot take a payment as it is"
    say(human, as_json=as_json, account=code, passed=passed, steps=[asdict(s) for s in steps])
    sys.exit(0 if passed else 1)


def _run(account: Account) -> Iterator[Judged]:
    from paygate.cli.rehearsal import rehearsal
    from providers.contract import BadSignatureError, NotSentError, SilentError, UnreadableError

    facts: Facts = {}
    with rehearsal(account) as played:
        for name, step in _STEPS.items():
            began = time.monotonic()
            try:
                verdict, says = step(played, facts)
            except (
                _StepError,
                BadSignatureError,
                NotSentError,
                SilentError,
                UnreadableError,
            ) as error:
                says = f"{type(error).__name__}: {error}".removeprefix("_StepError: ")
                yield Judged(name=name, verdict=Verdict.FAIL, says=says)
                return
            took = f"{(time.monotonic() - began) * 1_000:.0f} ms"
            yield Judged(name=name, verdict=verdict, says=f"{says}, {took}")


def _issue(played: Rehearsal, facts: Facts) -> tuple[Verdict, str]:
    from paygate.cli.rehearsal import AGENCY
    from paygate.domain.clock import in_vietnam
    from paygate.domain.money import Money

    least = played.house.merchants[played.code].provider.capabilities.minimum
    amount = max(Money(DONG), least)
    today = in_vietnam(played.clock.now()).strftime("%y%m%d")
    line = {"kind": "le_phi", "code": "LP", "name": "Rehearsal", "amount": amount.dong}
    order = {
        "dossier": {"code": f"{AGENCY}-{today}-0001"},
        "lines": [line | {"beneficiary": AGENCY}],
    }
    answer = played.portal("POST", "/v1/orders", json=order)
    if answer.status_code != 201:  # noqa: PLR2004  # RFC 9110
        raise _StepError(f"the API answered {answer.status_code}: {answer.text}")
    told = answer.get_json()
    facts |= {"id": told["id"], "checkout_url": told["checkout_url"], "amount": str(amount.dong)}
    return Verdict.OK, f"{told['code']} over {amount}"


def _start(played: Rehearsal, facts: Facts) -> tuple[Verdict, str]:
    answer = played.choose(facts["checkout_url"])
    led = answer.headers.get("Location", "")
    if answer.status_code != 303 or "/return/" in led:  # noqa: PLR2004  # RFC 9110
        raise _StepError(f"the checkout answered {answer.status_code} and led to no rail")
    facts["rail_url"] = led
    return Verdict.OK, "the rail opened a session"


def _pay(played: Rehearsal, facts: Facts) -> tuple[Verdict, str]:
    played.pay(facts["rail_url"])
    return Verdict.OK, "the rail called back and took our answer"


def _read(played: Rehearsal, facts: Facts) -> tuple[Verdict, str]:
    told = played.portal("GET", f"/v1/orders/{facts['id']}").get_json()
    if told["state"] != "paid":
        raise _StepError(f"the order is {told['state']}")
    return Verdict.OK, "the order is paid"


def _ask(played: Rehearsal, facts: Facts) -> tuple[Verdict, str]:
    from paygate.domain.ids import OrderId
    from paygate.store import attempts
    from providers.contract import AnswersQueries, AttemptFacts, Said

    provider = played.house.merchants[played.code].provider
    if not isinstance(provider, AnswersQueries):
        return Verdict.OK, "this rail answers no questions"
    with played.house.db.read() as tx:
        (attempt,) = attempts.of_order(tx, OrderId(facts["id"]))
    ask = provider.ask_status(
        AttemptFacts(
            attempt_ref=attempt.ref,
            amount=attempt.amount,
            created_at=attempt.created_at,
            asked_at=played.clock.now(),
        )
    )
    report = ask.read(played.send(ask.call))
    if report.said is Said.PAID and report.amount == attempt.amount:
        return Verdict.OK, "the rail says paid"
    if report.said is Said.UNKNOWN:
        return Verdict.WARN, f"the emulator's word {report.code!r} has no meaning at this account"
    raise _StepError(f"the rail says {report.said} of {report.amount}")


def _balance(played: Rehearsal, _facts: Facts) -> tuple[Verdict, str]:
    from paygate.services.check_books import check_books

    with played.house.db.read() as tx:
        findings = [finding for each in check_books(tx) for finding in each.findings]
    if findings:
        raise _StepError("; ".join(findings))
    return Verdict.OK, "every dong is in its place"


_STEPS: dict[str, Step] = {
    "issue": _issue,
    "start": _start,
    "pay": _pay,
    "order": _read,
    "question": _ask,
    "book": _balance,
}
