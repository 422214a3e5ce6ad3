"""Every command in a block of a document is run as it is written, or says here why it is not."""

from pathlib import Path

import pytest

from tests.support.documents import DOCUMENTS, blocks, commands
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
BENCH = "needs a PostgreSQL with pgbench, and minutes"
CANNOT = {
    "paygate login admin@haiduong.example": "asks a person, who opened the link in a browser",
    "paygate staff approve ID": "needs that login; tests/functional/test_cli_staff.py approves",
    "make install": "makes the .venv in which this test runs",
    ".venv/bin/python -m pytest tests/providers": "is a part of the tests itself",
    ".venv/bin/python -m tests.support.draw_states": "writes docs/states.md; "
    "tests/domain/test_states_page.py compares the two",
    "make bench": BENCH,
    ".venv/bin/python -m bench --json figures.json": BENCH,
    ".venv/bin/python -m bench.publish figures.json docs/performance.md": "needs figures.json; "
    "tests/house/test_performance.py publishes made-up ones",
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


@pytest.mark.parametrize(("command", "why"), CANNOT.items())
def test_what_cannot_be_run_stands_in_a_document(command, why):
    assert any(command in commands(document) for document in DOCUMENTS)
    pytest.skip(f"NOT RUN: {command}: {why}")
