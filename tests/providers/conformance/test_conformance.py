"""Every rail passes the suite; and the suite is not passed by bad rails."""

import json
from pathlib import Path
from typing import Any

import pytest

from providers.conformance.source import compared_openly
from providers.conformance.suite import CASES, judge, run
from providers.registry import RAILS
from tests.providers.conformance.bad_rail import DIALECTS, VNPAY, VNPTPAY, BadRail, a_rail_of
from tests.providers.conformance.bad_readers import READING_SINS
from tests.providers.conformance.bad_refunders import REFUNDING_SINS, BadRefunder
from tests.providers.conformance.bad_speakers import SPEAKING_SINS

SINS = [
    (bad, case, dialect)
    for bad, case, dialects in (*READING_SINS, *SPEAKING_SINS, *REFUNDING_SINS)
    for dialect in dialects
]
BY_NAME = {case.__name__: case for case in CASES}


def vectors_of(code: str) -> list[dict[str, Any]]:
    path = Path(__file__).parents[2] / "vectors" / f"{code}.json"
    vectors: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return vectors


@pytest.mark.parametrize("code", sorted(RAILS))
def test_a_rail_passes_every_case(code):
    verdicts = run(RAILS[code], vectors_of(code))

    assert [verdict for verdict in verdicts if not verdict.passed] == []
    assert len(verdicts) > len(CASES)


def test_case_names_are_unique():
    assert len(BY_NAME) == len(CASES)


@pytest.mark.parametrize(
    ("bad", "dialect"), [(BadRail, VNPTPAY), (BadRail, VNPAY), (BadRefunder, VNPAY)]
)
def test_a_rail_that_hands_everything_through_passes(bad, dialect):
    assert [each for each in run(a_rail_of(bad, dialect)) if not each.passed] == []


@pytest.mark.parametrize(
    ("bad", "case", "dialect"),
    SINS,
    ids=[f"{dialect.code}-{bad.__name__}-{case}" for bad, case, dialect in SINS],
)
def test_a_bad_rail_is_found_by_the_case_for_its_sin(bad, case, dialect):
    verdict = judge(BY_NAME[case], a_rail_of(bad, dialect))

    assert not verdict.passed
    assert verdict.detail


def test_every_case_is_failed_by_some_rail_here():
    assert set(BY_NAME) == {case for _, case, _ in SINS}


def test_every_rail_has_its_dialect_here():
    assert {each.code for each in DIALECTS} == set(RAILS)


def test_a_vector_that_is_not_accepted_as_it_says_is_a_verdict():
    vector = next(each for each in vectors_of("vnptpay") if each["id"] == "vnptpay-ipn-01")

    verdicts = run(VNPTPAY.rail, [{**vector, "valid": False}])

    assert [each.case for each in verdicts if not each.passed] == ["vector vnptpay-ipn-01"]


@pytest.mark.parametrize(
    "line",
    [
        "a == signature",
        "signature.lower() != a",
        "sign(a) == b",
        "x.hexdigest() == b",
        "hmac.new(k, m).digest() == b",
        "a == fields['vnp_SecureHash']",
        "a == fields[SIGNATURE]",
        "self.signature == a",
        "e = p.sign(v, k)\nif e == given: pass",
    ],
)
def test_an_open_comparison_is_found_in_the_source(line):
    assert list(compared_openly(line)) != []


@pytest.mark.parametrize(
    "line",
    [
        "hmac.compare_digest(sign(a), b)",
        "name == SIGNATURE",
        "SIGNATURE not in form",
        "code == OK",
        "len(signature) != 64",
        "amount == fields['vnp_Amount']",
    ],
)
def test_other_comparisons_are_left_alone(line):
    assert list(compared_openly(line)) == []
