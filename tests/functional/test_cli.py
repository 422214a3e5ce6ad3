"""What an operator types, and what programs read of it."""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from paygate.store import schema
from tests.support.cli import a_folder, run

pytestmark = pytest.mark.functional
ORIGIN = "https://portal.example"
AGENCIES = """code,name,parent
H23,UBND tỉnh Hải Dương,
000.30.27.H23,Bộ phận một cửa,H23
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    return a_folder(tmp_path, monkeypatch)


def one_line(text):
    (line,) = text.splitlines()
    return json.loads(line)


@pytest.fixture
def ready(folder):
    run("db", "upgrade")
    return folder


def add(*more, code="haiduong", origin=ORIGIN, exit_code=0):
    return run(
        "portal",
        "add",
        code,
        "--name",
        "Cổng DVC Hải Dương",
        "--return-origin",
        origin,
        *more,
        code=exit_code,
    )


def rows(folder, table):
    database = sqlite3.connect(folder / "var" / "paygate.db")
    try:
        return database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # our own names
    finally:
        database.close()


def test_tables_are_made_in_a_folder_that_is_made_and_stay_as_they_are(folder):
    first = one_line(run("db", "upgrade", "--json"))
    second = one_line(run("db", "upgrade", "--json"))

    assert first == {"revision": schema.head(), "was": None}
    assert second == {"revision": schema.head(), "was": schema.head()}
    assert (folder / "var" / "paygate.db").exists()


@pytest.mark.usefixtures("folder")
def test_a_person_reads_at_which_revision_the_tables_are():
    assert run("db", "upgrade") == f"tables are at {schema.head()} (were at None)\n"
    assert run("db", "upgrade") == f"tables are at {schema.head()}\n"


def test_a_portals_key_is_printed_once_and_only_its_hash_is_kept(ready):
    printed = add("--webhook-url", f"{ORIGIN}/hooks")

    key = next(line for line in printed.splitlines() if "API key" in line).split()[-1]
    secret = next(line for line in printed.splitlines() if "webhook" in line).split()[-1]
    assert key.startswith("pgk.")
    assert secret.startswith("whsec_")
    content = b"".join(each.read_bytes() for each in (ready / "var").iterdir())
    assert key.split(".")[1].encode() in content
    for shown in (key, key.split(".")[2], secret, secret.removeprefix("whsec_")):
        assert shown.encode() not in content
    assert key not in run("portal", "list")


@pytest.mark.usefixtures("ready")
def test_programs_read_the_same_in_one_line():
    added = one_line(add("--json"))
    listed = one_line(run("portal", "list", "--json"))

    assert set(added) == {"portal_id", "api_key", "webhook_secret"}
    assert added["webhook_secret"] is None
    assert listed == {
        "portals": [{"code": "haiduong", "id": added["portal_id"], "name": "Cổng DVC Hải Dương"}]
    }


@pytest.mark.usefixtures("ready")
def test_no_portal_is_told_as_such():
    assert run("portal", "list") == "no portals yet\n"
    assert one_line(run("portal", "list", "--json")) == {"portals": []}


def test_the_same_code_is_refused_the_second_time(ready):
    add()

    assert "portal_code_taken" in add(exit_code=1)
    assert len(rows(ready, "portal")) == 1
    assert len(rows(ready, "portal_key")) == 1


@pytest.mark.parametrize(
    "origin",
    [
        "http://portal.example",
        "http://127.0.0.1:8002",
        f"{ORIGIN}/",
        f"{ORIGIN}/return",
        "portal.example",
        "https://user@portal.example",
    ],
)
def test_an_origin_that_is_none_is_refused_and_nothing_is_kept(ready, origin):
    assert "return_origin_malformed" in add(origin=origin, exit_code=1)
    assert rows(ready, "portal") == []


@pytest.mark.parametrize("url", ["http://portal.example/h", "http://127.0.0.1:8002/h", "x"])
def test_http_for_webhooks_is_refused_outside_the_demo_and_nothing_is_kept(ready, url):
    assert "url_malformed" in add("--webhook-url", url, exit_code=1)
    for table in ("portal", "portal_key", "webhook_endpoint", "sealed_value", "audit_record"):
        assert rows(ready, table) == []


def test_late_money_is_refunded_unless_the_portal_says_otherwise(ready):
    add()
    add("--late-money", "accept", code="hanoi")

    assert {row[1]: row[3] for row in rows(ready, "portal")} == {
        "haiduong": "refund",
        "hanoi": "accept",
    }


def test_what_an_operator_does_is_audited_with_the_name(ready):
    add()

    (record,) = rows(ready, "audit_record")
    told = json.loads(record[4])
    assert told["actor"].startswith("operator:")
    assert told["via"] == "paygate portal add"


def test_a_register_is_imported_and_the_same_again_changes_nothing(ready):
    path = ready / "agencies.csv"
    path.write_text(AGENCIES)

    assert run("agency", "import", str(path)) == "2 rows imported\n"
    before = rows(ready, "agency"), rows(ready, "audit_record")
    assert one_line(run("agency", "import", str(path), "--json")) == {"rows": 2}
    assert (rows(ready, "agency"), rows(ready, "audit_record")) == before
    assert len(before[0]) == 2


def test_every_finding_of_a_register_is_printed_with_its_row_and_nothing_is_kept(ready):
    path = ready / "agencies.csv"
    path.write_text(AGENCIES.replace("000.30.27.H23,Bộ", ",Bộ") + "X,,\n")

    printed = run("agency", "import", str(path), code=1)

    assert re.search(r"row 3, code: .*\(code_empty\)", printed)
    assert re.search(r"row 4, name: .*\(name_empty\)", printed)
    assert rows(ready, "agency") == []


def test_a_parent_that_nobody_knows_is_printed_with_its_row(ready):
    path = ready / "agencies.csv"
    path.write_text("code,name,parent\nA,Một,NOBODY\n")

    assert re.search(
        r"row 2, parent: .*\(parent_unknown\)", run("agency", "import", str(path), code=1)
    )
    assert rows(ready, "agency") == []


@pytest.mark.parametrize(
    "command",
    [
        ("db", "upgrade"),
        ("portal", "list"),
        ("portal", "add", "x", "--name", "X", "--return-origin", ORIGIN),
        ("serve",),
        ("worker",),
        ("sandbox",),
    ],
    ids=" ".join,
)
def test_a_bad_configuration_is_told_whole_and_nothing_is_started(folder, command):
    text = (folder / "paygate.toml").read_text()
    text = text.replace("https://", "http://").replace("env:TEST_INDEX", "env:NOWHERE")
    (folder / "paygate.toml").write_text(text)

    printed = run(*command, code=1)

    assert "  - gateway.base_url: must be https\n" in printed
    assert "  - gateway.index_key: the environment has no NOWHERE\n" in printed
    assert not (folder / "var").exists()


def test_the_rail_that_is_built_in_passes_its_suite():
    printed = run("conformance", "vnptpay")

    assert printed.splitlines()[-1].startswith("vnptpay: ")
    assert "FAIL" not in printed


def test_the_suite_speaks_to_programs_in_one_line():
    told = one_line(run("conformance", "vnptpay", "--json"))

    assert (told["rail"], told["passed"]) == ("vnptpay", True)
    assert all(each["passed"] for each in told["cases"])


def test_a_rail_that_nobody_knows_is_no_success():
    assert "must be one of vnpay, vnptpay" in run("conformance", "nopay", code=1)


def loaded_by(module):
    """Return the names of what importing *module* loads, in a process of its own."""
    program = f"import sys, {module}; print(*sys.modules)"
    ended = subprocess.run(  # noqa: S603  # our own interpreter and words
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return {name.partition(".")[0] for name in ended.stdout.split()}


def test_the_web_worker_loads_neither_pandas_nor_the_scheduler():
    loaded = loaded_by("paygate.wsgi")

    assert {"flask", "gunicorn"} <= loaded
    assert loaded & {"pandas", "numpy", "apscheduler", "fpdf", "openpyxl", "xlsxwriter"} == set()


def test_the_command_line_begins_without_loading_what_only_some_commands_need():
    loaded = loaded_by("paygate.cli")

    assert loaded & {"flask", "gunicorn", "apscheduler", "pandas", "pydantic_settings"} == set()


def test_help_and_version_need_no_configuration(monkeypatch):
    monkeypatch.setenv("PAYGATE_CONFIG", str(Path("nowhere.toml")))

    assert "db" in run("--help")
    assert ", version " in run("--version")
