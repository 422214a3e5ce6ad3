from __future__ import annotations

import pytest

from paygate.domain.banks import BANKS, VietQr


def test_there_are_fifty_eight_bins_of_six_digits():
    assert len(BANKS) == 58
    for number, bank in BANKS.items():
        assert number == bank.bin
        assert len(number) == 6
        assert number.isascii()
        assert number.isdigit()


def test_every_bank_has_names():
    for bank in BANKS.values():
        assert all((bank.code, bank.short_name, bank.name))


@pytest.mark.parametrize(
    ("number", "short_name"),
    [
        ("970436", "Vietcombank"),
        ("970406", "Vikki Bank"),
        ("970414", "MBV"),
        ("970449", "LPBank"),
    ],
)
def test_a_renamed_bank_has_its_name_of_today(number, short_name):
    assert BANKS[number].short_name == short_name


def test_where_no_name_can_be_asked_for_is_known():
    without = {number for number, bank in BANKS.items() if not bank.lookup}

    assert without == {"796500", "801011", "963388", "970455", "970456", "970462", "970463"}


def test_some_banks_can_only_receive():
    assert BANKS["970408"].vietqr is VietQr.RECEIVE_ONLY
    assert BANKS["970436"].vietqr is VietQr.TRANSFER_AND_RECEIVE


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        BANKS["970436"] = BANKS["970415"]  # type: ignore[index]
