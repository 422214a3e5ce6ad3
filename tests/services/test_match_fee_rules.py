"""Which rule a line of an order falls under, and what becomes of an amount that is another."""

from datetime import UTC, date, datetime, timedelta

import pytest

from paygate.domain.errors import AmountOffRuleError, ValueRefusedError
from paygate.domain.fee_rule import FeeRuleUse
from paygate.domain.money import Money
from paygate.domain.order import FeeKind, Purpose
from paygate.services.import_fee_rules import import_fee_rules, read_fee_rules
from paygate.services.issue_order import Exemption, LineWanted, Terms, issue_order
from paygate.services.match_fee_rules import FeeAsked, match_fee_rules
from paygate.store import agencies, audit, lines, orders
from paygate.store.agencies import Agency
from tests.support.builders import AGENCY, NOON, VAULT, an_act, furnish, order_wanted
from tests.support.fakes import CountingIds

HEAD = (
    "fee_code,procedure_code,case_code,agency,channel,applicant_category,valid_from,valid_to,amount,"
    "refund_policy,legal_basis"
)
DAY = date(2022, 9, 28)
REFUSE = Terms(fee_rules=FeeRuleUse.REFUSE)
PASSPORT = (
    "HC,,moi,,online,,2024-01-01,2025-12-31,180000,full,TT 63/2023",
    "HC,,lai,,online,,2024-01-01,2025-12-31,360000,full,TT 63/2023",
    "HC,,moi,,online,,2026-01-01,,200000,full,TT 25/2021",
    "HC,,lai,,online,,2026-01-01,,400000,full,TT 25/2021",
)
EVE = datetime(2025, 12, 31, 16, 59, 59, tzinfo=UTC)  # in Viet Nam the last second of the year
NEW_YEAR = EVE + timedelta(seconds=1)


@pytest.fixture
def ids():
    return CountingIds()


@pytest.fixture
def load(db, ids):
    """Keep rules in a furnished house, below the province."""

    def prepare(tx):
        furnish(tx)
        agencies.put(tx, Agency(code=AGENCY, name="Phòng Tư pháp", parent="H23", valid_from=DAY))

    db.act(prepare)

    def load(*rows):
        text = "\n".join((HEAD, *rows, "")).encode()
        db.act(import_fee_rules, an_act(ids=ids), read_fee_rules(text, now=NOON))

    return load


def a_line(dong, code="HC", **more):
    return LineWanted(
        kind=FeeKind.LE_PHI,
        code=code,
        name="Lệ phí",
        amount=Money(dong),
        beneficiary=AGENCY,
        **more,
    )


@pytest.fixture
def issue(db, ids):
    """Issue an order of these lines, and return it with them as they were kept."""
    numbers = iter(range(1, 100))

    def issue(*wanted, now=NOON, terms=None, **more):
        dossier = f"000.30.27.H23-220928-{next(numbers):04d}"
        order = db.act(
            issue_order,
            an_act(now, ids=ids),
            VAULT,
            order_wanted(lines=wanted, dossier=dossier, **more),
            terms,
        )
        with db.read() as tx:
            return order, lines.of_order(tx, order.id)

    return issue


def matched(db, asked):
    with db.read() as tx:
        (match,) = match_fee_rules(tx, (asked,), day=DAY, use=FeeRuleUse.NOTE)
    return match


def asked(dong=1, **more):
    wanted = {
        "fee_code": "HC",
        "agency": AGENCY,
        "procedure_code": "1.001456",
        "case_code": None,
        "applicant_category": None,
        "amount": Money(dong),
    }
    return FeeAsked(**(wanted | more))


ANYWHERE = "HC,,,,,,2020-01-01,,1,full,anywhere"
PROCEDURE = "HC,1.001456,,,,,2020-01-01,,2,full,procedure"
PROVINCE = "HC,,,H23,,,2020-01-01,,3,full,province"
BOTH = "HC,1.001456,,H23,,,2020-01-01,,4,full,both"
OFFICE = f"HC,,,{AGENCY},,,2020-01-01,,5,full,office"
ONLINE = f"HC,,,{AGENCY},online,,2020-01-01,,6,full,online"


