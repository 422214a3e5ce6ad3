"""Callbacks on PostgreSQL: the service, the same statements by pgbench, and the control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from bench.calls import callback_request
from bench.ground import Site, copy_orders
from bench.numbered import SAMPLE
from bench.processes import Processes, Window, put_under_load, running, write_requests
from bench.server import Denominator, Server, find_pgbench
from bench.tape import Statement, to_pgbench
from paygate.domain.clock import SystemClock
from tests.support.servers import free_port

CLIENTS = 16
WARM_S = 1.5
SPARE = 2.0  # of what the first short window promises
FIRST_STRIDE = 1_500  # orders of each client in the first short window of pgbench


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Neighbouring windows: pgbench, the service, the control."""

    pgbench: float
    service: Window
    control: Window

    @property
    def ratio(self) -> float:
        """Return callbacks of the service for one transaction of pgbench."""
        return self.service.rate / self.pgbench

    @property
    def control_ratio(self) -> float:
        """Return callbacks of the control for one transaction of pgbench."""
        return self.control.rate / self.pgbench

    @property
    def cpu_ratio(self) -> float:
        """Return the service's CPU for a callback, with the control's as 1."""
        return self.service.cpu_ms[0] / self.control.cpu_ms[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All pairs, and the memory of each web worker after them."""

    pairs: tuple[Pair, ...]
    fresh_mb: tuple[float, ...]
    after_mb: tuple[float, ...]
    requests: int  # that the workers had answered by then, together


class Numbers:
    """Gives out numbers of orders, none twice, and lays the orders out."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._next = SAMPLE + 1

    def take(self, count: int) -> int:
        """Return the first of *count* new orders."""
        first, self._next = self._next, self._next + count
        copy_orders(self._engine, first, count)
        return first

    def settle(self) -> None:
        """Let what was written before weigh on no window."""
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
            connection.exec_driver_sql("CHECKPOINT")


@dataclass(slots=True, kw_only=True)
class Course:
    """What the windows of one run share."""

    site: Site
    server: Server
    numbers: Numbers
    pgbench: Denominator
    seconds: int
    say: Callable[[str], None]

    def pair(
        self, name: str, rate: float, service: Processes, control: tuple[int, Processes]
    ) -> Pair:
        """Return three neighbouring windows; what they need is laid out before the first."""
        stride = int(rate * self.seconds * SPARE / CLIENTS)
        base = self.numbers.take(stride * CLIENTS)
        ours, theirs = (self._calls(rate * 0.7, f"{name}{each}") for each in ("s", "c"))
        self.numbers.settle()
        tps = self.pgbench.run(base=base, stride=stride, seconds=self.seconds)
        port, other = control
        pair = Pair(
            pgbench=tps,
            service=self._window(self.site.port, ours, service),
            control=self._window(port, theirs, other),
        )
        self.say(_line(name, pair))
        return pair

    def _window(self, port: int, requests: Path, watched: Processes) -> Window:
        return put_under_load(
            port,
            requests,
            watched,
            self.server.processes,
            connections=CLIENTS,
            seconds=self.seconds,
            warm_s=WARM_S,
        )

    def _calls(self, rate: float, name: str) -> Path:
        count = int(rate * (self.seconds + WARM_S))
        first, now = self.numbers.take(count), SystemClock().now()
        secret = self.site.secret
        calls = [callback_request(number, secret, now) for number in range(first, first + count)]
        path = self.site.folder / f"calls-{name}.json"
        return write_requests(path, calls, expected='"RESPONSE_CODE":"00"')


def measure(
    server: Server,
    engine: sa.Engine,
    site: Site,
    statements: tuple[Statement, ...],
    *,
    pairs: int,
    seconds: int,
    say: Callable[[str], None],
) -> Seen:
    """Return *pairs* of neighbouring windows, each of *seconds*.

    Raises:
        NoPostgresError: there is no pgbench.
    """
    script, variables = to_pgbench(statements)
    path = server.home / "callback.sql"
    path.write_text(script, encoding="utf-8")
    course = Course(
        site=site,
        server=server,
        numbers=Numbers(engine),
        pgbench=Denominator(
            program=find_pgbench(server),
            home=server.home,
            script=path,
            variables=variables,
            clients=CLIENTS,
        ),
        seconds=seconds,
        say=say,
    )
    port = free_port()
    logs = site.folder / "serve.log", site.folder / "control.log"
    with (
        running(["paygate", "serve"], port=site.port, toml=site.toml, log=logs[0]) as service,
        running(["bench.control", str(port)], port=port, toml=site.toml, log=logs[1]) as control,
    ):
        fresh = tuple(service.resident_mb())
        first = course.numbers.take(FIRST_STRIDE * CLIENTS)
        course.numbers.settle()
        rate = course.pgbench.run(base=first, stride=FIRST_STRIDE, seconds=2)
        say(f"first window of pgbench, not counted: {rate:.0f} transactions/s")
        found = [
            course.pair(str(number), rate, service, (port, control))
            for number in range(1, pairs + 1)
        ]
        after = tuple(service.resident_mb())
    answered = sum(each.service.good for each in found)
    return Seen(pairs=tuple(found), fresh_mb=fresh, after_mb=after, requests=answered)


def _line(name: str, pair: Pair) -> str:
    ours, theirs = pair.service, pair.control
    return (
        f"pair {name}: pgbench {pair.pgbench:.0f}/s; service {ours.rate:.0f}/s, "
        f"p50 {ours.p50_ms:.0f} ms, p99 {ours.p99_ms:.0f} ms, "
        f"CPU {ours.cpu_ms[0]:.2f} + PostgreSQL {ours.cpu_ms[1]:.2f} ms; "
        f"control {theirs.rate:.0f}/s, CPU {theirs.cpu_ms[0]:.2f} + {theirs.cpu_ms[1]:.2f} ms; "
        f"others on this machine {ours.foreign:.0%}, idle {ours.idle:.0%}"
    )


def summary(values: list[float]) -> str:
    """Return the median and the bounds."""
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def as_json(seen: Seen) -> dict[str, object]:
    """Return everything for the record."""
    found = asdict(seen)
    for each, pair in zip(found["pairs"], seen.pairs, strict=True):
        each["ratio"], each["cpu_ratio"] = pair.ratio, pair.cpu_ratio
    return found
