"""The configuration: a good file is read, a bad one is told whole, and nothing is started."""

import base64
import json

import pytest

from paygate.bootstrap import configuration
from paygate.settings import SettingsError

pytestmark = pytest.mark.functional
MASTER = base64.b64encode(bytes(range(32))).decode()
INDEX = base64.b64encode(bytes(range(32, 64))).decode()
CANARY = "canary-4711-secret"
ALONE = "must be readable by its owner alone (chmod 600)"

GATEWAY = """
[gateway]
base_url = "https://pay.example.vn"
database_url = "postgresql+psycopg://paygate:canary-4711-secret@db.example/paygate"
support_phone = "1900 1234"
index_key = "env:TEST_INDEX_KEY"

[[gateway.master_keys]]
kid = "k1"
key = "file:{folder}/master.key"
"""
ACCOUNT = """
[[account]]
code = "vnpt"
rail = "vnptpay"
label_vi = "VNPT Money"
label_en = "VNPT Money"
portals = ["haiduong"]
agencies = ["H23"]

[account.settings]
merchant_service_id = "6901"
secret_key = ["env:TEST_SECRET", "file:{folder}/old.key"]
api_key = "env:TEST_API_KEY"
timeout_s = 15
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a paygate.toml with its secrets, and let the process find them."""
    for name in ("master", "old"):
        path = tmp_path / f"{name}.key"
        path.touch(mode=0o600)
        path.write_text(f"{MASTER}\n")
    monkeypatch.setenv("PAYGATE_CONFIG", str(tmp_path / "paygate.toml"))
    monkeypatch.setenv("TEST_INDEX_KEY", INDEX)
    monkeypatch.setenv("TEST_SECRET", CANARY)
    monkeypatch.setenv("TEST_API_KEY", CANARY)

    def write(text=GATEWAY + ACCOUNT, *changes):
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "paygate.toml").write_text(text.replace("{folder}", str(tmp_path)))
        return tmp_path

    return write


def problems(*, demo=False):
    with pytest.raises(SettingsError) as raised:
        configuration(demo=demo)
    assert CANARY not in str(raised.value)
    return set(raised.value.problems)


def test_a_good_file_is_read_with_its_secrets(write):
    write()

    made = configuration()

    assert made.gateway.base_url == "https://pay.example.vn"
    assert (made.gateway.order_ends_s, made.gateway.demo) == (86_400, False)
    assert [(each.kid, each.key) for each in made.vault.keys] == [("k1", bytes(range(32)))]
    assert made.vault.index_key == bytes(range(32, 64))
    (account,) = made.accounts
    assert (account.code, account.rail, account.portals, account.agencies, account.enabled) == (
        "vnpt",
        "vnptpay",
        ("haiduong",),
        ("H23",),
        True,
    )
    assert account.settings["secret_key"] == (CANARY, MASTER)
    assert account.settings["timeout_s"] == ("15",)
    assert account.in_clear == {"merchant_service_id", "timeout_s"}


def test_a_gateway_may_begin_without_an_account(write):
    write(GATEWAY)

    assert configuration().accounts == ()


def test_nothing_that_is_printed_shows_a_secret(write):
    write()
    made = configuration()

    for shown in (repr(made), str(made), repr(made.accounts), repr(made.gateway), repr(made.vault)):
        assert CANARY not in shown
        assert MASTER not in shown
        assert repr(made.vault.index_key) not in shown


@pytest.mark.parametrize(
    ("variable", "value", "of"),
    [
        ("PAYGATE_GATEWAY__DATABASE_URL", "sqlite:///x.db", lambda g: g.database_url),
        ("PAYGATE_GATEWAY__BASE_URL", "https://other.example", lambda g: g.base_url),
        ("PAYGATE_GATEWAY__PROCESSES", "7", lambda g: str(g.processes)),
        ("PAYGATE_GATEWAY__SUPPORT_PHONE", "1900 9999", lambda g: g.support_phone),
    ],
)
def test_the_environment_overrides_the_file(write, monkeypatch, variable, value, of):
    write()
    monkeypatch.setenv(variable, value)

    assert of(configuration().gateway) == value


