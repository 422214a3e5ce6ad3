"""A guard that `make prove` removes stands where it is said to, or nothing would be proved."""

from pathlib import Path

import pytest

from tests.support.guards import GUARDS


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_where_it_is_said_to(guard):
    assert Path(guard.path).read_text(encoding="utf-8").count(guard.says) == 1
    assert Path(guard.noticed_by).exists()
