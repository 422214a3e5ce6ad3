"""Figures reach the document by the run alone, and never without what the run was."""

from pathlib import Path

import pytest

from bench.publish import put_into, table

RUN = {"commit": "abc1234", "at": "2026-09-28T09:00:00+00:00", "cores": 2, "load_before": 0.1}


def test_the_document_has_one_block_for_figures():
    assert put_into(Path("docs/performance.md").read_text(), "| 1 |").count("| 1 |") == 1


@pytest.mark.parametrize("document", ["", "<!-- bench -->", "<!-- bench --><!-- /bench -->" * 2])
def test_a_document_without_exactly_one_block_is_refused(document):
    with pytest.raises(ValueError, match="one block"):
        put_into(document, "x")


def test_only_the_block_changes():
    filled = put_into("a\n<!-- bench -->\nold\n<!-- /bench -->\nb", "new")
    assert filled == "a\n<!-- bench -->\nnew\n<!-- /bench -->\nb"
    assert put_into(filled, "new") == filled


@pytest.mark.parametrize("quick", [True, False])
def test_a_quick_run_is_said_to_be_one(quick):
    assert ("a look, not a result" in table(RUN | {"quick": quick})) is quick


def test_a_least_served_writer_is_the_least_of_them():
    writers = {"rate": 494.2, "p99_ms": 15.2, "shares": [1.02, 0.91, 1.07]}
    found = RUN | {"quick": False, "sqlite": {"writers": writers, "served": {"rate": 400.0}}}
    assert "| SQLite: least served writer, of the mean | 0.91 | 0.50 |" in table(found)
