"""Measure, print, judge: `python -m bench [--quick] [--only PART] [--json FILE]`."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import click

from bench import beside, on_postgres, on_sqlite
from bench.ground import Site, furnish, lay_site
from bench.server import NoPostgresError, Server, durable_server
from bench.tape import record
from paygate.bootstrap import configuration, open_house
from paygate.domain.clock import SystemClock
from paygate.logs import configure_logs
from paygate.store.engine import EngineDatabase
from tests.support.servers import free_port

PARTS = ("postgres", "sqlite", "beside")
RATIO_MIN = 0.30
CPU_RATIO_MAX = 1.5
WORKER_MB_MAX = 120
SQLITE_RATE_MIN = 300
SQLITE_P99_MS_MAX = 150
SHARE_MIN = 0.5


@click.command()
@click.option("--quick", is_flag=True, help="Fewer and shorter windows: a look, not a result.")
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Only this part.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Keep all figures there.")
def main(*, quick: bool, only: tuple[str, ...], path: Path | None) -> None:
    """Measure what a callback costs on this machine, in ratios within one run."""
    configure_logs(logging.CRITICAL)
    load = os.getloadavg()[0]
    click.echo(f"cores {os.cpu_count()}, load before the run {load:.1f}")
    found: dict[str, object] = {
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "commit": _commit(),
        "quick": quick,
        "cores": os.cpu_count(),
        "load_before": load,
    }
    wanted = only or PARTS
    try:
        if "postgres" in wanted or "beside" in wanted:
            with durable_server() as server:
                found |= _with_postgres(server, wanted, quick=quick)
    except NoPostgresError as error:
        raise click.ClickException(f"{error}. NOTHING was measured on PostgreSQL.") from None
    if "sqlite" in wanted:
        found["sqlite"] = _with_sqlite(quick=quick)
    if path is not None:
        path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _with_postgres(server: Server, wanted: tuple[str, ...], *, quick: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    with _site(server.url, processes=2) as (site, database, key):
        if "postgres" in wanted:
            found["postgres"] = _callbacks(server, database, site, quick=quick)
        if "beside" in wanted:
            found["beside"] = _beside(server, database, site, key, seconds=3 if quick else 5)
    return found


def _callbacks(
    server: Server, database: EngineDatabase, site: Site, *, quick: bool
) -> dict[str, object]:
    tape = record(open_house(configuration()), database.engine, site.secret)
    click.echo(f"\nPostgreSQL, fsync on. One callback: BEGIN, {len(tape)} statements, COMMIT")
    for number, each in enumerate(tape, start=1):
        click.echo(f"  {number:2} {each.verb}")
    seen = on_postgres.measure(
        server,
        database.engine,
        site,
        tape,
        pairs=2 if quick else 5,
        seconds=3 if quick else 5,
        say=click.echo,
    )
    ratios = [each.ratio for each in seen.pairs]
    cpu = [each.cpu_ratio for each in seen.pairs]
    ceiling = [each.control_ratio for each in seen.pairs]
    _judge(
        f"service / pgbench of the same {len(tape)} statements: {on_postgres.summary(ratios)}",
        f">= {RATIO_MIN:.2f}",
        met=median(ratios) >= RATIO_MIN,
    )
    click.echo(f"  (control / pgbench: {on_postgres.summary(ceiling)})")
    _judge(
        f"service CPU / control CPU of a callback: {on_postgres.summary(cpu)}",
        f"<= {CPU_RATIO_MAX}",
        met=median(cpu) <= CPU_RATIO_MAX,
    )
    sizes = " and ".join(f"{size:.0f}" for size in seen.after_mb)
    _judge(
        f"resident MB of the workers after {seen.requests} callbacks: {sizes}",
        f"<= {WORKER_MB_MAX}",
        met=max(seen.after_mb) <= WORKER_MB_MAX,
    )
    return on_postgres.as_json(seen) | {"statements": [each.verb for each in tape]}


def _beside(
    server: Server, database: EngineDatabase, site: Site, key: str, *, seconds: int
) -> dict[str, object]:
    click.echo("\nBeside callbacks")
    loaded = beside.unwanted_imports()
    _judge(
        f"`import paygate.wsgi` loads of {', '.join(beside.UNWANTED)}: {', '.join(loaded) or '-'}",
        "none",
        met=not loaded,
    )
    orders = beside.new_orders(site, key, seconds=seconds, say=click.echo)
    demo = lay_site(site.folder, server.url, free_port(), processes=2, demo=True)
    starts = beside.checkouts(demo, database.engine, seconds=seconds, say=click.echo)
    return {"unwanted_imports": loaded, "new_orders": orders, "checkout_starts": starts}


def _with_sqlite(*, quick: bool) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="bench-db-") as folder:
        url = f"sqlite:///{folder}/paygate.db"
        with _site(url, processes=on_sqlite.WRITERS) as (site, database, _):
            click.echo("\nSQLite, synchronous=FULL")
            seen = on_sqlite.measure(site, database, seconds=5 if quick else 10, say=click.echo)
    writers = seen.writers
    _judge(
        f"callbacks/s: {writers.rate:.0f}",
        f">= {SQLITE_RATE_MIN}",
        met=writers.rate >= SQLITE_RATE_MIN,
    )
    _judge(
        f"p99: {writers.p99_ms:.0f} ms",
        f"<= {SQLITE_P99_MS_MAX} ms",
        met=writers.p99_ms <= SQLITE_P99_MS_MAX,
    )
    _judge(
        f"least served writer: {writers.least:.2f} of the mean",
        f">= {SHARE_MIN}",
        met=writers.least >= SHARE_MIN,
    )
    return on_sqlite.as_json(seen)


@contextmanager
def _site(url: str, *, processes: int) -> Iterator[tuple[Site, EngineDatabase, str]]:
    """Furnish the database at *url*, and yield its site and the portal's key."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        site = lay_site(Path(name), url, free_port(), processes=processes, demo=False)
        os.environ["PAYGATE_CONFIG"] = str(site.toml)
        database = EngineDatabase(url)
        try:
            yield site, database, database.act(furnish, configuration())
        finally:
            database.close()


def _commit() -> str:
    """Return what is measured; a tree that differs from its commit is said to."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607  # whichever git there is
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


def _judge(figure: str, bar: str, *, met: bool) -> None:
    click.echo(f"{'met    ' if met else 'NOT MET'} {figure}  (bar {bar})")


if __name__ == "__main__":
    main()
