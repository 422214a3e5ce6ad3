"""Every rail passes the suite; and the suite is not passed by bad rails."""

import json
from pathlib import Path
from typing import Any

import pytest

from providers.conformance.suite import CASES, run
from providers.registry import RAILS
from tests.providers.conformance.bad_rail import GOOD, BadRail, a_rail_of
from tests.providers.conformance.bad_readers import READING_SINS
from tests.providers.conformance.bad_speakers import SPEAKING_SINS

SINS = [*READING_SINS, *SPEAKING_SINS]


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
    names = [case.__name__ for case in CASES]

    assert len(set(names)) == len(names)


def test_a_rail_that_hands_everything_through_passes():
    assert [each for each in run(a_rail_of(BadRail)) if not each.passed] == []


@pytest.mark.parametrize(
    ("bad", "case"), SINS, ids=[f"{bad.__name__}-{case}" for bad, case in SINS]
)
def test_a_bad_rail_is_found_by_the_case_for_its_sin(bad, case):
    failed = {verdict.case: verdict.detail for verdict in run(a_rail_of(bad)) if not verdict.passed}

    assert failed.get(case)


def test_every_case_is_failed_by_some_rail_here():
    assert {case.__name__ for case in CASES} == {case for _, case in SINS}


def test_a_vector_that_is_not_accepted_as_it_says_is_a_verdict():
    vector = next(each for each in vectors_of("vnptpay") if each["id"] == "vnptpay-ipn-01")

    verdicts = run(GOOD, [{**vector, "valid": False}])

    assert [each.case for each in verdicts if not each.passed] == ["vector vnptpay-ipn-01"]
