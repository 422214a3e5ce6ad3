from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.money import DONG_MAX, ZERO, Money, total
from tests.support.strategies import amounts


@given(amounts)
def test_what_money_prints_it_reads(money):
    assert Money.parse(str(money)) == money
    assert Money.parse(str(money.dong)) == money


@given(amounts)
def test_thousands_are_parted_by_dots(money):
    expected = re.sub(r"(?<=[0-9])(?=(?:[0-9]{3})+$)", ".", str(money.dong)) + " VND"

    assert str(money) == expected


@pytest.mark.parametrize(
    ("dong", "text"),
    [
        (0, "0 VND"),
        (999, "999 VND"),
        (5_000, "5.000 VND"),
        (2_147_483_648, "2.147.483.648 VND"),
        (DONG_MAX, "999.999.999.999.999 VND"),
        (-5_000, "-5.000 VND"),
    ],
)
def test_money_prints_as_the_checkout_shows_it(dong, text):
    assert str(Money(dong)) == text


@pytest.mark.parametrize(
    "text", ["5000", "5.000", "5000 VND", "5.000 VND", "5.000\u00a0VND", "5.000 đ"]
)
def test_every_usual_way_to_write_an_amount_is_read(text):
    assert Money.parse(text) == Money(5_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "VND",
        " 5000",
        "5000 ",
        "5000\n",
        "-5000",
        "+5000",
        "\u22125000",
        "5,000",
        "5 000",
        "5_000",
        "5'000",
        "5.00",
        "5.0000",
        "5.000,00",
        "5000.000",
        "05000",
        "0.500",
        "00",
        "1e3",
        "0x10",
        "5000.0",
        "NaN",
        "\uff15\uff10\uff10\uff10",  # full-width digits
        "\u0665\u0660\u0660\u0660",  # Arabic-Indic digits
        "5.000 vnd",
        "5.000 USD",
        "5.000VND VND",
        "1.000.000.000.000.000",
        "9" * 5_000,
    ],
)
def test_what_is_no_amount_of_whole_dong_is_refused(text):
    with pytest.raises(ValueError):
        Money.parse(text)


@given(st.text())
def test_any_text_is_an_amount_or_a_value_error(text):
    try:
        money = Money.parse(text)
    except ValueError:
        return

    assert 0 <= money.dong <= DONG_MAX


@pytest.mark.parametrize("dong", [True, False, 5_000.0, "5000", None])
def test_only_a_true_int_is_dong(dong):
    with pytest.raises(TypeError):
        Money(dong)


@given(amounts, amounts)
def test_money_adds_as_integers_do(left, right):
    assert (left + right).dong == left.dong + right.dong
    assert left + right - right == left
    assert left + -left == ZERO
    assert (left < right) == (left.dong < right.dong)
    assert bool(left) == (left.dong != 0)


@given(st.lists(amounts))
def test_a_total_is_the_sum_of_its_parts(parts):
    assert total(tuple(parts)).dong == sum(part.dong for part in parts)


def test_money_does_not_mix_with_bare_numbers():
    number: object = 5_000

    assert Money(5_000) != number
    with pytest.raises((TypeError, AttributeError)):
        Money(5_000) + 1  # type: ignore[operator]
