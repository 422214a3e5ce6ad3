from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.outcome import Outcome, worst

BEST_FIRST = (
    "applied",
    "known",
    "contradicts",
    "unknown_attempt",
    "amount_differs",
    "bad_signature",
    "unreadable",
    "trouble",
)


def test_the_set_of_outcomes_is_closed_and_ranked():
    assert tuple(Outcome) == BEST_FIRST


def test_of_two_outcomes_the_worse_one_is_answered():
    for better, worse in combinations(map(Outcome, BEST_FIRST), 2):
        assert worst([better, worse]) is worse
        assert worst([worse, better]) is worse


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_one_outcome_among_those_given_decides(outcomes):
    assert worst(outcomes) in outcomes
    assert worst(iter(outcomes)) is worst(sorted(outcomes))


def test_a_message_without_reports_was_unreadable():
    assert worst([]) is Outcome.UNREADABLE
