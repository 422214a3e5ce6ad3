"""Callbacks on SQLite: four writer processes at one file, with and without HTTP before them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.calls import callback_request
from bench.ground import Site, copy_orders
from bench.numbered import SAMPLE
from bench.processes import Window, put_under_load, running, write_requests
from paygate.domain.clock import SystemClock
from paygate.store.engine import EngineDatabase

WRITERS = 4
BOOT_S = 20.0  # until every writer has signed its callbacks
RATE_MAX = 700  # callbacks/s, of half the writers or of all, that orders are laid out for
WARM_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Writers:
    """What four writers did together, and each of them."""

    rate: float
    p50_ms: float
    p99_ms: float
    shares: tuple[float, ...]  # of the mean writer: 1 for one who did as much as all

    @property
    def least(self) -> float:
        """Return the share of the writer that was served least."""
        return min(self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The writers alone, and a served window."""

    writers: Writers
    served: Window


def measure(
    site: Site, database: EngineDatabase, *, seconds: int, say: Callable[[str], None]
) -> Seen:
    """Return what the writers did, and what `paygate serve` did with as many processes."""
    each = RATE_MAX * seconds // 2
    calls = int(RATE_MAX * (seconds + WARM_S))
    copy_orders(database.engine, SAMPLE + 1, each * WRITERS + calls)
    firsts = [SAMPLE + 1 + number * each for number in range(WRITERS + 1)]
    writers = _write(site, firsts[:WRITERS], each, seconds)
    say(
        f"{WRITERS} writers: {writers.rate:.0f} callbacks/s, p50 {writers.p50_ms:.1f} ms, "
        f"p99 {writers.p99_ms:.1f} ms, shares of the mean "
        + " ".join(f"{share:.2f}" for share in writers.shares)
    )
    served = _serve(site, firsts[WRITERS], calls, seconds)
    say(
        f"paygate serve, {WRITERS} processes, 16 connections: {served.rate:.0f} callbacks/s, "
        f"p50 {served.p50_ms:.0f} ms, p99 {served.p99_ms:.0f} ms"
    )
    return Seen(writers=writers, served=served)


def _write(site: Site, firsts: list[int], count: int, seconds: int) -> Writers:
    start_at = time.monotonic() + BOOT_S
    with ExitStack() as stack:
        running_writers = [
            stack.enter_context(
                subprocess.Popen(  # noqa: S603  # our own module
                    [
                        sys.executable,
                        "-m",
                        "bench.writer",
                        *map(str, (first, count, start_at, seconds)),
                    ],
                    env=os.environ | {"PAYGATE_CONFIG": str(site.toml)},
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for first in firsts
        ]
        told = [process.communicate()[0].splitlines() for process in running_writers]
    if time.monotonic() < start_at or any(len(lines) != len(("ready", "waits")) for lines in told):
        raise RuntimeError("a writer did not come to its end")
    waits = [json.loads(lines[1])["waits_ms"] for lines in told]
    every = sorted(wait for each in waits for wait in each)
    mean = len(every) / len(waits)
    return Writers(
        rate=len(every) / seconds,
        p50_ms=every[len(every) // 2],
        p99_ms=every[int(len(every) * 0.99)],
        shares=tuple(len(each) / mean for each in waits),
    )


def _serve(site: Site, first: int, count: int, seconds: int) -> Window:
    now = SystemClock().now()
    calls = [callback_request(number, site.secret, now) for number in range(first, first + count)]
    path = write_requests(site.folder / "sqlite.json", calls, expected='"RESPONSE_CODE":"00"')
    log: Path = site.folder / "serve.log"
    with running(["paygate", "serve"], port=site.port, toml=site.toml, log=log) as service:
        return put_under_load(
            site.port, path, service, connections=16, seconds=seconds, warm_s=WARM_S
        )


def as_json(seen: Seen) -> dict[str, object]:
    """Return everything for the record."""
    return asdict(seen)
