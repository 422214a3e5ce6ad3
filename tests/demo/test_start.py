"""The demo does not start where its visitors would meet something else."""

import os
import socket

import pytest
from click.testing import CliRunner

from paygate.cli import main
from tests.support.servers import free_port

pytestmark = [pytest.mark.loopback, pytest.mark.allow_hosts(["127.0.0.1"])]


def start(folder, port):
    """Run `paygate demo`, which must refuse, and return what it printed."""
    before = dict(os.environ)
    result = CliRunner().invoke(main, ["demo", "--port", str(port), "--data", str(folder)])
    assert result.exit_code == 1
    assert dict(os.environ) == before
    return result.output


def three_free_ports():
    """Return the first of three neighbours that nobody uses now."""
    while True:
        first = free_port()
        try:
            for port in range(first, first + 3):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first


@pytest.mark.parametrize("beside", [0, 1, 2])
def test_a_port_that_is_taken_is_named_and_nothing_is_made(tmp_path, beside):
    first = three_free_ports()
    with socket.create_server(("127.0.0.1", first + beside)):
        printed = start(tmp_path / "demo", first)

    assert f"port {first + beside} is taken" in printed
    assert not (tmp_path / "demo").exists()


def test_a_folder_that_was_made_for_another_port_is_not_used(tmp_path):
    (tmp_path / "paygate.toml").write_text('[gateway]\nlisten = "127.0.0.1:1"\n')

    printed = start(tmp_path, free_port())

    assert "was made for port 1: run it there (make run PORT=1)" in printed
    assert [each.name for each in tmp_path.iterdir()] == ["paygate.toml"]
