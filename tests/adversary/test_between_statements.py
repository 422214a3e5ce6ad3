"""What another transaction does between two statements of ours, placed there exactly.

On SQLite the gate lets one writer in at a time, so there only readers can be interleaved.
"""

from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from paygate.domain.case import Disposition
from paygate.domain.errors import LiveOrderExistsError
from paygate.domain.order import OrderFacts, order_state
from paygate.services.expire_orders import expire_orders
from paygate.store import attempts, collections, driver, live_orders, orders
from paygate.store.engine import EngineDatabase
from paygate.web.book import read_book
from paygate.web.order_json import order_json
from tests.adversary.conftest import World
from tests.support.builders import FAKE, NOON, a_merchant, furnish
from tests.support.databases import url_of
from tests.support.fakes import CountingIds

LATER = NOON + timedelta(days=2)


@pytest.fixture
def world(bare_db):
    bare_db.act(furnish)
    return World(bare_db, ids=CountingIds("a"))


@pytest.fixture
def rival(world):
    """The same house by another process."""
    other = EngineDatabase(url_of(world.db))
    yield World(other, ids=CountingIds("b"))
    other.close()


@contextmanager
def after_first(database, words, do):
    """Let *do* happen once, right after the first statement of *database* that holds *words*."""
    done: list[str] = []

    def look(statement):
        if words in statement and not done:
            done.append(statement)
            do()

    def listen(_connection, _cursor, statement, *_):
        look(statement)

    send = driver._send  # what Core's events do not see

    def send_and_look(tx, text, row):
        found = send(tx, text, row)
        look(text.sql)
        return found

    sa.event.listen(database.engine, "after_cursor_execute", listen)
    driver._send = send_and_look
    try:
        yield done
    finally:
        driver._send = send
        sa.event.remove(database.engine, "after_cursor_execute", listen)
    assert done


def only_where_writers_meet(world):
    if world.db.engine.dialect.name == "sqlite":
        pytest.skip("the gate lets one writer in at a time")


def test_an_order_is_issued_though_the_one_before_it_ends_at_that_very_moment(world, rival):
    only_where_writers_meet(world)
    world.order()

    def end():
        assert expire_orders(rival.house, rival.act(LATER)) == 1

    with (
        after_first(world.db, "INSERT INTO live_order", end),
        suppress(LiveOrderExistsError),  # that was true a moment ago
    ):
        world.order(LATER)

    with world.db.read() as tx:
        assert len(tx.execute(live_orders.table.select()).all()) <= 1


def test_money_that_pays_one_order_is_not_taken_away_for_another(world, rival):
    only_where_writers_meet(world)
    first, second = world.order(), world.order(dossier="000.30.27.H23-220928-0002")
    mine, theirs = world.attempt(first), world.attempt(second)
    world.hear(world.attempt(second).ref, txn="R0")  # the second one is paid already
    world.hear("NOBODY", txn="R1")

    def pay_first():
        rival.hear(mine.ref, txn="R1")

    with (
        after_first(world.db, "FROM collection", pay_first),
        suppress(sa.exc.IntegrityError),  # then the rail is asked to try again
    ):
        world.hear(theirs.ref, txn="R1")

    covering = world.read(orders.get, first.id).covered_by
    kept = {each.id: each for each in world.read(collections.of_order, first.id)}
    assert covering in kept
    assert kept[covering].disposition is Disposition.IDENTIFIED


def test_a_page_shows_one_moment_of_the_book(world, rival):
    order = world.order()
    attempt = world.attempt(order)
    merchants = {FAKE: a_merchant()}

    with (
        after_first(world.db, "FROM fee_order", lambda: rival.hear(attempt.ref)),
        world.db.read() as tx,
    ):
        book = read_book(tx, merchants, order.id, now=NOON)

    assert book is not None
    states = tuple(each.payment_state for each in book.attempts)
    facts = OrderFacts(attempts=states, covered=book.order.covered_by is not None)
    assert order_state(facts) is book.order.state
    assert (book.order.covered_by is None) == (book.collections == ())


def test_a_portal_reads_one_moment_of_the_book(world, rival):
    order = world.order()
    attempt = world.attempt(order)

    with (
        after_first(world.db, "FROM fee_order", lambda: rival.hear(attempt.ref)),
        world.db.read() as tx,
    ):
        found = orders.get(tx, order.id)
        assert found is not None
        told: dict[str, Any] = order_json(tx, found, base_url="https://pay.example")

    assert (told["state"] == "paid") == (told["attempts"][0]["payment_state"] == "paid")
    assert (told["state"] == "paid") == (told["refundable_amount"] > 0)


def test_a_look_at_the_return_page_never_undoes_what_the_rail_said(world, rival):
    only_where_writers_meet(world)
    attempt = world.attempt(world.order())
    with after_first(world.db, "FROM payment_attempt", lambda: None):
        world.read(attempts.get, attempt.id)
    rival.hear(attempt.ref)

    world.db.act(attempts.ask_soon, attempt.id, now=NOON, not_since=NOON)

    assert world.read(attempts.get, attempt.id).ask_at is None
