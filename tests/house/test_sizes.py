"""No file over 400 lines, no function over 70 (STYLE 3.4)."""

import ast
from pathlib import Path

import pytest

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
ROOTS = ("paygate", "providers", "webhooks", "reconciliation", "reports")
SOURCES = sorted(
    path
    for root in ROOTS
    for path in Path(root).rglob("*.py")
    if "migrations" not in path.parts  # generated
)


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_the_file_fits(path):
    text = path.read_text()

    assert len(text.splitlines()) <= FILE_LINES_MAX
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES_MAX, f"{path}: {node.name} has {length} lines"


def test_there_is_something_to_measure():
    assert len(SOURCES) > 50
