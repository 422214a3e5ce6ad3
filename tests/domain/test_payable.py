"""Papers that are paid without a dossier: one form of their codes, and what of them is personal."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.errors import ValueRefusedError
from paygate.domain.payable import (
    FIELDS,
    PayableRef,
    PayableType,
    missing,
    payable_key,
    read_code,
    read_field,
)

FINE = PayableType.FINE_DECISION


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("123/QĐ-XPHC", "123/QĐ-XPHC"),
        (" 123/qđ-xphc ", "123/QĐ-XPHC"),
        ("123 / QĐ - XPHC", "123/QĐ-XPHC"),
        ("TB\u00a001/2026", "TB01/2026"),
        ("e\u0302", "Ê"),
        ("\u0390", "\u03aa\u0301"),  # its capital is written in two, and must stay one form
    ],
)
def test_a_code_is_kept_in_capitals_without_blanks(written, code):
    assert read_code(written) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "payable_code_empty"),
        ("x" * 101, "payable_code_too_long"),
        ("\u00df" * 51, "payable_code_too_long"),  # each becomes SS
        ("1\n2", "payable_code_control_character"),
        ("1\u202e2", "payable_code_control_character"),
        ("1\u200b2", "payable_code_control_character"),
    ],
)
def test_a_code_that_deceives_is_refused(written, code):
    with pytest.raises(ValueRefusedError) as raised:
        read_code(written)

    assert raised.value.code == code


@given(st.text(max_size=40))
def test_a_code_that_is_read_again_stays_as_it_is(text):
    try:
        code = read_code(text)
    except ValueRefusedError:
        return
    assert read_code(code) == code


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("bribe", "x", "payable_field_unknown"),
        ("notice_date", "2026-01-01", "payable_field_unknown"),
        ("decision_date", "01/02/2026", "payable_date_malformed"),
        ("decision_date", "2026-02-30", "payable_date_malformed"),
        ("decision_date", "2026-01-02", "payable_date_future"),
        ("authority_name", "", "field_empty"),
        ("authority_name", "x" * 501, "field_too_long"),
        ("violator_name", "A\x07", "field_control_character"),
    ],
)
def test_a_field_of_a_fine_is_read_or_refused(name, text, code):
    with pytest.raises(ValueRefusedError) as raised:
        read_field(FINE, name, text, date(2026, 1, 1))

    assert raised.value.code == code


def test_what_a_paper_lacks_is_told():
    assert missing(FINE, frozenset({"decision_date", "treasury"})) == (
        "authority_name",
        "violator_name",
    )
    assert missing(FINE, frozenset(FIELDS[FINE])) == ()


def test_personal_fields_are_apart_and_do_not_print():
    paper = PayableRef(
        type=FINE, code="1", fields={"authority_name": "CSGT", "violator_name": "Trần Văn A"}
    )

    assert paper.facts == {"authority_name": "CSGT"}
    assert paper.personal == {"violator_name": "Trần Văn A"}
    assert "Trần" not in repr(paper)


def test_the_name_of_a_person_is_personal_in_every_paper():
    for rules in FIELDS.values():
        for name, rule in rules.items():
            if name in {"violator_name", "taxpayer_name", "litigant_name", "tax_code"}:
                assert rule.personal, name


def test_papers_of_two_types_and_a_dossier_have_three_keys():
    kinds = (None, FINE, PayableType.TAX_NOTICE)

    assert len({payable_key(kind, "1") for kind in kinds}) == 3
