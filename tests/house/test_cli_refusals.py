"""Every refusal that an imported file can meet has its sentence, in both languages."""

import re
from pathlib import Path

import pytest

from paygate.cli.refusals import findings, sentence
from paygate.services.csv_rows import Finding

LITERAL = re.compile(r'Finding\([^()]*?(?:\([^()]*\)[^()]*?)?"([a-z0-9_]+)"\)')
MADE = {"column_unknown", "column_missing", "column_repeated", "parent_unknown", "overlaps_row_7"}
TEXT = "".join(path.read_text() for path in Path("paygate/services").glob("*.py"))
CODES = sorted({*LITERAL.findall(TEXT), *MADE})


def test_the_codes_are_found():
    assert {"not_a_date", "kind_unknown", "too_many_rows", "cap_without_unit"} <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_finding_is_a_sentence_in_the_language_of_the_terminal(code, monkeypatch):
    said = []
    for language in ("C.UTF-8", "vi_VN.UTF-8"):
        monkeypatch.setenv("LC_ALL", language)
        said.append(sentence(code))

    assert len(set(said)) == 2
    assert all(each.endswith(f". ({code})") for each in said)


def test_a_finding_names_its_row_and_its_column(monkeypatch):
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")

    assert findings([Finding(7, "valid_from", "not_a_date"), Finding(0, "", "not_utf8")]) == (
        "dòng 7, valid_from: Đây không phải ngày, ví dụ 2026-09-02. (not_a_date)",
        "dòng 0: Tệp không phải văn bản UTF-8. (not_utf8)",
    )
