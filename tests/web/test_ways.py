"""Which tiles stand on the checkout page, and what choosing one sends."""

from dataclasses import dataclass, replace

import pytest

from paygate.http.i18n import Language
from paygate.web.pages import Choice, Ways, checkout_page
from paygate.web.ways import ways
from providers.contract import Bank, RailKind
from tests.support.builders import a_merchant
from tests.support.fakes import FakeQrRail, FakeRail
from tests.support.pages import an_order_view

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


@dataclass(frozen=True, slots=True)
class Platform(FakeRail):
    """A service that leads to others."""

    @property
    def info(self):
        return replace(FakeRail().info, kind=RailKind.PLATFORM, letters="PF")


def many(count):
    return tuple(
        Bank(
            code=f"B{number}", name_vi=f"Ngân hàng {number}", name_en=f"Bank {number}", letters="B"
        )
        for number in range(count)
    )


def test_of_many_banks_the_rail_is_named_once_above_them():
    offered = ways([aggregator(*many(40))], Language.EN)

    assert offered.banks_by == "Wallet"
    assert {each.hint for each in offered.banks[:-1]} == {None}
    assert offered.banks[-1].hint == "with Wallet"


def test_where_two_rails_lead_to_banks_each_tile_names_its_own():
    other = aggregator(*many(40))
    other = replace(other, account=replace(other.account, code="two", label_vi="Cổng hai"))

    offered = ways([aggregator(*many(40)), other], Language.VI)

    assert offered.banks_by is None
    assert {each.hint for each in offered.banks} == {"qua Ví thử", "qua Cổng hai"}


def test_codes_and_other_services_stand_under_headings_of_their_own():
    offered = ways([a_merchant(FakeQrRail()), a_merchant(Platform(), code="pf")], Language.VI)

    assert [each.value for each in offered.codes] == ["fake"]
    assert offered.codes[0].hint == "Quét mã bằng ứng dụng ngân hàng"
    assert [each.value for each in offered.platforms] == ["pf"]
    assert not offered.banks


def test_a_rail_that_rests_is_seen_with_its_reason_and_has_one_tile_however_many_banks():
    offered = ways([a_merchant()], Language.VI, resting=[aggregator(*many(40))])

    assert [each.value for each in offered.resting] == ["agg"]
    assert offered.resting[0].hint == "Đang không trả lời; thử lại sau ít phút"
    assert [each.value for each in offered.wallets] == ["fake"]


@pytest.mark.parametrize(("count", "ids"), [(12, ["banks", "wallets"]), (13, ["wallets", "banks"])])
def test_a_long_list_of_banks_comes_after_what_is_short(count, ids):
    offered = ways([aggregator(*many(count - 1)), a_merchant()], Language.VI)

    page = checkout_page(an_order_view(), offered, action_url="/pay/t")

    assert [each.id for each in page.groups] == ids
    assert page.first == page.groups[0].choices[0].value
    assert [each.is_long for each in page.groups if each.id == "banks"] == [count > 12]
