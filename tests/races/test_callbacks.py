"""Real processes, a barrier before each round, both databases: what callbacks do at once."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
import sqlalchemy as sa

from paygate.domain.case import CaseKind
from paygate.domain.order import LateMoney, OrderState
from paygate.domain.outcome import Outcome
from paygate.ledger import journal
from paygate.ledger.chart import Account
from paygate.services.chase_pending import ask_about
from paygate.services.expire_orders import _expire
from paygate.store import attempts, cases, collections, evidence, orders, outbox
from paygate.store.base import many
from paygate.store.engine import EngineDatabase
from tests.support.builders import (
    NOON,
    a_callback,
    a_house,
    a_merchant,
    an_act,
    an_attempt,
    an_order,
    furnish,
)
from tests.support.databases import url_of
from tests.support.fakes import CountingIds, FakeLine, FakeRail, says
from tests.support.races import PROCESSES, ROUNDS, together
from webhooks.inbox import receive

pytestmark = pytest.mark.timeout(300)


def open_orders(db, count=ROUNDS, late_money=LateMoney.REFUND):
    ids = CountingIds()
    db.act(furnish, late_money=late_money)
    made = []
    for number in range(count):
        dossier = f"000.30.27.H23-220928-{number:04d}"
        order = db.act(an_order, an_act(ids=ids), dossier=dossier)
        db.act(an_attempt, an_act(ids=ids), order, ref=f"R{number}")
        made.append(order.id)
    db.engine.dispose()
    return made


def hammer(url, barrier, results, process, txn_each):
    """Send the callback of each round at the same moment as the others."""
    database, ids, rail = EngineDatabase(url), CountingIds(f"{process}"), FakeRail()
    house, outcomes = a_house(database), []
    for number in range(ROUNDS):
        txn = f"T{number}-{process}" if txn_each else f"T{number}"
        arrival = a_callback(rail, f"R{number}", txn=txn)
        barrier.wait(timeout=60)
        act = an_act(arrival.arrived_at, ids=ids)
        outcomes.append(receive(house, act, a_merchant(), arrival).body.decode())
    database.close()
    results.put(outcomes)


def scan(db, table):
    with db.read() as tx:
        return tx.execute(sa.select(table)).all()


def balances(db):
    with db.read() as tx:
        return {a: m.dong for a, m in journal.trial_balance(tx).items()}


def test_copies_that_arrive_together_pay_once(bare_db):
    open_orders(bare_db)

    answers = together(hammer, url_of(bare_db), False)

    assert Counter(answers) == {
        Outcome.APPLIED: ROUNDS,
        Outcome.KNOWN: ROUNDS * (PROCESSES - 1),
    }
    assert balances(bare_db)[Account.OWED_TO_BENEFICIARY] == -5_000 * ROUNDS
    assert Counter(row.type for row in scan(bare_db, outbox.table)) == {"order.paid": ROUNDS}
    assert len(scan(bare_db, collections.table)) == ROUNDS
    assert len(scan(bare_db, evidence.table)) == ROUNDS * PROCESSES
    assert {row.state for row in scan(bare_db, orders.table)} == {OrderState.PAID}


def test_different_payments_that_arrive_together_are_all_booked_and_one_pays(bare_db):
    open_orders(bare_db)

    answers = together(hammer, url_of(bare_db), True)

    assert Counter(answers) == {
        Outcome.APPLIED: ROUNDS,
        Outcome.CONTRADICTS: ROUNDS * (PROCESSES - 1),
    }
    assert balances(bare_db) == {
        Account.DUE_FROM_PROVIDER: 5_000 * ROUNDS * PROCESSES,
        Account.OWED_TO_BENEFICIARY: -5_000 * ROUNDS,
        Account.SUSPENSE: -5_000 * ROUNDS * (PROCESSES - 1),
        Account.CHARGEBACKS: 0,
    }
    assert Counter(row.kind for row in scan(bare_db, cases.table)) == {
        CaseKind.DUPLICATE_PAYMENT: ROUNDS * (PROCESSES - 1)
    }


def hammer_strangers(url, barrier, results, process):
    database, ids, rail = EngineDatabase(url), CountingIds(f"{process}"), FakeRail()
    house, outcomes = a_house(database), []
    for number in range(ROUNDS):
        arrival = a_callback(rail, f"NOBODY{number}", txn=f"S{number}")
        barrier.wait(timeout=60)
        act = an_act(arrival.arrived_at, ids=ids)
        outcomes.append(receive(house, act, a_merchant(), arrival).body.decode())
    database.close()
    results.put(outcomes)


def test_copies_of_nobodys_money_that_arrive_together_are_parked_once(bare_db):
    bare_db.act(furnish)
    bare_db.engine.dispose()

    answers = together(hammer_strangers, url_of(bare_db))

    assert Counter(answers) == {Outcome.UNKNOWN_ATTEMPT: ROUNDS * PROCESSES}
    assert balances(bare_db)[Account.SUSPENSE] == -5_000 * ROUNDS
    assert len(scan(bare_db, cases.table)) == ROUNDS


def all_at_once(url, barrier, results, process):
    """One process plays the callback, one the query, one the expiry, one the citizen's return."""
    database, ids, rail, line = (
        EngineDatabase(url),
        CountingIds(f"{process}"),
        FakeRail(),
        FakeLine(),
    )
    house, late = a_house(database, send=line), NOON + timedelta(days=2)
    with database.read() as tx:
        found = {each.ref: each for each in many_attempts(tx)}
    seen = []
    for number in range(ROUNDS):
        ref = f"R{number}"
        attempt = found[ref]
        line.says(says(ref, txn=f"T{number}", paid_at=NOON))
        barrier.wait(timeout=60)
        act = an_act(late, ids=ids)
        match process:
            case 0:
                arrival = a_callback(rail, ref, txn=f"T{number}")
                seen.append(receive(house, act, a_merchant(), arrival).body.decode())
            case 1:
                ask_about(house, act, attempt.id)
            case 2:
                database.act(_expire, act, attempt.order_id)
            case _:
                with database.read() as tx:
                    orders.get(tx, attempt.order_id)
                database.act(attempts.ask_soon, attempt.id, now=late, not_since=late)
    database.close()
    results.put(seen)


