"""Write the figures of a run into a document: `python -m bench.publish FIGURES.json DOCUMENT.md`.

What stands between `<!-- bench -->` and `<!-- /bench -->` is replaced; the rest is left alone.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
_BLOCK = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)
Figures = Mapping[str, Any]


def table(found: Figures) -> str:
    """Return the figures of a run as a table, with what the run was: no figure without it."""
    quick = ", quick: a look, not a result" if found["quick"] else ""
    head = (
        f"Commit {found['commit']}, {found['at']}, {found['cores']} cores, "
        f"load before the run {found['load_before']:.1f}{quick}."
    )
    rows = ["| what | figure | bar |", "|---|---|---|"]
    for part, rows_of in (("postgres", _postgres), ("sqlite", _sqlite), ("beside", _beside)):
        if part in found:
            rows += [f"| {what} | {figure} | {bar} |" for what, figure, bar in rows_of(found[part])]
    return "\n".join([head, "", *rows])


def put_into(document: str, text: str) -> str:
    """Return *document* with *text* in its block.

    Raises:
        ValueError: it has no block, or several.
    """
    if len(_BLOCK.findall(document)) != 1:
        raise ValueError(f"one block {BEGIN} … {END} is wanted")
    return _BLOCK.sub(lambda _: f"{BEGIN}\n{text}\n{END}", document)


def _postgres(found: Figures) -> list[tuple[str, str, str]]:
    pairs = found["pairs"]
    count = len(found["statements"])

    def middle(side: str, name: str) -> float:
        return median(each[side][name] for each in pairs)

    def cpu(side: str) -> str:
        ours, theirs = (median(each[side]["cpu_ms"][at] for each in pairs) for at in (0, 1))
        return f"{ours:.2f} + {theirs:.2f} ms"

    ratio, cpu_ratio = (median(each[name] for each in pairs) for name in ("ratio", "cpu_ratio"))
    return [
        (
            f"callbacks / pgbench of the same {count} statements, median of {len(pairs)} pairs",
            f"{ratio:.2f}",
            "0.30",
        ),
        ("pgbench, transactions/s", f"{median(each['pgbench'] for each in pairs):.0f}", ""),
        ("callbacks/s", f"{middle('service', 'rate'):.0f}", ""),
        ("callback, p50", f"{middle('service', 'p50_ms'):.0f} ms", ""),
        ("callback, p99", f"{middle('service', 'p99_ms'):.0f} ms", ""),
        ("CPU of one callback, service + PostgreSQL", cpu("service"), ""),
        ("CPU of the control, control + PostgreSQL", cpu("control"), ""),
        ("service CPU / control CPU", f"{cpu_ratio:.2f}", "1.5"),
        (
            f"web worker after {found['requests']} callbacks",
            f"{max(found['after_mb']):.0f} MB",
            "120 MB",
        ),
    ]


def _sqlite(found: Figures) -> list[tuple[str, str, str]]:
    writers, served = found["writers"], found["served"]
    return [
        ("SQLite, 4 writers: callbacks/s", f"{writers['rate']:.0f}", "300"),
        ("SQLite, 4 writers: p99", f"{writers['p99_ms']:.0f} ms", "150 ms"),
        ("SQLite: least served writer, of the mean", f"{min(writers['shares']):.2f}", "0.50"),
        ("SQLite, `paygate serve`: callbacks/s", f"{served['rate']:.0f}", ""),
    ]


def _beside(found: Figures) -> list[tuple[str, str, str]]:
    unwanted = ", ".join(found["unwanted_imports"]) or "none"
    rows = [("pandas or APScheduler loaded by `import paygate.wsgi`", unwanted, "none")]
    for name, key in (("new orders", "new_orders"), ("starts of a checkout", "checkout_starts")):
        window = found[key]
        figure = f"{window['rate']:.0f}/s, p99 {window['p99_ms']:.0f} ms"
        rows.append((name, figure, ""))
    return rows


if __name__ == "__main__":
    figures, document = Path(sys.argv[1]), Path(sys.argv[2])
    filled = put_into(
        document.read_text(encoding="utf-8"), table(json.loads(figures.read_text(encoding="utf-8")))
    )
    document.write_text(filled, encoding="utf-8")
