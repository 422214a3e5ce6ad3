"""Addresses and methods that look like ours, and what a start refuses of the accounts."""

import pytest
import sqlalchemy as sa

from paygate.bootstrap import meet_accounts
from paygate.config import Account, Config, Gateway
from paygate.domain.ids import AccountCode, AttemptRef
from paygate.domain.money import Money
from paygate.services.record_payment import record_payment
from paygate.settings import SettingsError
from paygate.store import account_states, evidence
from providers.contract import Report, Said
from tests.support.builders import FAKE, NOON, VAULT, an_act, an_attempt, an_order, furnish
from tests.support.fakes import SteppingClock
from tests.support.gateway import a_gateway

pytestmark = pytest.mark.functional


@pytest.fixture
def gateway(db):
    return a_gateway(db)


@pytest.mark.parametrize("account", ["fake", "nothing"])
def test_a_rails_door_knows_no_head_and_keeps_nothing_of_it(gateway, account):
    answer = gateway.client.head(f"/webhooks/{account}")

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}
    with gateway.house.db.read() as tx:
        assert tx.execute(sa.select(evidence.table)).all() == []


@pytest.mark.parametrize("path", ["/v1//orders", "/pay//x", "//evil.example//pay", "/healthz//"])
def test_a_slash_too_many_is_not_found_and_leads_nowhere(gateway, path):
    # Given so, since the client would read `//evil.example` as the name of a host.
    answer = gateway.client.get("/", environ_overrides={"PATH_INFO": path})

    assert answer.status_code == 404
    assert "Location" not in answer.headers


def configured(**rails):
    return Config(
        gateway=Gateway(base_url="https://pay.example", database_url="", support_phone="1"),
        vault=VAULT,
        accounts=tuple(
            Account(code=code, rail=rail, label_vi="Ví", label_en="Wallet", settings={})
            for code, rail in rails.items()
        ),
    )


def problems_of(db, config):
    try:
        db.act(meet_accounts, config, SteppingClock(NOON))
    except SettingsError as error:
        return list(error.problems)
    return []


def take_money(db, account):
    report = Report(
        attempt_ref=AttemptRef("NOBODY"),
        rail_txn="R1",
        amount=Money(5_000),
        said=Said.PAID,
        code="00",
        paid_at=NOON,
    )
    db.act(record_payment, an_act(), AccountCode(account), report)


def test_an_account_that_nobody_used_may_leave_the_file(db):
    db.act(furnish)

    assert problems_of(db, configured(new="vnptpay")) == []
    with db.read() as tx:
        known = {each.code: each.rail for each in account_states.every(tx)}
    assert known == {"fake": "fake", "new": "vnptpay", "other": "fake"}


def test_every_account_that_is_lost_or_moved_is_told_at_once(db):
    db.act(furnish)
    act = an_act()
    db.act(an_attempt, act, db.act(an_order, act))
    take_money(db, "other")

    assert problems_of(db, configured(fake="fake", other="fake")) == []
    assert problems_of(db, configured(new="fake")) == [
        f"account {FAKE}: has attempts or money; keep it with enabled = false",
        "account other: has attempts or money; keep it with enabled = false",
    ]
    assert problems_of(db, configured(other="vnptpay")) == [
        f"account {FAKE}: has attempts or money; keep it with enabled = false",
        "account other: is of rail fake; give vnptpay another code",
    ]


def test_a_refused_start_writes_nothing_down(db):
    db.act(furnish)

    assert problems_of(db, configured(new="vnptpay", fake="vnptpay")) != []
    with db.read() as tx:
        assert [each.code for each in account_states.every(tx)] == ["fake", "other"]