def many_attempts(tx):
    return many(attempts.Attempt, tx.execute(sa.select(attempts.table)))


@pytest.mark.parametrize("late_money", LateMoney)
def test_callback_query_expiry_and_return_at_once_never_lose_a_payment(bare_db, late_money):
    open_orders(bare_db, late_money=late_money)

    answers = together(all_at_once, url_of(bare_db))

    assert set(answers) <= {Outcome.APPLIED, Outcome.KNOWN}
    assert len(answers) == ROUNDS
    assert balances(bare_db)[Account.DUE_FROM_PROVIDER] == 5_000 * ROUNDS
    assert len(scan(bare_db, collections.table)) == ROUNDS
    states = Counter(row.state for row in scan(bare_db, orders.table))
    late = sum(row.kind is CaseKind.LATE_PAYMENT for row in scan(bare_db, cases.table))
    if late_money is LateMoney.ACCEPT:
        assert states == {OrderState.PAID: ROUNDS}
    told = defaultdict(list)
    for row in sorted(scan(bare_db, outbox.table), key=lambda row: row.version):
        told[row.order_id].append(row.type)
    # Nothing is told of an order's end once it is paid.
    assert all(
        each.index("order.paid") == len(each) - 1 for each in told.values() if "order.paid" in each
    )
    # Whoever was expired first has its money in suspense, with a case: never lost, never both.
    assert states[OrderState.PAID] + late == ROUNDS
    assert balances(bare_db)[Account.SUSPENSE] == -5_000 * late