def test_lists_are_overridden_as_json(write, monkeypatch):
    write()
    keys = [{"kid": "k2", "key": "env:TEST_INDEX_KEY"}]
    monkeypatch.setenv("PAYGATE_GATEWAY__MASTER_KEYS", json.dumps(keys))
    monkeypatch.setenv("PAYGATE_ACCOUNT", "[]")

    made = configuration()

    assert [each.kid for each in made.vault.keys] == ["k2"]
    assert made.accounts == ()


def test_the_environment_cannot_switch_the_demo_on(write, monkeypatch):
    write()
    monkeypatch.setenv("PAYGATE_GATEWAY__DEMO", "true")

    assert problems() == {"gateway.demo: extra inputs are not permitted"}


def test_no_file_is_told_with_the_name_of_its_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("PAYGATE_CONFIG", str(tmp_path / "none.toml"))

    (problem,) = problems()
    assert problem.endswith("none.toml: name yours in PAYGATE_CONFIG")


@pytest.mark.parametrize("text", ["[gateway", "gateway = ", "\x00", "[gateway]\na = 1\na = 2"])
def test_a_file_that_is_no_toml_is_told(write, text):
    folder = write(text)

    (problem,) = problems()
    assert problem.startswith(f"{folder}/paygate.toml: ")


def test_an_empty_file_misses_everything_at_once(write):
    write("")

    assert problems() == {
        f"gateway.{name}: field required"
        for name in ("base_url", "support_phone", "master_keys", "index_key")
    }


ONE_BY_ONE = [
    ('base_url = "https:', 'base_url = "http:', "gateway.base_url: must be https"),
    (
        'pay.example.vn"',
        'pay.example.vn/pay"',
        "gateway.base_url: not an address such as https://pay.example.vn",
    ),
    ("base_url = ", "base_uri = ", "gateway.base_url: field required"),
    ("base_url = ", "base_uri = ", "gateway.base_uri: extra inputs are not permitted"),
    (
        "postgresql+psycopg:",
        "mysql:",
        "gateway.database_url: must be sqlite:/// or postgresql+psycopg://",
    ),
    (
        "postgresql+psycopg://",
        "nonsense ",
        "gateway.database_url: must be sqlite:/// or postgresql+psycopg://",
    ),
    (
        'support_phone = "1900 1234"',
        'support_phone = "<b>"',
        "gateway.support_phone: string should match pattern '^[0-9 +().-]{3,30}$'",
    ),
    ("env:TEST_INDEX_KEY", "env:NOWHERE", "gateway.index_key: the environment has no NOWHERE"),
    (
        "env:TEST_INDEX_KEY",
        INDEX,
        "gateway.index_key: must be env:NAME or file:PATH, not the key itself",
    ),
    (
        "file:{folder}/master.key",
        MASTER,
        "gateway.master_keys.k1: must be env:NAME or file:PATH, not the key itself",
    ),
    (
        'kid = "k1"\n',
        'kid = "k1"\nkey = "env:TEST_INDEX_KEY"\n[[gateway.master_keys]]\nkid = "k1"\n',
        "gateway.master_keys: a kid stands twice",
    ),
    (
        'kid = "k1"',
        'kid = "K.1"',
        "gateway.master_keys.0.kid: string should match pattern '^[a-z0-9][a-z0-9_-]{0,39}$'",
    ),
    ("[gateway]", '[mail]\nhost = "x"\n[gateway]', "mail: paygate has no such part"),
    ('rail = "vnptpay"', 'rail = "nopay"', "account vnpt: rail: must be one of vnpay, vnptpay"),
    ("api_key = ", "api_kee = ", "account vnpt: api_kee: this rail has no such setting"),
    ('api_key = "env:TEST_API_KEY"', "", "account vnpt: api_key: must be given"),
    (
        '"env:TEST_API_KEY"',
        f'"{CANARY}"',
        "account vnpt: api_key: a secret must be env:NAME or file:PATH",
    ),
    (
        '["env:TEST_SECRET", ',
        f'["{CANARY}", ',
        "account vnpt: secret_key: a secret must be env:NAME or file:PATH",
    ),
    ("env:TEST_SECRET", "env:NOWHERE", "account vnpt: secret_key: the environment has no NOWHERE"),
    (
        "timeout_s = 15",
        'timeout_s = 15\nbase_url = "http://127.0.0.1:8001/vnpt"',
        "account vnpt: base_url: must be https",
    ),
    (
        "timeout_s = 15",
        'timeout_s = 15\nbase_url = " HTTP://127.0.0.1:8001/vnpt"',
        "account vnpt: base_url: must be https",
    ),
    (
        "timeout_s = 15",
        "timeout_s = 99",
        "account vnpt: timeout_s: must be a whole number from 1 to 60",
    ),
    ('label_vi = "VNPT Money"\n', "", "account vnpt.label_vi: field required"),
    ('code = "vnpt"\n', "", "account 1.code: field required"),
    ("[gateway]", "account = 5\n[gateway]", "account: must be a list, [[account]]"),
]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    ONE_BY_ONE,
    ids=[f"{number} {each[2]}" for number, each in enumerate(ONE_BY_ONE)],
)
def test_each_thing_that_is_wrong_is_told(write, old, new, problem):
    text = GATEWAY if problem.startswith("account: ") else GATEWAY + ACCOUNT
    write(text, (old, new))

    assert problem in problems()


