"""R03 at once: two things happen to one payment, the second between two statements of the first.

Real transactions on real connections. Where the second must wait for a lock, the first goes on;
where it need not, it has ended before the first goes on. Afterwards the rail repeats that it was
paid, as rails do.
"""

from itertools import count, permutations
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from paygate.domain.order import LateMoney, OrderState
from paygate.ledger import journal
from paygate.store import driver
from paygate.store.engine import EngineDatabase
from tests.support.builders import furnish
from tests.support.databases import url_of
from tests.support.fakes import CountingIds
from tests.support.one_payment import EVENTS, PAID, UNPAID, WAITS, OnePayment

PLACES = (1, 3, 5, 8, 12)  # after which statement of the first one the second one begins
A_MOMENT_S = 0.03  # as long as the second one gets before it counts as waiting


@pytest.fixture
def rival(bare_db):
    """The same database by another pool."""
    other = EngineDatabase(url_of(bare_db))
    yield other
    other.close()


class Between:
    """Starts *second* after so many statements of *database*, and lets it run if it can."""

    def __init__(self, database, place, second):
        self.left, self.failed = place, []
        self.begun, self.thread = False, Thread(target=self._run, args=(second,))
        self.done = Event()
        self.database = database

    def __enter__(self):
        sa.event.listen(self.database.engine, "after_cursor_execute", self._count)
        self.send = driver._send  # what Core's events do not see
        driver._send = self._send
        return self

    def __exit__(self, *_):
        driver._send = self.send
        sa.event.remove(self.database.engine, "after_cursor_execute", self._count)
        if not self.begun:  # the first one had fewer statements
            self.begun = True
            self.thread.start()
        self.thread.join(timeout=60)
        assert self.done.is_set()
        assert self.failed == []

    def _send(self, tx, text, row):
        found = self.send(tx, text, row)
        if tx.engine.pool is self.database.engine.pool:  # the first one's, not the second one's
            self._count()
        return found

    def _count(self, *_):
        self.left -= 1
        if self.left == 0:
            self.begun = True
            self.thread.start()
            self.done.wait(A_MOMENT_S)

    def _run(self, second):
        try:
            second()
        except Exception as error:  # noqa: BLE001  # told by the thread that looks
            self.failed.append(error)
        finally:
            self.done.set()


def seen_by(world, database):
    """Return the same payment as another process sees it."""
    twin = object.__new__(OnePayment)
    twin.__dict__.update(world.__dict__)
    fresh = OnePayment.__init__.__globals__
    twin.db, twin.line = database, fresh["FakeLine"]()
    twin.house = fresh["a_house"](database, send=twin.line)
    twin.clock = fresh["SteppingClock"](world.clock.now())
    twin.ids, twin.said = CountingIds(f"b{world.order.code[-3:].lower()}"), []
    return twin


def sums(db):
    with db.read() as tx:
        return {account: money.dong for account, money in journal.trial_balance(tx).items()}


@pytest.mark.parametrize("late_money", LateMoney)
@pytest.mark.parametrize("place", PLACES)
def test_two_things_at_once_end_as_one_after_the_other(bare_db, rival, late_money, place):
    bare_db.act(furnish, late_money=late_money)
    numbers, ids = count(1), CountingIds("a")
    ends = set()
    for first, second in permutations(EVENTS, 2):
        dossier = f"000.30.27.H23-220928-{next(numbers):04d}"
        world = OnePayment(bare_db, ids, dossier=dossier)
        twin = seen_by(world, rival)
        before = sums(bare_db)
        with Between(bare_db, place, lambda twin=twin, second=second: twin.happen(second)):
            world.happen(first)
        world.callback("00")

        state, _, kept, _ = world.end()
        moved = {account: dong - before[account] for account, dong in sums(bare_db).items()}
        ends.add(state)
        assert kept == 1, (first, second)
        if late_money is LateMoney.ACCEPT:
            assert (state, moved) == (OrderState.PAID, PAID), (first, second)
        else:
            assert state in UNPAID | {OrderState.PAID}, (first, second)
            assert moved == (WAITS if state in UNPAID else PAID), (first, second)
    assert ends == ({OrderState.PAID} if late_money is LateMoney.ACCEPT else UNPAID | {"paid"})
