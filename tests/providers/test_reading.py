"""Flat messages, read the strict way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.reading import FIELDS_MAX, read_form, read_object, text_of


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"a"',
        b"{",
        b"{} {}",
        b"\xff",
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a ":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_object_or_says_a_name_twice_is_refused(body):
    with pytest.raises(ValueError):
        read_object(body)


@pytest.mark.parametrize("number", ["5000", "5e3", "5000.0", "-0", "1" * 5_000])
def test_a_number_keeps_its_text(number):
    assert read_object(f'{{"a": {number}}}') == {"a": number}


@given(
    fields=st.dictionaries(st.text(min_size=1).filter(lambda name: name == name.strip()), st.text())
)
def test_what_is_written_is_read(fields):
    assert read_object(json.dumps(fields)) == fields


@pytest.mark.parametrize("body", [b"a", b"a=1&a=1", b"a=1&+a=1", b"a=%ff", b"\xff=1"])
def test_what_is_no_form_or_says_a_name_twice_is_refused(body):
    with pytest.raises(ValueError):
        read_form(body)


def test_a_form_has_a_limit():
    assert len(read_form("&".join(f"a{each}=" for each in range(FIELDS_MAX)))) == FIELDS_MAX
    with pytest.raises(ValueError):
        read_form("&".join(f"a{each}=" for each in range(FIELDS_MAX + 1)))


@pytest.mark.parametrize("space", ["+", "%20"])
def test_a_space_in_a_form_has_two_spellings(space):
    assert read_form(f"a=b{space}c".encode()) == {"a": "b c"}


def test_missing_and_null_are_empty():
    assert (text_of({}, "a"), text_of({"a": None}, "a")) == ("", "")


@pytest.mark.parametrize("value", [True, 1, {}, [], "\ud800"])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(ValueError):
        text_of({"a": value}, "a")
