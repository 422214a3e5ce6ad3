"""`paygate staff …`, `login` and `logout`: the house gets its people from the command line."""

import stat
from datetime import UTC, datetime

import pyotp
import pytest

from paygate.bootstrap import configuration, house_over
from paygate.domain.act import Act
from paygate.domain.ids import RandomIds
from paygate.services.enrol_staff import enrol_staff, open_link
from paygate.store.engine import EngineDatabase
from tests.support.cli import a_folder, doctor_says, run, told
from tests.support.desk import PASSWORD

pytestmark = pytest.mark.functional
AGENCIES = "code,name,parent\nH23,UBND tỉnh Hải Dương,\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a configuration and tables, as an operator would have it."""
    folder = a_folder(tmp_path, monkeypatch)
    (folder / "agencies.csv").write_text(AGENCIES)
    run("db", "upgrade")
    run("agency", "import", str(folder / "agencies.csv"))
    return folder


def add(email, role="viewer", *, agency="H23"):
    where = ("--agency", agency) if agency else ()
    return told("staff", "add", email, "--name", "Phạm Khánh", "--role", role, *where)


def enrol(added):
    """Open the link as the person would, and return the secret of the application."""
    opened = EngineDatabase(configuration().gateway.database_url)
    try:
        house = house_over(configuration(), opened)
        now = datetime.now(UTC)  # noqa: TID251  # the commands take the machine's clock
        act = Act(now=now, actor="visitor", via="test", request_id="r", ids=RandomIds())
        link = open_link(house, act, added["enrol_url"].rpartition("/")[2])
        if link is None:
            return None
        code = pyotp.TOTP(link.secret).at(now, counter_offset=-1)
        assert enrol_staff(house, act, link, password=PASSWORD, code=code)
        return link.secret
    finally:
        opened.close()


def log_in(email, secret, step=0, code=0):
    now = datetime.now(UTC)  # noqa: TID251  # as above
    typed = pyotp.TOTP(secret).at(now, counter_offset=step)
    return run("login", email, stdin=f"{PASSWORD}\n{typed}\n", code=code)


def test_the_first_admin_of_a_house_needs_nobody(folder):
    added = add("Admin@HD.example", "admin", agency=None)

    assert added["email"] == "admin@hd.example"
    assert added["grant_state"] == "active"
    assert added["enrol_url"].startswith("https://pay.example.vn/desk/enrol/")
    secret = enrol(added)
    assert "logged in as admin@hd.example" in log_in("admin@hd.example", secret)
    kept = folder / "var" / "staff-session.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_operator_grants_and_an_admin_approves(folder):
    secret = enrol(add("admin@hd.example", "admin", agency=None))
    added = add("checker@hd.example", "checker")
    assert added["grant_state"] == "proposed"
    assert "this needs a person" in run("staff", "approve", added["grant_id"], code=1)

    log_in("admin@hd.example", secret)
    assert told("staff", "approve", added["grant_id"]) == {"approved": added["grant_id"]}

    (checker,) = [
        each for each in told("staff", "list")["staff"] if each["email"] == "checker@hd.example"
    ]
    assert [(g["role"], g["agency"], g["state"]) for g in checker["grants"]] == [
        ("checker", "H23", "active")
    ]
    assert (folder / "var").is_dir()


def test_one_admin_logged_in_grants_alone_and_is_told_so(folder):
    secret = enrol(add("admin@hd.example", "admin", agency=None))
    add("other@hd.example")
    log_in("admin@hd.example", secret)

    said = run("staff", "grant", "other@hd.example", "--role", "maker", "--agency", "H23")

    assert "nobody else is there who could approve it" in said
    assert folder.exists()


def test_a_reset_needs_a_login_while_there_is_an_admin_to_log_in(folder):
    secret = enrol(add("admin@hd.example", "admin", agency=None))
    enrol(add("other@hd.example"))

    assert "this needs a person" in run("staff", "reset", "other@hd.example", code=1)
    log_in("admin@hd.example", secret)
    reset = told("staff", "reset", "other@hd.example")

    assert reset["state"] == "active"  # he is the only admin
    assert enrol(reset) is not None
    assert folder.exists()


