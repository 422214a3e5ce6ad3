from __future__ import annotations

from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.order import (
    LIVE_STATES,
    ONCE,
    TRANSITIONS,
    OrderEvent,
    OrderFacts,
    OrderState,
    Purpose,
    any_live,
    order_state,
)
from paygate.domain.payment import PaymentState

# Written from DESIGN 3, before looking at the table: where each event leads from each state.
EXPECTED = """
           attempt_started attempts_ended covered expired cancelled
open       processing      -              paid    expired cancelled
processing -               open           paid    expired cancelled
paid       -               -              -       -       -
expired    -               -              paid    -       -
cancelled  -               -              paid    -       -
exempt     -               -              -       -       -
"""
ENDED = (OrderState.EXPIRED, OrderState.CANCELLED)
states_of_attempts = st.lists(st.sampled_from(PaymentState), max_size=6)


def expected_steps():
    head, *rows = EXPECTED.strip().splitlines()
    for row in rows:
        state, *targets = row.split()
        for event, target in zip(head.split(), targets, strict=True):
            yield state, event, target


def every_set_of_facts():
    attempts = [
        found for size in range(3) for found in combinations_with_replacement(PaymentState, size)
    ]
    for found, covered, closed_as, exempt in product(
        attempts, (False, True), (None, *ENDED), (False, True)
    ):
        yield OrderFacts(attempts=found, covered=covered, closed_as=closed_as, exempt=exempt)


def test_every_pair_of_state_and_event_is_expected():
    pairs = {(state, event) for state, event, _ in expected_steps()}

    assert pairs == set(product(OrderState, OrderEvent))


@pytest.mark.parametrize(("state", "event", "target"), list(expected_steps()))
def test_each_event_leads_where_the_design_says(state, event, target):
    assert TRANSITIONS.get((OrderState(state), OrderEvent(event)), "-") == target


def test_every_set_of_facts_makes_the_state_that_the_design_says():
    live = {"created", "redirected", "pending", "unknown"}

    for facts in every_set_of_facts():
        expected: str
        if facts.exempt:
            expected = "exempt"
        elif facts.covered:
            expected = "paid"
        elif facts.closed_as:
            expected = facts.closed_as.value
        else:
            expected = "processing" if live & set(facts.attempts) else "open"

        assert order_state(facts) == expected


@given(states_of_attempts.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_state_does_not_depend_on_the_order_of_attempts(both):
    one, other = (OrderFacts(attempts=tuple(found)) for found in both)

    assert order_state(one) == order_state(other)


@given(states_of_attempts, states_of_attempts)
def test_an_attempt_that_ended_changes_nothing_beside_a_live_one(some, more):
    attempts = (*some, PaymentState.PENDING, *more)

    assert order_state(OrderFacts(attempts=attempts)) is OrderState.PROCESSING


@pytest.mark.parametrize("attempt", ["paid", "failed", "cancelled", "expired", "reversed"])
def test_an_ended_attempt_alone_does_not_pay_an_order(attempt):
    """A paid attempt counts by its collection that fits: a wrong amount pays nothing."""
    assert order_state(OrderFacts(attempts=(PaymentState(attempt),))) is OrderState.OPEN


CHANGES = {
    OrderEvent.ATTEMPT_STARTED: lambda facts: changed(facts, attempts=("created",)),
    OrderEvent.ATTEMPTS_ENDED: lambda facts: changed(facts, attempts=("failed",)),
    OrderEvent.COVERED: lambda facts: changed(facts, covered=True),
    OrderEvent.EXPIRED: lambda facts: changed(facts, closed_as=OrderState.EXPIRED),
    OrderEvent.CANCELLED: lambda facts: changed(facts, closed_as=OrderState.CANCELLED),
}


def changed(facts, attempts=None, covered=None, closed_as=None):
    return OrderFacts(
        attempts=facts.attempts if attempts is None else tuple(map(PaymentState, attempts)),
        covered=facts.covered if covered is None else covered,
        closed_as=closed_as or facts.closed_as,
        exempt=facts.exempt,
    )


def test_the_function_and_the_table_tell_the_same_story():
    seen = set()
    for facts, event in product(every_set_of_facts(), OrderEvent):
        before = order_state(facts)
        if (before, event) in TRANSITIONS:
            seen.add((before, event))

            assert order_state(CHANGES[event](facts)) == TRANSITIONS[before, event]

    assert seen == set(TRANSITIONS)


def test_an_order_is_live_while_it_is_open_or_processing():
    assert set(LIVE_STATES) == {"open", "processing"}


def test_three_purposes_can_be_paid_once():
    assert set(ONCE) == {"fee", "advance", "final"}
    assert set(Purpose) - set(ONCE) == {"supplement", "retry"}


def test_no_attempt_is_no_live_attempt():
    assert not any_live(())
