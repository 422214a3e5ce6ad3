from __future__ import annotations

import subprocess
import sys

import pytest

from paygate.domain.errors import PaygateError
from paygate.domain.invariants import InvariantError, invariant


def test_what_holds_passes():
    invariant(condition=True, text="never seen")


def test_what_must_never_happen_stops_the_act():
    with pytest.raises(InvariantError, match="an entry sums to 0"):
        invariant(condition=False, text="an entry sums to 0")


def test_a_broken_invariant_is_never_a_refusal():
    assert not issubclass(InvariantError, PaygateError)


def test_invariants_hold_when_assertions_are_off():
    program = "from paygate.domain.invariants import invariant; invariant(False, 'stop')"

    ended = subprocess.run([sys.executable, "-O", "-c", program], capture_output=True, check=False)  # noqa: S603  # our own interpreter, a fixed program
    assert ended.returncode == 1
    assert b"InvariantError: stop" in ended.stderr
