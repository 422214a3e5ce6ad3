"""Real servers on 127.0.0.1 for tests that speak HTTP."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
from pathlib import Path

UP_S_MAX = 40


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_it_answers(port: int, path: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until GET *path* is answered 200; raise with the log if the process ends first."""
    patience_ends = time.monotonic() + UP_S_MAX
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            status = connection.getresponse().status
            connection.close()
        except OSError:
            status = 0
        if status == 200:  # plain HTTP
            return
        if process.poll() is not None or time.monotonic() > patience_ends:
            raise RuntimeError(log.read_text())
        time.sleep(0.05)
