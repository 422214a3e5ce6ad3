"""Logs: one JSON line an act, and nothing in it that must not be there (TRUST S34, S66, S67)."""

import io
import json
import sys

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from paygate.logs import configure_logs, cut_database_detail, mask_long_numbers
from paygate.store import account_states

CANARY = "canary-4711-secret"


@pytest.fixture
def log(monkeypatch):
    """A logger as processes have it, and the lines that it wrote."""
    before, written = structlog.get_config(), io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", written)
        configure_logs()

    yield structlog.get_logger(), lambda: written.getvalue().split("\n")[:-1]

    structlog.configure(**before)


def deep(secret):
    raise ValueError("something broke" if secret else "nothing")


def only(lines):
    (line,) = lines()
    return json.loads(line)


def test_an_act_is_one_json_line(log):
    logger, lines = log

    logger.info("payment_recorded", attempt_id="att_1", amount=5_000)

    line = only(lines)
    assert (line["event"], line["level"], line["attempt_id"], line["amount"]) == (
        "payment_recorded",
        "info",
        "att_1",
        5_000,
    )
    assert line["timestamp"].endswith("Z")


def test_what_is_too_small_is_not_written(log):
    logger, lines = log

    logger.debug("noise")

    assert lines() == []


def test_an_exception_is_told_without_local_variables(log):
    logger, lines = log

    try:
        deep(CANARY)
    except ValueError:
        logger.exception("request_failed")

    (line,) = lines()
    assert "request_failed" in line
    assert '"deep"' in line  # the frame is told
    assert CANARY not in line


def test_a_chain_of_exceptions_is_told_without_local_variables(log):
    logger, lines = log
    try:
        try:
            deep(CANARY)
        except ValueError as error:
            raise LookupError("later") from error
    except LookupError:
        logger.exception("job_failed")

    (line,) = lines()
    assert "something broke" in line
    assert "later" in line
    assert CANARY not in line


@pytest.mark.parametrize(
    "mark", ["\r", "\n", "\r\n", "\x1b[2J", "\x00", "\u2028", "\u2029", "\x85", "\x0b", "\u202e"]
)
def test_nothing_in_a_value_can_end_the_line_or_paint_the_screen(log, mark):
    logger, lines = log
    value = f'a{mark}{{"event":"forged"}}'

    logger.info("seen", name=value, nested={"x": [value]}, **{f"k{mark}": 1})

    (line,) = lines()
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["name"] == value


@pytest.mark.parametrize(
    "value",
    [
        "0011002233",
        "to 0011002233.",
        "stk=0011002233,",
        "030188123468",
        "9704361234567890",
        "4111111111111111",
        "1234567890123456789",
    ],
)
def test_what_looks_like_an_account_is_masked_wherever_it_stands(log, value):
    logger, lines = log
    digits = "".join(each for each in value if each.isdigit())

    logger.info(
        "seen", a=value, b=[value], c={"d": (value, {value})}, e={value: 1}, f=ValueError(value)
    )

    (line,) = lines()
    assert digits not in line
    assert f"******{digits[-4:]}" in json.loads(line)["a"]


def test_an_account_in_the_text_of_an_exception_is_masked(log):
    logger, lines = log
    try:
        RefundAccounts().pay("0011002233")
    except ValueError:
        logger.exception("failed")

    (line,) = lines()
    assert "0011002233" not in line
    assert "******2233" in line


class RefundAccounts:
    def pay(self, number):
        raise ValueError(f"cannot pay to {number}")


class Noisy:
    def __repr__(self):
        return "Noisy(0011002233)"


def test_an_object_is_masked_as_it_prints(log):
    logger, lines = log

    logger.info("seen", thing=Noisy(), raw=b"0011002233")

    assert "0011002233" not in lines()[0]


@pytest.mark.parametrize(
    "value",
    [
        "ord_0199f000-0000-7000-8000-000000000001",
        "PG7K3M92QF",
        "000.30.27.H23-220928-0001",
        "2022-09-28T05:00:00.000000Z",
        "1.001456",
        "5000",
    ],
)
def test_names_of_ours_stay_readable(value):
    assert mask_long_numbers(None, "info", {"a": value}) == {"a": value}


def test_amounts_are_numbers_and_stay(log):
    logger, lines = log

    logger.info("paid", amount=100_000_000_000, ok=True, none=None)

    line = only(lines)
    assert (line["amount"], line["ok"], line["none"]) == (100_000_000_000, True, None)


def test_a_row_that_the_database_refused_is_not_told(log, db):
    logger, lines = log
    add = account_states.table.insert().values(code=CANARY, rail=None, offered=True)

    try:
        db.act(lambda tx: tx.execute(add))
    except IntegrityError as error:
        logger.exception("job_failed", error=error, text=str(error), several=[error])

    (line,) = lines()
    assert CANARY not in line
    assert "rail" in json.loads(line)["text"]  # the rule that was broken is told


@pytest.mark.parametrize("written", [str, repr])
@pytest.mark.parametrize("label", ["DETAIL", "CONTEXT"])
def test_what_postgresql_adds_to_an_error_is_cut(written, label):
    told = f"broken rule\n{label}:  Failing row contains (a, \n{CANARY}).\nHINT:  {CANARY}"

    event = cut_database_detail(None, "error", {"a": [{"b": written(told)}], "n": 1})

    assert CANARY not in str(event)
    assert "broken rule" in event["a"][0]["b"]
    assert event["n"] == 1


@given(st.from_regex(r"[0-9]{10,19}", fullmatch=True))
def test_no_number_of_ten_digits_or_more_survives(number):
    masked = mask_long_numbers(None, "info", {"a": f"x {number} y"})["a"]

    assert number not in masked
    assert sum(each.isdigit() for each in masked) <= 4
