"""A register of agencies: all of the file, or nothing and every reason why."""

import json
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from paygate.services.csv_rows import ROWS_MAX, FileUnreadableError, Finding
from paygate.services.import_agencies import import_agencies, read_agencies
from paygate.store import agencies, audit, beneficiary_accounts, sealed
from paygate.store.agencies import Agency
from tests.support.builders import NOON, VAULT, an_act
from tests.support.fakes import CountingIds

FILE = """code,name,parent,successor,valid_from,valid_to
000.30.27.H23,Bộ phận một cửa,000.00.27.H23,,2020-01-01,
000.00.27.H23,UBND huyện,H23,,,
H23,UBND tỉnh Hải Dương,,H99,2010-01-01,2025-06-30
H99,UBND thành phố,,,2025-07-01,
"""
ACCOUNT = """code,name,bank,account_number,account_holder,procedure_code,fee_kind
H23,UBND tỉnh Hải Dương,VCB,0011 0022 33,UBND TINH HAI DUONG,,le_phi
"""


@pytest.fixture
def load(db):
    ids = CountingIds()

    def load(text):
        return db.act(import_agencies, an_act(ids=ids), VAULT, read_agencies(text.encode()))

    return load


def scan(db, table):
    with db.read() as tx:
        return tx.execute(sa.select(table)).all()


def findings_of(text):
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(FileUnreadableError) as raised:
        read_agencies(content)
    return [(each.row, each.column, each.code) for each in raised.value.findings]


def test_a_register_is_kept_with_relatives_that_stand_further_down(db, load):
    assert load(FILE) == 4

    with db.read() as tx:
        found = agencies.get(tx, "000.30.27.H23")
        assert found == Agency(
            code="000.30.27.H23",
            name="Bộ phận một cửa",
            parent="000.00.27.H23",
            valid_from=date(2020, 1, 1),
        )
        assert agencies.lineage(tx, found.code) == ("000.30.27.H23", "000.00.27.H23", "H23")
        province = agencies.get(tx, "H23")
        assert province is not None
        assert (province.successor, province.valid_to) == ("H99", date(2025, 6, 30))


def test_the_same_file_again_changes_nothing(db, load):
    load(FILE)
    before = [scan(db, table) for table in (agencies.table, audit.table)]

    assert load(FILE) == 4
    assert [scan(db, table) for table in (agencies.table, audit.table)] == before


def test_every_agency_that_is_new_or_changed_is_audited_once(db, load):
    load(FILE)
    load(FILE.replace("UBND huyện", "UBND huyện mới"))

    streams = sorted(row.stream for row in scan(db, audit.table))
    assert streams == sorted(
        ["agency:000.30.27.H23", "agency:H23", "agency:H99", *["agency:000.00.27.H23"] * 2]
    )


def test_an_excel_file_in_utf8_with_its_mark_is_read(load):
    assert load("\ufeff" + FILE.replace("\n", "\r\n")) == 4


def test_a_relative_may_be_in_the_register_already(load):
    load(FILE)

    assert load("code,name,parent\nX,Phòng mới,H23\n") == 1


@pytest.mark.parametrize("column", ["parent", "successor"])
def test_a_relative_that_nobody_knows_stops_the_whole_file(db, load, column):
    with pytest.raises(FileUnreadableError) as raised:
        load(f"code,name,{column}\nA,Một,\n\nB,Hai,NOBODY\nC,Ba,A\nD,Bốn,NOBODY\n")

    assert raised.value.findings == (
        Finding(4, column, f"{column}_unknown"),
        Finding(6, column, f"{column}_unknown"),
    )
    assert scan(db, agencies.table) == []
    assert scan(db, audit.table) == []


