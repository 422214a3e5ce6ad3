"""A bounded load, a process of its own: `python -m bench.load PORT REQUESTS CONNECTIONS S WARM_S`.

Connections are kept alive, and each sends its next request when the last is answered. No request
is sent twice. It prints `begin` when the window begins, and one line of JSON when it has ended.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
SILENCE_S_MAX = 30
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """One connection, what it waits for, and since when."""

    wire: socket.socket
    sent_at: float = 0.0
    came: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Load:
    """The requests that are left, and what became of those that were sent."""

    requests: Iterator[bytes]
    expected: bytes
    answers: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    strange: str = ""

    def send_next(self, line: Line) -> bool:
        """Send the next request over *line*; return whether there was one."""
        request = next(self.requests, None)
        if request is None:
            return False
        line.came.clear()
        line.sent_at = time.monotonic()
        line.wire.sendall(request)
        return True

    def take(self, line: Line) -> bool:
        """Read what came; return whether the answer is whole."""
        chunk = line.wire.recv(65_536)
        if not chunk:
            raise ConnectionError("the server closed a connection")
        line.came += chunk
        head, end, body = bytes(line.came).partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if not end or length is None or len(body) < int(length[1]):
            return False
        good = self.expected in line.came
        self.answers["good" if good else "bad"] += 1
        if not good:
            self.strange = bytes(line.came).decode(errors="replace")[:2_000]
        self.waits.append(time.monotonic() - line.sent_at)
        return True


def drive(load: Load, lines: list[Line], seconds: float) -> None:
    """Keep every line busy for *seconds*, then wait for the answers that are still due."""
    ends = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for line in lines:
            if load.send_next(line):
                selector.register(line.wire, selectors.EVENT_READ, line)
        while selector.get_map():
            ready = selector.select(SILENCE_S_MAX)
            if not ready:
                raise TimeoutError("the server is silent")
            for key, _ in ready:
                if not load.take(key.data):
                    continue
                if time.monotonic() >= ends or not load.send_next(key.data):
                    selector.unregister(key.fileobj)


def main(port: int, path: Path, connections: int, seconds: float, warm_s: float) -> None:
    """Warm up, then measure, and print what was seen."""
    told = json.loads(path.read_text(encoding="utf-8"))
    requests = iter([each.encode() for each in told["requests"]])
    expected = str(told["expected"]).encode()
    lines = [Line(socket.create_connection((HOST, port), timeout=60)) for _ in range(connections)]
    warm = Load(requests, expected)
    drive(warm, lines, warm_s)
    print("begin", flush=True)  # noqa: T201  # whoever started it reads this
    load = Load(requests, expected)
    began = time.monotonic()
    drive(load, lines, seconds)
    lasted = time.monotonic() - began
    waits = sorted(load.waits)
    seen = {
        "answers": dict(load.answers),
        "warm": dict(warm.answers),
        "strange": load.strange or warm.strange,
        "seconds": lasted,
        "rate": load.answers["good"] / lasted,
        "p50_ms": waits[len(waits) // 2] * 1000,
        "p99_ms": waits[int(len(waits) * 0.99)] * 1000,
        "left": sum(1 for _ in requests),
    }
    print(json.dumps(seen), flush=True)  # noqa: T201  # as above


if __name__ == "__main__":
    main(
        int(sys.argv[1]),
        Path(sys.argv[2]),
        int(sys.argv[3]),
        float(sys.argv[4]),
        float(sys.argv[5]),
    )
