"""Draw `docs/states.md` from the tables: `.venv/bin/python -m tests.support.draw_states`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from paygate.domain import order, payment

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)

PAGE = Path(__file__).parents[2] / "docs" / "states.md"

HEAD = """\
# States

Drawn from the tables in `paygate/domain/` by `tests/support/draw_states.py`; a test compares them,
so this page is never edited by hand. Events that leave a state as it is are not drawn.
"""
FOOT = """\
## What stands beside the state

An attempt has three facts, each with words of its own:

- `payment_state`, above: what the rail says;
- `settlement_state` ({settlement}): what the rail's settlement file says;
- `bank_state` ({bank}): whether the money was seen in the bank.

An order has no state of its own making. It is computed from its facts, by the first that holds:
exempt; a collection of the right amount fits: paid; it was closed: expired or cancelled; an attempt
is live ({live}): processing; else open.

Two things are said beside it: `cancelling`, while the rails are asked before an order is
cancelled, and `payment_reversed`, once a rail took back the money that pays the order, which stays
paid.
"""


def draw() -> str:
    """Return the whole page."""
    foot = FOOT.format(
        settlement=_listed(payment.SettlementState),
        bank=_listed(payment.BankState),
        live=", ".join(payment.LIVE),
    )
    machines = (
        _machine("A fee order", "`order.py`", order.OrderState, order.TRANSITIONS),
        _machine("An attempt to pay", "`payment.py`", payment.PaymentState, payment.TRANSITIONS),
    )
    return "\n".join((HEAD, *machines, foot))


def _machine(
    title: str,
    source: str,
    states: type[S],
    transitions: Mapping[tuple[S, E], S],
) -> str:
    """Return one machine: a heading, its picture, and the list of its ends."""
    edges: dict[tuple[S, S], list[str]] = {}
    for (state, event), target in transitions.items():
        if target is not state:
            edges.setdefault((state, target), []).append(event)
    rank = {state: place for place, state in enumerate(states)}
    drawn = [
        f"    {state} --> {target}: {', '.join(sorted(edges[state, target]))}"
        for state, target in sorted(edges, key=lambda edge: (rank[edge[0]], rank[edge[1]]))
    ]
    # Born first: the state that the table names first, and each that no event reaches or leaves.
    born = [state for state in states if all(state not in edge for edge in edges)]
    starts = [f"    [*] --> {state}" for state in (next(iter(states)), *born)]
    ends = ", ".join(state for state in states if all(state is not one for one, _ in edges))
    picture = ["```mermaid", "stateDiagram-v2", *starts, *drawn, "```"]
    lines = (f"## {title} ({source})", "", *picture, "", f"Nothing leads out of: {ends}.", "")
    return "\n".join(lines)


def _listed(states: type[StrEnum]) -> str:
    return ", ".join(states)


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
