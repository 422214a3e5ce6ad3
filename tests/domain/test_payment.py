from __future__ import annotations

from itertools import product

import pytest

from paygate.domain.errors import IllegalTransitionError
from paygate.domain.payment import LIVE, TRANSITIONS, PaymentEvent, PaymentState, step

# Written from DESIGN 3, before looking at the table: where each event leads from each state.
EXPECTED = """
           sent       held    lost    confirmed declined given_up  timed_out taken_back
created    redirected pending unknown paid      failed   cancelled expired   -
redirected redirected pending unknown paid      failed   cancelled expired   -
pending    redirected pending unknown paid      failed   cancelled expired   -
unknown    redirected pending unknown paid      failed   cancelled expired   -
paid       -          -       -       -         -        -         -         reversed
failed     -          -       -       paid      -        -         -         -
cancelled  -          -       -       paid      failed   -         -         -
expired    -          -       -       paid      failed   cancelled -         -
reversed   -          -       -       -         -        -         -         -
"""


def expected_steps():
    head, *rows = EXPECTED.strip().splitlines()
    for row in rows:
        state, *targets = row.split()
        for event, target in zip(head.split(), targets, strict=True):
            yield state, event, target


def test_every_pair_of_state_and_event_is_expected():
    pairs = {(state, event) for state, event, _ in expected_steps()}

    assert pairs == set(product(PaymentState, PaymentEvent))


@pytest.mark.parametrize(("state", "event", "target"), list(expected_steps()))
def test_each_event_leads_where_the_design_says(state, event, target):
    if target == "-":
        with pytest.raises(IllegalTransitionError) as caught:
            step(PaymentState(state), PaymentEvent(event))

        assert f"{event} cannot happen to a {state} attempt" == str(caught.value)
    else:
        assert step(PaymentState(state), PaymentEvent(event)) == target


def test_four_states_are_live():
    assert set(LIVE) == {"created", "redirected", "pending", "unknown"}


def test_a_verified_paid_counts_from_every_state_that_has_not_seen_the_money():
    unseen = set(PaymentState) - {PaymentState.PAID, PaymentState.REVERSED}

    for state in unseen:
        assert step(state, PaymentEvent.CONFIRMED) is PaymentState.PAID


def test_nothing_leads_back_to_created():
    assert PaymentState.CREATED not in TRANSITIONS.values()


def test_only_money_that_came_can_be_taken_back():
    sources = {state for (state, _), target in TRANSITIONS.items() if target == "reversed"}

    assert sources == {PaymentState.PAID}


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        TRANSITIONS[PaymentState.PAID, PaymentEvent.DECLINED] = PaymentState.FAILED  # type: ignore[index]
