"""Which tiles stand on the checkout page, and what choosing one sends."""

from dataclasses import dataclass, replace

import pytest

from paygate.http.i18n import Language
from paygate.web.pages import Choice, Ways
from paygate.web.ways import ways
from providers.contract import Bank, RailKind
from tests.support.builders import a_merchant
from tests.support.fakes import FakeRail

QR = Bank(code="QR", name_vi="Quét mã", name_en="Scan a code", letters="QR")
CARD = Bank(code="CARD", name_vi="Thẻ nội địa", name_en="Bank card", letters="ATM")


@dataclass(frozen=True, slots=True)
class Aggregator(FakeRail):
    """A rail that leads to many banks."""

    @property
    def info(self):
        return replace(FakeRail().info, kind=RailKind.AGGREGATOR, letters="AG")


def aggregator(*choices):
    rail = Aggregator()
    able = replace(rail.capabilities, bank_choices=choices)
    return a_merchant(replace(rail, capabilities=able), code="agg")


def test_a_wallet_is_one_tile_among_the_wallets():
    assert ways([a_merchant()], Language.VI) == Ways(
        wallets=(Choice(value="fake", name="Ví thử", letters="FK"),)
    )


def test_a_rail_without_choices_is_one_tile_among_the_banks():
    assert ways([aggregator()], Language.EN) == Ways(
        banks=(Choice(value="agg", name="Wallet", letters="AG"),)
    )


@pytest.mark.parametrize(
    ("language", "names", "hint"),
    [
        (Language.VI, ["Quét mã", "Thẻ nội địa", "Các ngân hàng khác"], "qua Ví thử"),
        (Language.EN, ["Scan a code", "Bank card", "Other banks"], "with Wallet"),
    ],
)
def test_each_bank_of_a_rail_is_a_tile_and_the_last_leaves_the_choice_to_the_rail(
    language, names, hint
):
    offered = ways([aggregator(QR, CARD), a_merchant()], language)

    assert [each.name for each in offered.banks] == names
    assert [each.value for each in offered.banks] == ["agg:QR", "agg:CARD", "agg"]
    assert [each.hint for each in offered.banks] == [hint, hint, hint]
    assert [each.value for each in offered.wallets] == ["fake"]
