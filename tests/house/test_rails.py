"""The lists of rails in the linter's contracts are the folders of `providers/` (STYLE 7.4)."""

import re
import tomllib
from pathlib import Path

import pytest

from providers import registry
from providers.registry import RAILS

PROVIDERS = Path(registry.__file__).parent
FOLDERS = {path.parent.name for path in PROVIDERS.glob("*/rail.py")}
CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}
PACKAGES = {f"providers.{folder}" for folder in FOLDERS}
VERBS = ("adapter", "checkout", "callback", "query", "refund", "messages", "config")


def test_every_folder_is_a_rail_and_every_rail_a_folder():
    assert set(RAILS) == FOLDERS
    assert len(FOLDERS) > 1


def test_only_the_registry_names_a_rail_and_the_contract_knows_them_all():
    protected = CONTRACTS["Only the registry names a concrete rail"]["protected_modules"]

    assert set(protected) == PACKAGES


def test_rails_do_not_know_each_other_and_the_contract_knows_them_all():
    assert set(CONTRACTS["Rails do not know each other"]["modules"]) == PACKAGES


def test_an_emulator_may_not_import_any_verb_of_an_adapter():
    contract = CONTRACTS["An emulator signs and reads with code of its own"]
    forbidden = set(contract["forbidden_modules"])
    there = {
        verb for verb in VERBS for folder in FOLDERS if (PROVIDERS / folder / f"{verb}.py").exists()
    }

    assert {f"providers.*.{verb}" for verb in there} <= forbidden
    assert {"providers.signing", "providers.reading"} <= forbidden


@pytest.mark.parametrize("code", sorted(FOLDERS))
def test_every_rail_has_its_page_its_vectors_and_its_tests(code):
    assert Path(f"docs/rails/{code}.md").exists()
    assert Path(f"tests/vectors/{code}.json").exists()
    assert list(Path(f"tests/providers/{code}").glob("test_*.py"))


@pytest.mark.parametrize("code", sorted(FOLDERS))
def test_the_page_of_a_rail_tells_its_settings_and_no_others(code):
    page = Path(f"docs/rails/{code}.md").read_text(encoding="utf-8")
    table = page.partition("## Settings")[2].partition("## ")[0]

    told = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert told == [each.name for each in registry.find(code).info.settings]
