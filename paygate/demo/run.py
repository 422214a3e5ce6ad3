"""Start the parts of the demo as processes of their own, wait until all answer, end them all."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType

import click

from paygate.demo.addresses import HOST, RAILS, Addresses
from paygate.demo.prepare import BENEFICIARY, Credentials, prepare
from paygate.demo.staff import DemoStaff
from paygate.settings import PATH_VARIABLE, SettingsError

PARTS = ("sandbox", "gateway", "worker", "portal")
UP_S_MAX = 60
STOP_S_MAX = 10
LOOK_S = 0.1


def run_demo(*, port: int, data: Path, as_json: bool) -> int:
    """Run until interrupted, and return the exit code: 0 only if nothing ended by itself."""
    addresses = Addresses(port)
    _refuse_moved(data, port)
    _refuse_taken(addresses)
    os.environ[PATH_VARIABLE] = str((data / "paygate.toml").resolve())
    try:
        _, credentials, people = prepare(data, addresses)
    except SettingsError as error:
        raise click.ClickException("\n".join(error.problems)) from None
    signal.signal(signal.SIGTERM, _interrupt)
    with _parts(port, data) as running:
        try:
            _wait_until_up(addresses, running)
            click.echo(_greeting(addresses, credentials, people, as_json=as_json))
            while all(part.poll() is None for part in running.values()):
                time.sleep(LOOK_S)
        except KeyboardInterrupt:
            return 0
        ended = [name for name, part in running.items() if part.poll() is not None]
        click.echo(f"ended by itself: {', '.join(ended)}", err=True)
        return 1


def _refuse_taken(addresses: Addresses) -> None:
    """End the command if somebody listens already: his answers would be taken for ours."""
    for port in addresses.ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                what = f"port {port} is taken: end what listens there, or take others with --port"
                raise click.ClickException(f"{what} (make run PORT=8100)") from None


def _refuse_moved(data: Path, port: int) -> None:
    """End the command if *data* was made for another port: its portal is registered there."""
    try:
        kept = tomllib.loads((data / "paygate.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    before = int(kept["gateway"]["listen"].rpartition(":")[2])
    if before != port:
        what = f"{data} was made for port {before}: run it there (make run PORT={before})"
        raise click.ClickException(f"{what}, or take another folder with --data, or remove it")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _parts(port: int, data: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Start the parts, their logs beside the database; end them when the block ends."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in PARTS:
            with (data / f"{name}.log").open("ab") as log:
                command = [sys.executable, "-m", "paygate.demo.part", name, str(port), str(data)]
                running[name] = subprocess.Popen(  # noqa: S603  # our own module
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
                )
        yield running
    finally:
        for part in running.values():
            part.terminate()
        for part in running.values():
            _end(part)


def _end(part: subprocess.Popen[bytes]) -> None:
    try:
        part.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        part.kill()
        part.wait()


def _wait_until_up(addresses: Addresses, running: dict[str, subprocess.Popen[bytes]]) -> None:
    patience_ends = time.monotonic() + UP_S_MAX
    pages = (
        f"{addresses.gateway}/readyz",
        *(f"{addresses.emulator(account)}/" for account in RAILS),
        f"{addresses.portal}/",
    )
    for page in pages:
        while not _answers(page):
            ended = [name for name, part in running.items() if part.poll() is not None]
            if ended or time.monotonic() > patience_ends:
                what = f"{', '.join(ended)} ended" if ended else f"{page} does not answer"
                raise click.ClickException(f"{what}; see the logs in the data folder")
            time.sleep(LOOK_S)


def _answers(page: str) -> bool:
    try:
        with urllib.request.urlopen(page, timeout=5):  # noqa: S310  # our own loopback address
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500  # noqa: PLR2004  # it answers, be it that there is nothing here
    except OSError:
        return False


def _greeting(
    addresses: Addresses,
    credentials: Credentials,
    people: tuple[DemoStaff, ...],
    *,
    as_json: bool,
) -> str:
    desk = f"{addresses.gateway}/desk"
    if as_json:
        return json.dumps(
            {
                "gateway": addresses.gateway,
                "sandbox": addresses.sandbox,
                "portal": addresses.portal,
                "api_key": credentials.api_key,
                "beneficiary": BENEFICIARY,
                "webhook_secret": credentials.webhook_secret,
                "desk": {"url": desk, "staff": [asdict(each) for each in people]},
                "accounts": [
                    {"code": code, "rail": code, "callback_url": addresses.callback(code)}
                    for code in RAILS
                ],
            }
        )
    logins = "".join(
        f"    {each.email:<22}{each.password:<30}{each.totp_secret}\n" for each in people
    )
    return (
        f"\n  Open the portal:  {addresses.portal}/\n"
        f"  Open the desk:    {desk}\n\n"
        f"  staff: address, password, secret for an authenticator application\n{logins}\n"
        f"  gateway {addresses.gateway}   sandbox {addresses.sandbox}\n"
        f"  API key {credentials.api_key}\n\n"
        "  File a dossier, pay it with VNPT Money or VNPAY, and see it come back paid.\n"
        "  Ctrl-C ends everything."
    )
