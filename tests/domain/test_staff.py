"""Roles, scopes and what a password must be."""

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import (
    PASSWORD_MAX,
    PASSWORD_MIN,
    READ_ONLY,
    WHOLE_HOUSE,
    Role,
    Scope,
    check_password,
    common_words,
    needs_second_person,
    read_email,
)

ABOUT = ("khanh.pham@haiduong.example", "Phạm Quốc Khánh")
GOOD = (
    "bốn con mèo ngủ trưa",
    "correct horse battery staple",
    "x7#kQ!m2vLp9",
    "🐈🐕🐎🐄🐖🐏🐐🐪🐘🦏🦛🐁",
    " đầu và cuối có dấu cách ",
    "a" * 60 + "bcdefghij" + "z" * 59,
)
REFUSED = {
    "": "password_too_short",
    "ngắn quá rồi"[: PASSWORD_MIN - 1]: "password_too_short",
    "x" * (PASSWORD_MAX + 1): "password_too_long",
    "aaaaaaaaaaaaaaaa": "password_common",
    "abababababababab": "password_common",
    "Password1234!": "password_common",
    "P@ssw0rd2026": "password_common",
    "qwertyuiop123456": "password_common",
    "MatKhau@2025": "password_common",
    "mật khẩu 123456": "password_common",
    "paygate-2026-admin": "password_common",
    "haiduong123456": "password_common",
    "khanh.pham2026": "password_common",
    "phạmquốckhánh": "password_common",
    "PhamQuocKhanh1": "password_common",
    "1234567890123456": "password_common",
}


@pytest.mark.parametrize("password", GOOD)
def test_a_good_password_is_taken_whatever_its_characters(password):
    check_password(password, ABOUT)


@pytest.mark.parametrize("password", REFUSED)
def test_a_bad_password_is_refused_with_its_reason(password):
    with pytest.raises(ValueRefusedError) as refusal:
        check_password(password, ABOUT)

    assert refusal.value.code == REFUSED[password]


@given(st.text(min_size=PASSWORD_MIN, max_size=40))
def test_two_ways_to_type_one_password_are_judged_alike(password):
    def verdict(text):
        try:
            check_password(text, ABOUT)
        except ValueRefusedError as error:
            return error.code
        return None

    composed = unicodedata.normalize("NFC", password)
    assert verdict(composed) == verdict(unicodedata.normalize("NFD", composed))


@given(st.text(max_size=200))
def test_whatever_is_typed_is_judged_and_never_crashes(password):
    with suppress(ValueRefusedError):
        check_password(password, ABOUT)


def test_the_list_of_common_words_is_in_lower_case_and_in_one_form():
    words = common_words()

    assert len(words) > 80
    assert all(each == unicodedata.normalize("NFC", each).casefold() for each in words)


@pytest.mark.parametrize("role", Role)
def test_whoever_decides_anything_needs_a_second_person_to_become_it(role):
    assert needs_second_person(role) is (role not in READ_ONLY)


def test_only_those_without_a_financial_act_may_be_let_loose_on_the_whole_house():
    assert {Role.ADMIN, Role.AUDITOR} == WHOLE_HOUSE
    assert {Role.VIEWER, Role.AUDITOR} == READ_ONLY


@pytest.mark.parametrize(
    ("scope", "lineage", "covered"),
    [
        (Scope(everything=True), ("000.30.27.H23", "H23"), True),
        (Scope(frozenset({"H23"})), ("000.30.27.H23", "H23"), True),
        (Scope(frozenset({"000.30.27.H23"})), ("000.30.27.H23", "H23"), True),
        (Scope(frozenset({"000.30.27.H23"})), ("H23",), False),
        (Scope(frozenset({"H99"})), ("000.30.27.H23", "H23"), False),
        (Scope(), ("H23",), False),
    ],
)
def test_a_scope_covers_the_subtrees_of_its_agencies(scope, lineage, covered):
    assert scope.covers(lineage) is covered


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(" Khanh@HD.example ", "khanh@hd.example"), ("a.b+c@x.vn", "a.b+c@x.vn")],
)
def test_an_address_is_kept_in_lower_case(typed, kept):
    assert read_email(typed) == kept


@pytest.mark.parametrize("typed", ["", "khanh", "khanh@", "@hd.example", "a b@hd.example", "a@b"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(ValueRefusedError):
        read_email(typed)
