"""Read the documents as their readers do: commands, blocks, links and names."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
DOCUMENTS = tuple(
    sorted(
        {
            *Path().glob("*.md"),
            *Path("docs").rglob("*.md"),
            Path("providers/README.md"),
        }
    )
)
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
"""What the documents say and no test runs word for word, each with its reason."""


def blocks(document: Path, language: str) -> Iterator[str]:
    """Yield the text of each block of that *language*, in the document's order."""
    for _, found, text in _BLOCK.findall(document.read_text(encoding="utf-8")):
        if found == language:
            yield textwrap.dedent(text)


def commands(document: Path) -> Iterator[str]:
    """Yield each command of the document's `sh` blocks: continued and quoted lines are one."""
    for block in blocks(document, "sh"):
        pending = ""
        for line in block.splitlines():
            if line.endswith("\\"):
                pending += line.removesuffix("\\")
                continue
            pending += line
            if not _is_whole(pending):
                pending += "\n"
                continue
            if pending.strip():
                yield pending
            pending = ""
        if pending:
            raise ValueError(f"{document}: a command has no end: {pending}")


def spans(document: Path) -> Iterator[str]:
    """Yield what stands between backticks outside of blocks, each as one line."""
    prose = _FENCED.sub("", document.read_text(encoding="utf-8"))
    for found in _SPAN.findall(prose):
        yield " ".join(found.split())


def prose(document: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line that is neither a table's nor a block's nor a heading."""
    fenced = False
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith(("|", "#", "    ")):
            yield number, line


def _is_whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:  # a quotation that the next line closes
        return False
    return True
