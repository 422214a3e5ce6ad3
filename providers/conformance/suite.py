"""Run every case against a rail."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.conformance import asking, honesty, journeys, meanings, refunds, signatures
from providers.conformance.stage import NOW, Case, Stage, read
from providers.contract import Arrival, Rail

CASES: tuple[Case, ...] = (
    *honesty.CASES,
    *signatures.CASES,
    *meanings.CASES,
    *asking.CASES,
    *journeys.CASES,
    *refunds.CASES,
)
PROBLEMS_TOLD_MAX = 5  # of one case: the first ones tell what is wrong


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one case found; *detail* is empty where it passed."""

    case: str
    passed: bool
    detail: str


def run(rail: Rail, vectors: Sequence[Mapping[str, object]] = ()) -> list[Verdict]:
    """Return one verdict a case, and one for each callback among *vectors*."""
    verdicts = [judge(case, rail) for case in CASES]
    return verdicts + [_heard(vector, rail) for vector in vectors if vector["kind"] == "ipn"]


def judge(case: Case, rail: Rail) -> Verdict:
    """Return what one *case* finds at *rail*."""
    name = case.__name__
    try:
        problems = list(itertools.islice(case(Stage.of(rail)), PROBLEMS_TOLD_MAX))
    except Exception as error:  # noqa: BLE001  # a rail on trial may raise anything: that is a verdict
        return Verdict(name, passed=False, detail=f"raised {error!r}")
    return Verdict(name, passed=not problems, detail="; ".join(problems))


def _heard(vector: Mapping[str, object], rail: Rail) -> Verdict:
    """Feed the raw message of *vector*, and see whether it is accepted as it says."""
    name, secrets, raw = f"vector {vector['id']}", vector["secrets"], vector["raw"]
    if not isinstance(secrets, Mapping) or not isinstance(raw, Mapping):
        return Verdict(name, passed=False, detail="no raw message to feed")
    values = {**rail.rehearse().values, **{key: (str(text),) for key, text in secrets.items()}}
    arrival = Arrival(
        method=str(raw["method"]),
        path="/",
        query=str(raw.get("query_string", "")).encode(),
        headers=(("Content-Type", str(raw.get("content_type", ""))),),
        body=str(raw.get("body", "")).encode(),
        arrived_at=NOW,
    )
    seen = read(rail.build(values), arrival)
    accepted = not isinstance(seen, str)
    wrong = accepted is not vector["valid"]
    return Verdict(name, passed=not wrong, detail=f"{seen}" if wrong else "")
