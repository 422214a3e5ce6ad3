"""Random histories against a model that stands outside: what the rail took, to the dong."""

from contextlib import suppress

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from paygate.domain.case import Disposition
from paygate.domain.errors import (
    AlreadyPaidError,
    LiveOrderExistsError,
    OrderNotPayableError,
    OrderPaidError,
)
from paygate.domain.order import LateMoney, OrderFacts, OrderState, Purpose, order_state
from paygate.domain.outcome import Outcome
from paygate.domain.payment import PaymentState
from paygate.ledger import journal
from paygate.ledger.chart import Account
from paygate.services.cancel_order import ask_cancel, cancel_orders
from paygate.services.chase_pending import chase_pending
from paygate.services.expire_orders import expire_orders
from paygate.services.start_checkout import CheckoutWanted, start_checkout
from paygate.store import attempts, collections, evidence, live_orders, orders, outbox
from paygate.store.engine import EngineDatabase
from providers.contract import HttpReply, NotSentError, SilentError
from tests.support.builders import (
    NOON,
    a_callback,
    a_house,
    a_line,
    a_merchant,
    an_act,
    an_order,
    furnish,
)
from tests.support.databases import empty
from tests.support.fakes import CountingIds, FakeLine, FakeRail, SteppingClock, says
from webhooks.inbox import receive

RAIL = FakeRail()
CODES = st.sampled_from(["00", "24", "51", "01", "77"])


