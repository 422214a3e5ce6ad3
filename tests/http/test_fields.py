"""Fields of requests: whatever comes, a field is kept in one form or refused by a code of ours."""

import json
import unicodedata
from datetime import UTC, datetime
from typing import Annotated

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from paygate.domain.money import DONG_MAX
from paygate.http import fields, refusals
from paygate.http.problems import FIELD_CODES, fields_of
from tests.support.strategies import instants


class Sample(BaseModel):
    """One field of each kind."""

    model_config = ConfigDict(strict=True)

    text: Annotated[str, fields.text(20)] | None = None
    note: Annotated[str, fields.note(20)] | None = None
    code: Annotated[str, fields.code(20)] | None = None
    dong: fields.Dong | None = None
    instant: fields.Instant | None = None


def read(name, written):
    """Return what a JSON body with *written*, as it stands, makes of the field."""
    return getattr(Sample.model_validate_json(f'{{"{name}": {written}}}'), name)


def refusal(name, written):
    try:
        read(name, written)
    except ValidationError as error:
        (only,) = fields_of(error).fields
        return only.code
    return None


@given(st.text(max_size=25))
@example("LP01\u200b")
@example("a\u2028b")
@example("\U000e0001")
def test_a_code_is_kept_clean_or_refused(given_text):
    try:
        kept = read("code", json.dumps(given_text))
    except ValidationError:
        return

    assert kept == " ".join(unicodedata.normalize("NFC", given_text).split())
    assert kept.isprintable()
    assert 0 < len(kept) <= 20
    assert read("code", json.dumps(kept)) == kept


@pytest.mark.parametrize("name", ["text", "note", "code"])
@pytest.mark.parametrize(
    "mark", ["\n", "\r", "\t", "\x00", "\x1b", "\x85", "\u2028", "\u2029", "\u202e", "\u2066"]
)
def test_no_text_holds_what_deceives_a_reader(name, mark):
    for written in (mark, f"a{mark}b", f"a{mark}"):
        assert refusal(name, json.dumps(written)) == "field_control_character"


def test_a_note_alone_may_be_empty():
    assert read("note", '""') == ""
    assert refusal("text", '""') == refusal("code", '""') == "field_empty"


@pytest.mark.parametrize("name", ["text", "note", "code"])
def test_a_text_has_its_length_and_no_other_type(name):
    assert read(name, json.dumps("x" * 20)) == "x" * 20
    assert refusal(name, json.dumps("x" * 21)) == "field_too_long"
    for written in ("1", "true", "[]", "{}"):
        assert refusal(name, written) == "field_type"


@given(st.integers(min_value=0, max_value=DONG_MAX))
@example(0)
@example(DONG_MAX)
def test_whole_digits_are_an_amount(dong):
    assert read("dong", str(dong)) == dong


@given(
    st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.integers(max_value=-1).map(str)
    | st.integers(min_value=DONG_MAX + 1).map(str)
    | st.sampled_from(["5e3", "5E3", "0e0", "1e14", "5000.0", "-0.0", "0.0", '"5000"', "true"])
    | st.just("5000.0000000000000001")
)
def test_nothing_else_is_an_amount(written):
    assert refusal("dong", written) == "amount_not_whole_dong"


@given(instants)
def test_a_time_is_read_as_it_is_written(instant):
    assert read("instant", json.dumps(instant.isoformat())) == instant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2022-09-28T12:00:00+07:00", datetime(2022, 9, 28, 5, tzinfo=UTC)),
        ("2022-09-28t05:00:00.25z", datetime(2022, 9, 28, 5, 0, 0, 250_000, tzinfo=UTC)),
        ("2022-09-28T05:00:00.123456789Z", datetime(2022, 9, 28, 5, 0, 0, 123_456, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_time_is_kept_in_utc(written, meant):
    kept = read("instant", json.dumps(written))

    assert (kept, kept.utcoffset()) == (meant, UTC.utcoffset(None))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "1700000000",
        "2022-09-28",
        "20220928T050000Z",
        "2022-W39-3T05:00:00Z",
        "2022-09-28T05:00Z",
        "2022-09-28T05:00:00",
        "2022-09-28 05:00:00Z",
        "2022-09-28T05:00:00+07",
        "2022-09-28T05:00:00+0700",
        "2022-09-28T05:00:00 07:00",
        "2022-09-31T05:00:00Z",
        "2022-09-28T05:00:60Z",
        "2022-09-28T05:00:00+24:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "\u0662\u0660\u0662\u0662-09-28T05:00:00Z",
        "2022-09-28T05:00:00Z\n",
    ],
)
def test_what_is_no_time_of_rfc_3339_is_refused(written):
    assert refusal("instant", json.dumps(written)) == "time_malformed"


@pytest.mark.parametrize("written", ["1700000000", "1.5", "true"])
def test_a_number_is_no_time(written):
    assert refusal("instant", written) == "time_malformed"


def test_every_refusal_of_a_field_has_its_texts():
    for code in FIELD_CODES.values():
        english, vietnamese = refusals.texts(code)
        assert english != vietnamese
