"""Read the rows of an operator's CSV, or say everything that is wrong with it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from paygate.domain.errors import ValueRefusedError
from paygate.domain.text import clean_text

ROWS_MAX = 100_000  # more than the country has agencies, and than it has fees


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that cannot be read, by its number in the file (the head is row 1)."""

    row: int
    column: str
    code: str


class FileUnreadableError(Exception):
    """Some rows cannot be read, and nothing was kept."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        # As people meet them from top to bottom; of one row in the order of its columns.
        self.findings = tuple(sorted(findings, key=lambda each: each.row))

    @property
    def lines(self) -> tuple[str, ...]:
        """Return each finding as an operator reads it: `row 7 valid_from: not_a_date`."""
        return tuple(f"row {each.row} {each.column}: {each.code}" for each in self.findings)


@dataclass(frozen=True, slots=True)
class CsvRow:
    """The cells of one row by the names of the head, stripped."""

    number: int
    cells: dict[str, str]

    def text(self, column: str, longest: int, findings: list[Finding]) -> str:
        """Return the cell as it may be kept; what is refused is added to *findings*."""
        try:
            return clean_text(column, self.cells.get(column, ""), longest)
        except ValueRefusedError as error:
            findings.append(Finding(self.number, column, error.code))
            return ""

    def maybe_text(self, column: str, longest: int, findings: list[Finding]) -> str | None:
        """Return the cell as `text` does, None where it is empty."""
        return self.text(column, longest, findings) if self.cells.get(column) else None

    def day(self, column: str, findings: list[Finding]) -> date | None:
        """Return the date of the cell, written as 2026-09-02; None where it is empty."""
        try:
            text = self.cells.get(column, "")
            return date.fromisoformat(text) if text else None
        except ValueError:
            findings.append(Finding(self.number, column, "not_a_date"))
            return None


def csv_rows(
    content: bytes,
    *,
    columns: tuple[str, ...],
    needed: tuple[str, ...],
    findings: list[Finding],
) -> list[CsvRow]:
    """Return the rows of a CSV in UTF-8; rows of the wrong length are added to *findings*.

    Raises:
        FileUnreadableError: no such CSV, or a head that is not of *columns* with all of *needed*.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadableError([Finding(0, "", "not_utf8")]) from None
    lines = _lines(text)
    head = lines[0] if lines else []
    wrong = _head_findings(head, columns, needed)
    if wrong:
        raise FileUnreadableError(wrong)
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if not cells:  # an empty line, which still counts as a row where people look
            continue
        if len(cells) != len(head):
            findings.append(Finding(number, "", "wrong_number_of_columns"))
            continue
        given = {name: cell.strip() for name, cell in zip(head, cells, strict=True)}
        rows.append(CsvRow(number, given))
    return rows


def _lines(text: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[list[str]] = []
    try:
        for cells in reader:
            if len(lines) > ROWS_MAX:
                raise FileUnreadableError([Finding(len(lines) + 1, "", "too_many_rows")])
            lines.append(cells)
    except csv.Error:
        raise FileUnreadableError([Finding(len(lines) + 1, "", "not_csv")]) from None
    return lines


def _head_findings(
    head: list[str], columns: tuple[str, ...], needed: tuple[str, ...]
) -> list[Finding]:
    wrong = [(each, "column_unknown") for each in head if each not in columns]
    wrong += [(each, "column_missing") for each in needed if each not in head]
    wrong += [(each, "column_repeated") for each in columns if head.count(each) > 1]
    return [Finding(1, name, code) for name, code in wrong]
