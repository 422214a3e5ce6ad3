"""The worker's questions: what a slow, silent or broken rail must not be able to spoil."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from paygate.domain.errors import OrderNotPayableError
from paygate.domain.ids import AccountCode
from paygate.domain.order import GRACE, OrderState
from paygate.domain.payment import LIVE, PaymentState
from paygate.services.chase_pending import ask_about, chase_pending
from paygate.services.expire_orders import expire_orders
from paygate.services.start_checkout import CheckoutWanted, start_checkout
from paygate.store import attempts, evidence
from providers.contract import HttpReply, SilentError
from tests.adversary.conftest import World
from tests.support.builders import FAKE, NOON, a_merchant, furnish
from tests.support.fakes import says

MINUTE = timedelta(minutes=1)


def answer(world, **what):
    """Let the rail answer every question of its attempt so."""

    def reply(call):
        return HttpReply(200, {}, says(call.body.decode(), **{"paid_at": NOON} | what))

    world.line.answer = reply


def state_of(world, attempt):
    return world.read(attempts.get, attempt.id).payment_state


def kept(world):
    with world.db.read() as tx:
        return [row.outcome for row in tx.execute(evidence.table.select())]


def test_no_order_expires_before_its_rail_was_asked_at_its_very_end(world):
    order = world.order(expires_in=timedelta(hours=5))
    attempt = world.attempt(order)
    # Asked a minute after the end: pending. The citizen's bank then lets the money go.
    answer(world, code="01")
    chase_at = order.expires_at + MINUTE
    for moment in (*(NOON + 9 * number * MINUTE for number in range(1, 6)), chase_at):
        world.db.act(
            attempts.ask_soon, attempt.id, now=moment, not_since=moment - timedelta(seconds=10)
        )
        chase_pending(world.house, world.act(moment))
    assert state_of(world, attempt) is PaymentState.PENDING
    answer(world, code="00", paid_at=order.expires_at + 2 * MINUTE)

    expire_orders(world.house, world.act(order.expires_at + GRACE + MINUTE))

    assert world.state(order) is OrderState.PAID


def test_no_order_expires_while_the_answer_about_it_is_on_the_way(world):
    order = world.order(expires_in=timedelta(minutes=10))
    attempt = world.attempt(order)
    end = order.expires_at + GRACE
    before = []

    def slow(call):
        # Another job of the worker ticks while the rail thinks.
        before.append(expire_orders(world.house, world.act(end + timedelta(seconds=2))))
        return HttpReply(200, {}, says(call.body.decode(), paid_at=NOON))

    world.line.answer = slow
    world.db.act(attempts.ask_soon, attempt.id, now=end, not_since=end)

    ask_about(world.house, world.act(end), attempt.id)

    assert world.state(order) is OrderState.PAID
    assert world.notices(order)[-1] == "order.paid"
    assert "order.expired" not in world.notices(order)


@pytest.mark.parametrize("silent", [True, False])
def test_a_silent_rail_fails_nothing_and_keeps_nobody_from_choosing_again(world, silent):
    """DESIGN 3: choose again after the session's end, behind a page that warns (ADR 0021)."""
    order = world.order()
    attempt = world.attempt(order)
    if silent:
        world.line.fails(SilentError())
    else:
        world.line.says(b"<html>busy</html>")

    for minutes in range(0, 240, 5):
        chase_pending(world.house, world.act(NOON + minutes * MINUTE))

    assert state_of(world, attempt) in LIVE
    assert world.state(order) is OrderState.PROCESSING
    world.line.says(b"https://rail.example/pay")
    wanted = CheckoutWanted(
        order_id=order.id,
        account="fake",
        bank=None,
        client_ip="127.0.0.1",
        language="vi",
        return_url="https://pay.example/return/{}",
    )
    act = world.act(NOON + 240 * MINUTE)
    with pytest.raises(OrderNotPayableError):
        start_checkout(world.house, act, wanted)
    again = start_checkout(world.house, act, replace(wanted, again=True))
    assert again.attempt.payment_state is PaymentState.REDIRECTED


def test_a_pending_attempt_is_asked_again_before_its_order_expires_however_old(world):
    order = world.order(expires_in=timedelta(days=20))
    attempt = world.attempt(order)
    answer(world, code="01")
    for hours in range(1, 9 * 24, 4):
        chase_pending(world.house, world.act(NOON + timedelta(hours=hours)))
    answer(world, code="00")

    expire_orders(world.house, world.act(order.expires_at + GRACE + MINUTE))

    assert state_of(world, attempt) is PaymentState.PAID
    assert world.state(order) is OrderState.PAID


def test_an_answer_that_cannot_be_applied_is_kept_all_the_same(world):
    order = world.order()
    world.attempt(order)
    answer(world, code="00", dong=10**30)  # no column of ours holds it

    with suppress(Exception):  # whatever it was, it must have left evidence
        chase_pending(world.house, world.act(NOON + 3 * MINUTE))

    assert len(kept(world)) == 1


def test_a_poisonous_answer_holds_no_other_question_back(world):
    poisoned = world.attempt(world.order())
    good = world.attempt(world.order(dossier="000.30.27.H23-220928-0002"))

    def reply(call):
        ref = call.body.decode()
        dong = 10**30 if ref == poisoned.ref else 5_000
        return HttpReply(200, {}, says(ref, dong=dong, txn=ref, paid_at=NOON))

    world.line.answer = reply
    with suppress(Exception):  # the tick may fail, the others must be served
        chase_pending(world.house, world.act(NOON + 3 * MINUTE))

    assert state_of(world, good) is PaymentState.PAID


def test_a_silent_rail_holds_no_other_rails_questions_back(db):
    """Each silence lasts ten seconds, and one round asks fifty times, one after the other."""
    db.act(furnish)
    other = AccountCode("other")
    world = World(db, merchants={FAKE: a_merchant(), other: a_merchant(code="other")})
    for number in range(1, 13):
        world.attempt(world.order(dossier=f"000.30.27.H23-220928-01{number:02d}"))
    waiting = world.attempt(world.order(), NOON + timedelta(seconds=1), account=other)
    asked = []

    def silence(call):
        asked.append(call.body.decode())
        raise SilentError

    world.line.answer = silence
    chase_pending(world.house, world.act(NOON + 3 * MINUTE))

    assert asked.index(waiting.ref) <= 1
