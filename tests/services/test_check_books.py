"""Whatever in the book is not as it must be is found by its rule, and named."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from paygate.domain.case import Disposition
from paygate.ledger import journal
from paygate.services.check_books import check_books
from paygate.services.record_payment import record_payment
from paygate.store import audit, collections, orders
from paygate.store.orders import FeeOrder
from tests.support.builders import FAKE, NOON, a_callback, an_act, an_attempt, an_order, furnish
from tests.support.fakes import CountingIds, FakeRail


@pytest.fixture
def paid(db):
    """A paid order, money that fits nothing, and an order nobody paid."""
    act = an_act(ids=CountingIds())
    db.act(furnish)
    order = db.act(an_order, act)
    attempt = db.act(an_attempt, act, order)
    rail = FakeRail()
    for ref, txn in ((attempt.ref, "R1"), ("NOBODYS", "R2")):
        for report in rail.read_callback(a_callback(rail, ref, txn=txn)):
            db.act(record_payment, act, FAKE, report)
    db.act(an_order, act, dossier="000.30.27.H23-220928-0002")
    return order


def broken(db):
    with db.read() as tx:
        return {each.rule: each.findings for each in check_books(tx) if each.findings}


@pytest.mark.usefixtures("paid")
def test_a_book_that_the_verbs_wrote_is_whole(db):
    assert broken(db) == {}


def test_an_empty_book_is_whole(db):
    assert broken(db) == {}


def leg(cause, dong, *, account="due_from_provider", detail="fake", leg_no=0):
    def write(tx, _order):
        tx.execute(
            sa.text(
                "INSERT INTO ledger_leg (cause, leg_no, account, detail, amount, business_date, "
                "posting_date, booked_at) VALUES (:cause, :no, :account, :detail, :dong, "
                "'2022-09-28', '2022-09-28', '2022-09-28 05:00:00')"
            ),
            {"cause": cause, "no": leg_no, "account": account, "detail": detail, "dong": dong},
        )

    return write


def collection_without_entry(tx, _order):
    (kept,) = collections.called(tx, FAKE, "R2", "another")
    fields = {name: getattr(kept, name) for name in kept.__slots__}
    row = fields | {"id": "col_x", "rail_txn": "R3"}
    tx.execute(collections.table.insert(), row)


def collection_of_another_amount(tx, _order):
    tx.execute(sa.text("UPDATE collection SET amount = 4999 WHERE rail_txn = 'R1'"))


def taken_back_without_entry(tx, _order):
    tx.execute(
        collections.table.update()
        .where(collections.table.c.rail_txn == "R2")
        .values(taken_back_at=NOON)
    )


def identified_without_entry(tx, order):
    tx.execute(
        collections.table.update()
        .where(collections.table.c.rail_txn == "R2")
        .values(disposition=Disposition.IDENTIFIED, order_id=order.id)
    )


def order_in_a_state_of_its_own(tx, order):
    tx.execute(
        sa.text("UPDATE fee_order SET state = 'processing' WHERE id <> :id"), {"id": order.id}
    )


def order_paid_by_nothing(tx, order):
    tx.execute(
        sa.text("UPDATE fee_order SET covered_by = 'col_none' WHERE id = :id"), {"id": order.id}
    )


def order_paid_by_parked_money(tx, order):
    (kept,) = collections.called(tx, FAKE, "R2", "another")
    tx.execute(
        orders.table.update().where(orders.table.c.id == order.id).values(covered_by=kept.id)
    )


def link(**changes: object) -> Callable[[sa.Connection, FeeOrder], None]:
    """Append a record that is wrong in one thing, with a hash that is right for the rest."""

    def write(tx, order):
        stream = f"order:{order.id}"
        last = audit.stream_of(tx, stream)[-1]
        said = {"stream": stream, "seq": last.seq + 1, "at": NOON.strftime(audit.INSTANT)}
        told = {name: changes.get(f"told_{name}", value) for name, value in said.items()}
        row: dict[str, object] = {
            "id": "aud_x",
            "stream": stream,
            "seq": last.seq + 1,
            "at": NOON,
            "record": audit.canonical(told),
            "prev_hash": last.hash,
        }
        row |= {name: value for name, value in changes.items() if name in audit.table.c}
        hashed = audit.link(bytes.fromhex(str(row["prev_hash"])), str(row["record"]))
        tx.execute(audit.table.insert(), {"hash": hashed.hex(), **row})

    return write


DAMAGE = {
    "an entry that does not balance": (leg("adjust:x", 1), "every entry sums to 0"),
    "money that nobody brought": (
        leg("collect:fake:R9", 5_000),
        "every collection in the ledger is there",
    ),
    "a collection without an entry": (
        collection_without_entry,
        "every collection is in the ledger",
    ),
    "a collection of another amount": (
        collection_of_another_amount,
        "every collection is in the ledger",
    ),
    "suspense that gave too much": (
        leg("adjust:y", 10_000, account="suspense"),
        "suspense gives no more than it took",
    ),
    "money identified without an entry": (
        identified_without_entry,
        "suspense and collections agree",
    ),
    "money taken back without an entry": (
        taken_back_without_entry,
        "what rails took back is in the ledger",
    ),
    "an entry of taking back what nobody took": (
        leg("takeback:fake:R1", 5_000, account="chargebacks"),
        "what rails took back is in the ledger",
    ),
    "an order in a state of its own": (
        order_in_a_state_of_its_own,
        "every order stands as its facts say",
    ),
    "an order paid by nothing": (order_paid_by_nothing, "every paid order has its money"),
    "an order paid by parked money": (
        order_paid_by_parked_money,
        "every paid order has its money",
    ),
    "a record of another place": (link(told_seq=7), "every chain of the audit holds"),
    "a record of another stream": (
        link(told_stream="order:other"),
        "every chain of the audit holds",
    ),
    "a record of another time": (
        link(told_at="2022-09-28T05:00:01.000000Z"),
        "every chain of the audit holds",
    ),
    "a record that is missing": (link(seq=99), "every chain of the audit holds"),
    "a record on another chain": (link(prev_hash="00" * 32), "every chain of the audit holds"),
    "a record with another hash": (link(hash="00" * 32), "every chain of the audit holds"),
}


@pytest.mark.parametrize(("damage", "rule"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_found_by_its_rule_and_named(db, paid, damage, rule):
    db.act(damage, paid)

    found = broken(db)

    assert rule in found
    assert all(found[rule])


def test_a_record_that_fits_is_no_damage(db, paid):
    db.act(link(), paid)

    assert broken(db) == {}


def test_more_rows_than_are_read_at_once_are_all_looked_at(db, paid, monkeypatch):
    monkeypatch.setattr("paygate.services.check_books.BATCH", 1)
    assert broken(db) == {}
    db.act(order_in_a_state_of_its_own, paid)

    assert set(broken(db)) == {"every order stands as its facts say"}


def test_the_book_is_not_asked_by_the_sums_alone(db, paid):
    """Two errors that make up for each other are two errors."""
    db.act(leg("adjust:a", 5), paid)
    db.act(leg("adjust:b", -5), paid)

    with db.read() as tx:
        assert sum(each.dong for each in journal.trial_balance(tx).values()) == 0
    assert len(broken(db)["every entry sums to 0"]) == 2