def test_the_nearest_agency_counts_before_the_procedure(db, load):
    rows, found = [], []
    for row in (ANYWHERE, PROCEDURE, PROVINCE, BOTH, OFFICE, ONLINE):
        rows.append(row)
        load(row)
        found.append(matched(db, asked()).rule.legal_basis)

    assert found == ["anywhere", "procedure", "province", "both", "office", "online"]


@pytest.mark.parametrize(
    "row",
    [
        ANYWHERE.replace("HC", "KHAC"),
        PROCEDURE.replace("1.001456", "2.000001"),
        ANYWHERE.replace("HC,,,,", "HC,,,,offline"),
        ANYWHERE.replace("2020-01-01,", "2022-09-29,"),
        ANYWHERE.replace("2020-01-01,", "2020-01-01,2022-09-27"),
    ],
)
def test_a_rule_about_something_else_is_no_rule(db, load, row):
    load(row)

    assert matched(db, asked()) is None


@pytest.mark.parametrize(
    ("asked_for", "basis", "differs"),
    [
        ({"dong": 180_000}, "moi", False),
        ({"dong": 360_000}, "lai", False),
        ({"dong": 5, "case_code": "moi"}, "moi", True),
        ({"dong": 180_000, "case_code": "lai"}, "lai", True),
        ({"dong": 360_000, "case_code": "lai"}, "lai", False),
        ({"dong": 7, "case_code": "khac"}, "rest", False),
    ],
)
def test_a_case_that_is_named_decides_and_one_that_is_not_leaves_all_open(
    db, load, asked_for, basis, differs
):
    load(
        "HC,,moi,,,,2020-01-01,,180000,full,moi",
        "HC,,lai,,,,2020-01-01,,360000,full,lai",
        "HC,,,,,,2020-01-01,,7,full,rest",
    )

    match = matched(db, asked(**asked_for))

    assert (match.rule.legal_basis, match.differs) == (basis, differs)


def test_a_category_of_applicants_has_a_rule_of_its_own(db, load):
    load(
        "HC,,,,,ho_ngheo,2020-01-01,,1,full,poor",
        "HC,,,,,,2020-01-01,,2,full,others",
    )

    assert matched(db, asked(1, applicant_category="ho_ngheo")).rule.legal_basis == "poor"
    assert matched(db, asked(2, applicant_category="khac")).rule.legal_basis == "others"


@pytest.mark.parametrize(
    ("now", "case", "dong"),
    [
        (EVE, "moi", 180_000),
        (EVE, "lai", 360_000),
        (NEW_YEAR, "moi", 200_000),
        (NEW_YEAR, "lai", 400_000),
    ],
)
def test_the_passport_costs_more_from_midnight_in_viet_nam_on(load, issue, now, case, dong):
    load(*PASSPORT)

    _, (line,) = issue(a_line(dong, case_code=case), now=now, terms=REFUSE)

    assert line.legal_basis == ("TT 63/2023" if now == EVE else "TT 25/2021")
    with pytest.raises(AmountOffRuleError):
        issue(a_line(dong + 1, case_code=case), now=now, terms=REFUSE)


def test_the_order_keeps_its_price_and_rule_after_the_rule_changed(db, load, issue):
    load(PASSPORT[2])
    order, (before,) = issue(a_line(200_000), now=NEW_YEAR)

    load(PASSPORT[2].replace("200000", "210000"))

    with db.read() as tx:
        assert lines.of_order(tx, order.id) == (before,)
        kept = orders.get(tx, order.id)
    assert kept is not None
    assert kept.amount == Money(200_000)
    assert before.legal_basis == "TT 25/2021"


def test_a_line_without_a_rule_is_left_alone(load, issue):
    load(ANYWHERE)

    _, (line,) = issue(a_line(9, code="KHAC"), terms=REFUSE)

    assert (line.rule_id, line.legal_basis, line.rule_differs) == (None, None, False)


def actions(db, order):
    with db.read() as tx:
        return [each.record for each in audit.stream_of(tx, f"order:{order.id}")]


