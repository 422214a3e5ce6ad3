"""The engine against a naive second one."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.signing import SignatureProfile

PROFILE = SignatureProfile(("a", "b", "c"), "|")
TEXT = st.text(max_size=20).filter(lambda text: text.isprintable())
PLAIN = TEXT.filter(lambda text: "|" not in text)


def values(a=PLAIN, b=PLAIN, c=TEXT):
    return st.fixed_dictionaries({"a": a, "b": b, "c": c})


@given(told=values(), secret=TEXT)
def test_a_signature_is_sha256_with_the_secret_last(told, secret):
    naive = hashlib.sha256(f"{told['a']}|{told['b']}|{told['c']}|{secret}".encode()).hexdigest()

    assert PROFILE.sign(told, secret) == naive


@given(one=values(), other=values())
def test_two_messages_never_share_a_signature(one, other):
    assert (PROFILE.sign(one, "s") == PROFILE.sign(other, "s")) is (one == other)


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_separator_inside_is_not_signed_and_never_verifies(name):
    told = {"a": "1", "b": "2", "c": "3", name: "x|y"}

    with pytest.raises(ValueError):
        PROFILE.sign(told, "s")
    naive = hashlib.sha256("|".join([*told.values(), "s"]).encode()).hexdigest()
    assert not PROFILE.verifies(told, signature=naive, secrets=("s",))


def test_a_missing_value_is_an_empty_one():
    assert PROFILE.text({"b": "2"}) == "|2|"


def test_any_of_the_keys_may_have_signed():
    signature = PROFILE.sign({"a": "1"}, "old")

    assert PROFILE.verifies({"a": "1"}, signature=signature, secrets=("new", "old"))
    assert PROFILE.verifies({"a": "1"}, signature=signature.upper(), secrets=("old", "new"))
    assert not PROFILE.verifies({"a": "1"}, signature=signature, secrets=("new",))
    assert not PROFILE.verifies({"a": "1"}, signature=signature, secrets=())


@pytest.mark.parametrize("signature", ["", "0", "é" * 64, "0" * 63, "0" * 65, "x" * 64, " " * 64])
def test_what_cannot_be_a_digest_is_no_signature(signature):
    assert not PROFILE.verifies({"a": "1"}, signature=signature, secrets=("s",))


def test_half_a_character_is_no_signed_value():
    assert not PROFILE.verifies({"a": "\ud800"}, signature="0" * 64, secrets=("s",))