@pytest.mark.parametrize(
    "key",
    [
        base64.b64encode(bytes(range(31))).decode(),
        base64.b64encode(bytes(range(33))).decode(),
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(b"a" * 32).decode(),
        "changeme",
        "not base64 !",
        "é" * 40,
    ],
)
def test_a_key_that_is_short_or_no_random_bytes_is_refused(write, key):
    folder = write()
    (folder / "master.key").write_text(key)

    assert problems() == {"gateway.master_keys.k1: must be the base64 of 32 random bytes"}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o660, 0o777])
def test_a_secret_file_that_others_may_touch_is_refused(write, mode):
    folder = write()
    (folder / "master.key").chmod(mode)

    assert problems() == {f"gateway.master_keys.k1: {folder}/master.key {ALONE}"}


def test_a_secret_file_that_is_missing_or_empty_is_told(write):
    folder = write()
    (folder / "master.key").unlink()
    (folder / "old.key").write_text("\n")

    assert problems() == {
        f"gateway.master_keys.k1: {folder}/master.key cannot be read",
        f"account vnpt: secret_key: {folder}/old.key is empty",
    }


def test_all_problems_of_all_parts_are_told_at_once(write):
    folder = write(
        GATEWAY + ACCOUNT + ACCOUNT.replace("vnptpay", "nopay"),
        ('base_url = "https:', 'base_url = "http:'),
        ("support_phone", "support_fone"),
        ("env:TEST_INDEX_KEY", "env:NOWHERE"),
        ('label_en = "VNPT Money"\n', ""),
        ("env:TEST_SECRET", "env:NOBODY"),
        ("api_key", "api_kee"),
        ("[gateway]", "[mail]\n[gateway]"),
    )
    (folder / "master.key").chmod(0o644)

    assert problems() == {
        "mail: paygate has no such part",
        "gateway.base_url: must be https",
        "gateway.support_phone: field required",
        "gateway.support_fone: extra inputs are not permitted",
        "gateway.index_key: the environment has no NOWHERE",
        f"gateway.master_keys.k1: {folder}/master.key {ALONE}",
        "account vnpt.label_en: field required",
        "account vnpt: secret_key: the environment has no NOBODY",
        "account vnpt: api_kee: this rail has no such setting",
        "account vnpt: rail: must be one of vnpay, vnptpay",
        "account vnpt: named twice",
    }


