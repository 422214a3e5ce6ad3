"""One movement of money is one collection, whatever the rail calls it and whenever it says so."""

from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from paygate.domain.case import CaseKind
from paygate.domain.order import OrderState, Purpose
from paygate.domain.outcome import Outcome
from paygate.services.expire_orders import expire_orders
from paygate.store import cases, collections
from providers.contract import Said
from tests.adversary.conftest import World
from tests.support.builders import NOON, furnish
from tests.support.fakes import CountingIds

LATER = NOON + timedelta(days=2)


@pytest.mark.parametrize(("first", "second"), [(None, "R1"), ("R1", None)])
def test_one_payment_told_with_and_without_the_rails_number_is_booked_once(world, first, second):
    order = world.order()
    attempt = world.attempt(order)

    world.hear(attempt.ref, txn=first)
    world.hear(attempt.ref, txn=second)

    assert world.received() == 5_000
    assert world.kinds(order) == []
    assert "order.duplicate_payment" not in world.notices(order)


def test_money_parked_under_the_rails_number_is_not_booked_again_by_a_query_without_one(world):
    world.hear("EARLY", txn="R1")
    order = world.order()
    world.attempt(order, ref="EARLY")

    world.hear("EARLY", txn=None)

    assert world.received() == 5_000


@pytest.mark.parametrize("purpose", [Purpose.SUPPLEMENT, Purpose.RETRY])
def test_late_money_is_a_duplicate_where_another_order_of_its_key_was_paid(lenient, purpose):
    world = lenient
    order = world.order(purpose=purpose)
    attempt = world.attempt(order)
    expire_orders(world.house, world.act(LATER))
    second = world.order(LATER, purpose=purpose)
    world.hear(world.attempt(second, LATER).ref, txn="R2", now=LATER)
    assert world.state(second) is OrderState.PAID

    world.hear(attempt.ref, txn="R1", now=LATER)

    assert world.state(order) is OrderState.EXPIRED
    assert world.kinds(order) == [CaseKind.DUPLICATE_PAYMENT]


def test_suspense_never_gives_more_for_a_collection_than_it_took_in_for_it(world):
    stranger = 700_000
    world.hear("SOMEBODY", dong=stranger, txn="R9")
    order = world.order()
    attempt = world.attempt(order)
    world.hear(attempt.ref, dong=4_000, txn="R1")

    # The rail corrects itself upwards: 1.000 of it were never booked as received.
    world.hear(attempt.ref, dong=5_000, txn="R1")

    assert world.suspense() >= stranger
    if world.state(order) is OrderState.PAID:
        assert world.received() == stranger + 5_000


def test_the_rails_own_number_never_passes_for_our_reference(world):
    order, other = world.order(), world.order(dossier="000.30.27.H23-220928-0002")
    mine, theirs = world.attempt(order), world.attempt(other)
    world.hear(mine.ref, txn=f"ref:{theirs.ref}")

    assert world.hear(theirs.ref, txn=None) is Outcome.APPLIED
    assert world.state(other) is OrderState.PAID
    assert world.received() == 10_000


class SameCodes(CountingIds):
    """Short codes are random and few; here the first two collide."""

    drawn = 0

    def code_payload(self):
        self.drawn += 1
        return "0000000" if self.drawn <= 2 else super().code_payload()


def test_money_that_fits_nothing_has_a_case_though_its_short_code_is_taken(db):
    db.act(furnish)
    world = World(db, ids=SameCodes())
    for txn in ("R1", "R2", "R2"):
        # Where the act fails as a whole, the rail tries again.
        with suppress(sa.exc.IntegrityError):
            world.hear("NOBODY", txn=txn)

    with db.read() as tx:
        opened = tx.execute(cases.table.select()).all()
        kept = tx.execute(collections.table.select()).all()
    assert {each.collection_id for each in opened} == {each.id for each in kept}


@pytest.mark.parametrize("said", [Said.FAILED, Said.PENDING, Said.CANCELLED, Said.UNKNOWN])
def test_whatever_is_answered_amount_differs_has_left_a_case(world, said):
    order = world.order()
    attempt = world.attempt(order)

    outcome = world.hear(attempt.ref, said, dong=4_000)

    assert outcome is not Outcome.AMOUNT_DIFFERS or world.kinds(order)


def test_a_verified_failure_counts_though_its_amount_is_zero(world):
    order = world.order()
    attempt = world.attempt(order)

    world.hear(attempt.ref, Said.FAILED, dong=0, txn=None, code="51")

    assert world.state(order) is OrderState.OPEN
