"""Codes of the second factor: the vectors of RFC 6238, one step to either side, each once."""

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.services.totp import address_of, counter_of, new_secret
from tests.support.builders import NOON

SECRET = base64.b32encode(b"12345678901234567890").decode()  # RFC 6238, appendix B
VECTORS = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize("seconds", VECTORS)
def test_the_codes_are_those_of_the_rfc(seconds):
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    assert counter_of(SECRET, VECTORS[seconds], now=now, last=None) == seconds // 30


@given(st.integers(-10, 10))
def test_only_the_step_of_now_and_its_neighbours_count(step):
    code = pyotp.TOTP(SECRET).at(NOON, counter_offset=step)

    found = counter_of(SECRET, code, now=NOON, last=None)

    assert (found is not None) is (abs(step) <= 1)


@given(st.integers(-1, 1), st.integers(-1, 1))
def test_a_code_is_good_only_after_the_one_that_was_used_last(used, step):
    now = int(NOON.timestamp()) // 30
    code = pyotp.TOTP(SECRET).at(NOON, counter_offset=step)

    found = counter_of(SECRET, code, now=NOON, last=now + used)

    assert (found is not None) is (step > used)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "٠٠٥٩٢٤", "-28708"])
def test_what_is_no_code_counts_for_nothing(code):
    assert counter_of(SECRET, code, now=NOON, last=None) is None


def test_blanks_in_a_code_are_no_mistake():
    code = pyotp.TOTP(SECRET).at(NOON)

    assert counter_of(SECRET, f" {code[:3]} {code[3:]} ", now=NOON, last=None) is not None


def test_an_application_learns_the_secret_and_which_gateway_it_is_of():
    address = address_of(SECRET, "a@b.vn", "pay.example.vn")

    assert pyotp.parse_uri(address).secret == SECRET
    assert "issuer=paygate%20pay.example.vn" in address


def test_a_secret_has_160_bits_of_its_own():
    secrets = {new_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert all(len(base64.b32decode(each)) == 20 for each in secrets)
