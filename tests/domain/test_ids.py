from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from paygate.domain.codes import ALPHABET, PAYLOAD_LENGTH, CodePrefix, make_code, read_code
from paygate.domain.ids import RandomIds, uuid7
from tests.support.strategies import instants

random_bits = st.integers(0, 2**74 - 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@given(instants, random_bits)
def test_an_id_is_a_version_seven_uuid(now, bits):
    value = uuid.UUID(uuid7(now, bits))

    assert value.version == 7
    assert value.variant == uuid.RFC_4122
    assert str(value) == uuid7(now, bits)


@given(instants, random_bits)
@example(datetime(2038, 5, 1, 18, 52, 25, 312_000, tzinfo=UTC), 0)
def test_an_id_tells_its_exact_millisecond(now, bits):
    value = uuid.UUID(uuid7(now, bits))

    assert value.int >> 80 == (now - EPOCH) // timedelta(milliseconds=1)


@given(instants, random_bits)
def test_an_id_keeps_all_its_random_bits(now, bits):
    value = uuid.UUID(uuid7(now, bits)).int

    assert (value >> 64 & 0xFFF) << 62 | value & (2**62 - 1) == bits


@given(instants, st.timedeltas(timedelta(milliseconds=1), timedelta(days=9_999)), random_bits)
def test_ids_sort_by_time(now, later, bits):
    assert uuid7(now, bits) < uuid7(now + later, 2**74 - 1 - bits)


def test_a_name_carries_its_prefix():
    prefix, _, rest = RandomIds().new("ord", NOW).partition("_")

    assert prefix == "ord"
    assert uuid.UUID(rest).version == 7


def test_an_attempt_reference_fits_every_rail():
    reference = RandomIds().attempt_ref()

    assert len(reference) == 20
    assert set(reference) <= set(ALPHABET)


def test_a_token_has_more_than_128_bits_and_needs_no_escaping():
    token = RandomIds().token()

    assert len(token) * 5 >= 128
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_a_code_payload_makes_a_short_code():
    payload = RandomIds().code_payload()

    assert len(payload) == PAYLOAD_LENGTH
    code = make_code(CodePrefix.ORDER, payload)
    assert read_code(CodePrefix.ORDER, code) == code


def test_no_name_is_given_twice():
    ids = RandomIds()
    makers = (lambda: ids.new("ord", NOW), ids.token, ids.attempt_ref, ids.code_payload)

    for make in makers:
        assert len({make() for _ in range(100)}) == 100