def test_every_finding_is_told_with_its_row_and_nothing_is_kept():
    text = """code,name,valid_from,valid_to,bank,account_number,account_holder,fee_kind
A,Một,2020-01-01,,,,,
,Hai,,,,,,
B,,,,,,,
C,Ba\x07,,,,,,

D,Bốn,01/02/2020,2020-13-01,,,,
E,Năm,2020-01-02,2020-01-01,,,,
F,Sáu,,,VCB,,,
G,Bảy,,,VCB,123,X,
H,Tám,,,VCB,{long},X,
I,Chín,,,VCB,0011002233,X,bribe
J,Mười
K,Mười một,,,,,,,,
A,Một khác,,,,,,
""".replace("{long}", "1" * 41)

    assert findings_of(text) == [
        (3, "code", "code_empty"),
        (4, "name", "name_empty"),
        (5, "name", "name_control_character"),
        (7, "valid_from", "not_a_date"),
        (7, "valid_to", "not_a_date"),
        (8, "valid_to", "before_valid_from"),
        (9, "account_number", "account_number_empty"),
        (9, "account_holder", "account_holder_empty"),
        (10, "account_number", "account_number_too_short"),
        (11, "account_number", "account_number_too_long"),
        (12, "fee_kind", "fee_kind_unknown"),
        (13, "", "wrong_number_of_columns"),
        (14, "", "wrong_number_of_columns"),
        (15, "code", "contradicts_row_above"),
    ]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("", [(1, "code", "column_missing"), (1, "name", "column_missing")]),
        ("code\nA\n", [(1, "name", "column_missing")]),
        ("code,name,colour\n", [(1, "colour", "column_unknown")]),
        ("code,name,name\n", [(1, "name", "column_repeated")]),
        ("Code,name\n", [(1, "Code", "column_unknown"), (1, "code", "column_missing")]),
        (b"code,name\nA,\xe3\n", [(0, "", "not_utf8")]),
        ('code,name\nA,"Một"x\n', [(2, "", "not_csv")]),
        ("code,name\nA," + "x" * 200_000 + "\n", [(2, "", "not_csv")]),
    ],
)
def test_a_file_that_is_no_register_is_told_as_a_whole(text, findings):
    assert findings_of(text) == findings


def test_a_file_of_more_rows_than_the_country_has_agencies_is_refused():
    text = "code,name\n" + "A,Một\n" * ROWS_MAX

    assert len(read_agencies(text.encode())) == ROWS_MAX
    assert findings_of(text + "A,Một\n") == [(ROWS_MAX + 2, "", "too_many_rows")]


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_give_rows_or_findings(content):
    for each in (content, b"code,name,valid_from,account_number\n" + content):
        try:
            read_agencies(each)
        except FileUnreadableError as error:
            assert error.findings  # noqa: PT017  # either this or rows, both are good


def test_an_account_waits_for_a_second_person_sealed(db, load):
    load(ACCOUNT)

    (account,) = scan(db, beneficiary_accounts.table)
    assert (account.agency, account.bank, account.last4) == ("H23", "VCB", "2233")
    assert (account.fee_kind, account.procedure_code) == ("le_phi", None)
    assert (account.proposed_by, account.proposed_at) == ("system:test", NOON)
    assert account.approved_at is None
    owner = sealed.Owner("beneficiary_account", account.id, "number_sealed")
    with db.read() as tx:
        assert sealed.open_for(tx, VAULT, owner, account.number_sealed) == b"0011002233"


def test_a_proposed_account_is_audited_without_its_number(db, load):
    load(ACCOUNT)

    records = [json.loads(row.record) for row in scan(db, audit.table)]
    assert [each["action"] for each in records] == ["agency.set", "beneficiary_account.proposed"]
    assert "0011002233" not in repr(records)


def test_the_same_account_again_is_no_news_and_another_is(db, load):
    load(ACCOUNT)
    load(ACCOUNT)
    assert len(scan(db, beneficiary_accounts.table)) == 1

    load(ACCOUNT.replace("0011 0022 33", "0011002234"))
    load(ACCOUNT.replace("le_phi", "phi"))
    load(ACCOUNT.replace("VCB", "BIDV"))

    assert len(scan(db, beneficiary_accounts.table)) == 4


def test_several_rows_may_name_several_accounts_of_one_agency(db, load):
    again = ACCOUNT.splitlines()[1].replace("le_phi", "phi")
    load(f"{ACCOUNT}{again}\n")

    assert len(scan(db, agencies.table)) == 1
    assert len(scan(db, beneficiary_accounts.table)) == 2
