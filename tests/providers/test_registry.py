"""The one module that names rails."""

import json
from pathlib import Path

import pytest

from providers import registry
from providers.contract import EmulatorPlace, HttpReply

PLACE = EmulatorPlace(base_url="https://w", callback_url="https://g/c", return_url="https://g/r")
FOLDERS = {path.parent.name for path in Path(registry.__file__).parent.glob("*/rail.py")}


def test_every_folder_with_a_rail_is_registered():
    assert set(registry.RAILS) == FOLDERS != set()


@pytest.mark.parametrize("code", sorted(registry.RAILS))
def test_a_rail_is_found_by_its_own_code(code):
    rail = registry.find(code)

    values = rail.rehearse().values

    assert rail.info.code == code
    assert registry.build(code, values).info == rail.info
    assert not registry.emulate(code, values, PLACE).acknowledged(HttpReply(200, {}, b""))


def test_an_unknown_rail_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"^rail: .*vnptpay"):
        registry.find("nobody")


@pytest.mark.parametrize("code", sorted(registry.RAILS))
def test_every_setting_says_what_it_means_and_stands_in_the_documentation(code):
    page = Path(registry.__file__).parents[1] / "docs" / "rails" / f"{code}.md"
    text = page.read_text(encoding="utf-8")

    for setting in registry.find(code).info.settings:
        assert setting.meaning
        assert f"`{setting.name}`" in text


def test_vectors_name_their_rail():
    for path in (Path(__file__).parents[1] / "vectors").glob("*.json"):
        assert {each["rail"] for each in json.loads(path.read_text("utf-8"))} == {path.stem}
