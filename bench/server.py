"""A PostgreSQL of our own that keeps its word at power loss, and pgbench against it."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Processes
from tests.support import postgres

STOP_S_MAX = 30
# Durable as in production; autovacuum would only hit one window and miss its neighbour.
OPTIONS = (
    "--listen_addresses=",
    "--max_connections=100",
    "--shared_buffers=256MB",
    "--max_wal_size=4GB",
    "--fsync=on",
    "--synchronous_commit=on",
    "--full_page_writes=on",
    "--autovacuum=off",
)
_TPS = re.compile(r"tps = ([0-9.]+) \(without initial connection time\)")


class NoPostgresError(Exception):
    """There is no PostgreSQL here, or no pgbench beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The running server."""

    home: Path
    programs: Path
    processes: Processes

    @property
    def url(self) -> str:
        """Return the address as the gateway is told it."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.home}"


@contextmanager
def durable_server() -> Iterator[Server]:
    """Run a PostgreSQL with fsync in a temporary folder.

    Raises:
        NoPostgresError: none is found, or it brings no pgbench.
    """
    programs = postgres.binaries()
    if programs is None:
        raise NoPostgresError("no PostgreSQL found")
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        postgres._initialise(programs, home)  # noqa: SLF001  # as the tests of crashes do
        process = postgres._spawn(  # noqa: SLF001
            home,
            programs / "postgres",
            f"-D{home / 'd'}",
            f"--unix_socket_directories={home}",
            *OPTIONS,
        )
        try:
            postgres._wait_until_it_answers(process, home)  # noqa: SLF001
            yield Server(home=home, programs=programs, processes=Processes(process.pid))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_S_MAX)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def find_pgbench(server: Server) -> Path:
    """Return the program beside the server's, else the system's.

    Raises:
        NoPostgresError: there is none.
    """
    beside = server.programs / "pgbench"
    found = beside if beside.exists() else shutil.which("pgbench")
    if found is None:
        raise NoPostgresError("no pgbench found: the ratio was NOT measured")
    return Path(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denominator:
    """The statements of one callback, run by pgbench for numbers of its own."""

    program: Path
    home: Path
    script: Path
    variables: dict[str, str]
    clients: int

    def run(self, *, base: int, stride: int, seconds: int) -> float:
        """Return transactions per second; each client has *stride* orders of its own from *base*.

        Raises:
            RuntimeError: a transaction failed, so that the rate means nothing.
        """
        told = self.variables | {"base": str(base), "stride": str(stride), "i": "0"}
        command = [
            str(self.program),
            f"--host={self.home}",
            "--username=postgres",
            "--no-vacuum",
            "--protocol=prepared",
            f"--client={self.clients}",
            "--jobs=1",
            f"--time={seconds}",
            f"--file={self.script}",
            *(f"--define={name}={value}" for name, value in told.items()),
            "postgres",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # the program that was found
        rate = _TPS.search(done.stdout)
        if done.returncode or rate is None or "aborted" in done.stderr:
            raise RuntimeError(done.stdout + done.stderr)
        return float(rate[1])
