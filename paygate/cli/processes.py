"""`paygate serve | worker | sandbox | demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from paygate.cli.common import configured, problems

DEMO_PORT = 8000


@click.command()
def serve() -> None:
    """Answer portals, citizens and rails (gunicorn with threads)."""
    from paygate.settings import SettingsError
    from paygate.wsgi import serve as run

    try:
        run(configured())
    except SettingsError as error:
        raise problems(error.problems) from None


@click.command()
def worker() -> None:
    """Deliver webhooks, ask rails about what stays pending, close what is over."""
    from paygate.settings import SettingsError
    from paygate.worker import work

    try:
        work(configured())
    except SettingsError as error:
        raise problems(error.problems) from None


@click.command()
@click.option("--port", default=8001, show_default=True, help="On 127.0.0.1.")
def sandbox(port: int) -> None:
    """Play the rails of the configured accounts over HTTP, for tests without a partner."""
    from paygate.bootstrap import emulators, line_to_rails
    from paygate.domain.clock import SystemClock
    from paygate.logs import configure_logs
    from paygate.sandbox import Messenger, create_sandbox, make_server

    config = configured()
    configure_logs()
    played = emulators(config, base_url=f"http://127.0.0.1:{port}")
    messenger = Messenger(line_to_rails)
    try:
        make_server(create_sandbox(played, messenger, clock=SystemClock()), port).serve_forever()
    except KeyboardInterrupt:
        messenger.close()


@click.command()
@click.option("--port", default=DEMO_PORT, show_default=True, help="The gateway's.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Folder of its database and keys.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON line when all is up.")
def demo(*, port: int, data: Path, as_json: bool) -> None:
    """Run gateway, worker, sandbox and a small portal on this machine, with data to look at."""
    from paygate.demo.run import run_demo

    sys.exit(run_demo(port=port, data=data, as_json=as_json))
