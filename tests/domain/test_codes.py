from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.codes import ALPHABET, CodePrefix, check_character, make_code, read_code, spaced
from paygate.domain.errors import ValueRefusedError
from tests.support.strategies import payloads

prefixes = st.sampled_from(CodePrefix)


def multiplied(left, right):
    """Multiply in GF(32) by logarithms: a second way, to check the first."""
    powers, value = [], 1
    for _ in range(31):
        powers.append(value)
        value = value << 1 ^ (0b100101 if value & 16 else 0)
    if not left or not right:
        return 0
    return powers[(powers.index(left) + powers.index(right)) % 31]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("0000000", "PG00000000"),
        ("0000001", "PG0000001M"),
        ("1000000", "PG10000002"),
        ("7K3F9Q2", "PG7K3F9Q2W"),
        ("ABCDEFG", "PGABCDEFG1"),
        ("HJKMNPQ", "PGHJKMNPQ9"),
        ("ZZZZZZZ", "PGZZZZZZZC"),
        ("000000", "PG0000000"),
        ("7K3F9Q", "PG7K3F9QH"),
    ],
)
def test_codes_have_the_check_values_of_the_specification(payload, code):
    assert make_code(CodePrefix.ORDER, payload) == code


@given(payloads)
def test_the_check_character_is_the_weighted_sum(payload):
    check, weight = 0, 1
    for character in payload:
        weight = multiplied(weight, 2)
        check ^= multiplied(weight, ALPHABET.index(character))

    assert check_character(payload) == ALPHABET[check]


@given(prefixes, payloads)
def test_a_code_is_read_as_it_was_made(prefix, payload):
    code = make_code(prefix, payload)

    assert read_code(prefix, code) == code
    assert read_code(prefix, spaced(code)) == code
    assert read_code(prefix, f" {spaced(code).lower().replace('-', ' - ')} ") == code


@given(payloads)
def test_every_wrong_character_is_found(payload):
    code = make_code(CodePrefix.ORDER, payload)

    for place in range(2, len(code)):
        for wrong in ALPHABET.replace(code[place], ""):
            with pytest.raises(ValueRefusedError):
                read_code(CodePrefix.ORDER, f"{code[:place]}{wrong}{code[place + 1 :]}")


@given(payloads)
def test_every_swap_of_two_characters_is_found(payload):
    code = make_code(CodePrefix.ORDER, payload)

    for one, other in combinations(range(2, len(code)), 2):
        if code[one] != code[other]:
            swapped = list(code)
            swapped[one], swapped[other] = code[other], code[one]
            with pytest.raises(ValueRefusedError):
                read_code(CodePrefix.ORDER, "".join(swapped))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("pg-7k3f-9q2w", "PG7K3F9Q2W"),
        ("PG 7K3F 9Q2W\n", "PG7K3F9Q2W"),
        ("PG-OOOO-OOOO", "PG00000000"),
        ("pg-oooo-ooim", "PG0000001M"),
        ("PGLOOOOOO2", "PG10000002"),
    ],
)
def test_lookalikes_are_read_as_the_digits_they_are(typed, code):
    assert read_code(CodePrefix.ORDER, typed) == code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "PG",
        "7K3F9Q2W",
        "RF7K3F9Q2W",
        "PG7K3F9Q2",
        "PG7K3F9Q2WW",
        "PG7K3F9Q2M",
        "PGU000000U",
        "PG7K3F9Q2\u00e9",
        "PG\uff10\uff10\uff10\uff10\uff10\uff10\uff10\uff10",
        "PG0000\u0000000",
    ],
)
def test_what_is_no_code_is_refused_with_one_stable_code(typed):
    with pytest.raises(ValueRefusedError) as refusal:
        read_code(CodePrefix.ORDER, typed)

    assert refusal.value.code == "short_code_invalid"


@given(st.text())
def test_any_text_is_a_code_or_a_refusal(text):
    with pytest.raises(ValueRefusedError):
        read_code(CodePrefix.ORDER, f"{text}!")


def test_people_see_groups_of_four():
    assert spaced("PG7K3F9Q2W") == "PG-7K3F-9Q2W"