def test_the_operator_may_reset_the_only_admin(folder):
    enrol(add("admin@hd.example", "admin", agency=None))

    reset = told("staff", "reset", "admin@hd.example")

    assert reset["state"] == "active"
    assert enrol(reset) is not None
    assert folder.exists()


def test_a_second_admin_approves_a_reset_before_its_link_opens(folder):
    first = enrol(add("one@hd.example", "admin", agency=None))
    second = add("two@hd.example", "admin", agency=None)
    log_in("one@hd.example", first)
    run("staff", "approve", second["grant_id"])
    secret = enrol(second)
    other = add("other@hd.example")
    enrol(other)

    reset = told("staff", "reset", "other@hd.example")
    assert reset["state"] == "proposed"
    assert "reset (waits: " + reset["reset_id"] in run("staff", "list")
    assert enrol(reset) is None
    assert "approver_is_proposer" in run("staff", "approve", reset["reset_id"], code=1)
    log_in("two@hd.example", secret)
    run("staff", "approve", reset["reset_id"])

    assert enrol(reset) is not None
    assert folder.exists()


def two_admins():
    """Return the secrets of two admins, the first of whom is logged in."""
    first = enrol(add("one@hd.example", "admin", agency=None))
    added = add("two@hd.example", "admin", agency=None)
    log_in("one@hd.example", first)
    said = run("staff", "approve", added["grant_id"])
    assert said.rstrip().endswith(
        "approved by one@hd.example: admin of the whole house for two@hd.example"
    )
    return first, enrol(added)


def test_one_of_two_admins_gets_the_login_of_the_other_back_only_with_the_operator(folder):
    two_admins()

    refused = run("staff", "reset", "two@hd.example", code=1)
    assert "last_other_admin" in refused
    assert "last_other_admin" in run("staff", "disable", "two@hd.example", code=1)
    kept = (folder / "var" / "staff-session.json").rename(folder / "aside")
    reset = told("staff", "reset", "two@hd.example")
    assert reset["state"] == "proposed"
    assert enrol(reset) is None

    kept.rename(folder / "var" / "staff-session.json")
    assert "reset of two@hd.example" in run("staff", "approve", reset["reset_id"])
    assert enrol(reset) is not None


@pytest.mark.parametrize("change", ["readable by others", "a link to another's"])
def test_a_session_that_others_can_reach_is_nobodys(folder, change):
    log_in("admin@hd.example", enrol(add("admin@hd.example", "admin", agency=None)))
    kept = folder / "var" / "staff-session.json"
    if change == "readable by others":
        kept.chmod(0o640)
    else:
        kept.rename(folder / "elsewhere")
        kept.symlink_to(folder / "elsewhere")

    assert "this needs a person" in run("staff", "approve", "grt_x", code=1)


def test_a_login_writes_through_no_link_and_says_so_where_it_cannot_write(folder, monkeypatch):
    secret = enrol(add("admin@hd.example", "admin", agency=None))
    victim = folder / "victim"
    victim.write_text("precious")
    (folder / "var" / "staff-session.json").symlink_to(victim)

    log_in("admin@hd.example", secret)
    monkeypatch.setenv("PAYGATE_SESSION", str(folder / "var"))

    assert victim.read_text() == "precious"
    assert not (folder / "var" / "staff-session.json").is_symlink()
    assert "could not be kept" in log_in("admin@hd.example", secret, step=1, code=1)


def test_who_is_no_admin_changes_no_staff(folder):
    secret = enrol(add("viewer@hd.example"))
    log_in("viewer@hd.example", secret)

    for command in (
        ("staff", "add", "x@hd.example", "--name", "X", "--role", "viewer", "--agency", "H23"),
        ("staff", "grant", "viewer@hd.example", "--role", "auditor"),
        ("staff", "disable", "viewer@hd.example"),
        ("staff", "reset", "viewer@hd.example"),
    ):
        assert "role_missing" in run(*command, code=1), command
    assert folder.exists()


