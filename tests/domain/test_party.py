from __future__ import annotations

import logging
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.errors import ValueRefusedError
from paygate.domain.party import (
    NameVerdict,
    Party,
    RefundAccount,
    compare_holder,
    mask_id_number,
    mask_phone,
    norm_name,
)
from tests.support.strategies import names, parties, refund_accounts

APPLICANT = "NGUYỄN VĂN DIỄN"


def refund_account(bank_bin="970436", account_number="0011002233", account_holder=APPLICANT):
    return RefundAccount(bank_bin, account_number, account_holder)


def refusal(make, *args, **fields):
    with pytest.raises(ValueRefusedError) as caught:
        make(*args, **fields)
    return caught.value.code


# ---- values -------------------------------------------------------------------------------
def test_a_party_is_kept_in_one_form():
    party = Party(
        name=unicodedata.normalize("NFD", "  Nguyễn   Văn\u00a0Diễn "),
        id_number="030 079 010 468",
        phone="(091) 234.5-436",
        email=" dien@example.vn ",
        address="44  Yết Kiêu",
    )

    assert party == Party(
        name="Nguyễn Văn Diễn",
        id_number="030079010468",
        phone="0912345436",
        email="dien@example.vn",
        address="44 Yết Kiêu",
    )


@pytest.mark.parametrize("number", ["030079010468", "141957277", "0100109106-001", "c1234567"])
def test_people_and_companies_have_numbers_of_many_kinds(number):
    assert Party("An", id_number=number).id_number == number.upper()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": ""}, "name_empty"),
        ({"name": " \u00a0 "}, "name_empty"),
        ({"name": "N" * 201}, "name_too_long"),
        ({"name": " " * 5_000}, "name_too_long"),
        ({"name": "An\nBình"}, "name_control_character"),
        ({"name": "An\x00"}, "name_control_character"),
        ({"name": "An\x7f"}, "name_control_character"),
        ({"name": "An\ud800"}, "name_control_character"),
        ({"name": "An\u202egnod 000.5"}, "name_control_character"),
        ({"name": "An\u2066x\u2069"}, "name_control_character"),
        ({"name": "An", "address": "x" * 501}, "address_too_long"),
        ({"name": "An", "address": ""}, "address_empty"),
        ({"name": "An", "id_number": "12345"}, "id_number_malformed"),
        ({"name": "An", "id_number": "0" * 21}, "id_number_malformed"),
        ({"name": "An", "id_number": "\uff10" * 12}, "id_number_malformed"),
        ({"name": "An", "id_number": "\u013123456789"}, "id_number_malformed"),
        ({"name": "An", "phone": "0912"}, "phone_malformed"),
        ({"name": "An", "phone": "0912abc436"}, "phone_malformed"),
        ({"name": "An", "email": "an"}, "email_malformed"),
        ({"name": "An", "email": "an@localhost"}, "email_malformed"),
        ({"name": "An", "email": "an@b@example.vn"}, "email_malformed"),
        ({"name": "An", "email": "a" * 300 + "@example.vn"}, "email_too_long"),
    ],
)
def test_what_a_party_cannot_have_is_refused_with_its_reason(fields, code):
    assert refusal(Party, **fields) == code


def test_an_account_is_kept_in_one_form():
    kept = refund_account(account_number=" 0011 0022\u00a033", account_holder="Nguyễn  Văn Điển")

    assert kept == RefundAccount("970436", "0011002233", "Nguyễn Văn Điển")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"bank_bin": "970499"}, "bank_unknown"),
        ({"bank_bin": "VCB"}, "bank_unknown"),
        ({"account_number": ""}, "account_number_empty"),
        ({"account_number": "12345"}, "account_number_malformed"),
        ({"account_number": "1" * 20}, "account_number_malformed"),
        ({"account_number": "0011-002233"}, "account_number_malformed"),
        ({"account_number": "001100223a"}, "account_number_malformed"),
        ({"account_number": "\uff10" * 10}, "account_number_malformed"),
        ({"account_number": "0011002233\n"}, "account_number_control_character"),
        ({"account_holder": " "}, "account_holder_empty"),
        ({"account_holder": "王明"}, "account_holder_malformed"),
        ({"account_holder": "A\u202e"}, "account_holder_control_character"),
    ],
)
def test_what_an_account_cannot_have_is_refused_with_its_reason(fields, code):
    assert refusal(refund_account, **fields) == code


@given(parties())
def test_a_party_comes_back_from_its_sealed_text(party):
    assert Party.from_json(party.to_json()) == party
    assert all(isinstance(value, str) for value in party.to_json().values())


