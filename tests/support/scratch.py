"""A folder in which the commands of a document run word for word, as its reader would run them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from paygate.cli import main
from tests.support.servers import free_port

HERE = Path.cwd()
NAMED_SECRET = re.compile(r'"env:(\w+)"')
COMMAND_S_MAX = 120
UP_S_MAX = 60
END_S_MAX = 20
ENDLESS = ("paygate serve", "paygate worker")  # started, awaited, and ended after the last command


# What this process may have been told; None takes a variable away.
_NO_SETTINGS = {name: None for name in os.environ if "PAYGATE" in name}


class Scratch:
    """The folder, its processes and its port; `close` ends what runs."""

    def __init__(self, folder: Path, config: str) -> None:
        self.folder = folder
        self.port = free_port()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "paygate.toml").write_text(config, encoding="utf-8")
        (folder / ".venv").symlink_to(Path(sys.prefix))
        examples = HERE / "docs" / "examples"
        shutil.copy(examples / "calendar-2026.csv", folder / "calendar-2026.csv")
        shutil.copy(examples / "fee-rules.csv", folder / "rules.csv")
        ours = {name: value for name, value in os.environ.items() if "PAYGATE" not in name}
        self._environment = ours | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{ours['PATH']}",
            "PAYGATE_GATEWAY__LISTEN": f"127.0.0.1:{self.port}",
            # What the rails would have given.
            **dict.fromkeys(NAMED_SECRET.findall(config), "4f3a9c1d7e2b8056af41c39d"),
        }

    def run(self, command: str) -> str:
        """Run *command* in the folder; return what it printed, or raise with it."""
        if command in ENDLESS:
            self._start(command)
            return ""
        if command.startswith("paygate "):
            printed, code = self._run_here(command)
        else:
            printed, code = self._run_in_bash(command)
        if code != 0:
            raise RuntimeError(f"$ {command}\n{printed}ended with {code}")
        return printed

    def _run_here(self, command: str) -> tuple[str, int]:
        """Run `paygate …` in this process: starting one for each would take most of the time."""
        with contextlib.chdir(self.folder):
            words = shlex.split(command)[1:]
            ended = CliRunner().invoke(main, words, env={**_NO_SETTINGS, **self._environment})
        if not isinstance(ended.exception, SystemExit | None):
            raise ended.exception
        return ended.output, ended.exit_code

    def _run_in_bash(self, command: str) -> tuple[str, int]:
        ended = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", command],
            check=False,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_S_MAX,
        )
        return ended.stdout.decode(), ended.returncode

    def close(self) -> None:
        """End what runs, the last first."""
        for process in reversed(self._running.values()):
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(END_S_MAX)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start(self, command: str) -> None:
        log = self.folder / f"{command.replace(' ', '-')}.log"
        with log.open("wb") as written:
            self._running[command] = subprocess.Popen(
                command.split(),
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                start_new_session=True,
            )
        is_up = self._is_served if command == "paygate serve" else self._acts
        self._await(command, is_up, log)

    def _await(self, command: str, is_up: Callable[[], bool], log: Path) -> None:
        patience_ends = time.monotonic() + UP_S_MAX
        while not is_up():
            ended = self._running[command].poll() is not None
            if ended or time.monotonic() > patience_ends:
                raise RuntimeError(f"$ {command}\n{log.read_text()}not up")
            time.sleep(0.1)

    def _is_served(self) -> bool:
        return self._ready() is not None

    def _acts(self) -> bool:
        """Say whether a worker holds the lease, by the word of a gateway that serves."""
        ready = self._ready()
        return ready is not None and ready["worker_lease_late_s"] == 0

    def _ready(self) -> dict[str, object] | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            body = answer.read()
        except OSError:
            return None
        finally:
            connection.close()
        found: dict[str, object] = json.loads(body)
        return found if answer.status == http.client.OK else None
