"""Programs of a run: start, CPU and memory of the whole tree, end."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import HOST

UP_S_MAX = 60
STOP_S_MAX = 40
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
HTTP_FAULT = 500
NEIGHBOURS_S = 1.5  # after the first process answers, the others do too


@dataclass(frozen=True, slots=True)
class Processes:
    """A process and all below it."""

    root: int

    def pids(self) -> list[int]:
        """Return them, the root first."""
        found, waiting = [], [self.root]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            try:
                told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
            except FileNotFoundError:
                continue
            waiting += [int(each) for each in told.split()]
        return found

    def cpu_s(self) -> float:
        """Return the user and system seconds that they have spent."""
        return sum(_cpu_s(pid) for pid in self.pids())

    def resident_mb(self) -> list[float]:
        """Return the resident megabytes of each process below the root: the workers."""
        sizes = []
        for pid in self.pids()[1:]:
            pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
            sizes.append(pages * PAGE_BYTES / 2**20)
        return sizes


def _cpu_s(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return 0.0
    fields = told.rpartition(")")[2].split()
    # Those who have ended count with their parent: cutime and cstime.
    return sum(int(fields[place]) for place in (11, 12, 13, 14)) / TICKS


def machine_s() -> tuple[float, float]:
    """Return the seconds that all cores were busy and idle since the machine started."""
    told = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    ticks = [int(each) / TICKS for each in told]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, idle


@contextmanager
def running(command: list[str], *, port: int, toml: Path, log: Path) -> Iterator[Processes]:
    """Run a program of ours until the block ends, once it answers on *port*."""
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603  # our own modules
            [sys.executable, "-m", *command],
            env=os.environ | {"PAYGATE_CONFIG": str(toml)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        _wait_until_up(process, port, log)
        yield Processes(process.pid)
    finally:
        process.terminate()
        process.wait(STOP_S_MAX)


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    patience_ends = time.monotonic() + UP_S_MAX
    while True:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/healthz")
            status = connection.getresponse().status
            connection.close()
        except OSError:
            status = 0
        if 0 < status < HTTP_FAULT:
            time.sleep(NEIGHBOURS_S)
            return
        if process.poll() is not None or time.monotonic() > patience_ends:
            raise RuntimeError(log.read_text(encoding="utf-8")[-2_000:])
        time.sleep(0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a load saw, and the CPU that it cost each of those who were watched."""

    rate: float
    good: int
    p50_ms: float
    p99_ms: float
    cpu_ms: tuple[float, ...]  # of each watched tree, for one answer
    foreign: float  # share of all cores that others used, the load among them
    idle: float


def put_under_load(
    port: int, requests: Path, *watched: Processes, connections: int, seconds: float, warm_s: float
) -> Window:
    """Send the requests in *requests*, and return what the window saw.

    Raises:
        RuntimeError: an answer was not the expected one, or the requests did not last.
    """
    words = [str(port), str(requests), str(connections), str(seconds), str(warm_s)]
    with subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", "bench.load", *words], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101  # for the type checker
        process.stdout.readline()
        before, busy_before = [each.cpu_s() for each in watched], machine_s()
        told = process.stdout.readline()
        after, busy_after = [each.cpu_s() for each in watched], machine_s()
    if not told:
        raise RuntimeError("the load ended early")
    seen: dict[str, Any] = json.loads(told)
    if seen["strange"] or seen["left"] == 0:
        raise RuntimeError(f"not what was expected: {seen}")
    good = seen["answers"]["good"]
    spent = [(end - begin) * 1000 / good for begin, end in zip(before, after, strict=True)]
    busy, idle = (end - begin for begin, end in zip(busy_before, busy_after, strict=True))
    ours = sum(after) - sum(before)
    return Window(
        rate=seen["rate"],
        good=good,
        p50_ms=seen["p50_ms"],
        p99_ms=seen["p99_ms"],
        cpu_ms=tuple(spent),
        foreign=max(0.0, busy - ours) / (busy + idle),
        idle=idle / (busy + idle),
    )


def write_requests(path: Path, requests: list[str], *, expected: str) -> Path:
    """Write down what a load shall send, and what a good answer holds."""
    path.write_text(json.dumps({"requests": requests, "expected": expected}), encoding="utf-8")
    return path
