from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.errors import ValueRefusedError
from paygate.domain.text import clean_text


def refusal(text, longest=20):
    with pytest.raises(ValueRefusedError) as caught:
        clean_text("note", text, longest)
    return caught.value.code


def test_text_is_kept_in_one_form():
    typed = unicodedata.normalize("NFD", "  Lệ   phí\u00a0hộ\u3000chiếu ")

    assert clean_text("note", typed, 20) == "Lệ phí hộ chiếu"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "note_empty"),
        (" \u00a0\u3000", "note_empty"),
        ("x" * 21, "note_too_long"),
        (" " * 3_000, "note_too_long"),
        ("a\tb", "note_control_character"),
        ("a\nb", "note_control_character"),
        ("a\x00b", "note_control_character"),
        ("a\x85b", "note_control_character"),
        ("a\u2028b", "note_control_character"),
        ("a\ud800b", "note_control_character"),
        ("a\ue000b", "note_control_character"),
        ("a\uffffb", "note_control_character"),
        ("a\u202eb", "note_control_character"),
        ("a\u200fb", "note_control_character"),
        ("a\u2066b", "note_control_character"),
    ],
)
def test_text_that_deceives_or_overflows_is_refused_with_its_reason(text, code):
    assert refusal(text) == code


def test_length_counts_what_is_kept():
    assert clean_text("note", f"  {'x' * 20}  ", 20) == "x" * 20


@given(st.text())
def test_clean_text_stays_as_it_is(text):
    try:
        clean = clean_text("note", text, 200)
    except ValueRefusedError:
        return

    assert clean_text("note", clean, 200) == clean
    assert clean == unicodedata.normalize("NFC", clean)
    assert clean.split() == clean.split(" ")
    assert clean.encode()
