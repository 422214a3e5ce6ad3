"""What becomes of a rail's word: by the callback's road, on both databases."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from paygate.domain.case import CaseKind, CaseState, Disposition
from paygate.domain.order import LateMoney, OrderState, Purpose
from paygate.domain.outcome import Outcome
from paygate.domain.payment import PaymentState
from paygate.ledger import journal
from paygate.ledger.chart import Account
from paygate.services.expire_orders import expire_orders
from paygate.store import attempts, audit, cases, collections, evidence, live_orders, orders, outbox
from tests.support.builders import (
    NOON,
    a_callback,
    a_house,
    a_line,
    a_merchant,
    an_act,
    an_attempt,
    an_order,
    furnish,
)
from tests.support.fakes import CountingIds, FakeRail
from webhooks.inbox import receive

RAIL = FakeRail()
NOT_PAID = [s for s in PaymentState if s not in {PaymentState.PAID, PaymentState.REVERSED}]


@pytest.fixture
def ids():
    return CountingIds()


@pytest.fixture
def house(db):
    db.act(furnish)
    return a_house(db)


@pytest.fixture
def send(house, ids):
    def send(ref, *, now=None, rail=RAIL, **what):
        arrival = a_callback(rail, ref, **what)
        act = an_act(now or arrival.arrived_at, ids=ids, actor="provider:fake")
        return Outcome(receive(house, act, a_merchant(), arrival).body.decode())

    return send


@pytest.fixture
def begin(house, ids):
    """Issue an order and keep an attempt of it; return both."""

    def begin(*, state=PaymentState.REDIRECTED, ref=None, order=None, **wanted):
        act = an_act(ids=ids)
        order = order or house.db.act(an_order, act, **wanted)
        return order, house.db.act(an_attempt, act, order, state=state, ref=ref)

    return begin


def rows(house, table):
    with house.db.read() as tx:
        return tx.execute(sa.select(table)).all()


def read(house, of, *args):
    with house.db.read() as tx:
        return of(tx, *args)


def balances(house):
    return {a: m.dong for a, m in read(house, journal.trial_balance).items()}


def kinds(house, order):
    return [each.kind for each in read(house, cases.of_order, order.id)]


def notices(house, order):
    return [each.type for each in read(house, outbox.of_order, order.id)]


def test_one_callback_pays_books_and_tells_once(house, begin, send):
    order, attempt = begin()

    outcomes = [send(attempt.ref) for _ in range(3)]

    assert outcomes == [Outcome.APPLIED, Outcome.KNOWN, Outcome.KNOWN]
    paid = read(house, orders.get, order.id)
    assert (paid.state, paid.paid_at) == (OrderState.PAID, NOON)
    assert read(house, attempts.get, attempt.id).payment_state is PaymentState.PAID
    assert notices(house, order) == ["order.paid"]
    assert {row.cause for row in rows(house, journal.table)} == {"collect:fake:R1"}
    assert balances(house) == {
        Account.DUE_FROM_PROVIDER: 5_000,
        Account.OWED_TO_BENEFICIARY: -5_000,
        Account.SUSPENSE: 0,
        Account.CHARGEBACKS: 0,
    }
    assert Counter(row.outcome for row in rows(house, evidence.table)) == {
        Outcome.APPLIED: 1,
        Outcome.KNOWN: 2,
    }
    assert kinds(house, order) == []


@pytest.mark.parametrize("state", NOT_PAID)
def test_a_verified_paid_counts_in_every_state(house, begin, send, state):
    order, attempt = begin(state=state)

    assert send(attempt.ref) is Outcome.APPLIED
    assert read(house, orders.get, order.id).state is OrderState.PAID
    assert read(house, attempts.get, attempt.id).payment_state is PaymentState.PAID


def test_each_beneficiary_is_owed_its_own_lines(house, begin, send):
    lines = (
        a_line(3_000),
        a_line(1_500, code="P01", beneficiary="H23"),
        a_line(500, code="P02", beneficiary="H23"),
    )
    _, attempt = begin(lines=lines, collecting_agency="H23")

    send(attempt.ref)

    owed = {
        detail: amount.dong
        for (account, detail), amount in read(house, journal.balances).items()
        if account is Account.OWED_TO_BENEFICIARY
    }
    assert owed == {"000.30.27.H23": -3_000, "H23": -2_000}


def test_the_book_keeps_the_rails_day_not_the_day_of_arrival(house, begin, send):
    _, attempt = begin()
    last_second = datetime(2022, 9, 28, 16, 59, 59, tzinfo=UTC)  # 23:59:59 in Ha Noi

    send(attempt.ref, paid_at=last_second)

    assert {row.business_date for row in rows(house, journal.table)} == {date(2022, 9, 28)}
    assert {row.arrived_at > last_second for row in rows(house, evidence.table)} == {True}


def test_money_without_a_transaction_of_the_rail_is_named_by_our_reference(house, begin, send):
    _, attempt = begin()

    assert [send(attempt.ref, txn=None) for _ in range(2)] == [Outcome.APPLIED, Outcome.KNOWN]
    assert {row.cause for row in rows(house, journal.table)} == {f"collect:fake:ref:{attempt.ref}"}


def test_a_second_transaction_of_a_paid_attempt_waits_in_suspense_with_a_case(house, begin, send):
    order, attempt = begin()
    send(attempt.ref, txn="R1")

    assert send(attempt.ref, txn="R2") is Outcome.CONTRADICTS
    assert send(attempt.ref, txn="R2") is Outcome.KNOWN
    assert balances(house)[Account.SUSPENSE] == -5_000
    assert kinds(house, order) == [CaseKind.DUPLICATE_PAYMENT]
    assert notices(house, order) == ["order.paid", "order.duplicate_payment"]
    assert read(house, orders.get, order.id).state is OrderState.PAID


def test_a_second_attempt_that_pays_is_recorded_and_becomes_a_duplicate(house, begin, send):
    order, first = begin()
    _, second = begin(order=order)
    send(first.ref, txn="R1")

    assert send(second.ref, txn="R2") is Outcome.APPLIED
    assert read(house, attempts.get, second.id).payment_state is PaymentState.PAID
    assert kinds(house, order) == [CaseKind.DUPLICATE_PAYMENT]
    assert balances(house)[Account.SUSPENSE] == -5_000


@pytest.mark.parametrize("dong", [4_999, 5_001, 500_000])
def test_another_amount_is_booked_and_does_not_pay(house, begin, send, dong):
    order, attempt = begin()

    assert send(attempt.ref, dong=dong) is Outcome.AMOUNT_DIFFERS
    assert send(attempt.ref, dong=dong) is Outcome.KNOWN
    assert balances(house)[Account.SUSPENSE] == -dong
    assert read(house, orders.get, order.id).state is OrderState.PROCESSING
    [case] = read(house, cases.of_order, order.id)
    assert (case.kind, case.expected.dong, case.told.dong) == (
        CaseKind.AMOUNT_DIFFERS,
        5_000,
        dong,
    )
    assert notices(house, order) == ["order.amount_differs"]


def test_a_corrected_report_of_the_same_money_pays_and_is_one_collection(house, begin, send):
    order, attempt = begin()
    send(attempt.ref, dong=5_001)

    assert send(attempt.ref) is Outcome.APPLIED
    [collection] = rows(house, collections.table)
    assert collection.disposition is Disposition.IDENTIFIED
    assert read(house, orders.get, order.id).state is OrderState.PAID
    # The rail has said two amounts of one transaction: the difference stays in sight.
    assert balances(house) == {
        Account.DUE_FROM_PROVIDER: 5_001,
        Account.OWED_TO_BENEFICIARY: -5_000,
        Account.SUSPENSE: -1,
        Account.CHARGEBACKS: 0,
    }
    assert {each.kind: each.state for each in read(house, cases.of_order, order.id)} == {
        CaseKind.AMOUNT_DIFFERS: CaseState.RESOLVED,
        CaseKind.KEY_CONFLICT: CaseState.OPEN,
    }


def test_money_for_nobody_is_in_the_book_before_the_rail_is_told(house, send):
    assert [send("NOBODY") for _ in range(2)] == [Outcome.UNKNOWN_ATTEMPT] * 2
    assert balances(house)[Account.SUSPENSE] == -5_000
    [case] = rows(house, cases.table)
    assert case.kind is CaseKind.UNKNOWN_ATTEMPT


def test_money_told_before_its_attempt_was_committed_pays_when_told_again(house, begin, send):
    send("EARLY")
    order, attempt = begin(ref="EARLY")

    assert send(attempt.ref) is Outcome.APPLIED
    assert read(house, orders.get, order.id).state is OrderState.PAID
    assert balances(house)[Account.SUSPENSE] == 0
    [case] = rows(house, cases.table)
    assert case.state is CaseState.RESOLVED


def test_unknown_references_without_money_book_nothing(house, send):
    assert send("NOBODY", code="51") is Outcome.UNKNOWN_ATTEMPT
    assert rows(house, journal.table) == []
    assert rows(house, cases.table) == []
    assert [row.outcome for row in rows(house, evidence.table)] == [Outcome.UNKNOWN_ATTEMPT]


def test_one_transaction_told_for_two_attempts_is_booked_once_and_becomes_a_case(
    house, begin, send
):
    _, first = begin()
    order, second = begin(dossier="000.30.27.H23-220928-0002")
    send(first.ref, txn="R1")

    assert send(second.ref, txn="R1") is Outcome.CONTRADICTS
    assert balances(house)[Account.DUE_FROM_PROVIDER] == 5_000
    assert kinds(house, order) == [CaseKind.KEY_CONFLICT]


@pytest.mark.parametrize("code", ["51", "24"])
def test_a_failure_after_paid_does_not_unpay_and_becomes_a_case(house, begin, send, code):
    order, attempt = begin()
    send(attempt.ref)

    assert send(attempt.ref, code=code) is Outcome.CONTRADICTS
    assert read(house, orders.get, order.id).state is OrderState.PAID
    assert kinds(house, order) == [CaseKind.CONTRADICTION]


@pytest.mark.parametrize("code", ["01", "77"])
@pytest.mark.parametrize("state", [PaymentState.PAID, PaymentState.FAILED, PaymentState.EXPIRED])
def test_late_news_of_the_way_say_nothing_new(house, begin, send, state, code):
    order, attempt = begin(state=state)

    assert send(attempt.ref, code=code) is Outcome.KNOWN
    assert read(house, attempts.get, attempt.id).payment_state is state
    assert kinds(house, order) == []


def test_a_failed_attempt_opens_the_order_again(house, begin, send):
    order, attempt = begin()

    assert send(attempt.ref, code="51") is Outcome.APPLIED
    assert read(house, orders.get, order.id).state is OrderState.OPEN
    assert send(attempt.ref, code="51") is Outcome.KNOWN


def test_an_unmapped_code_is_unknown_and_never_failed(house, begin, send):
    order, attempt = begin()

    send(attempt.ref, code="77")

    assert read(house, attempts.get, attempt.id).payment_state is PaymentState.UNKNOWN
    assert read(house, orders.get, order.id).state is OrderState.PROCESSING


def expire(house, ids, order, late_money):
    del late_money
    now = order.expires_at + timedelta(hours=1)
    assert expire_orders(house, an_act(now, ids=ids)) == 1
    return now + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("late_money", "state", "case"),
    [
        (LateMoney.ACCEPT, OrderState.PAID, []),
        (LateMoney.REFUND, OrderState.EXPIRED, [CaseKind.LATE_PAYMENT]),
    ],
)
def test_late_money_is_recorded_and_pays_where_the_portal_takes_it(
    db, ids, late_money, state, case
):
    db.act(furnish, late_money=late_money)
    house = a_house(db)
    order = db.act(an_order, an_act(ids=ids))
    attempt = db.act(an_attempt, an_act(ids=ids), order)
    now = expire(house, ids, order, late_money)

    answer = receive(house, an_act(now, ids=ids), a_merchant(), a_callback(RAIL, attempt.ref))

    assert answer.body.decode() == Outcome.APPLIED
    assert read(house, orders.get, order.id).state is state
    assert read(house, attempts.get, attempt.id).payment_state is PaymentState.PAID
    assert kinds(house, order) == case
    assert balances(house)[Account.DUE_FROM_PROVIDER] == 5_000


def test_late_money_of_a_dossier_that_has_another_live_order_is_a_duplicate(db, ids):
    db.act(furnish, late_money=LateMoney.ACCEPT)
    house = a_house(db)
    order = db.act(an_order, an_act(ids=ids))
    attempt = db.act(an_attempt, an_act(ids=ids), order)
    now = expire(house, ids, order, LateMoney.ACCEPT)
    db.act(an_order, an_act(now, ids=ids))

    receive(house, an_act(now, ids=ids), a_merchant(), a_callback(RAIL, attempt.ref))

    assert read(house, orders.get, order.id).state is OrderState.EXPIRED
    assert kinds(house, order) == [CaseKind.DUPLICATE_PAYMENT]


@pytest.mark.parametrize(
    ("purpose", "held"), [(Purpose.FEE, 1), (Purpose.SUPPLEMENT, 0), (Purpose.RETRY, 0)]
)
def test_a_paid_order_keeps_its_key_only_where_the_fee_is_due_once(
    house, begin, send, purpose, held
):
    _, attempt = begin(purpose=purpose)

    send(attempt.ref)

    assert len(rows(house, live_orders.table)) == held


def test_a_forgery_is_kept_and_changes_nothing(house, begin, send):
    order, attempt = begin()

    assert send(attempt.ref, rail=FakeRail(b"other")) is Outcome.BAD_SIGNATURE
    assert [row.outcome for row in rows(house, evidence.table)] == [Outcome.BAD_SIGNATURE]
    assert read(house, orders.get, order.id).state is OrderState.PROCESSING
    assert rows(house, journal.table) == []


def test_forgeries_beyond_the_bound_are_dropped_and_good_messages_still_count(house, begin, send):
    order, attempt = begin()

    for _ in range(70):
        send(attempt.ref, rail=FakeRail(b"other"))

    assert len(rows(house, evidence.table)) == 60
    assert send(attempt.ref) is Outcome.APPLIED
    assert read(house, orders.get, order.id).state is OrderState.PAID


def test_a_failure_of_ours_keeps_the_evidence_and_asks_the_rail_to_retry(
    house, begin, send, monkeypatch
):
    order, attempt = begin()
    with monkeypatch.context() as broken:
        broken.setattr("paygate.store.outbox.put", lambda *_, **__: 1 / 0)
        assert send(attempt.ref) is Outcome.TROUBLE

    assert [row.outcome for row in rows(house, evidence.table)] == [Outcome.TROUBLE]
    assert rows(house, journal.table) == []
    assert send(attempt.ref) is Outcome.APPLIED
    assert read(house, orders.get, order.id).state is OrderState.PAID


def test_every_word_of_the_rail_is_in_the_orders_audit_chain(house, begin, send):
    order, attempt = begin()
    send(attempt.ref)
    send(attempt.ref, txn="R2")

    chain = read(house, audit.stream_of, f"order:{order.id}")

    assert [each.seq for each in chain] == [1, 2, 3]
    previous = audit.GENESIS
    for each in chain:
        assert each.prev_hash == previous.hex()
        previous = audit.link(previous, each.record)
        assert each.hash == previous.hex()


def test_versions_grow_by_one_with_every_message(house, begin, send):
    order, attempt = begin()
    send(attempt.ref)
    send(attempt.ref, txn="R2")

    messages = read(house, outbox.of_order, order.id)

    assert len({each.version for each in messages}) == len(messages)
    assert messages[-1].version == read(house, orders.get, order.id).version
