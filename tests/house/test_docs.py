"""What the code offers is documented: settings, commands, refusals, notices (STYLE 7.4)."""

import re
from pathlib import Path

import click
import pytest

from paygate import settings
from paygate.cli import main
from paygate.domain import errors
from paygate.domain.notice import Notice
from paygate.http import problems, refusals

OPERATOR = Path("docs/operator.md").read_text()
PORTAL = Path("docs/portal.md").read_text()


@pytest.mark.parametrize("part", [settings._Gateway, settings._Limits, settings._Account])
def test_every_setting_is_documented(part):
    for name in part.model_fields:
        assert f"`{name}`" in OPERATOR


def commands(group=main, before="paygate"):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}"


def test_every_command_is_documented():
    for command in commands():
        assert f"`{command}" in OPERATOR, command


def test_every_notice_is_documented():
    for notice in Notice:
        assert f"`{notice}`" in PORTAL


def test_every_problem_is_documented_and_has_its_texts():
    codes = {code for _, code in problems.DOOR_STATUSES.values()} | set(
        problems.HTTP_CODES.values()
    )
    codes |= {error.code for error in set(problems.STATUSES) - {errors.ValueRefusedError}}
    # Pages alone say these: portals never meet them.
    codes -= {"order_not_payable", "method_not_offered"}
    for code in codes:
        assert f"`{code}`" in PORTAL, code
        assert all(refusals.texts(code))


def test_every_refusal_of_a_value_has_its_texts():
    raised = re.compile(r'ValueRefusedError\(f?"([a-z_{}]+)"')
    found = {
        code
        for root in ("paygate/domain", "paygate/services", "webhooks")
        for path in Path(root).rglob("*.py")
        for code in raised.findall(path.read_text())
    }
    assert len(found) > 10
    for code in found:
        english, vietnamese = refusals.texts(code.replace("{field}", "field"))
        assert english != vietnamese


def test_every_refusal_has_a_status():
    kinds = set(errors.PaygateError.__subclasses__()) - {
        problems.FieldsRefusedError,
        problems.IdempotencyKeyMissingError,
        problems.VersionMissingError,
        problems.WrongContentTypeError,
        errors.IllegalTransitionError,  # a fault of ours: 500
    }
    assert kinds <= set(problems.STATUSES)


def test_no_document_names_what_is_not_there():
    for text in (OPERATOR, PORTAL, Path("README.md").read_text()):
        for target in re.findall(r"\]\(((?:docs|providers|paygate)/[^)#]+)\)", text):
            assert Path(target).exists(), target


def test_every_address_of_a_database_that_the_guide_names_is_one():
    named = re.findall(r"[\"`]((?:sqlite|postgres)[\w+]*:///?[^\"`]+)[\"`]", OPERATOR)

    assert len(named) > 3
    assert [each for each in named if not settings._is_database(each)] == []
