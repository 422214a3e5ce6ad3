"""`paygate message …`: what rails told us, kept as evidence."""

from __future__ import annotations

from typing import Any

import click

from paygate.cli.common import configured, database, operators_act, problems, quietly, say
from paygate.cli.database import json_option
from paygate.cli.orders import find_order
from paygate.domain.clock import in_vietnam
from paygate.domain.outcome import Outcome
from paygate.store.evidence import KeptMessage, Message

LISTED = 20
# Of these the rail or we have still something to do.
UNSETTLED = (Outcome.BAD_SIGNATURE, Outcome.UNREADABLE, Outcome.TROUBLE)


@click.group()
def message() -> None:
    """Messages of rails: kept as they came, sealed."""


@message.command("list")
@click.option("--order", "code", metavar="CODE", help="Only those about this order.")
@click.option("--limit", default=LISTED, show_default=True, type=click.IntRange(1, 1_000))
@json_option
def list_messages(*, code: str | None, limit: int, as_json: bool) -> None:
    """List messages, newest first; what did not verify names no order, so --order misses it."""
    from paygate.store import attempts, evidence

    config = configured()
    with database(config) as opened, opened.read() as tx:
        if code is None:
            found = list(evidence.latest(tx, limit=limit))
        else:
            tried = attempts.of_order(tx, find_order(tx, code).id)
            every = {
                each.id: each
                for attempt in tried
                for each in evidence.about(
                    tx, attempt.account, attempt.ref, since=attempt.created_at
                )
            }
            found = sorted(every.values(), key=lambda each: each.id, reverse=True)[:limit]
    rows = [_facts(each) for each in found]
    human = "\n".join("\t".join(str(value) for value in row.values()) for row in rows)
    say(human or "no messages", as_json=as_json, messages=rows)


@message.command()
@click.argument("message_id", metavar="ID")
@click.option("--reveal", is_flag=True, help="Open the sealed bytes; the audit says who looked.")
@json_option
def show(message_id: str, *, reveal: bool, as_json: bool) -> None:
    """Show what is in clear of a message: when, how long, its hash, what became of it."""
    from paygate.services.reveal_message import reveal_message
    from paygate.store import evidence
    from paygate.store.sealed import SealError

    config = configured()
    with database(config) as opened:
        with opened.read() as tx:
            kept = evidence.get(tx, message_id)
        if kept is None:
            raise problems((f"there is no message {message_id}",))
        facts = _facts(kept)
        if reveal:
            act = operators_act("message show --reveal")
            try:
                opened_up = opened.act(reveal_message, act, config.vault, message_id)
            except SealError as error:
                raise problems((str(error),)) from None
            facts |= {} if opened_up is None else _content(opened_up)
    human = "\n".join(f"{name}\t{value}" for name, value in facts.items())
    say(human, as_json=as_json, **facts)


@message.command()
@click.argument("message_id", metavar="ID")
@click.option("--dry-run", is_flag=True, help="Say what would become of it, and change nothing.")
@json_option
def replay(message_id: str, *, dry_run: bool, as_json: bool) -> None:
    """Read a message again and apply it again; what is known already changes nothing."""
    from paygate.bootstrap import house_over
    from paygate.store.sealed import SealError
    from webhooks.replay import NotReplayableError, replay_message

    config, act = configured(), operators_act("message replay")
    try:
        with quietly(), database(config) as opened:
            house = house_over(config, opened)
            outcome = replay_message(house, act, message_id, rehearse=dry_run)
    except (NotReplayableError, SealError) as error:
        raise problems((str(error),)) from None
    human = f"would be {outcome}; nothing was changed" if dry_run else outcome.value
    say(human, as_json=as_json, id=message_id, outcome=outcome, dry_run=dry_run)
    if outcome in UNSETTLED:
        raise SystemExit(1)


def _facts(kept: KeptMessage) -> dict[str, Any]:
    return {
        "id": kept.id,
        "arrived_at": in_vietnam(kept.arrived_at).isoformat(timespec="seconds"),
        "account": kept.account,
        "kind": kept.kind,
        "outcome": kept.outcome,
        "attempt_refs": kept.attempt_refs,
        "bytes": kept.size_bytes,
        "sha256": kept.sha256,
    }


def _content(message: Message) -> dict[str, Any]:
    """Return what came, in letters that move no cursor and hide nothing."""
    return {
        "head": {name: _plain(value) for name, value in message.head.items()},
        "query": _plain(message.query.decode("utf-8", "backslashreplace")),
        "body": _plain(message.body.decode("utf-8", "backslashreplace")),
    }


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {_plain(name): _plain(each) for name, each in value.items()}
    if not isinstance(value, str):
        return value
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in value
    )
