"""The locks hold names, versions and hashes, and no address of any kind (ECOSYSTEM 12)."""

import re
from pathlib import Path

import pytest

LOCKS = sorted(Path("requirements").glob("*.txt"))


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_a_lock_names_no_index_and_pins_with_hashes(path):
    text = path.read_text()
    pins = re.findall(r"^([a-z0-9._\[\]-]+)==", text, re.MULTILINE)

    assert "://" not in text
    assert "--index" not in text
    assert len(pins) > 10
    assert text.count("--hash=sha256:") >= len(pins)


def test_there_are_the_three_locks():
    assert [path.name for path in LOCKS] == ["browser.txt", "dev.txt", "runtime.txt"]
