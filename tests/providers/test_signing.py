"""The engine against naive second ones."""

import hashlib
import hmac
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.signing import Algorithm, SignatureProfile

PROFILE = SignatureProfile(("a", "b", "c"), "|")
KEYED = SignatureProfile(("a", "b", "c"), "|", Algorithm.HMAC_SHA512)
ADDRESS = SignatureProfile((), "&", Algorithm.HMAC_SHA512, include_names=True, skip_empty=True)
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


@pytest.mark.parametrize(
    "signature", ["", "0", "é" * 64, "0" * 63, "0" * 65, "x" * 64, " " * 64, "\ud800"]
)
def test_what_cannot_be_a_digest_is_no_signature(signature):
    assert not PROFILE.verifies({"a": "1"}, signature=signature, secrets=("s",))


def test_half_a_character_is_no_signed_value():
    assert not PROFILE.verifies({"a": "\ud800"}, signature="0" * 64, secrets=("s",))


# ---- a secret as key, and the text of an address --------------------------------------------
def keyed(text, secret):
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()


@given(told=values(), secret=TEXT)
def test_a_keyed_signature_holds_the_secret_as_its_key(told, secret):
    naive = keyed(f"{told['a']}|{told['b']}|{told['c']}", secret)

    assert KEYED.sign(told, secret) == naive
    assert KEYED.verifies(told, signature=naive.upper(), secrets=("x", secret))


@given(told=st.dictionaries(TEXT, TEXT, max_size=5), secret=TEXT)
def test_an_address_is_signed_by_name_in_order_and_without_the_empty(told, secret):
    pairs = sorted((name, value) for name, value in told.items() if value)
    naive = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)

    assert ADDRESS.text(told) == naive
    assert ADDRESS.sign(told, secret) == keyed(naive, secret)


@given(
    one=st.dictionaries(TEXT, TEXT.filter(bool), max_size=4),
    other=st.dictionaries(TEXT, TEXT.filter(bool), max_size=4),
)
def test_two_addresses_never_share_a_text(one, other):
    assert (ADDRESS.text(one) == ADDRESS.text(other)) is (one == other)


def test_a_digest_of_the_other_algorithm_is_no_signature():
    told = {"a": "1", "b": "2", "c": "3"}

    assert not KEYED.verifies(told, signature=PROFILE.sign(told, "s"), secrets=("s",))
    assert not PROFILE.verifies(told, signature=KEYED.sign(told, "s"), secrets=("s",))
    assert not KEYED.verifies(told, signature=KEYED.sign(told, "s")[:64], secrets=("s",))


def test_any_of_several_texts_may_have_been_signed_and_no_other():
    signature = keyed("two", "old")

    texts = ("one", "two")

    assert KEYED.verifies_text(texts, signature=signature, secrets=("new", "old"))
    assert not KEYED.verifies_text(("one",), signature=signature, secrets=("new", "old"))
    assert not KEYED.verifies_text((), signature=signature, secrets=("old",))


def test_a_text_that_no_bytes_can_carry_is_not_signed():
    assert not KEYED.verifies_text(("\ud800",), signature="0" * 128, secrets=("s",))
    assert not ADDRESS.verifies({"a": "\ud800"}, signature="0" * 128, secrets=("s",))