def test_a_logout_and_a_disabling_end_the_session_of_the_command_line(folder):
    secret = enrol(add("admin@hd.example", "admin", agency=None))
    log_in("admin@hd.example", secret)
    kept = folder / "var" / "staff-session.json"
    copy = kept.read_text()

    assert told("logout")["was"] == "admin@hd.example"
    assert not kept.exists()
    kept.write_text(copy)
    kept.chmod(0o600)
    assert "this needs a person" in run("staff", "approve", "grt_x", code=1)
    assert told("logout")["was"] is None


def test_factors_may_come_by_the_environment_and_the_session_lie_elsewhere(folder, monkeypatch):
    secret = enrol(add("admin@hd.example", "admin", agency=None))
    now = datetime.now(UTC)  # noqa: TID251  # as above
    monkeypatch.setenv("PAYGATE_PASSWORD", PASSWORD)
    monkeypatch.setenv("PAYGATE_TOTP", pyotp.TOTP(secret).at(now))
    monkeypatch.setenv("PAYGATE_SESSION", str(folder / "mine" / "session"))

    assert told("login", "admin@hd.example")["email"] == "admin@hd.example"

    assert stat.S_IMODE((folder / "mine" / "session").stat().st_mode) == 0o600
    assert not (folder / "var" / "staff-session.json").exists()


def test_a_wrong_factor_is_told_without_a_word_of_who_exists(folder):
    enrol(add("viewer@hd.example"))
    lines = "wrong password\n000000\n"

    one, two = (
        run("login", who, stdin=lines, code=1) for who in ("viewer@hd.example", "no@hd.example")
    )

    assert one == two
    assert "address, password or code is not right" in one
    for _ in range(3):
        run("login", "viewer@hd.example", stdin=lines, code=1)
    assert "wait" in run("login", "viewer@hd.example", stdin=lines, code=1)
    assert folder.exists()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("staff", "add", "x", "--name", "X", "--role", "viewer"), "email_malformed"),
        (("staff", "add", "a@b.vn", "--name", "X", "--role", "viewer"), "agency_needed"),
        (
            ("staff", "add", "a@b.vn", "--name", "X", "--role", "maker", "--agency", "H77"),
            "unknown_agency",
        ),
        (("staff", "grant", "a@b.vn", "--role", "auditor"), "staff_unknown"),
        (("staff", "disable", "a@b.vn"), "staff_unknown"),
    ],
)
def test_a_refusal_is_told_by_its_code(folder, command, code):
    assert code in run(*command, code=1)
    assert told("staff", "list") == {"staff": []}
    assert folder.exists()


def test_an_address_is_of_one_person(folder):
    add("a@b.vn")

    again = ("staff", "add", "A@b.vn", "--name", "X", "--role", "viewer", "--agency", "H23")
    assert "email_taken" in run(*again, code=1)
    assert folder.exists()


def test_cheap_hashes_are_refused_on_a_real_gateway(folder, monkeypatch):
    monkeypatch.setenv("PAYGATE_GATEWAY__QUICK_PASSWORDS", "true")

    assert "gateway.quick_passwords: for tests" in run("staff", "list", code=1)
    assert folder.exists()


@pytest.mark.usefixtures("folder")
def test_a_doctor_warns_until_two_admins_have_a_login():
    (first, second) = (add(f"{name}@hd.example", "admin", agency=None) for name in "ab")
    enrol(add("viewer@hd.example"))
    verdict, says, do = doctor_says("admins")
    assert (verdict, says.partition(":")[0]) == ("warn", "none has a login")
    assert "paygate staff add" in do

    enrol(first)
    assert doctor_says("admins")[:2] == (
        "warn",
        "one has a login: roles and resets hold without a second person",
    )
    enrol(second)
    assert doctor_says("admins")[:2] == ("ok", "2 have a login")
    run("staff", "disable", "a@hd.example")
    assert doctor_says("admins")[0] == "warn"
