"""Every word of a rail in every situation, held against the design's own sentences.

The expectation below was written from DESIGN 3 and TRUST 2 alone; it shares no table with the
code that it judges.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import pytest

from paygate.domain.order import LateMoney, OrderState
from paygate.domain.payment import PaymentState
from paygate.services.expire_orders import expire_orders
from paygate.services.move_order import move_order
from paygate.store import attempts, live_orders, orders
from providers.contract import Said
from tests.adversary.conftest import World
from tests.support.builders import NOON, furnish

S = PaymentState
LIVE = {"created", "redirected", "pending", "unknown"}
OTHER_DOSSIER = "000.30.27.H23-220928-0099"
LATER = NOON + timedelta(days=2)
WORLDS = (
    "live",
    "paid by another attempt",
    "expired, late money refused",
    "expired, late money taken",
    "cancelled, late money taken",
    "expired, another order live",
    "expired, another order paid",
)
# How the rail's transaction stands in the book already.
KNOWN = ("new", "ours", "parked for nobody", "of another attempt")


@dataclass(frozen=True)
class Situation:
    """Where the order stands, what its attempt is, and what the rail says."""

    where: str
    state: str
    said: str
    dong: int
    known: str


def situations():
    for where, state in product(WORLDS, PaymentState):
        for dong, known in product((5_000, 4_999, 5_001), KNOWN):
            if known == "ours" and state not in {S.PAID, S.REVERSED}:
                continue
            yield Situation(where, state.value, "paid", dong, known)
        for said in ("pending", "failed", "cancelled", "unknown"):
            yield Situation(where, state.value, said, 5_000, "new")


@dataclass(frozen=True)
class Facts:
    """What can be seen from outside."""

    order: str
    attempt: str
    received: int
    suspense: int
    owed: int
    kinds: tuple[str, ...]
    notices: tuple[str, ...]
    version: int
    keys: int


def look(world, order, attempt):
    book = world.book()
    found = world.read(orders.get, order.id)
    with world.db.read() as tx:
        keys = tx.execute(live_orders.table.select()).all()
    return Facts(
        order=found.state.value,
        attempt=world.read(attempts.get, attempt.id).payment_state.value,
        received=book["due_from_provider"],
        suspense=-book["suspense"],
        owed=-book["owed_to_beneficiary"],
        kinds=tuple(sorted(each.value for each in world.kinds(order))),
        notices=tuple(world.notices(order)),
        version=found.version,
        keys=sum(each.order_id == order.id for each in keys),
    )


def build(world, situation):
    """Bring about the situation by the verbs themselves; return the order and its attempt."""
    order = world.order()
    attempt = world.attempt(order)
    where = situation.where
    if where == "paid by another attempt":
        first = world.attempt(order)
        world.hear(first.ref, txn="FIRST")
    elif where.startswith("expired"):
        assert expire_orders(world.house, world.act(LATER)) == 1
        if "another" in where:
            other = world.order(LATER)
            if where.endswith("paid"):
                world.hear(world.attempt(other, LATER).ref, txn="FIRST")
    elif where.startswith("cancelled"):

        def cancel(tx):
            held = orders.lock(tx, order.id)
            assert held is not None
            live_orders.release(tx, order.id)
            move_order(tx, world.act(), replace(held, closed_as=OrderState.CANCELLED))

        world.db.act(cancel)
    reach(world, attempt, situation.state)
    if situation.known == "parked for nobody":
        world.hear("NOBODY", txn="NEW", dong=situation.dong)
    elif situation.known == "of another attempt":
        stranger = world.attempt(world.order(dossier=OTHER_DOSSIER))
        world.hear(stranger.ref, txn="NEW")
    return order, attempt


def reach(world, attempt, state):
    if state in {"paid", "reversed"}:
        world.hear(attempt.ref, txn="OWN")
    if state != "paid":

        def move(tx):
            held = orders.lock(tx, attempt.order_id)
            assert held is not None
            attempts.move(tx, attempt.id, S(state), rail_code=None, ask_at=None)
            if held.state in {"open", "processing"}:
                move_order(tx, world.act(), held)

        world.db.act(move)


def expected(situation, before):
    """Return the outcome, and the facts after it, by the words of the design."""
    if situation.said != "paid":
        return of_news(situation, before)
    if situation.known == "ours" and situation.dong == 5_000:
        return "known", before
    if situation.known in {"ours", "of another attempt"}:
        return "contradicts", case(before, "key_conflict")
    trouble = misfit(situation, before)
    counted = situation.dong if situation.known == "new" else 0
    after = replace(before, received=before.received + counted)
    if situation.dong == 5_000 and situation.state != "reversed":
        after = replace(after, attempt="paid")
    if trouble is None:
        after = replace(
            after,
            order="paid",
            owed=after.owed + 5_000,
            suspense=after.suspense - (5_000 - counted),
            notices=(*after.notices, "order.paid"),
            version=after.version + 1,
            keys=1,
        )
        return "applied", after
    after = case(replace(after, suspense=after.suspense + counted), trouble)
    if trouble != "contradiction":
        after = replace(after, notices=(*after.notices, f"order.{trouble}"))
    after = replace(after, version=after.version + 1, order=alive(after))
    if trouble == "amount_differs":
        return "amount_differs", after
    return ("contradicts" if situation.state in {"paid", "reversed"} else "applied"), after


def misfit(situation, before):
    if situation.dong != 5_000:
        return "amount_differs"
    if situation.state == "reversed":
        return "contradiction"
    if before.order == "paid":
        return "duplicate_payment"
    if before.order in {"expired", "cancelled"}:
        if "refused" in situation.where:
            return "late_payment"
        if "another" in situation.where:
            return "duplicate_payment"
    return None


def of_news(situation, before):
    state, said = situation.state, situation.said
    if state == said or (said in {"pending", "unknown"} and state not in LIVE):
        return "known", before
    gives_way = LIVE | {"expired"} | ({"cancelled"} if said == "failed" else set())
    if said in {"pending", "unknown"} or state in gives_way:
        after = replace(before, attempt=said, version=before.version + 1)
        return "applied", replace(after, order=alive(after))
    return "contradicts", case(before, "contradiction")


def alive(facts):
    if facts.order not in {"open", "processing"}:
        return facts.order
    return "processing" if facts.attempt in LIVE else "open"


def case(facts, kind):
    return replace(facts, kinds=tuple(sorted((*facts.kinds, kind))))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("where", WORLDS)
def test_every_word_of_the_rail_ends_as_the_design_says(db, where):
    refuses = "refused" in where
    db.act(furnish, late_money=LateMoney.REFUND if refuses else LateMoney.ACCEPT)
    wrong = []
    for situation in (each for each in situations() if each.where == where):
        trial = db.connection.begin_nested()
        world = World(db)
        order, attempt = build(world, situation)
        before = look(world, order, attempt)
        if where == "live":
            assert before.order == (
                "paid" if situation.state in {"paid", "reversed"} else alive(before)
            )
        txn = "OWN" if situation.known == "ours" else "NEW"
        outcome, after = expected(situation, before)
        got = world.hear(attempt.ref, Said(situation.said), dong=situation.dong, txn=txn, now=LATER)
        seen = look(world, order, attempt)
        if (got.value, seen) != (outcome, after):
            wrong.append(f"{situation}\n   must: {outcome} {after}\n   is:   {got.value} {seen}")
        # Told again, nothing moves, and the rail is told that we know.
        again = world.hear(
            attempt.ref, Said(situation.said), dong=situation.dong, txn=txn, now=LATER
        )
        if look(world, order, attempt) != seen:
            wrong.append(f"{situation}\n   told again ({again.value}) it moved something")
        trial.rollback()
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:6])
