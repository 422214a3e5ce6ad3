"""Fee rules: all of the file, or nothing and why; what changes ends what was."""

from contextlib import suppress
from datetime import date
from itertools import combinations
from itertools import count as count_up
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paygate.domain.fee_rule import overlap
from paygate.domain.money import Money
from paygate.services.csv_rows import FileUnreadableError
from paygate.services.import_fee_rules import changes, import_fee_rules, read_fee_rules
from paygate.store import audit, fee_rules
from tests.support.builders import NOON, an_act, furnish
from tests.support.fakes import CountingIds

HEAD = "fee_code,case_code,agency,valid_from,valid_to,amount,refund_policy,legal_basis"
OLD = "HC,moi,,2020-01-01,,400000,full,TT 1"
NEW = "HC,moi,,2024-01-01,,360000,full,TT 2"
EXAMPLE = Path("docs/examples/fee-rules.csv")


def file(*rows, head=HEAD):
    return "\n".join((head, *rows, ""))


def read(text):
    return read_fee_rules(text.encode(), now=NOON)


def findings_of(act, *arguments):
    with pytest.raises(FileUnreadableError) as raised:
        act(*arguments)
    return [(each.row, each.column, each.code) for each in raised.value.findings]


@pytest.fixture
def load(db):
    db.act(furnish)
    ids = CountingIds()

    def load(*rows):
        return db.act(import_fee_rules, an_act(ids=ids), read(file(*rows)))

    return load


def kept(db):
    with db.read() as tx:
        found = tx.execute(sa.select(fee_rules.table).order_by(fee_rules.table.c.id)).all()
    return [
        (row.valid_from.isoformat(), row.valid_to and row.valid_to.isoformat(), row.lowest.dong)
        for row in found
        if row.replaced_at is None
    ]


def count(db, table):
    with db.read() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_rule_is_kept_with_its_price_and_its_law(db, load):
    (change,) = load(OLD)

    assert change.line() == "row 2: HC from 2020-01-01: 400.000 VND"
    with db.read() as tx:
        (rule,) = fee_rules.every_in_force(tx, day=date(2026, 1, 1))
    assert (rule.lowest, rule.highest, rule.legal_basis) == (Money(400_000), Money(400_000), "TT 1")
    assert (rule.case_code, rule.agency, rule.channel) == ("moi", None, None)


def test_a_change_ends_the_old_rule_the_day_before(db, load):
    load(OLD)
    (change,) = load(NEW)

    assert change.line().endswith("; ends 400.000 VND of 2020-01-01 on 2023-12-31")
    assert kept(db) == [("2020-01-01", "2023-12-31", 400_000), ("2024-01-01", None, 360_000)]


def test_a_rule_of_another_case_ends_nothing(db, load):
    load(OLD)
    load(NEW.replace("moi", "lai"))

    assert [each[1] for each in kept(db)] == [None, None]


def test_a_correction_from_the_first_day_replaces_and_keeps_the_wrong_one_on_record(db, load):
    load(OLD)
    (change,) = load(OLD.replace("400000", "410000"))

    assert change.line().endswith("; replaces 400.000 VND from its first day")
    assert kept(db) == [("2020-01-01", None, 410_000)]
    assert count(db, fee_rules.table) == 2


@pytest.mark.parametrize("rows", [(OLD,), (OLD.replace(",,400", ",2023-12-31,400"), NEW)])
def test_the_same_file_again_changes_nothing(db, load, rows):
    load(*rows)
    before = count(db, fee_rules.table), count(db, audit.table)

    assert load(*rows) == ()
    assert (count(db, fee_rules.table), count(db, audit.table)) == before


def test_what_was_loaded_in_two_files_may_come_again_in_one(load):
    load(OLD)
    load(NEW)

    assert load(OLD.replace(",,400", ",2023-12-31,400"), NEW) == ()


def test_a_rule_that_is_cut_in_two_by_one_file_ends_once(db, load):
    load(OLD)

    first, second = load(
        "HC,moi,,2024-01-01,2025-12-31,360000,full,TT 2",
        "HC,moi,,2026-01-01,,400000,full,TT 1",
    )

    assert first.ends is not None
    assert second.ends is None
    assert kept(db) == [
        ("2020-01-01", "2023-12-31", 400_000),
        ("2024-01-01", "2025-12-31", 360_000),
        ("2026-01-01", None, 400_000),
    ]


def test_a_rule_without_end_never_runs_into_a_later_one(db, load):
    load(OLD)
    load(NEW)
    before = kept(db)

    assert findings_of(load, OLD) == [(2, "valid_to", "overlaps_later_rule")]
    assert kept(db) == before


def test_overlapping_rows_of_one_key_are_refused_with_both_numbers():
    between = "HC,moi,,2021-01-01,2021-12-31,1,full,TT"
    other = "HC,lai,,2021-01-01,,1,full,TT"

    assert findings_of(read, file(OLD, other, between, NEW)) == [
        (4, "valid_from", "overlaps_row_2"),
        (5, "valid_from", "overlaps_row_2"),
    ]


def test_a_dry_run_keeps_nothing(db):
    with db.read() as tx:
        assert len(changes(tx, read(file(OLD, NEW.replace("moi", "lai"))))) == 2

    assert count(db, fee_rules.table) == 0


