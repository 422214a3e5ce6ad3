"""What a price allows, how a share is rounded, and which times of validity meet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.fee_rule import Price, overlap, share
from paygate.domain.invariants import InvariantError
from paygate.domain.money import ZERO, Money

FIXED = Price(lowest=Money(200_000), highest=Money(200_000))
RANGE = Price(lowest=Money(25_000), highest=Money(100_000))
OPEN = Price(lowest=Money(25_000), highest=None)
PAGES = Price(lowest=Money(2_000), highest=None, unit="trang")
CAPPED = Price(lowest=Money(2_000), highest=Money(5_000), unit="trang")
START = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("price", "allowed", "refused"),
    [
        (FIXED, [200_000], [0, 199_999, 200_001, 400_000]),
        (RANGE, [25_000, 25_001, 100_000], [0, 24_999, 100_001]),
        (OPEN, [25_000, 10**12], [24_999]),
        (PAGES, [2_000, 4_000, 200_000], [0, 1_999, 2_001, 3_000]),
        (CAPPED, [2_000, 4_000, 5_000], [0, 3_000, 4_999, 6_000]),
    ],
)
def test_a_price_allows_its_sums_and_no_other(price, allowed, refused):
    assert [dong for dong in allowed if not price.allows(Money(dong))] == []
    assert [dong for dong in refused if price.allows(Money(dong))] == []


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (FIXED, "200.000 VND"),
        (RANGE, "25.000 VND - 100.000 VND"),
        (OPEN, "25.000 VND -"),
        (PAGES, "2.000 VND/trang"),
        (CAPPED, "2.000 VND/trang <= 5.000 VND"),
    ],
)
def test_a_price_is_written_without_words_of_a_language(price, text):
    assert str(price) == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"lowest": Money(-1), "highest": None},
        {"lowest": Money(2), "highest": Money(1)},
        {"lowest": ZERO, "highest": None, "unit": "trang"},
    ],
)
def test_a_price_that_cannot_be_is_impossible(wrong):
    with pytest.raises(InvariantError):
        Price(**wrong)


@pytest.mark.parametrize(
    ("dong", "percent", "part"),
    [
        (200_000, 90, 180_000),
        (400_000, 90, 360_000),
        (5, 50, 3),
        (5, 49, 2),
        (1, 50, 1),
        (1, 49, 0),
        (0, 90, 0),
        (7, 100, 7),
    ],
)
def test_a_share_is_rounded_half_up(dong, percent, part):
    assert share(Money(dong), percent) == Money(part)


@given(st.integers(0, 10**15), st.integers(1, 100))
def test_a_share_is_never_more_than_half_a_dong_off(dong, percent):
    off = 100 * share(Money(dong), percent).dong - dong * percent

    assert -50 < off <= 50


spans = st.builds(
    lambda first, length: (
        START + timedelta(days=first),
        None if length is None else START + timedelta(days=first + length),
    ),
    st.integers(0, 20),
    st.none() | st.integers(0, 20),
)


@given(spans, spans)
def test_two_times_overlap_where_they_share_a_day(one, other):
    def days(span):
        last = span[1] or START + timedelta(days=100)
        return {span[0] + timedelta(days=n) for n in range((last - span[0]).days + 1)}

    assert overlap(one, other) == bool(days(one) & days(other))
    assert overlap(one, other) == overlap(other, one)
