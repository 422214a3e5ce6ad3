"""What an operator types to load calendars and fee rules, and to allow papers."""

import re
from pathlib import Path

import pytest

from paygate.bootstrap import configuration
from paygate.domain.clock import SystemClock, in_vietnam
from paygate.domain.fee_rule import FeeRuleUse
from paygate.settings import SettingsError
from tests.support.cli import a_folder, doctor_says, run, told

pytestmark = pytest.mark.functional
EXAMPLES = Path("docs/examples").absolute()
CALENDAR = "date,kind,name_vi,name_en\n2026-09-02,OFF,Quốc khánh,National Day\n"
RULES = """fee_code,agency,procedure_code,valid_from,amount,refund_policy,legal_basis
LP01,,,2020-01-01,5000,full,NQ 1
LP01,H23,,2020-01-01,6000,full,NQ 2
LP02,,1.001456,2030-01-01,7000,full,NQ 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = a_folder(tmp_path, monkeypatch)
    run("db", "upgrade")
    (folder / "agencies.csv").write_text("code,name\nH23,Tỉnh\nH24,Tỉnh khác\n")
    run("agency", "import", str(folder / "agencies.csv"))
    return folder


def write(folder, text):
    path = folder / "file.csv"
    path.write_text(text)
    return str(path)


def test_a_doctor_warns_until_a_day_of_this_year_was_loaded(folder):
    year = in_vietnam(SystemClock().now()).year
    head, row = CALENDAR.splitlines()
    run("calendar", "import", write(folder, f"{head}\n{row.replace('2026', str(year - 1))}\n"))
    verdict, says, do = doctor_says("calendar")
    assert (verdict, says.partition(",")[0]) == ("warn", f"no day of {year} was loaded")
    assert f"paygate calendar import FILE with the notice of days off of {year}" in do

    run("calendar", "import", write(folder, f"{head}\n{row.replace('2026', str(year))}\n"))

    assert doctor_says("calendar")[:2] == ("ok", f"{year} is loaded")


def test_a_calendar_is_tried_loaded_and_shown(folder):
    path = write(folder, CALENDAR)

    tried = run("calendar", "import", path, "--dry-run")
    assert tried == "2026-09-02  as its weekday -> OFF  Quốc khánh\n1 rows, 1 would change\n"
    assert run("calendar", "show", "--year", "2026") == "version 0\nno days of 2026 were loaded\n"
    assert told("calendar", "import", path)["version"] == 1
    assert run("calendar", "import", path) == "1 rows, 0 changed\n"

    shown = run("calendar", "show", "--year", "2026")
    assert shown == "version 1\n2026-09-02 Wed  OFF      Quốc khánh / National Day\n"
    assert told("calendar", "show", "--year", "2027")["days"] == []


def test_an_older_version_of_a_calendar_is_shown(folder):
    run("calendar", "import", write(folder, CALENDAR))
    run("calendar", "import", write(folder, CALENDAR.replace("OFF", "WORKING")))

    kinds = [
        told("calendar", "show", "--year", "2026", *more)["days"][0]["kind"]
        for more in ((), ("--version", "1"))
    ]

    assert kinds == ["WORKING", "OFF"]


def test_a_calendar_that_cannot_be_read_is_told_whole_and_not_loaded(folder):
    path = write(folder, f"{CALENDAR}2026-09-03,FEAST,A,B\n03/09,OFF,A,B\n")

    printed = run("calendar", "import", path, code=1)

    assert re.search(r"row 3, kind: .*\(kind_unknown\)", printed)
    assert re.search(r"row 4, date: .*\(not_a_date\)", printed)
    assert told("calendar", "show", "--year", "2026")["version"] == 0


def test_rules_are_tried_loaded_and_listed(folder):
    path = write(folder, RULES)

    assert run("fee", "import", path, "--dry-run").endswith("3 rows, 3 would change\n")
    assert run("fee", "list") == "no rules are in force\n"
    assert told("fee", "import", path) == {"rows": 3, "changed": 3, "dry_run": False}
    assert run("fee", "import", path) == "3 rows, 0 changed\n"

    def laws(*filters):
        return [each["legal_basis"] for each in told("fee", "list", *filters)["rules"]]

    assert sorted(laws()) == ["NQ 1", "NQ 2"]
    assert laws("--agency", "H24") == ["NQ 1"]
    assert sorted(laws("--on", "2030-01-01")) == ["NQ 1", "NQ 2", "NQ 3"]
    assert sorted(laws("--on", "2030-01-01", "--procedure", "2.1")) == ["NQ 1", "NQ 2"]
    assert "LP01\t*\t*\tH23\t*\t*\t2020-01-01 -\t6.000 VND\tNQ 2" in run("fee", "list")


def test_rules_that_overlap_are_told_by_both_their_rows(folder):
    path = write(folder, f"{RULES}LP01,H23,,2021-01-01,6000,full,NQ 4\n")

    assert re.search(r"row 5, valid_from: .*\(overlaps_row_3\)", run("fee", "import", path, code=1))
    assert run("fee", "list") == "no rules are in force\n"


def test_the_examples_are_loaded_as_they_are(folder):
    del folder

    assert run("calendar", "import", str(EXAMPLES / "calendar-2026.csv"))
    assert told("fee", "import", str(EXAMPLES / "fee-rules.csv"))["changed"] == 12


def add(*more):
    return run(
        *("portal", "add", "hd", "--name", "Cổng", "--return-origin", "https://portal.example"),
        *more,
    )


def test_a_portal_is_allowed_papers_when_it_is_added_and_later(folder):
    del folder
    add("--payable", "tax_notice", "--payable", "fine_decision")

    assert run("portal", "payables", "hd") == "fine_decision\ntax_notice\n"
    assert told("portal", "payables", "hd", "--set", "court_notice") == {
        "payables": ["court_notice"]
    }
    assert run("portal", "payables", "hd") == "court_notice\n"
    assert run("portal", "payables", "hd", "--set", "none") == "dossiers only\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nobody",), "portal_unknown"),
        (("nobody", "--set", "tax_notice"), "portal_unknown"),
        (("hd", "--set", "none", "--set", "tax_notice"), "--set none stands alone"),
    ],
)
def test_papers_of_a_portal_that_is_not_there_are_refused(folder, arguments, told):
    del folder
    add()

    assert told in run("portal", "payables", *arguments, code=1)
    assert run("portal", "payables", "hd") == "dossiers only\n"


def test_the_use_of_rules_and_the_courts_window_are_settings(folder, monkeypatch):
    del folder
    monkeypatch.setenv("PAYGATE_GATEWAY__FEE_RULES", "refuse")
    monkeypatch.setenv("PAYGATE_GATEWAY__COURT_NOTICE_DAYS", "5")

    gateway = configuration().gateway

    assert (gateway.fee_rules, gateway.court_notice_days) == (FeeRuleUse.REFUSE, 5)


@pytest.mark.parametrize(("name", "value"), [("FEE_RULES", "maybe"), ("COURT_NOTICE_DAYS", "0")])
def test_a_setting_that_means_nothing_is_told(folder, monkeypatch, name, value):
    del folder
    monkeypatch.setenv(f"PAYGATE_GATEWAY__{name}", value)

    with pytest.raises(SettingsError) as raised:
        configuration()

    assert [each.split(":")[0] for each in raised.value.problems] == [f"gateway.{name.lower()}"]
