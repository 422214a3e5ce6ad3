"""What an operator asks of a gateway that runs: is it well, is the book whole, what happened."""

import json
import socket
import sqlite3
import stat
from datetime import timedelta
from itertools import count

import pytest

from paygate import bootstrap
from paygate.domain.clock import SystemClock
from paygate.domain.codes import spaced
from paygate.domain.ids import AccountCode, RandomIds
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from paygate.domain.party import RefundAccount
from paygate.services.issue_order import issue_order
from paygate.store import account_states, audit, evidence, jobs, orders
from paygate.store.account_states import AccountState
from paygate.store.engine import EngineDatabase
from paygate.web.health import WORKER_LEASE
from providers import registry
from providers.contract import NotSentError, Sample
from tests.support.builders import an_act, an_attempt, furnish, order_wanted
from tests.support.cli import a_folder, run, told
from tests.support.fakes import CountingIds
from tests.support.servers import free_port
from webhooks.inbox import receive

pytestmark = pytest.mark.functional
REHEARSAL = registry.find("vnptpay").rehearse()
ACCOUNT = AccountCode("vnpt")
SECONDS = count(1)
RICH = """transaction_statuses = ["00=paid"]
query_response_fields = "MERCHANT_ORDER_ID,AMOUNT,TRANSACTION_STATUS,RESPONSE_CODE"
"""
ACCOUNTS = """
[[account]]
code = "vnpt"
rail = "vnptpay"
label_vi = "VNPT Money"
label_en = "VNPT Money"
[account.settings]
merchant_service_id = "6901"
secret_key = "env:TEST_SECRET"
api_key = "env:TEST_API"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a configuration, as an operator would write it."""
    monkeypatch.setenv("TEST_SECRET", REHEARSAL.values["secret_key"][0])
    monkeypatch.setenv("TEST_API", REHEARSAL.values["api_key"][0])
    return a_folder(tmp_path, monkeypatch, more=ACCOUNTS)


@pytest.fixture
def ready(folder):
    run("db", "upgrade")
    return folder


@pytest.fixture
def house(ready):
    """The house of the configuration, furnished."""
    assert ready.is_dir()
    config = bootstrap.configuration()
    database = EngineDatabase(config.gateway.database_url)
    database.act(furnish)
    now = SystemClock().now()
    state = AccountState(code=ACCOUNT, rail="vnptpay", offered=True, first_seen_at=now)
    database.act(account_states.meet, state)
    yield bootstrap.house_over(config, database)
    database.close()


@pytest.fixture
def attempt(house):
    """An order with an account for refunds, and an attempt to pay it that lives."""
    act = an_act(SystemClock().now(), ids=RandomIds())
    wanted = order_wanted()
    order = house.db.act(lambda tx: issue_order(tx, act, house.vault, wanted))
    return house.db.act(an_attempt, act, order, account=ACCOUNT)


def call_back(house, attempt, *, key="secret_key", dong=5_000, code="00"):
    """Let the rail call back, and return the id of what was kept."""
    sample = Sample(
        attempt_ref=attempt.ref,
        amount=Money(dong),
        code=code,
        rail_txn="R1",
        paid_at=attempt.created_at,
    )
    fields = REHEARSAL.sign(REHEARSAL.callback(sample), REHEARSAL.values[key][0])
    arrival = REHEARSAL.arrival(fields, form="json", at=attempt.created_at)
    # Ids sort by time, so that the last message is the last.
    act = an_act(attempt.created_at + timedelta(seconds=next(SECONDS)), ids=RandomIds())
    receive(house, act, house.merchants[ACCOUNT], arrival)
    with house.db.read() as tx:
        (last,) = evidence.latest(tx, limit=1)
    return last.id


def order_of(house, attempt):
    with house.db.read() as tx:
        order = orders.get(tx, attempt.order_id)
    assert order is not None
    return order


# ---- doctor ---------------------------------------------------------------------------------
def verdicts(answer):
    return {(each["name"], each["verdict"]) for each in answer["checks"]}


