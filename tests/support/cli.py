"""The command line as an operator has it: a folder with a configuration, and `paygate …`."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from paygate.cli import main

TOML = """
[gateway]
base_url = "https://pay.example.vn"
database_url = "sqlite:///{folder}/var/paygate.db"
support_phone = "1900 1234"
index_key = "env:TEST_INDEX"
[[gateway.master_keys]]
kid = "k1"
key = "env:TEST_MASTER"
"""


def a_folder(path: Path, monkeypatch: pytest.MonkeyPatch, *, more: str = "") -> Path:
    """Write a configuration with its keys, as an operator would; *more* stands at its end."""
    for number, name in enumerate(("MASTER", "INDEX")):
        key = bytes(range(32 * number, 32 * (number + 1)))
        monkeypatch.setenv(f"TEST_{name}", base64.b64encode(key).decode())
    (path / "paygate.toml").write_text(TOML.format(folder=path) + more)
    monkeypatch.setenv("PAYGATE_CONFIG", str(path / "paygate.toml"))
    monkeypatch.delenv("PAYGATE_SESSION", raising=False)
    return path


def run(*arguments: str, code: int = 0, stdin: str | None = None) -> str:
    """Run `paygate …`, and return what it printed: its result, or why there is none."""
    result = CliRunner().invoke(main, arguments, input=stdin)
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert "Traceback" not in result.output
    return result.stdout if code == 0 else result.output


def told(*arguments: str, code: int = 0, stdin: str | None = None) -> Any:
    """Run `paygate … --json`, and return the one line that it says."""
    (line,) = run(*arguments, "--json", code=code, stdin=stdin).splitlines()
    return json.loads(line)


def doctor_says(name: str) -> tuple[str, str, Any]:
    """Return the verdict of `paygate doctor` on *name*, what it says, and what to do."""
    result = CliRunner().invoke(main, ["doctor", "--json"])  # it may fail for other reasons
    (found,) = [each for each in json.loads(result.stdout)["checks"] if each["name"] == name]
    return found["verdict"], found["says"], found["do"]
