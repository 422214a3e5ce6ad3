"""What documents name is there: commands, options, targets, files, tests, links, decisions."""

import re
import shlex
from pathlib import Path

import click
import pytest

from paygate.cli import main
from tests.support.documents import DOCUMENTS, commands, prose, spans

ADR = Path("docs/adr")
WIDTH_MAX = 110  # characters of a line of prose
COMMAND = re.compile(r"(?:\.venv/bin/)?paygate ")
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED_PATH = re.compile(r"(?:paygate|providers|webhooks|tests|docs|bench|requirements)/[\w./-]+")
MAKEFILE = Path("Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def command_of(words):
    """Return the command that *words* name and the words that are left; None if there is none."""
    found: click.Command = main
    while isinstance(found, click.Group) and words and not words[0].startswith(("-", "[", "…")):
        names = words[0].split("|")
        if not all(name in found.commands for name in names):
            return None, words
        found, words = found.commands[names[0]], words[1:]
    return found, words


def named_commands(document):
    for text in (*spans(document), *commands(document)):
        if COMMAND.match(text):
            yield text
        elif len(text.split()) > 1 and text.split()[0] in main.commands:
            yield f"paygate {text}"


def unknown_of(text):
    """Return what `paygate … --help` would not know of the command in *text*."""
    plain = re.sub(r"[\[\]…\\]", " ", text)
    words = shlex.split(plain, comments=True)[1:]
    found, left = command_of(words)
    if found is None:
        return [left[0]]
    options = {name for each in found.params for name in each.opts} | {"--help", "--version"}
    wanted = {word.partition("=")[0] for word in left if word.startswith("--")}
    return sorted(wanted - options)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_command_and_option_that_a_document_names_is_known(document):
    assert {text: unknown_of(text) for text in named_commands(document) if unknown_of(text)} == {}


def test_a_command_or_an_option_that_is_not_there_is_found():
    assert unknown_of("paygate portal rotate-key CODE --overlap 3") == []
    assert unknown_of("paygate db check|backup") == []
    assert unknown_of("paygate portal rotate-kee CODE") == ["rotate-kee"]
    assert unknown_of("paygate db check|bakup") == ["check|bakup"]
    assert unknown_of("paygate smoke --acount x") == ["--acount"]
    assert sum(len([*named_commands(each)]) for each in DOCUMENTS) > 60


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_target_of_make_that_a_document_names_is_there(document):
    named = {
        text.split()[1]
        for text in (*spans(document), *commands(document))
        if text.startswith("make ") and len(text.split()) == 2
    }

    assert named <= TARGETS


def test_every_target_of_make_is_told_to_contributors():
    assert {target for target in TARGETS if f"`make {target}`" not in _contributing()} == {
        "install"  # stands in its block
    }


def _contributing():
    return Path("CONTRIBUTING.md").read_text(encoding="utf-8")


def anchors(document):
    """Return what a link may name behind `#`, as hosts of repositories make it."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document):
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = document.parent / path if path else document
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_file_that_a_document_names_is_there(document):
    named = {text for text in spans(document) if NAMED_PATH.fullmatch(text)}

    assert {path for path in named if not Path(path).exists()} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_test_that_a_document_names_is_there(document):
    named = {text for text in spans(document) if re.fullmatch(r"test_\w+", text)}
    code = "".join(each.read_text(encoding="utf-8") for each in Path("tests").rglob("test_*.py"))

    assert {name for name in named if f"def {name}(" not in code} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_prose_is_wrapped(document):
    assert [number for number, line in prose(document) if _width(line) > WIDTH_MAX] == []


def _width(line):
    """Count without the address of a link that stands alone on its line: it cannot be wrapped."""
    return len(LINK.sub("]", line))


def test_every_decision_is_listed_by_its_own_title():
    text = (ADR / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[(\d{4})\]\((\S+)\) (.+)$", text, re.MULTILINE)
    files = sorted(each.name for each in ADR.glob("0*.md"))

    assert [name for _, name, _ in listed] == files
    for number, name, title in listed:
        heading = (ADR / name).read_text(encoding="utf-8").partition("\n")[0]
        assert heading == f"# {number}. {title}"


@pytest.mark.parametrize("path", sorted(ADR.glob("0*.md")), ids=lambda path: path.stem)
def test_every_decision_has_its_four_parts(path):
    parts = re.findall(r"^## (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert parts == ["Context", "Decision", "Status", "Consequences"]