def test_a_doctor_without_a_configuration_tells_every_problem_of_it(folder):
    text = (folder / "paygate.toml").read_text()
    text = text.replace("https://", "http://").replace("env:TEST_INDEX", "env:NOWHERE")
    (folder / "paygate.toml").write_text(text)

    printed = run("doctor", code=1)

    assert "fail  configuration: gateway.base_url: must be https\n" in printed
    assert "fail  configuration: gateway.index_key: the environment has no NOWHERE\n" in printed
    assert not (folder / "var").exists()


def test_a_doctor_makes_no_database(folder):
    answer = told("doctor", code=1)

    assert ("database", "fail") in verdicts(answer)
    assert not (folder / "var").exists()


def test_a_doctor_says_what_to_do_about_old_tables(ready):
    database = sqlite3.connect(ready / "var" / "paygate.db")
    database.execute("UPDATE alembic_version SET version_num = '0001'")
    database.commit()
    database.close()

    printed = run("doctor", code=1)

    assert "fail  tables: at 0001" in printed
    assert "-> run paygate db upgrade" in printed


@pytest.mark.usefixtures("ready")
def test_without_a_worker_the_gateway_is_not_well():
    answer = told("doctor", code=1)

    assert not answer["well"]
    assert ("worker", "fail") in verdicts(answer)
    assert {("database", "ok"), ("tables", "ok"), ("keys", "ok")} <= verdicts(answer)


def hire(house):
    now = SystemClock().now()
    house.db.act(jobs.take, WORKER_LEASE, "w", now=now, until=now + timedelta(minutes=1))


def test_a_house_in_which_a_worker_acts_is_well_with_warnings_for_what_the_rail_owes(house):
    hire(house)

    answer = told("doctor")

    assert answer["well"]
    warned = [each["says"] for each in answer["checks"] if each["verdict"] == "warn"]
    assert any(each.startswith("transaction_statuses is empty: ") for each in warned)
    assert any(each.startswith("query_response_fields is empty: ") for each in warned)


def test_what_the_rail_has_told_is_warned_of_no_more(folder, house):
    hire(house)
    (folder / "paygate.toml").write_text((folder / "paygate.toml").read_text() + RICH)

    answer = told("doctor")

    assert ("account vnpt", "ok") in verdicts(answer)
    assert not any("empty" in each["says"] for each in answer["checks"])


def test_the_oldest_attempt_is_named_with_its_order(house, attempt):
    hire(house)

    printed = run("doctor")

    assert spaced(order_of(house, attempt).code) in printed
    assert attempt.return_token not in printed


def test_money_that_waits_for_staff_is_a_warning(house, attempt):
    hire(house)
    call_back(house, attempt, dong=6_000)

    assert "warn  cases: 1 open: amount_differs" in run("doctor")


def test_an_account_that_the_file_has_lost_is_a_fail(folder, house, attempt):
    hire(house)
    del attempt
    text = (folder / "paygate.toml").read_text()
    (folder / "paygate.toml").write_text(text.replace('code = "vnpt"', 'code = "renamed"'))

    printed = run("doctor", code=1)

    assert "fail  accounts: account vnpt: has attempts or money" in printed


def test_a_key_that_opens_what_is_sealed_must_not_be_missing(folder, house, attempt):
    hire(house)
    call_back(house, attempt)
    text = (folder / "paygate.toml").read_text()
    (folder / "paygate.toml").write_text(text.replace('kid = "k1"', 'kid = "k2"'))

    assert "fail  keys: values are sealed under k1" in run("doctor", code=1)


# ---- the book -------------------------------------------------------------------------------
def test_a_book_in_order_is_whole(house, attempt):
    call_back(house, attempt)

    answer = told("db", "check")

    assert answer["whole"]
    assert len(answer["rules"]) > 5
    assert run("db", "check").splitlines()[-1] == "the book is whole"


def test_a_book_that_was_tampered_with_ends_with_a_failure_that_names_it(ready, house, attempt):
    call_back(house, attempt)
    database = sqlite3.connect(ready / "var" / "paygate.db")
    database.execute("UPDATE fee_order SET state = 'open', covered_by = NULL, paid_at = NULL")
    database.execute("UPDATE collection SET amount = 4000")
    database.commit()
    database.close()

    printed = run("db", "check", code=1)

    assert "FAIL  every collection is in the ledger" in printed
    assert not told("db", "check", code=1)["whole"]


