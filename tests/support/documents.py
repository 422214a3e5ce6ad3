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
