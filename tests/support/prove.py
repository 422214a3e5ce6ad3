"""Run the bars in full and keep the evidence: `make prove` (DESIGN 7).

Each step is one pytest run at the size of its bar, or the guards of `tests/support/guards.py`. What
was proved of this commit is kept in `docs/proof/<date>.json`, so a run that was interrupted goes on
where it ended.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from paygate.domain.clock import SystemClock, business_date
from tests.support.guards import GUARDS

PASSED = re.compile(r"(\d+) passed")


@dataclass(frozen=True, slots=True)
class Step:
    """One bar: which promise, what is run, at which size."""

    name: str
    promise: str
    bar: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()


def _pytest(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "-q", "-o", "timeout=14400", *arguments)


STEPS = (
    Step(
        "crashes",
        "R01",
        "kill -9 at every point of the journey, both databases",
        _pytest("tests/crashes"),
    ),
    Step(
        "copies",
        "R02",
        "1 000 copies, 32 clients, 2 server processes, both databases",
        _pytest("tests/functional/test_thousand_copies.py"),
    ),
    Step(
        "races",
        "R04 R06",
        "4 processes, a barrier for each of 10 000 orders, both databases",
        _pytest("tests/races/test_callbacks.py"),
        (("PAYGATE_RACE_ROUNDS", "10000"),),
    ),
    Step(
        "double presses",
        "R02",
        "4 processes, a barrier for each of 2 000 orders, both databases",
        _pytest("tests/races/test_orders.py"),
        (("PAYGATE_RACE_ROUNDS", "2000"),),
    ),
    Step(
        "every order",
        "R03",
        "all 720 orders of six events, charged first and last, both databases",
        _pytest("tests/services/test_every_order.py"),
        (("PAYGATE_EVERY_ORDER", "1"),),
    ),
    Step(
        "histories",
        "R09 R20",
        "10 000 random histories on each database",
        _pytest("tests/simulation"),
        (("HYPOTHESIS_PROFILE", "prove"),),
    ),
    Step(
        "properties",
        "R20",
        "5 000 examples of every property of the ground and the rails",
        _pytest("tests/domain", "tests/providers"),
        (("HYPOTHESIS_PROFILE", "nightly"),),
    ),
    Step(
        "guards",
        "R22",
        f"{len(GUARDS)} guards removed, each noticed",
        (sys.executable, "-m", "tests.support.guards"),
    ),
)


def main(wanted: set[str]) -> int:
    """Return 0 when every step (or every *wanted* one) holds on this commit."""
    commit = _git("rev-parse", "HEAD")
    if _git("status", "--porcelain"):
        print("the tree differs from its commit: commit first, then prove")
        return 1
    path = Path("docs/proof") / f"{business_date(SystemClock().now()).isoformat()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    done = {each["name"] for each in kept if each["commit"] == commit and each["holds"]}
    for step in STEPS:
        if step.name in done or (wanted and step.name not in wanted):
            continue
        found = _run(step) | {"commit": commit}
        kept = [each for each in kept if each["name"] != step.name] + [found]
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{step.name}: {'holds' if found['holds'] else 'DOES NOT HOLD'}", flush=True)
    return 0 if all(each["holds"] for each in kept) else 1


def _run(step: Step) -> dict[str, object]:
    print(f"{step.name} ({step.promise}): {step.bar}", flush=True)
    begun = time.monotonic()
    ended = subprocess.run(
        step.command,
        env=os.environ | dict(step.environment),
        check=False,
        capture_output=True,
        text=True,
    )
    lines = ended.stdout.splitlines()
    if ended.returncode != 0:
        print("\n".join(lines[-40:]))
    passed = PASSED.findall(ended.stdout)
    said = [
        line for line in lines if line.startswith(("red ", "GREEN", "killed", "sqlite", "postgres"))
    ]
    fields = asdict(step)
    return {
        "name": fields["name"],
        "promise": fields["promise"],
        "bar": fields["bar"],
        "holds": ended.returncode == 0,
        "seconds": round(time.monotonic() - begun),
        "tests_passed": int(passed[-1]) if passed else None,
        "said": said,
    }


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(set(sys.argv[1:])))