def test_a_backup_is_one_file_for_its_owner_alone_and_holds_the_book(ready, house, attempt):
    call_back(house, attempt)
    path = ready / "copy.db"

    answer = told("db", "backup", str(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert answer == {"file": str(path), "bytes": path.stat().st_size}
    assert [each.name for each in ready.iterdir() if each.name.startswith("copy")] == ["copy.db"]
    copy = sqlite3.connect(path)
    assert copy.execute("SELECT count(*) FROM collection").fetchone() == (1,)
    copy.close()


def test_a_backup_overwrites_nothing(ready):
    (ready / "copy.db").write_text("mine")

    assert "is not overwritten" in run("db", "backup", str(ready / "copy.db"), code=1)
    assert (ready / "copy.db").read_text() == "mine"


def test_a_backup_into_a_folder_that_is_not_there_leaves_nothing(ready):
    assert "No such file" in run("db", "backup", str(ready / "no" / "copy.db"), code=1)


def test_a_backup_holds_no_secret_in_clear(ready, house, attempt):
    call_back(house, attempt)
    run("db", "backup", str(ready / "copy.db"))

    content = (ready / "copy.db").read_bytes()

    for secret in (b"0011002233", REHEARSAL.values["secret_key"][0].encode(), b"SECURE_CODE"):
        assert secret not in content


@pytest.mark.postgres
def test_of_postgresql_its_own_tool_makes_the_backup(folder, monkeypatch, postgres_url):
    monkeypatch.setenv("PAYGATE_GATEWAY__DATABASE_URL", postgres_url)

    assert "use pg_dump" in run("db", "backup", str(folder / "copy.db"), code=1)
    assert not (folder / "copy.db").exists()


# ---- accounts -------------------------------------------------------------------------------
def test_accounts_are_listed_with_the_address_that_their_rail_calls(house):
    del house

    (row,) = told("account", "list")["accounts"]

    assert row["callback_url"] == "https://pay.example.vn/webhooks/vnpt"
    assert (row["rail"], row["enabled"], row["offered"], row["resting"]) == (
        "vnptpay",
        True,
        True,
        False,
    )
    assert "offered" in run("account", "list")
    assert "secret" not in run("account", "list")


@pytest.mark.usefixtures("ready")
def test_an_account_is_checked_by_connecting_to_its_rail_and_no_more(monkeypatch):
    reached: list[str] = []
    monkeypatch.setattr(bootstrap, "reach", reached.append)

    answer = told("account", "check", "vnpt")

    assert reached == ["https://api.vnptpay.vn"]
    assert answer["reached"]
    assert [each["verdict"] for each in answer["checks"]] == ["warn", "warn", "ok"]


@pytest.mark.usefixtures("ready")
def test_a_rail_that_cannot_be_reached_is_a_failure(monkeypatch):
    def fail(url):
        raise NotSentError(f"no TLS with {url}")

    monkeypatch.setattr(bootstrap, "reach", fail)

    assert "fail  vnpt  base_url: no TLS with https://api.vnptpay.vn" in run(
        "account", "check", code=1
    )


@pytest.mark.usefixtures("ready")
def test_an_account_that_is_not_there_is_no_success():
    assert "there is no account nobody" in run("account", "check", "nobody", code=1)
    assert "there is no account nobody" in run("smoke", "--account", "nobody", code=1)


@pytest.mark.loopback
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_reaching_sends_not_one_byte():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bootstrap.reach(f"http://127.0.0.1:{listener.getsockname()[1]}/path")
        taken, _ = listener.accept()
        with taken:
            assert taken.recv(100) == b""


@pytest.mark.loopback
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_where_nobody_listens_nothing_is_reached():
    with pytest.raises(NotSentError):
        bootstrap.reach(f"http://127.0.0.1:{free_port()}/")


# ---- keys of portals ------------------------------------------------------------------------
def test_a_new_key_is_shown_once_and_the_old_one_opens_for_a_day(ready, house):
    del house
    first = told("portal", "rotate-key", "hd")

    second = told("portal", "rotate-key", "hd")

    assert (first["old_keys"], second["old_keys"]) == (0, 1)
    assert first["api_key"] != second["api_key"]
    content = b"".join(each.read_bytes() for each in (ready / "var").iterdir())
    assert second["api_key"].split(".")[1].encode() in content
    assert second["api_key"].split(".")[2].encode() not in content


@pytest.mark.usefixtures("house")
def test_a_portal_that_nobody_knows_gets_no_key():
    assert "portal_unknown" in run("portal", "rotate-key", "nobody", code=1)
    assert "Invalid value" in run("portal", "rotate-key", "hd", "--overlap", "-1", code=2)


# ---- orders ---------------------------------------------------------------------------------
def test_an_order_is_told_whole_by_the_code_that_people_read(house, attempt):
    call_back(house, attempt)
    code = order_of(house, attempt).code

    story = told("order", "show", spaced(code).lower())

    assert story == told("order", "show", attempt.order_id)
    assert (story["order"]["state"], story["order"]["amount"]) == ("paid", 5_000)
    (tried,) = story["attempts"]
    assert (tried["payment"], tried["settlement"], tried["bank"]) == ("paid", "none", "none")
    (money,) = story["collections"]
    assert (money["rail_txn"], money["disposition"]) == ("R1", "fits")
    assert [each["type"] for each in story["messages"]] == ["order.paid"]
    assert [each["action"] for each in story["audit"]] == ["order.issued", "payment.paid"]
    assert story["lines"][0]["amount"] == 5_000


def test_a_person_reads_the_same_and_nothing_that_opens_a_page(house, attempt):
    call_back(house, attempt, dong=6_000)
    order = order_of(house, attempt)

    printed = run("order", "show", spaced(order.code))

    assert "kind=amount_differs" in printed
    for secret in (order.checkout_token, order.status_token, attempt.return_token):
        assert secret not in printed


def test_an_account_for_refunds_shows_four_digits(house, ready):
    del ready
    act = an_act(SystemClock().now(), ids=CountingIds())
    account = RefundAccount(
        bank_bin="970436", account_number="0011002233", account_holder="TRAN THI MINH HOA"
    )
    wanted = order_wanted(refund_account=account)
    order = house.db.act(lambda tx: issue_order(tx, act, house.vault, wanted))

    printed = run("order", "show", order.id) + str(told("order", "show", order.id))

    assert "970436 ******2233" in printed
    assert "0011002233" not in printed
    assert "MINH HOA" not in printed


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("code", ["PG-AAAA-AAAA", "ord_x", "x"])
def test_an_order_that_is_not_there_is_no_success(code):
    assert "Error" in run("order", "show", code, code=1)


# ---- messages -------------------------------------------------------------------------------
def test_messages_are_listed_newest_first_and_by_order(house, attempt):
    refused = call_back(house, attempt, key="api_key")
    applied = call_back(house, attempt)

    listed = told("message", "list")["messages"]
    about = told("message", "list", "--order", attempt.order_id)["messages"]

    assert [each["id"] for each in listed] == [applied, refused]
    assert [each["outcome"] for each in listed] == ["applied", "bad_signature"]
    assert [each["id"] for each in about] == [applied]
    assert "applied" in run("message", "list")


def test_a_message_is_shown_by_its_hash_and_its_bytes_only_when_asked(house, attempt):
    message_id = call_back(house, attempt)

    plain = told("message", "show", message_id)
    revealed = told("message", "show", message_id, "--reveal")

    assert set(plain) == set(revealed) - {"head", "query", "body"}
    assert len(plain["sha256"]) == 64
    assert attempt.ref in revealed["body"]
    assert "SECURE_CODE" not in run("message", "show", message_id)
    assert [each["action"] for each in audited(house, message_id)] == ["message.revealed"]


def audited(house, message_id):
    with house.db.read() as tx:
        return [json.loads(each.record) for each in audit.stream_of(tx, f"message:{message_id}")]


def test_a_rehearsed_replay_changes_nothing_and_a_real_one_counts(house, attempt, monkeypatch):
    message_id = call_back(house, attempt, key="api_key")
    assert told("message", "replay", message_id, code=1)["outcome"] == "bad_signature"
    monkeypatch.setenv("TEST_SECRET", REHEARSAL.values["api_key"][0])

    rehearsed = told("message", "replay", message_id, "--dry-run")
    between = told("order", "show", attempt.order_id)["order"]["state"]
    replayed = told("message", "replay", message_id)

    assert rehearsed == {"id": message_id, "outcome": "applied", "dry_run": True}
    assert between == "processing"
    assert replayed["outcome"] == Outcome.APPLIED
    assert told("order", "show", attempt.order_id)["order"]["state"] == "paid"
    assert run("message", "replay", message_id) == "known\n"


@pytest.mark.usefixtures("house")
def test_a_message_that_is_not_there_is_no_success():
    assert "there is no message msg_x" in run("message", "show", "msg_x", code=1)
    assert "there is no such message" in run("message", "replay", "msg_x", code=1)
    assert run("message", "list") == "no messages\n"


# ---- smoke ----------------------------------------------------------------------------------
def test_a_payment_at_an_account_is_rehearsed_whole_and_leaves_no_trace(ready):
    before = (ready / "var" / "paygate.db").read_bytes()

    answer = told("smoke", "--account", "vnpt")

    assert answer["passed"]
    assert [each["name"] for each in answer["steps"]] == [
        "issue",
        "start",
        "pay",
        "order",
        "question",
        "book",
    ]
    # The rail's words for a question are not known to this account.
    assert {each["name"] for each in answer["steps"] if each["verdict"] == "warn"} == {"question"}
    assert (ready / "var" / "paygate.db").read_bytes() == before


def test_an_account_that_knows_the_rails_words_is_rehearsed_without_a_warning(ready):
    rich = """transaction_statuses = ["00=paid"]\n"""
    (ready / "paygate.toml").write_text((ready / "paygate.toml").read_text() + rich)

    printed = run("smoke", "--account", "vnpt")

    assert "warn" not in printed
    assert printed.splitlines()[-1] == "paid and booked"


def test_an_account_that_cannot_take_a_payment_fails_at_the_step_that_shows_it(ready):
    """Signed fields that the rail does not use make each of its answers a forgery."""
    (ready / "paygate.toml").write_text((ready / "paygate.toml").read_text() + RICH)

    answer = told("smoke", "--account", "vnpt", code=1)

    assert not answer["passed"]
    assert answer["steps"][-1]["name"] == "question"
    assert answer["steps"][-1]["verdict"] == "fail"


@pytest.mark.parametrize("rail", sorted(registry.RAILS))
def test_every_rail_that_is_built_in_can_be_rehearsed(ready, rail, monkeypatch):
    info, values = registry.find(rail).info, registry.find(rail).rehearse().values
    head = (ready / "paygate.toml").read_text().partition("[[account]]")[0]
    account = f'[[account]]\ncode = "a"\nrail = "{rail}"\nlabel_vi = "A"\nlabel_en = "A"\n'
    lines = []
    for setting in info.settings:
        given = values.get(setting.name, ())
        for place, value in enumerate(given if setting.secret else ()):
            monkeypatch.setenv(f"RAIL_{setting.name}_{place}", value)
        if setting.secret:
            given = tuple(f"env:RAIL_{setting.name}_{place}" for place in range(len(given)))
        if given:
            lines.append(f"{setting.name} = {json.dumps(list(given))}")
    text = head + account + "[account.settings]\n" + "\n".join(lines) + "\n"
    (ready / "paygate.toml").write_text(text)

    assert told("smoke", "--account", "a")["passed"]


@pytest.mark.usefixtures("ready")
def test_smoke_prints_nothing_but_its_steps():
    assert len(run("smoke", "--account", "vnpt", "--json").splitlines()) == 1
