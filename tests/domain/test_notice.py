from __future__ import annotations

from paygate.domain.case import CaseKind
from paygate.domain.notice import OF_CASE, Notice

# DESIGN 5.2, the types about orders; portals rely on them.
TYPES = {
    "order.processing",
    "order.paid",
    "order.exempt",
    "order.expired",
    "order.cancelled",
    "order.late_payment",
    "order.duplicate_payment",
    "order.amount_differs",
    "order.payment_reversed",
    "order.settled",
}


def test_portals_are_told_in_the_words_of_the_contract():
    assert set(Notice) <= TYPES


def test_a_case_is_told_to_a_portal_under_its_own_name():
    assert {kind: f"order.{kind}" for kind in OF_CASE} == OF_CASE


def test_a_case_that_concerns_no_order_is_told_to_nobody():
    ours = {CaseKind.UNKNOWN_ATTEMPT, CaseKind.CONTRADICTION, CaseKind.KEY_CONFLICT}

    assert set(CaseKind) - set(OF_CASE) == ours