def test_an_agency_that_nobody_knows_stops_the_whole_file(db, load):
    rows = (OLD, "HC,moi,H99,2020-01-01,,1,full,TT", "HC,lai,H23,2020-01-01,,1,full,TT")

    assert findings_of(load, *rows) == [(3, "agency", "agency_unknown")]
    assert count(db, fee_rules.table) == 0


def test_every_change_is_audited_with_what_it_ends(db, load):
    load(OLD)
    load(NEW)

    with db.read() as tx:
        first, second = audit.stream_of(tx, "fee_rules")
        rules = fee_rules.current(tx)
    assert '"ends":null' in first.record
    assert f'"ends":"{rules[0].id}"' in second.record


PRICE_HEAD = "fee_code,valid_from,amount,percent,unit,cap,refund_policy,legal_basis"


@pytest.mark.parametrize(
    ("cells", "price"),
    [
        ("200000,,,", "200.000 VND"),
        ("200.000,90,,", "180.000 VND"),
        ("25.000-100.000,,,", "25.000 VND - 100.000 VND"),
        ("25000 - 100000,50,,", "12.500 VND - 50.000 VND"),
        ("0-1351000,,,", "0 VND - 1.351.000 VND"),
        ("2000,,trang,", "2.000 VND/trang"),
        ("2000,,trang,200000", "2.000 VND/trang <= 200.000 VND"),
    ],
)
def test_a_price_is_read_as_people_write_it(cells, price):
    (row,) = read(file(f"X,2020-01-01,{cells},full,TT", head=PRICE_HEAD))

    assert str(row.rule.price) == price


@pytest.mark.parametrize(
    ("cells", "findings"),
    [
        (",,,", [("amount", "not_whole_dong")]),
        ("-5,,,", [("amount", "not_whole_dong")]),
        ("1.5,,,", [("amount", "not_whole_dong")]),
        ("2-1,,,", [("amount", "not_a_range")]),
        ("1-2-3,,,", [("amount", "not_a_range")]),
        ("1,0,,", [("percent", "not_a_percentage")]),
        ("1,101,,", [("percent", "not_a_percentage")]),
        ("1,9.5,,", [("percent", "not_a_percentage")]),
        ("1,,,2", [("cap", "cap_without_unit")]),
        ("1-2,,trang,", [("unit", "unit_needs_one_amount")]),
        ("0,,trang,", [("unit", "unit_needs_one_amount")]),
        ("2,,trang,1", [("cap", "cap_below_amount")]),
        ("2,,trang,x", [("cap", "not_whole_dong")]),
    ],
)
def test_a_price_that_cannot_be_read_is_a_finding(cells, findings):
    found = findings_of(read, file(f"X,2020-01-01,{cells},full,TT", head=PRICE_HEAD))

    assert [each[1:] for each in found] == findings


def test_every_finding_is_told_with_its_row():
    head = f"channel,{HEAD}"
    rows = (
        "online,HC,,,2020-01-01,,1,full,TT",
        "fax,HC,,,2020-01-01,,1,full,TT",
        ",,,,2020-01-01,,1,full,TT",
        ",HC,,,,,1,full,TT",
        ",HC,,,01/01/2020,,1,full,TT",
        ",HC,,,2020-01-02,2020-01-01,1,full,TT",
        ",HC,,,2020-01-01,,1,maybe,TT",
        ",HC,,,2020-01-01,,1,full,",
        ",HC",
    )

    assert findings_of(read, file(*rows, head=head)) == [
        (3, "channel", "channel_unknown"),
        (4, "fee_code", "fee_code_empty"),
        (5, "valid_from", "valid_from_empty"),
        (6, "valid_from", "not_a_date"),
        (7, "valid_to", "before_valid_from"),
        (8, "refund_policy", "refund_policy_unknown"),
        (9, "legal_basis", "legal_basis_empty"),
        (10, "", "wrong_number_of_columns"),
    ]


@given(st.text(max_size=300))
def test_any_text_gives_rules_or_findings(text):
    try:
        read(f"{PRICE_HEAD}\n{text}")
    except FileUnreadableError as error:
        assert error.findings  # noqa: PT017  # either this or rules, both are good


def test_the_example_is_read_and_says_of_each_row_how_sure_it_is():
    rows = read(EXAMPLE.read_text(encoding="utf-8"))

    assert len(rows) == 12
    assert all("[" in each.rule.source for each in rows)


spans = st.tuples(st.integers(1, 19), st.none() | st.integers(0, 9), st.integers(1, 3))
numbers = count_up(1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(spans, max_size=6))
def test_whatever_is_imported_in_turn_no_day_ever_has_two_prices(load, db, spans):
    code = f"P{next(numbers)}"  # the examples share a database
    for first, length, dong in spans:
        last = "" if length is None else f"2020-01-{first + length:02d}"
        with suppress(FileUnreadableError):
            load(f"{code},,,2020-01-{first:02d},{last},{dong},full,TT")

    with db.read() as tx:
        kept_rules = [each for each in fee_rules.current(tx) if each.fee_code == code]
    assert bool(kept_rules) == bool(spans)
    for one, other in combinations(kept_rules, 2):
        assert not overlap(one.validity, other.validity)