@given(refund_accounts())
def test_an_account_comes_back_from_its_sealed_text(account):
    assert RefundAccount.from_json(account.to_json()) == account


# ---- masks --------------------------------------------------------------------------------
@given(parties())
def test_a_party_prints_nothing_of_a_person(party):
    assert repr(party) == str(party) == f"{party}" == "Party(***)"


@given(refund_accounts())
def test_an_account_prints_four_digits_and_no_name(account):
    printed = f"{account!r} {account!s} {account} {[account]}"

    assert account.account_number not in printed
    assert account.account_holder not in printed
    assert set(printed.split()) == {"RefundAccount(BIN,".replace("BIN", account.bank_bin)} | {
        f"******{account.last4})",
        f"[RefundAccount({account.bank_bin},",
        f"******{account.last4})]",
    }


def test_a_log_line_shows_four_digits(caplog):
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s", refund_account())

    assert caplog.messages == ["RefundAccount(970436, ******2233)"]


def test_a_refused_value_is_not_in_the_message():
    with pytest.raises(ValueRefusedError) as caught:
        Party("An", id_number="030079010468030079010468")

    assert "0300" not in str(caught.value)


def test_only_the_last_four_of_an_account_are_shown():
    assert refund_account().last4 == "2233"
    assert refund_account().masked == "******2233"


@pytest.mark.parametrize(
    ("number", "masked"), [("030079010468", "030*****0468"), ("141957277", "*****277")]
)
def test_an_id_number_is_masked(number, masked):
    assert mask_id_number(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"), [("0912345436", "091****436"), ("+84912345436", "****436")]
)
def test_a_phone_number_is_masked(number, masked):
    assert mask_phone(number) == masked


# ---- the name rule ------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("text", "norm"),
    [
        ("NGUYỄN VĂN DIỄN", "NGUYEN VAN DIEN"),
        ("Nguyễn  Văn Điển", "NGUYEN VAN DIEN"),
        ("nguyễn văn điển", "NGUYEN VAN DIEN"),
        ("\u00a0Đặng\u00a0Thị Ý ", "DANG THI Y"),
        ("K'Brôi", "KBROI"),
        ("Công ty TNHH 1-2-3", "CONG TY TNHH 123"),
        ("王明", ""),
    ],
)
def test_names_are_compared_without_accents_and_case(form, text, norm):
    assert norm_name(unicodedata.normalize(form, text)) == norm


@given(st.text())
def test_a_normal_name_is_normal(text):
    once = norm_name(text)

    assert norm_name(once) == once
    assert once == " ".join(once.split())
    assert set(once) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")


@given(names())
def test_accents_case_and_normal_form_never_matter(name):
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, name.swapcase())

        assert norm_name(other) == norm_name(name)
        assert compare_holder(other, payer=name, applicant=name) is NameVerdict.EXACT


@pytest.mark.parametrize(
    ("holder", "payer", "applicant", "verdict"),
    [
        ("Nguyễn  Văn Điển", APPLICANT, APPLICANT, "exact"),
        (unicodedata.normalize("NFD", "Nguyễn  Văn Điển"), APPLICANT, APPLICANT, "exact"),
        ("NGUYEN VAN DIEN", APPLICANT, "nguyễn văn diễn", "exact"),
        ("NGUYEN DIEN VAN", APPLICANT, APPLICANT, "review"),
        ("TRAN VAN DIEN", APPLICANT, APPLICANT, "block"),
        ("NGUYEN VAN", APPLICANT, APPLICANT, "block"),
        ("NGUYEN VAN VAN DIEN", APPLICANT, APPLICANT, "block"),
        ("TRAN THI B", "TRẦN THỊ B", APPLICANT, "review"),
        (APPLICANT, "TRẦN THỊ B", APPLICANT, "review"),
        ("LE VAN C", "TRẦN THỊ B", APPLICANT, "block"),
        ("K BROI", "K'Brôi", "K'Brôi", "review"),
        ("BROI K", "TRẦN THỊ B", "K Brôi", "review"),
        ("", "", "", "block"),
        ("王明", "王明", "王明", "block"),
        ("王明", "李华", "李华", "block"),
    ],
)
def test_a_holder_is_compared_with_payer_and_applicant(holder, payer, applicant, verdict):
    assert compare_holder(holder, payer=payer, applicant=applicant) == verdict


@given(names(), names(), names())
def test_payer_and_applicant_weigh_the_same(holder, one, other):
    verdict = compare_holder(holder, payer=one, applicant=other)

    assert compare_holder(holder, payer=other, applicant=one) == verdict
    if verdict is NameVerdict.EXACT:
        assert norm_name(holder) == norm_name(one) == norm_name(other)
