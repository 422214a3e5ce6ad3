"""Amounts in words, and a reader of them that knows every rule of DOMAIN 4.7 and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from paygate.domain.money import DONG_MAX, Money
from paygate.domain.words import SOUTH, Dialect, receipt_words, words
from tests.support.strategies import amounts

PLAIN = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
AFTER_TEN = dict(zip(PLAIN[1:], range(1, 10), strict=True)) | {"lăm": 5}
del AFTER_TEN["năm"]
AFTER_TENS = AFTER_TEN | {"mốt": 1, "tư": 4}
del AFTER_TENS["một"], AFTER_TENS["bốn"]


def read_group(spoken, *, first):
    """Read 1 to 999; a group that is not the first must say its hundreds."""
    rest, value = list(spoken), 0
    if "trăm" in rest:
        assert rest[1] == "trăm"
        value = PLAIN.index(rest[0]) * 100
        assert value or not first
        rest = rest[2:]
        if rest and rest[0] == "linh":
            (unit,) = rest[1:]
            assert unit != "không"
            return value + PLAIN.index(unit)
        assert len(rest) != 1 or rest == ["mười"]
    else:
        assert first
    match rest:
        case []:
            pass
        case ["mười"]:
            value += 10
        case ["mười", unit]:
            value += 10 + AFTER_TEN[unit]
        case [ten, "mươi"]:
            value += PLAIN.index(ten) * 10
        case [ten, "mươi", unit]:
            value += PLAIN.index(ten) * 10 + AFTER_TENS[unit]
        case [unit]:
            value += PLAIN.index(unit)
        case _:
            raise AssertionError(rest)
    assert value
    return value


def read_number(spoken):
    rest, value = list(spoken), 0
    if "tỷ" in rest:
        place = len(rest) - 1 - rest[::-1].index("tỷ")
        value, rest = read_number(rest[:place]) * 10**9, rest[place + 1 :]
    for unit, size in (("triệu", 10**6), ("nghìn", 10**3)):
        if unit in rest:
            place = rest.index(unit)
            value += read_group(rest[:place], first=value == 0) * size
            rest = rest[place + 1 :]
    return value + (read_group(rest, first=value == 0) if rest else 0)


@given(amounts)
@example(Money(0))
@example(Money(10**9))
@example(Money(10**9 + 5))
@example(Money(DONG_MAX))
def test_words_say_the_amount_and_nothing_else(money):
    spoken = words(money)

    number, _, ending = spoken.rpartition(" ")
    first = number[0].lower() + number[1:]
    assert number[0].isupper()
    assert ending == "đồng"
    assert money.dong == (0 if first == "không" else read_number(first.split()))


def test_every_number_below_two_thousand_is_read_back():
    for dong in range(1, 2_000):
        spoken = words(Money(dong)).lower().split()

        assert read_number(spoken[:-1]) == dong


@pytest.mark.parametrize(
    ("dong", "text"),
    [
        (0, "Không"),
        (4, "Bốn"),
        (5, "Năm"),
        (10, "Mười"),
        (11, "Mười một"),
        (14, "Mười bốn"),
        (15, "Mười lăm"),
        (20, "Hai mươi"),
        (100, "Một trăm"),
        (104, "Một trăm linh bốn"),
        (110, "Một trăm mười"),
        (5_000, "Năm nghìn"),
        (15_000, "Mười lăm nghìn"),
        (21_000, "Hai mươi mốt nghìn"),
        (24_000, "Hai mươi tư nghìn"),
        (105_000, "Một trăm linh năm nghìn"),
        (180_000, "Một trăm tám mươi nghìn"),
        (1_000_005, "Một triệu không trăm linh năm"),
        (1_005_000, "Một triệu không trăm linh năm nghìn"),
        (
            2_147_483_648,
            "Hai tỷ một trăm bốn mươi bảy triệu bốn trăm tám mươi ba nghìn sáu trăm bốn mươi tám",
        ),
        (1_000_000_005, "Một tỷ không trăm linh năm"),
        (10**12, "Một nghìn tỷ"),
    ],
)
def test_a_receipt_ends_with_the_words_of_the_specification(dong, text):
    assert receipt_words(Money(dong)) == f"{text} đồng chẵn./."


def test_the_south_says_it_its_own_way():
    assert words(Money(105_000), dialect=SOUTH) == "Một trăm lẻ năm ngàn đồng"


def test_four_may_stay_bon_after_muoi():
    assert words(Money(24), dialect=Dialect(four="bốn")) == "Hai mươi bốn đồng"


def test_a_negative_amount_has_no_words():
    with pytest.raises(ValueError, match="from zero"):
        words(Money(-1))