def test_an_amount_off_the_rule_is_noted_on_its_line_and_once_in_the_audit(db, load, issue):
    load(ANYWHERE)

    order, kept = issue(a_line(2), a_line(5, code="KHAC"))

    assert [each.rule_differs for each in kept] == [True, False]
    assert kept[0].rule_id is not None
    assert kept[0].legal_basis is None
    (record,) = [each for each in actions(db, order) if "order.rule_differs" in each]
    assert '"lines":"1"' in record
    assert kept[0].rule_id in record


def test_an_amount_that_fits_is_not_noted(db, load, issue):
    load(ANYWHERE)

    order, (line,) = issue(a_line(1))

    assert (line.legal_basis, line.rule_differs) == ("anywhere", False)
    assert not any("rule_differs" in each for each in actions(db, order))


def test_rules_that_are_off_are_not_looked_at(load, issue):
    load(ANYWHERE)

    _, (line,) = issue(a_line(2), terms=Terms(fee_rules=FeeRuleUse.OFF))

    assert (line.rule_id, line.rule_differs) == (None, False)


def test_every_line_off_the_rules_is_refused_with_what_is_lawful(db, load, issue):
    load(*PASSPORT, "TL,,,,,,2020-01-01,,8000,full,TT")

    with pytest.raises(AmountOffRuleError) as raised:
        issue(a_line(1), a_line(8_000, code="TL"), a_line(1, code="X"), now=EVE, terms=REFUSE)

    assert raised.value.lawful == {0: "180.000 VND / 360.000 VND"}
    with db.read() as tx:
        assert orders.overdue(tx, ended_by=EVE + timedelta(days=99), limit=9) == ()


def test_a_reduced_line_keeps_the_full_price_which_the_rule_is_about(load, issue):
    load(PASSPORT[2])
    reduced = a_line(100_000, full_amount=Money(200_000), reduction_basis="NQ 21/2024")

    order, (line,) = issue(reduced, now=NEW_YEAR, terms=REFUSE)

    assert order.amount == Money(100_000)
    assert (line.full_amount, line.reduction_basis) == (Money(200_000), "NQ 21/2024")
    assert (line.legal_basis, line.rule_differs) == ("TT 25/2021", False)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"full_amount": Money(2)}, "reduction_incomplete"),
        ({"reduction_basis": "NQ"}, "reduction_incomplete"),
        ({"full_amount": Money(1), "reduction_basis": "NQ"}, "full_amount_not_above_amount"),
    ],
)
def test_a_reduction_is_whole_or_refused(load, issue, more, code):
    load()

    with pytest.raises(ValueRefusedError) as raised:
        issue(a_line(1, **more))

    assert raised.value.code == code


def test_an_exempt_order_breaks_no_rule(load, issue):
    load(PASSPORT[2])

    _, (line,) = issue(
        a_line(0),
        now=NEW_YEAR,
        terms=REFUSE,
        exemption=Exemption(reason_code="ho_ngheo", legal_basis="Luật phí và lệ phí, Điều 10"),
    )

    assert (line.rule_differs, line.rule_id is None) == (False, False)


@pytest.mark.parametrize("purpose", [Purpose.ADVANCE, Purpose.FINAL, Purpose.SUPPLEMENT])
def test_a_part_of_the_lawful_fee_is_lawful_and_more_than_all_of_it_is_not(load, issue, purpose):
    """DOMAIN 4.5: an advance, what is left after it, what was missing."""
    load("HC,,,,,,2020-01-01,,200000,full,TT 25/2021")

    _, (line,) = issue(a_line(50_000), terms=REFUSE, purpose=purpose)

    assert (line.rule_differs, line.legal_basis) == (False, "TT 25/2021")
    with pytest.raises(AmountOffRuleError):
        issue(a_line(200_001), terms=REFUSE, purpose=purpose)


@pytest.mark.parametrize("purpose", [Purpose.FEE, Purpose.RETRY])
def test_what_is_paid_at_once_is_the_whole_fee(load, issue, purpose):
    load("HC,,,,,,2020-01-01,,200000,full,TT 25/2021")

    with pytest.raises(AmountOffRuleError):
        issue(a_line(50_000), terms=REFUSE, purpose=purpose)
