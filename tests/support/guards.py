"""Take each guard of the money road away, and see a test turn red (R22): part of `make prove`.

Every mutant is made in a copy of the tree, so nothing here changes; an unchanged copy must be
green first, or the run proves nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

KEPT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "*cache*", ".hypothesis")
MACHINE = "tests/simulation"
ROAD = "tests/services/test_record_payment.py"
RACES = "tests/races"
CRASHES = "tests/crashes"
RUN_S_MAX = 900


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: where it stands, what it says, what is left without it, who must notice."""

    name: str
    path: str
    says: str
    without: str
    noticed_by: str


GUARDS = (
    Guard(
        "the lock on the order (PostgreSQL)",
        "paygate/store/orders.py",
        "LOCK = GET.with_for_update()",
        "LOCK = GET",
        RACES,
    ),
    Guard(
        "the gate and BEGIN IMMEDIATE (SQLite)",
        "paygate/store/engine.py",
        'exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")',
        'exec_driver_sql("BEGIN")',
        "tests/store/test_engine.py",
    ),
    Guard(
        "the amount is compared",
        "paygate/services/take_money.py",
        "if told.report.amount != told.attempt.amount:\n        return CaseKind.AMOUNT_DIFFERS",
        "if False:\n        return CaseKind.AMOUNT_DIFFERS",
        ROAD,
    ),
    Guard(
        "the same money is known by the rail's transaction",
        "paygate/services/take_money.py",
        "    if known is not None:\n        return _told_before(tx, act, told, known)\n",
        "",
        ROAD,
    ),
    Guard(
        "a second payment does not pay again",
        "paygate/services/take_money.py",
        "if told.order.covered_by is not None:\n        return CaseKind.DUPLICATE_PAYMENT",
        "if False:\n        return CaseKind.DUPLICATE_PAYMENT",
        ROAD,
    ),
    Guard(
        "late money asks the portal",
        "paygate/services/take_money.py",
        "return None if told.order.closed_as is None else _late_misfit(tx, told.order)",
        "return None",
        ROAD,
    ),
    Guard(
        "failed, cancelled and expired give way to paid",
        "paygate/domain/payment.py",
        "for state in (*LIVE, S.FAILED, S.CANCELLED, S.EXPIRED)},",
        "for state in LIVE},",
        ROAD,
    ),
    Guard(
        "unknown money is parked before the answer",
        "paygate/services/record_payment.py",
        "            park_money(tx, act, account, report)\n",
        "            pass\n",
        ROAD,
    ),
    Guard(
        "the signature decides",
        "tests/support/fakes.py",
        "            raise BadSignatureError\n",
        "            pass\n",
        ROAD,
    ),
    Guard(
        "the rail's signature decides (vnptpay)",
        "providers/signing.py",
        "hmac.compare_digest(",
        "(lambda *_: True)(",
        "tests/providers/vnptpay",
    ),
    Guard(
        "evidence is kept when applying fails",
        "webhooks/inbox.py",
        "        return _keep_alone("
        "house, act, replace(message, attempt_refs=refs), Outcome.TROUBLE)",
        "        return Outcome.TROUBLE",
        ROAD,
    ),
    Guard(
        "the attempt is committed before the rail hears of it",
        "paygate/services/start_checkout.py",
        "    attempts.add(tx, attempt)\n",
        "",
        "tests/functional/test_checkout.py",
    ),
    Guard(
        "identified money leaves suspense",
        "paygate/services/take_money.py",
        "        journal.post(tx, entry, booked_at=act.now)\n\n\ndef _open(",
        "\n\ndef _open(",
        ROAD,
    ),
    Guard(
        "one live order for each dossier and purpose",
        "paygate/services/issue_order.py",
        "        _hold_key(tx, order)\n",
        "        pass\n",
        "tests/functional/test_portal_api.py",
    ),
    Guard(
        "an order ends only where it still lives under its lock",
        "paygate/services/end_order.py",
        "    if order.state not in LIVE_STATES:\n        return False\n",
        "",
        RACES,
    ),
    Guard(
        "nobody begins to pay what is being cancelled",
        "paygate/services/start_checkout.py",
        "order is None or order.is_cancelling or",
        "order is None or",
        "tests/services/test_cancel_order.py",
    ),
    Guard(
        "what a rail takes back it takes back once",
        "paygate/services/take_back.py",
        "    if money.taken_back_at is not None:\n        return Outcome.KNOWN\n",
        "",
        "tests/services/test_take_back.py",
    ),
    Guard(
        "a delivery is claimed before it is sent",
        "paygate/store/deliveries.py",
        '        tx.execute(CLAIM, {"delivery_id": each.id, "until": until})',
        "        pass",
        "tests/webhooks",
    ),
    Guard(
        "no endpoint is retired while it is being told",
        "paygate/store/endpoints.py",
        "OF_PORTAL.with_for_update(read=True)",
        "OF_PORTAL",
        "tests/races/test_endpoints.py",
    ),
    Guard(
        "the fence of the lease",
        "paygate/services/fenced.py",
        "            jobs.fence(tx, self._lease)\n",
        "",
        "tests/services/test_fenced.py",
    ),
    Guard(
        "silence does not expire an attempt",
        "paygate/services/chase_pending.py",
        "        return Asked.SILENT\n    return _take_answer(",
        "        house.db.act(_end_by_time, act, attempt.id)\n"
        "        return Asked.SILENT\n    return _take_answer(",
        "tests/functional/test_checkout.py",
    ),
    Guard(
        "the message to the portal commits with its cause",
        "paygate/services/move_order.py",
        "    outbox.put(tx, message)\n",
        "",
        CRASHES,
    ),
)


def run() -> list[tuple[str, bool]]:
    """Return for each guard whether its absence was noticed.

    Raises:
        SystemExit: the unchanged tree is red, or a guard no longer stands where it is said to.
    """
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(Path.cwd(), tree, ignore=KEPT_OUT)
        noticing = sorted({guard.noticed_by for guard in GUARDS})
        if not _is_green(tree, *noticing):
            raise SystemExit("the unchanged tree is red: nothing can be proved")
        return [(guard.name, _is_noticed(tree, guard)) for guard in GUARDS]


def _is_noticed(tree: Path, guard: Guard) -> bool:
    path = tree / guard.path
    whole = path.read_text(encoding="utf-8")
    if whole.count(guard.says) < 1:
        raise SystemExit(f"{guard.name}: not found in {guard.path}")
    path.write_text(whole.replace(guard.says, guard.without), encoding="utf-8")
    try:
        noticed = not _is_green(tree, guard.noticed_by)
    finally:
        path.write_text(whole, encoding="utf-8")
    print(f"{'red  ' if noticed else 'GREEN'} without: {guard.name}", flush=True)
    return noticed


def _is_green(tree: Path, *tests: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    # The tree's own packages before those of the environment.
    environment = os.environ | {"PYTHONPATH": str(tree)}
    ended = subprocess.run(
        command, cwd=tree, env=environment, check=False, capture_output=True, timeout=RUN_S_MAX
    )
    return ended.returncode == 0


if __name__ == "__main__":
    sys.exit(0 if all(noticed for _, noticed in run()) else 1)
