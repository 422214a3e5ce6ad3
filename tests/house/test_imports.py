"""What a web worker does not carry about (R15): reports and the scheduler are other programs."""

import subprocess
import sys

import pytest

LOADED = "import sys, paygate.wsgi; print(*sys.modules)"


@pytest.fixture(scope="module")
def loaded():
    told = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    return set(told.stdout.split())


def test_the_web_worker_loads_the_gateway(loaded):
    assert {"flask", "gunicorn", "paygate.bootstrap"} <= loaded


@pytest.mark.parametrize("name", ["pandas", "apscheduler", "numpy"])
def test_the_web_worker_never_loads(loaded, name):
    assert name not in loaded
