"""A kept message is read again: what is known changes nothing, what was missed counts."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from paygate.domain.order import OrderState
from paygate.domain.outcome import Outcome
from paygate.services.chase_pending import ask_about
from paygate.services.reveal_message import reveal_message
from paygate.store import audit, collections, evidence, orders, sealed
from tests.support.builders import (
    FAKE,
    NOON,
    VAULT,
    a_callback,
    a_house,
    a_merchant,
    an_act,
    an_attempt,
    an_order,
    furnish,
)
from tests.support.fakes import CountingIds, FakeLine, FakeRail, says
from webhooks.inbox import receive
from webhooks.replay import NotReplayableError, replay_message

NEW_KEY = FakeRail(secret=b"the rail's new secret")


@pytest.fixture
def act():
    return an_act(ids=CountingIds())


@pytest.fixture
def attempt(db, act):
    db.act(furnish)
    return db.act(an_attempt, act, db.act(an_order, act))


def told(db, act, attempt, *, rail=None, **said):
    """Let the fake rail call back, and return the id under which that was kept."""
    house = a_house(db)
    receive(house, act, house.merchants[FAKE], a_callback(rail or FakeRail(), attempt.ref, **said))
    with db.read() as tx:
        (last,) = evidence.latest(tx, limit=1)
    return last.id


def state(db, attempt):
    with db.read() as tx:
        order = orders.get(tx, attempt.order_id)
    assert order is not None
    return order.state


def rows(db, table):
    with db.read() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_what_was_applied_is_known_and_nothing_is_booked_twice(db, act, attempt):
    message_id = told(db, act, attempt)

    outcome = replay_message(a_house(db), act, message_id, rehearse=False)

    assert outcome is Outcome.KNOWN
    assert rows(db, collections.table) == 1
    assert rows(db, evidence.table) == 1


def test_a_message_that_came_before_its_key_was_known_counts_once_it_is(db, act, attempt):
    message_id = told(db, act, attempt, rail=NEW_KEY)
    assert state(db, attempt) is OrderState.PROCESSING
    house = a_house(db, merchants={FAKE: a_merchant(NEW_KEY)})

    outcome = replay_message(house, act, message_id, rehearse=False)

    assert outcome is Outcome.APPLIED
    assert state(db, attempt) is OrderState.PAID


def test_a_rehearsal_says_what_would_be_and_changes_nothing(db, act, attempt):
    message_id = told(db, act, attempt, rail=NEW_KEY)
    house = a_house(db, merchants={FAKE: a_merchant(NEW_KEY)})
    before = rows(db, audit.table)

    outcome = replay_message(house, act, message_id, rehearse=True)

    assert outcome is Outcome.APPLIED
    assert state(db, attempt) is OrderState.PROCESSING
    assert rows(db, collections.table) == 0
    assert rows(db, audit.table) == before


def test_a_message_whose_key_is_still_wrong_stays_refused(db, act, attempt):
    message_id = told(db, act, attempt, rail=NEW_KEY)

    outcome = replay_message(a_house(db), act, message_id, rehearse=False)

    assert outcome is Outcome.BAD_SIGNATURE
    assert state(db, attempt) is OrderState.PROCESSING


def test_a_signed_message_that_says_nothing_stays_unreadable(db, act, attempt):
    body = b"{}"
    rail = FakeRail()
    arrival = replace(
        a_callback(rail, attempt.ref),
        body=body,
        headers=(("X-Signature", rail.sign(body).decode()),),
    )
    house = a_house(db)
    receive(house, act, house.merchants[FAKE], arrival)
    with db.read() as tx:
        (last,) = evidence.latest(tx, limit=1)

    assert replay_message(house, act, last.id, rehearse=False) is Outcome.UNREADABLE


def test_an_answer_to_a_question_of_ours_is_replayed_too(db, act, attempt):
    line = FakeLine()
    line.says(says(attempt.ref, paid_at=NOON))
    later = replace(act, now=attempt.ask_at)
    ask_about(a_house(db, send=line), later, attempt.id)
    with db.read() as tx:
        (last,) = evidence.latest(tx, limit=1)

    assert replay_message(a_house(db), later, last.id, rehearse=False) is Outcome.KNOWN


def test_who_replayed_and_what_became_of_it_is_audited_beside_the_message(db, act, attempt):
    message_id = told(db, act, attempt, rail=NEW_KEY)
    house = a_house(db, merchants={FAKE: a_merchant(NEW_KEY)})

    replay_message(house, replace(act, actor="operator:lan"), message_id, rehearse=False)

    with db.read() as tx:
        (record,) = audit.stream_of(tx, f"message:{message_id}")
        kept = evidence.get(tx, message_id)
    for part in (
        '"actor":"operator:lan"',
        '"action":"message.replayed"',
        '"was":"bad_signature"',
        '"outcome":"applied"',
    ):
        assert part in record.record
    assert kept is not None
    assert kept.outcome is Outcome.BAD_SIGNATURE


def test_a_message_that_nobody_kept_is_not_replayed(db, act):
    with pytest.raises(NotReplayableError, match="no such message"):
        replay_message(a_house(db), act, "msg_x", rehearse=False)


def test_a_message_of_an_account_that_is_no_more_is_not_replayed(db, act, attempt):
    message_id = told(db, act, attempt)
    house = replace(a_house(db), merchants={})

    with pytest.raises(NotReplayableError, match="fake is not configured"):
        replay_message(house, act, message_id, rehearse=False)


def test_bytes_that_were_erased_are_not_guessed(db, act, attempt):
    message_id = told(db, act, attempt)
    db.act(lambda tx: tx.execute(sealed.table.delete()))

    with pytest.raises(sealed.SealError):
        replay_message(a_house(db), act, message_id, rehearse=False)


# ---- looking --------------------------------------------------------------------------------
def test_what_is_revealed_is_what_came_and_who_looked_is_audited(db, act, attempt):
    message_id = told(db, act, attempt)

    shown = db.act(reveal_message, replace(act, actor="operator:lan"), VAULT, message_id)

    assert shown.body == a_callback(FakeRail(), attempt.ref).body
    assert shown.head["method"] == "POST"
    with db.read() as tx:
        (record,) = audit.stream_of(tx, f"message:{message_id}")
    assert '"actor":"operator:lan"' in record.record
    assert '"action":"message.revealed"' in record.record


def test_bytes_that_are_not_those_that_were_hashed_are_not_shown(db, act, attempt):
    message_id = told(db, act, attempt)
    with db.read() as tx:
        kept = evidence.get(tx, message_id)
    assert kept is not None
    owner = sealed.Owner(evidence.table.name, message_id, "sealed_id")
    text = sealed.encrypt(VAULT.keys[0], owner, b"{}", salt=bytes(16), nonce=bytes(12))
    mine = sealed.table.c.id == kept.sealed_id
    db.act(lambda tx: tx.execute(sealed.table.update().where(mine).values(ciphertext=text)))

    with pytest.raises(sealed.SealError, match="is not what came"):
        db.act(reveal_message, act, VAULT, message_id)


def test_only_messages_about_the_very_attempt_are_found(db, act, attempt):
    mine = told(db, act, attempt)
    other = db.act(
        an_attempt, act, db.act(an_order, act, dossier="000.30.27.H23-220928-0002"), ref="A" * 6
    )
    told(db, act, other, txn="R2")

    with db.read() as tx:
        found = evidence.about(tx, FAKE, attempt.ref, since=attempt.created_at)
        part = evidence.about(tx, FAKE, attempt.ref[:-1], since=attempt.created_at)

    assert [each.id for each in found] == [mine]
    assert part == ()