def test_two_accounts_without_a_code_are_not_said_to_share_one(write):
    write(GATEWAY + ACCOUNT + ACCOUNT, ('code = "vnpt"\n', ""))

    assert problems() == {"account 1.code: field required", "account 2.code: field required"}


DEMO = [("https://pay.example.vn", "http://127.0.0.1:8000")]
HERE = ("timeout_s = 15", 'timeout_s = 15\nbase_url = "http://127.0.0.1:8001/vnpt"')


def test_the_demo_speaks_http_on_this_machine(write):
    write(GATEWAY + ACCOUNT, *DEMO, HERE)

    made = configuration(demo=True)

    assert made.gateway.demo
    assert made.gateway.base_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    "base_url",
    [
        "https://pay.example.vn",
        "http://pay.example.vn",
        "http://localhost:8000",
        "http://127.0.0.1",
        "http://127.0.0.2:8000",
        "http://127.0.0.1.example:8000",
    ],
)
def test_the_demo_runs_on_this_machine_alone(write, base_url):
    write(GATEWAY, ("https://pay.example.vn", base_url))

    assert problems(demo=True) == {"gateway.base_url: the demo runs on http://127.0.0.1 only"}


def test_what_the_demo_may_a_real_gateway_may_not(write):
    write(GATEWAY + ACCOUNT, *DEMO, HERE)

    assert problems() == {
        "gateway.base_url: must be https",
        "account vnpt: base_url: must be https",
    }


# ---- operations -----------------------------------------------------------------------------
METRICS = ('support_phone = "1900 1234"', 'support_phone = "1900 1234"\nmetrics_token = "{}"')


def with_metrics(reference):
    return METRICS[0], METRICS[1].format(reference)


def test_without_a_token_there_are_no_metrics_and_with_one_nobody_sees_it(write, monkeypatch):
    write()
    assert configuration().gateway.metrics_token is None
    token = f"{CANARY}-of-the-monitoring"
    monkeypatch.setenv("TEST_METRICS", token)
    write(GATEWAY, with_metrics("env:TEST_METRICS"))

    made = configuration()

    assert made.gateway.metrics_token == token
    assert CANARY not in repr(made)


@pytest.mark.parametrize(
    ("reference", "value", "says"),
    [
        (f"{CANARY}-in-the-file-itself", "", "must be env:NAME or file:PATH, not the token itself"),
        ("env:TEST_METRICS", "", "the environment has no TEST_METRICS"),
        ("env:TEST_METRICS", "short", "must have 24 ASCII characters or more, no blank"),
        ("env:TEST_METRICS", "a b" * 20, "must have 24 ASCII characters or more, no blank"),
        ("env:TEST_METRICS", "ệ" * 30, "must have 24 ASCII characters or more, no blank"),
    ],
)
def test_a_token_that_is_none_is_told(write, monkeypatch, reference, value, says):
    monkeypatch.setenv("TEST_METRICS", value)
    write(GATEWAY, with_metrics(reference))

    assert f"gateway.metrics_token: {says}" in problems()


def test_limits_are_read_and_the_rest_keeps_its_defaults(write, monkeypatch):
    write(GATEWAY + "[gateway.limits]\nportal_writes_per_s = 7\n")
    monkeypatch.setenv("PAYGATE_GATEWAY__LIMITS__MISSES_PER_MINUTE", "9")

    limits = configuration().gateway.limits

    assert (limits.portal_writes_per_s, limits.misses_per_minute) == (7, 9)
    assert limits.order_starts_per_minute == 10


@pytest.mark.parametrize("value", [0, -1, 1_000_001])
def test_a_limit_that_would_stop_everybody_or_nobody_is_refused(write, value):
    write(GATEWAY + f"[gateway.limits]\nportal_writes_per_s = {value}\n")

    assert any(each.startswith("gateway.limits.portal_writes_per_s: ") for each in problems())
