"""A callback that breaks its adapter is kept and answered; an account is what its attempts know."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paygate.bootstrap import meet_accounts
from paygate.config import Account, Config, Gateway
from paygate.domain.outcome import Outcome
from paygate.settings import SettingsError
from paygate.store import evidence
from tests.support.builders import FAKE, NOON, VAULT, a_callback, a_merchant, an_act
from tests.support.fakes import FakeRail, SteppingClock
from webhooks.inbox import receive


class Broken:
    """The fake rail, whose reader has a fault of ours."""

    def __init__(self):
        self._rail = FakeRail()

    def __getattr__(self, name):
        return getattr(self._rail, name)

    def read_callback(self, arrival):
        return {}[arrival.path]


def test_a_callback_that_breaks_its_adapter_is_kept_and_asked_for_again(world):
    """DESIGN 2.7: whatever the verdict; TRUST R14: quarantined, with reason."""
    arrival = a_callback(FakeRail(), "A1")
    try:
        answer = receive(
            world.house, an_act(NOON, ids=world.ids), a_merchant(Broken()), arrival
        ).body.decode()
    except KeyError:
        answer = "nothing"

    with world.db.read() as tx:
        kept = tx.execute(evidence.table.select()).all()
    assert len(kept) == 1
    assert answer == Outcome.TROUBLE


def a_config(*accounts):
    return Config(
        gateway=Gateway(base_url="https://pay.example", database_url="", support_phone="1"),
        vault=VAULT,
        accounts=accounts,
    )


def an_account(code, rail="fake"):
    return Account(code=code, rail=rail, label_vi="Ví", label_en="Wallet", settings={})


def test_an_account_with_attempts_does_not_move_to_another_rail(world):
    """Its old attempts would be asked about, and its callbacks verified, at a rail that never
    heard of them."""
    world.attempt(world.order())
    moved = a_config(an_account(FAKE, rail="vnptpay"), an_account("other"))

    with pytest.raises(SettingsError):
        world.db.act(meet_accounts, moved, SteppingClock(NOON))


def test_an_account_that_holds_money_stays_in_the_file(world):
    """It has no attempt, yet the rail took money there, and may speak of it again."""
    world.hear("NOBODY", txn="R1")

    with pytest.raises(SettingsError):
        world.db.act(meet_accounts, a_config(an_account("other")), SteppingClock(NOON))


@pytest.mark.parametrize("seconds", [-600, 0, 600])
def test_a_clock_that_goes_back_applies_and_books_once(world, seconds):
    attempt = world.attempt(world.order())
    arrival = a_callback(FakeRail(), attempt.ref)
    now = arrival.arrived_at
    moments = (now, now + timedelta(seconds=seconds))
    outcomes = [
        receive(
            world.house,
            an_act(moment, ids=world.ids),
            a_merchant(),
            replace(arrival, arrived_at=moment),
        ).body.decode()
        for moment in moments
    ]

    assert outcomes == [Outcome.APPLIED, Outcome.KNOWN]
    assert world.received() == 5_000


@pytest.mark.parametrize("name", ["N\x00", "\ud800", "N" * 5_000])
@pytest.mark.parametrize("where", ["ref", "txn"])
def test_a_verified_name_that_no_database_keeps_is_evidence_all_the_same(world, name, where):
    """DESIGN 2.7: verified, not applied, kept and asked for again; never a fault at the door."""
    rail = FakeRail()
    arrival = a_callback(rail, **({"ref": "A1"} | {where: name}))

    receive(world.house, an_act(NOON, ids=world.ids), a_merchant(rail), arrival)

    with world.db.read() as tx:
        [kept] = tx.execute(evidence.table.select()).all()
    assert kept.outcome in {Outcome.TROUBLE, Outcome.UNKNOWN_ATTEMPT}
