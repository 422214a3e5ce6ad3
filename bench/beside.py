"""What is reported beside callbacks: imports, new orders, and the way to the rail."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

from bench.calls import checkout_request, order_request
from bench.ground import Site, copy_orders
from bench.numbered import OPEN_SAMPLE, at
from bench.processes import Processes, Window, put_under_load, running, write_requests
from paygate.store import orders

CONNECTIONS = 16
RATE_MAX = 600  # requests/s that are laid out for
WARM_S = 1.0
UNWANTED = ("pandas", "apscheduler")


def unwanted_imports() -> list[str]:
    """Return what of the unwanted modules `import paygate.wsgi` loads."""
    program = f"import sys, paygate.wsgi; print(*sorted(set({UNWANTED!r}) & set(sys.modules)))"
    told = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return told.stdout.split()


def new_orders(
    site: Site, key: str, *, seconds: int, say: Callable[[str], None]
) -> dict[str, object]:
    """Return how fast a portal is given orders, each about a dossier of its own."""
    count = int(RATE_MAX * (seconds + WARM_S))
    requests = [order_request(number, key) for number in range(1, count + 1)]
    path = write_requests(site.folder / "orders.json", requests, expected='"checkout_url"')
    log = site.folder / "orders.log"
    with running(["paygate", "serve"], port=site.port, toml=site.toml, log=log) as service:
        window = _load(site.port, path, service, seconds)
    say(_line("new orders", window))
    return asdict(window)


def checkouts(
    site: Site, engine: sa.Engine, *, seconds: int, say: Callable[[str], None]
) -> dict[str, object]:
    """Return how fast citizens are sent to the rail, which our sandbox plays on this machine."""
    count = int(RATE_MAX * (seconds + WARM_S) / 2)
    copy_orders(engine, OPEN_SAMPLE + 1, count, sample=OPEN_SAMPLE)
    with engine.connect() as tx:
        of_sample = orders.table.c.id.endswith(str(OPEN_SAMPLE))
        token = tx.execute(sa.select(orders.table.c.checkout_token).where(of_sample)).scalar_one()
    numbers = range(OPEN_SAMPLE + 1, OPEN_SAMPLE + 1 + count)
    requests = [checkout_request(at(number, token, sample=OPEN_SAMPLE)) for number in numbers]
    path = write_requests(site.folder / "checkouts.json", requests, expected=" 303 ")
    logs = site.folder / "demo.log", site.folder / "sandbox.log"
    part = ["paygate.demo.part"]
    place = [str(site.port), str(site.folder)]
    sandbox, gateway = ([*part, name, *place] for name in ("sandbox", "gateway"))
    with (
        running(gateway, port=site.port, toml=site.toml, log=logs[0]) as service,
        running(sandbox, port=site.port + 1, toml=site.toml, log=logs[1]),
    ):
        window = _load(site.port, path, service, seconds)
    say(_line("checkout starts, with the sandbox on the same cores", window))
    return asdict(window)


def _load(port: int, path: Path, service: Processes, seconds: int) -> Window:
    return put_under_load(
        port, path, service, connections=CONNECTIONS, seconds=seconds, warm_s=WARM_S
    )


def _line(name: str, window: Window) -> str:
    return (
        f"{name}: {window.rate:.0f}/s, p50 {window.p50_ms:.0f} ms, p99 {window.p99_ms:.0f} ms, "
        f"service CPU {window.cpu_ms[0]:.1f} ms each"
    )
