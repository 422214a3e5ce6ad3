from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.dossier import DossierCode
from paygate.domain.errors import ValueRefusedError
from tests.support.strategies import dossier_codes

TODAY = date(2026, 12, 31)
DECK = "000.30.27.H23-220928-0001"


def refusal(text, today=TODAY):
    with pytest.raises(ValueRefusedError) as caught:
        DossierCode.parse(text, today)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "level_one", "received", "sequence", "canonical"),
    [
        (DECK, "H23", date(2022, 9, 28), "0001", "0003027H232209280001"),
        ("000.30.27.H23-200524-0003", "H23", date(2020, 5, 24), "0003", "0003027H232005240003"),
        ("000.00.06.H56-231027-0361", "H56", date(2023, 10, 27), "0361", "0000006H562310270361"),
        ("G01.837.000.000-230611-0035", "G01", date(2023, 6, 11), "0035", "G018370000002306110035"),
        ("H56.14-240823-0001", "H56", date(2024, 8, 23), "0001", "H56142408230001"),
        ("H23.27.30-250101-0001", "H23", date(2025, 1, 1), "0001", "H2327302501010001"),
        ("G12-250101-123456", "G12", date(2025, 1, 1), "123456", "G12250101123456"),
    ],
)
def test_codes_of_both_grammars_are_taken_apart(text, level_one, received, sequence, canonical):
    code = DossierCode.parse(text, TODAY)

    assert str(code) == code.text == text
    assert code.level_one == level_one
    assert code.received == received
    assert code.sequence == sequence
    assert code.canonical == canonical


@pytest.mark.parametrize(
    "typed",
    [
        "000.30.27.h23-220928-0001",
        "\u00a0000.30.27.H23-220928-0001\u00a0",
        "\u200b\ufeff000.30.27.H23-220928-0001 \u2060\u200d\u200c",
        " \t000.30.27.H23-220928-0001\n",
        "000.30.27.H23\u2013220928\u20130001",
        "000.30.27.H23\u2014220928-0001",
    ],
)
def test_what_typing_and_word_processors_add_is_taken_off(typed):
    assert DossierCode.parse(typed, TODAY) == DossierCode(DECK)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "dossier_code_malformed"),
        ("G12.12", "dossier_code_malformed"),
        ("000.30.27.H23-22928-0001", "dossier_code_malformed"),
        ("000.30.27.H23-220928-01", "dossier_code_malformed"),
        ("000.30.27.H23-220928-1234567", "dossier_code_malformed"),
        ("00.30.27.H23-220928-0001", "dossier_code_malformed"),
        ("000.30.27.23H-220928-0001", "dossier_code_malformed"),
        ("H23.1-250101-0001", "dossier_code_malformed"),
        ("H23.1234-250101-0001", "dossier_code_malformed"),
        ("H23.11.22.33.44.55-250101-0001", "dossier_code_malformed"),
        ("000.30.27.H23_220928_0001", "dossier_code_malformed"),
        (f"{DECK}-0001", "dossier_code_malformed"),
        (f"{DECK}'", "dossier_code_malformed"),
        (f"{DECK}\x00", "dossier_code_malformed"),
        (" " * 10_000 + DECK, "dossier_code_malformed"),
        ("000.30.27.H23-220931-0001", "dossier_code_date"),
        ("000.30.27.H23-230229-0001", "dossier_code_date"),
        ("000.30.27.H23-221301-0001", "dossier_code_date"),
        ("000.30.27.H23-220900-0001", "dossier_code_date"),
        ("000.30.27.H23 -220928-0001", "dossier_code_inner_space"),
        ("000.30.27.H23-220928\u00a0-0001", "dossier_code_inner_space"),
        ("000.30.27.H23-220928-\n0001", "dossier_code_inner_space"),
        ("000.30.27.H23\u2009-220928-0001", "dossier_code_inner_space"),
        ("000.30.27.\u041d23-220928-0001", "dossier_code_lookalike"),  # Cyrillic En
        ("000.30.27.\u039723-220928-0001", "dossier_code_lookalike"),  # Greek Eta
        ("\uff10\uff10\uff10.30.27.H23-220928-0001", "dossier_code_lookalike"),  # full width
        ("000.30.27.H23-220928-000\u0661", "dossier_code_lookalike"),  # Arabic-Indic one
        ("000.30.27.\u017f23-220928-0001", "dossier_code_lookalike"),  # long s
        ("000.30.27.\u013123-220928-0001", "dossier_code_lookalike"),  # dotless i
        ("000.30.27.H23\u2212220928-0001", "dossier_code_lookalike"),  # minus sign
        ("000.30.27.H23-\u200b220928-0001", "dossier_code_lookalike"),  # zero width within
        ("000.30.27.H23-171231-0001", "dossier_code_too_old"),
        ("000.30.27.H23-991231-0001", "dossier_code_future"),
    ],
)
def test_what_must_not_be_guessed_is_refused_with_its_reason(typed, code):
    assert refusal(typed) == code


def test_the_first_day_counts():
    assert DossierCode.parse("000.30.27.H23-180101-0001", TODAY).received == date(2018, 1, 1)


def test_a_portal_may_be_one_day_ahead_and_no_more():
    received = date(2022, 9, 28)

    assert DossierCode.parse(DECK, received - timedelta(days=1)).received == received
    assert refusal(DECK, received - timedelta(days=2)) == "dossier_code_future"


def test_a_code_cannot_be_made_ill_formed():
    for text in ("000.30.27.h23-220928-0001", f"{DECK}\n", "000.30.27.H23-220931-0001"):
        with pytest.raises(ValueRefusedError):
            DossierCode(text)


@given(dossier_codes())
def test_a_code_is_read_as_it_is_printed(text):
    code = DossierCode.parse(text, TODAY)

    assert str(code) == text
    assert DossierCode.parse(text.lower(), TODAY) == code
    assert DossierCode(text) == code


@given(dossier_codes(), st.sampled_from(["", " ", "-", "/"]))
def test_the_canonical_form_survives_lost_punctuation(text, mark):
    memo = text.replace(".", mark).replace("-", mark)

    kept = "".join(each for each in memo if each.isalnum())
    assert DossierCode.parse(text, TODAY).canonical == kept


def test_the_canonical_form_is_not_unique():
    one, other = DossierCode("H23.123.45-250101-0001"), DossierCode("H23.12.345-250101-0001")

    assert one != other
    assert one.canonical == other.canonical


@given(st.text() | dossier_codes().flatmap(lambda text: st.text().map(lambda more: text + more)))
def test_any_text_is_a_code_or_a_refusal(text):
    try:
        code = DossierCode.parse(text, TODAY)
    except ValueRefusedError:
        return

    assert code.text.isascii()
    assert len(code.text) <= 50
