"""What portals may send: numbers that are none, texts that deceive, times beyond the calendar."""

import json
from typing import Any

import pytest

from tests.support.gateway import a_gateway, deck_order

ORDER: dict[str, Any] = deck_order()
LINE = ORDER["lines"][0]


@pytest.fixture
def gateway(db):
    return a_gateway(db)


@pytest.mark.parametrize(
    "written", ["5000.0", "5e3", "5E+3", "-0.0", "5000.0000000000000001", "1e14"]
)
def test_an_amount_is_written_as_whole_digits_or_refused(gateway, written):
    """TRUST S29: no float, no 1e9. A fraction that a double cannot hold passes for none."""
    body = json.dumps(deck_order()).replace('"amount": 5000', f'"amount": {written}')
    if written == "-0.0":
        body = body[:-1] + ', "exemption": {"reason_code": "HN", "legal_basis": "Luật phí"}}'

    assert gateway.post_order(body.encode()).status_code == 422


TRICKS = {
    "newline": "LP\n01",
    "escape": "LP\x1b[2J",
    "right to left": "LP\u202e10",
    "U+2028": "LP\u2028",
}


@pytest.mark.parametrize("text", TRICKS.values(), ids=TRICKS.keys())
@pytest.mark.parametrize(
    "where",
    [
        lambda text: {"lines": [LINE | {"code": text}]},
        lambda text: {"metadata": {"k": text}},
        lambda text: {"metadata": {text: "v"}},
        lambda text: {"dossier": ORDER["dossier"] | {"procedure_code": text}},
        lambda text: {
            "lines": [LINE | {"amount": 0}],
            "exemption": {"reason_code": text, "legal_basis": "Luật phí"},
        },
        lambda text: {
            "lines": [LINE | {"amount": 0}],
            "exemption": {"reason_code": "HN", "legal_basis": text},
        },
    ],
    ids=["line code", "metadata", "metadata key", "procedure", "reason", "legal basis"],
)
def test_no_text_that_deceives_a_reader_is_kept(gateway, where, text):
    """TRUST S30, S34: control characters and bidi overrides are refused in every field."""
    assert gateway.post_order(deck_order(**where(text))).status_code == 422


@pytest.mark.parametrize("codes", [("LÊ1", "LE\u03021"), ("LP01", " LP01"), ("LP01", "LP01\u200b")])
def test_two_lines_never_share_a_code_that_looks_the_same(gateway, codes):
    lines = [LINE | {"code": code} for code in codes]

    assert gateway.post_order(deck_order(lines=lines)).status_code == 422


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z"]
)
@pytest.mark.parametrize("name", ["created_from", "created_to"])
def test_a_time_at_the_end_of_the_calendar_is_no_fault_of_ours(gateway, name, moment):
    assert gateway.get(f"/v1/orders?{name}={moment}").status_code < 500


def test_an_order_is_found_by_the_code_with_which_it_was_issued(gateway):
    written = " 000.30.27.h23-220928-0001"
    issued = gateway.post_order(deck_order(dossier={"code": written}))
    assert issued.status_code == 201

    found = gateway.get(f"/v1/orders?dossier_code={written.strip()}").json["data"]

    assert [each["id"] for each in found] == [issued.json["id"]]


def test_a_sum_beyond_what_readers_hold_exactly_is_refused(gateway):
    """Each line is in bounds, and so must be what the rail, the portal and the book add up."""
    most = 10**15 - 1
    lines = [LINE | {"code": code, "amount": most} for code in ("A", "B")]

    answer: Any = gateway.post_order(deck_order(lines=lines))

    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "amount_too_large")
    assert gateway.post_order(deck_order(lines=lines[:1])).json["amount"] == most
