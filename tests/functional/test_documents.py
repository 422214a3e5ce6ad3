"""Every command in a block of a document is run as it is written, or says here why it is not."""

from pathlib import Path

import pytest

from tests.support.documents import CANNOT, DOCUMENTS, blocks, commands
from tests.support.scratch import Scratch

pytestmark = [
    pytest.mark.functional,
    pytest.mark.loopback,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.timeout(300),  # some forty processes, one after the other
]
OPERATOR = Path("docs/operator.md")
RAILS = (Path("docs/rails/vnpay.md"), Path("docs/rails/vnptpay.md"))
ELSEWHERE = {
    Path("README.md"): "make readme",
    Path("docs/portal.md"): "tests/functional/test_guide.py",
}


def runnable(document):
    return [command for command in commands(document) if command not in CANNOT]


def run_all(scratch, document):
    """Run what can be run of *document* in its order, and return what each printed."""
    return {command: scratch.run(command) for command in runnable(document)}


@pytest.fixture
def scratch(tmp_path):
    """A folder in which the operator's configuration stands, with what the guide says it needs."""
    (config,) = blocks(OPERATOR, "toml")
    (agencies,) = blocks(OPERATOR, "csv")
    made = Scratch(tmp_path, config)
    (tmp_path / "agencies.csv").write_text(agencies, encoding="utf-8")
    yield made
    made.close()


def test_the_operators_guide_runs_as_it_is_written(scratch):
    printed = run_all(scratch, OPERATOR)

    assert len(printed) > 20
    assert "0 fail" in printed["paygate doctor"]
    assert "paid and booked" in printed["paygate smoke --account vnptpay-hd"]
    assert printed["paygate db check"].endswith("the book is whole\n")


@pytest.mark.parametrize("rail", RAILS, ids=lambda path: path.stem)
def test_the_page_of_a_rail_shows_an_account_that_pays(tmp_path, rail):
    (whole,) = blocks(OPERATOR, "toml")
    (account,) = blocks(rail, "toml")
    scratch = Scratch(tmp_path, f"{whole.partition('[[account]]')[0]}{account}")
    for command in list(runnable(OPERATOR))[:3]:  # the keys
        scratch.run(command)

    printed = run_all(scratch, rail)

    assert any("paid and booked" in each for each in printed.values())
    assert any("cases passed" in each for each in printed.values())


@pytest.mark.parametrize(
    "document",
    [each for each in DOCUMENTS if each not in {OPERATOR, *RAILS, *ELSEWHERE} and runnable(each)],
    ids=str,
)
def test_the_commands_of_the_other_documents_run(scratch, document):
    printed = run_all(scratch, document)

    assert all(printed.values())


def test_a_command_that_fails_is_not_passed_over(scratch):
    with pytest.raises(RuntimeError, match="ended with 2"):
        scratch.run("paygate doctor --thorough")
    with pytest.raises(RuntimeError, match="ended with 1"):
        scratch.run("false | cat")


@pytest.mark.parametrize("command", CANNOT)
def test_what_is_excused_stands_in_a_document_and_has_its_reason(command):
    assert any(command in commands(document) for document in DOCUMENTS)
    assert len(CANNOT[command]) > 10  # the summary of the tests tells it