class World(RuleBasedStateMachine):
    """The world outside keeps its own account of every dong; so does each order of its portal."""

    db: EngineDatabase
    orders_made = Bundle("orders_made")
    refs = Bundle("refs")

    def __init__(self):
        super().__init__()
        empty(self.db)
        self.ids, self.clock, self.line = CountingIds(), SteppingClock(NOON), FakeLine()
        self.house = a_house(self.db, send=self.line)
        self.taken = {}  # the rail's number -> dong that the rail took
        self.back = set()  # the numbers of what it took back
        self.early = set()  # the same, told before it told of the payment

    @initialize(late_money=st.sampled_from(LateMoney))
    def settle_in(self, late_money):
        self.db.act(furnish, late_money=late_money)

    def act(self):
        return an_act(self.clock.now(), ids=self.ids)

    # ---- what the world does ----
    @rule(
        target=orders_made,
        dossier=st.integers(1, 3),
        split=st.booleans(),
        purpose=st.sampled_from([Purpose.FEE, Purpose.SUPPLEMENT]),
        dong=st.integers(1_000, 10**6),
    )
    def issue(self, dossier, split, purpose, dong):
        lines = [a_line(dong)]
        if split:
            lines.append(a_line(1_000, code="P01", beneficiary="H23"))
        try:
            return self.db.act(
                an_order,
                self.act(),
                dossier=f"000.30.27.H23-220928-000{dossier}",
                lines=tuple(lines),
                purpose=purpose,
                collecting_agency="H23",
            ).id
        except (LiveOrderExistsError, AlreadyPaidError) as refusal:
            return refusal.facts["order_id"]

    @rule(target=refs, order_id=orders_made, way=st.sampled_from(["led", "silent", "nowhere"]))
    def check_out(self, order_id, way):
        match way:
            case "led":
                self.line.says(b"https://rail.example/pay")
            case "silent":
                self.line.fails(SilentError())
            case _:
                self.line.fails(NotSentError())
        wanted = CheckoutWanted(
            order_id=order_id,
            account="fake",
            bank=None,
            client_ip="127.0.0.1",
            language="vi",
            return_url="https://pay.example/return/{}",
        )
        try:
            started = start_checkout(self.house, self.act(), wanted)
        except OrderNotPayableError:
            return "NOBODY", 5_000
        return started.attempt.ref, started.attempt.amount.dong

    def say(self, ref, code, txn, dong, *, named=True):
        told = txn if named else None
        with self.db.read() as tx:
            attempt = attempts.by_ref(tx, ref)
        # Said in the wrong order it comes to the same: the attempt failed then, and so it stands.
        failed = attempt is not None and attempt.payment_state is PaymentState.FAILED
        if code == "00" and named and failed and txn in self.early and txn not in self.taken:
            self.back.add(txn)
        arrival = a_callback(RAIL, ref, code=code, dong=dong, txn=told, paid_at=self.clock.now())
        answer = receive(self.house, self.act(), a_merchant(), arrival)
        if code == "00":
            self.taken.setdefault(txn, dong)
        return Outcome(answer.body.decode())

    @rule(ref=refs, code=CODES, txn=st.sampled_from("ab"), named=st.booleans())
    def callback(self, ref, code, txn, named):
        name, dong = ref
        # Of every second attempt the rail takes money once, and may forget to give its number:
        # two payments that nobody numbers cannot be told apart by anybody.
        if name.endswith(tuple("13579")):
            named = True
        else:
            txn = "a"
        number = f"{name}-{txn}"
        # What the rail took under a number it took once: it repeats the amount.
        self.say(name, code, number, self.taken.get(number, dong), named=named)

    @rule(ref=refs, more=st.sampled_from([-1, 1, 5_000]))
    def callback_of_another_amount(self, ref, more):
        name, dong = ref
        txn = f"{name}-w{more}"
        self.say(name, "00", txn, self.taken.get(txn, max(1, dong + more)))

    @rule(ref=refs)
    def rail_takes_it_back(self, ref):
        name, dong = ref
        number = f"{name}-a"
        known = self.taken.get(number)
        if known is None and any(each.startswith(f"{name}-") for each in self.taken):
            return  # a rail takes back what it took
        arrival = a_callback(
            RAIL, name, code="09", dong=known or dong, txn=number, paid_at=self.clock.now()
        )
        answer = receive(self.house, self.act(), a_merchant(), arrival)
        if known is None and name != "NOBODY":
            self.early.add(number)
        if known is not None:
            first = number not in self.back
            once = Outcome.APPLIED if first else Outcome.KNOWN
            assert answer.body.decode() == (Outcome.UNKNOWN_ATTEMPT if name == "NOBODY" else once)
            self.back.add(number)

    @rule(order_id=orders_made)
    def portal_cancels(self, order_id):
        with suppress(OrderPaidError):
            self.db.act(ask_cancel, self.act(), order_id)

    @rule(code=CODES, speaks=st.booleans())
    def cancel(self, code, speaks):
        self.rails_say(code, speaks=speaks)
        cancel_orders(self.house, self.act())

    @rule(txn=st.sampled_from("xy"), dong=st.integers(1, 10**6))
    def stranger(self, txn, dong):
        txn = f"nobody-{txn}"
        self.say("STRANGER", "00", txn, self.taken.get(txn, dong))

    @rule(hours=st.sampled_from([0.01, 0.3, 1, 25]))
    def time_passes(self, hours):
        self.clock.step(hours=hours)

    @rule(code=CODES, speaks=st.booleans())
    def chase(self, code, speaks):
        self.rails_say(code, speaks=speaks)
        chase_pending(self.house, self.act())

    @rule(code=CODES, speaks=st.booleans())
    def expire(self, code, speaks):
        self.rails_say(code, speaks=speaks)
        expire_orders(self.house, self.act())

    def rails_say(self, code, *, speaks):
        def answer(call):
            if not speaks:
                raise SilentError
            ref = call.body.decode()
            with self.db.read() as tx:
                attempt = attempts.by_ref(tx, ref)
            assert attempt is not None
            txn, now = f"{ref}-a", self.clock.now()
            dong = self.taken.get(txn, attempt.amount.dong)
            if code == "00":
                self.taken.setdefault(txn, dong)
            # An answer without money repeats what was asked.
            told = dong if code == "00" else attempt.amount.dong
            return HttpReply(200, {}, says(ref, code=code, dong=told, txn=txn, paid_at=now))

        self.line.answer = answer

    # ---- what must hold after each step ----
    @invariant()
    def every_dong_that_came_is_in_the_book_once(self):
        with self.db.read() as tx:
            book = {a: m.dong for a, m in journal.trial_balance(tx).items()}
            kept = tx.execute(sa.select(collections.table)).all()

        back = sum(self.taken[number] for number in self.back)
        assert book[Account.CHARGEBACKS] == back
        assert book[Account.DUE_FROM_PROVIDER] == sum(self.taken.values()) - back
        assert {self.number_of(row): row.amount.dong for row in kept} == self.taken
        assert sum(book.values()) == 0
        parked = sum(row.amount.dong for row in kept if row.disposition is Disposition.PARKED)
        assert -book[Account.SUSPENSE] == parked

    @staticmethod
    def number_of(row):
        """Return the rail's own number of a collection, told or not."""
        told = row.also or row.rail_txn
        return f"{row.told_ref}-a" if told.startswith("ref:") else told

    @invariant()
    def every_order_is_what_its_facts_make_it(self):
        with self.db.read() as tx:
            for row in tx.execute(sa.select(orders.table)).all():
                tried = [each.payment_state for each in attempts.of_order(tx, row.id)]
                facts = OrderFacts(
                    attempts=tuple(tried),
                    covered=row.covered_by is not None,
                    closed_as=row.closed_as,
                )
                assert row.state is order_state(facts)
                covering = [
                    each
                    for each in collections.of_order(tx, row.id)
                    if each.disposition in {Disposition.FITS, Disposition.IDENTIFIED}
                ]
                assert [each.id for each in covering] == ([row.covered_by] if facts.covered else [])
                told = [each.version or 0 for each in outbox.of_order(tx, row.id)]
                assert 0 not in told
                assert told == sorted(set(told))
                assert not told or told[-1] <= row.version

    @invariant()
    def one_key_one_order(self):
        with self.db.read() as tx:
            held = set(tx.execute(sa.select(live_orders.table.c.order_id)).scalars())
            live = {
                row.id
                for row in tx.execute(sa.select(orders.table)).all()
                if row.state in {OrderState.OPEN, OrderState.PROCESSING}
            }
        assert live <= held

    @invariant()
    def nothing_was_our_fault(self):
        with self.db.read() as tx:
            outcomes = tx.execute(sa.select(evidence.table.c.outcome)).scalars().all()
        assert Outcome.TROUBLE not in outcomes


@pytest.mark.simulation
@pytest.mark.timeout(900)  # the nightly profile takes its time
def test_no_history_loses_or_doubles_a_dong(bare_db):
    class WorldHere(World):
        db = bare_db

    run_state_machine_as_test(WorldHere)
