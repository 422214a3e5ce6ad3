from datetime import timedelta

import pytest

from paygate.domain.health import REST_MAX, REST_MIN, resting_until
from tests.support.builders import NOON


@pytest.mark.parametrize("silences", [0, 1, 2])
def test_a_little_bad_luck_lets_no_rail_rest(silences):
    assert resting_until(silences, NOON) is None


@pytest.mark.parametrize(
    ("silences", "minutes"), [(3, 1), (4, 2), (5, 4), (6, 8), (7, 15), (8, 15), (10_000, 15)]
)
def test_each_further_silence_doubles_the_rest_up_to_its_limit(silences, minutes):
    assert resting_until(silences, NOON) == NOON + timedelta(minutes=minutes)
    assert REST_MIN <= timedelta(minutes=minutes) <= REST_MAX
